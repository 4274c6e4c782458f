// The addresses that the working folder's repository knows, as they are written there: git's rules compare letter by letter,
// so a user before the host or a capital in it would lead past them.

import OutlastModel

/// What addresses there are.
struct VisibleAddresses: Sendable {
    /// A longer list of submodules than anybody writes by hand makes no more rules than this.
    private static let most = 200

    /// What git's configuration says of remotes and submodules.
    let settings: [GitSetting]
    /// What `.gitmodules` says of submodules. Who writes that file may be a stranger: it makes rules, and no more.
    let modules: [GitSetting]
    /// What tokens of the forges begin with.
    let tokenPrefixes: [String]

    private var addresses: [(setting: GitSetting, isOfModules: Bool)] {
        settings.filter { !$0.key.hasPrefix("http.") }.map { ($0, false) } + modules.map { ($0, true) }
    }

    /// How those addresses begin that hold no secret, where they are not written as our rules are.
    var beginnings: [WebBeginning] {
        var found: [WebBeginning] = []
        for (setting, _) in addresses where found.count < Self.most {
            let text = setting.value.reveal()
            guard let remote = GitRemote(text), remote.transport != .ssh, !holdsSecret(text),
                text.hasSuffix(remote.path)
            else { continue }
            let beginning = WebBeginning(
                plain: String(remote.text.dropLast(remote.path.count)),
                written: String(text.dropLast(remote.path.count)))
            if beginning.plain != beginning.written, !found.contains(beginning) { found.append(beginning) }
        }
        return found
    }

    /// Whether an address holds what may be a token: a password, or a user's name that nobody would choose.
    private func holdsSecret(_ text: String) -> Bool {
        guard let address = TokenAddress(text) else { return false }
        if let colon = address.userInfo.firstIndex(of: ":") {
            return address.userInfo.index(after: colon) != address.userInfo.endIndex
        }
        let name = address.userInfo.utf8
        let isMixed = name.contains { (48...57).contains($0) } && name.contains { $0 > 64 }
        return name.count >= 40 || name.count >= 20 && isMixed
            || tokenPrefixes.contains { address.userInfo.hasPrefix($0) }
    }

    /// The addresses with a token. A rule for one names the variable that holds it, so that it holds no token itself.
    ///
    /// - Parameter isLocal: Whether the repository's own configuration gets rules for what stands in it.
    /// - Returns: the rules, and what to tell about addresses that no rule can be made for.
    func rules(_ rewrites: GitRewrites, _ variables: Variables, isLocal: Bool)
        -> (entries: [FallbackEnvironment.Entry], notes: [String])
    {
        var entries: [FallbackEnvironment.Entry] = []
        var notes: [String] = []
        for (setting, isOfModules) in addresses {
            let text = setting.value.reveal()
            guard GitRemote(text)?.transport != .ssh, rewrites.address(text) == nil, let to = rewrites.repository(text)
            else { continue }
            let made = self.entries(text, to, rewrites, variables)
            for entry in made where !entries.contains(entry) { entries.append(entry) }
            guard isLocal ? isOfModules : made.isEmpty else { continue }
            let place = isOfModules ? " in .gitmodules" : ""
            let note =
                "\(SafeText.line(setting.key))\(place) stays with HTTPS: the address holds what may be a token, and no variable holds the same; write the address without it"
                + (isOfModules ? "" : ", or use `outlast ssh-fallback --local`")
            if !notes.contains(note) { notes.append(note) }
        }
        return (entries, notes)
    }

    private func entries(_ text: String, _ to: String, _ rewrites: GitRewrites, _ variables: Variables)
        -> [FallbackEnvironment.Entry]
    {
        guard let address = TokenAddress(text), !address.secret.isEmpty else { return [] }
        let secret = address.secret
        let holder = variables.all.keys.sorted().first { name in
            VariableName.isPlain(name) && variables.all[name] == secret
        }
        guard let holder, address.userInfo.hasSuffix(secret) else { return [] }
        let before = address.scheme + address.userInfo.dropLast(secret.count)
        // The server's part, for submodules that are named by where they lie beside it.
        let server = String(address.rest.prefix { $0 != "/" }) + "/"
        var pairs = [(address.rest, to)]
        if let whole = rewrites.address((address.scheme + server).lowercased()) { pairs.append((server, whole)) }
        return pairs.map { rest, target in
            FallbackEnvironment.Entry(
                "url.\(target).insteadOf", [.text(before), .variable(holder), .text("@\(rest)")])
        }
    }
}

/// An address with a user and a password in it.
struct TokenAddress {
    /// What stands between `://` and `@`.
    let userInfo: String
    /// `https://`
    let scheme: String
    /// The host and all behind it.
    let rest: String

    init?(_ text: String) {
        guard let scheme = ["https://", "http://"].first(where: { text.lowercased().hasPrefix($0) }) else { return nil }
        let rest = text.dropFirst(scheme.count)
        let authority = rest.prefix { $0 != "/" }
        guard let at = authority.lastIndex(of: "@") else { return nil }
        userInfo = String(authority[..<at])
        self.scheme = scheme
        self.rest = String(rest[rest.index(after: at)...])
    }

    /// The password, or the user's name where it stands alone: some put the token there.
    var secret: String {
        guard let colon = userInfo.firstIndex(of: ":") else { return userInfo }
        let password = userInfo[userInfo.index(after: colon)...]
        return password.isEmpty ? String(userInfo[..<colon]) : String(password)
    }
}
