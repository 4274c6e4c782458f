// What makes ours the only helper for some servers, for one environment and without touching a file: variables that git
// reads after all files (`GIT_CONFIG_COUNT`).

internal import OutlastModel

/// Collects the settings, and makes variables of them.
struct EnvironmentWriter {
    /// A setting with its value in parts.
    private struct Entry: Hashable {
        let key: [GitVariable.Part]
        let value: [GitVariable.Part]
    }

    private let request: GitEnvironmentRequest
    private var entries: [Entry] = []
    private var notes: [String] = []

    init(_ request: GitEnvironmentRequest) {
        self.request = request
        for server in request.servers {
            addHelper(server)
            addHeaders(server)
        }
        addCleanAddresses()
    }

    var environment: GitEnvironment {
        var notes = notes
        let (before, note) = presentCount
        if let note { notes.append(note) }
        var variables: [GitVariable] = []
        if !isThereAlready(before) {
            variables.append(GitVariable("GIT_CONFIG_COUNT", [.text(String(before + entries.count))]))
            for (index, entry) in entries.enumerated() {
                variables.append(GitVariable("GIT_CONFIG_KEY_\(before + index)", entry.key))
                variables.append(GitVariable("GIT_CONFIG_VALUE_\(before + index)", entry.value))
            }
        }
        variables.append(GitVariable("GIT_TERMINAL_PROMPT", [.text("0")]))
        variables.append(GitVariable("GCM_INTERACTIVE", [.text("never")]))
        return GitEnvironment(variables: variables, notes: notes)
    }

    private mutating func add(_ key: String, _ value: String) {
        entries.append(Entry(key: [.text(key)], value: [.text(value)]))
    }

    /// The empty value forgets all helpers that files have named for this server.
    private mutating func addHelper(_ server: GitServer) {
        let section = "credential.\(server.origin.text)"
        add("\(section).helper", "")
        add("\(section).helper", request.command)
        if server.usesPath { add("\(section).useHttpPath", "true") }
    }

    /// A header with a token of old would win over every helper. An empty value forgets all that were set for this or a
    /// wider address; narrower ones are forgotten one by one.
    private mutating func addHeaders(_ server: GitServer) {
        var keys: [[GitVariable.Part]] = [[.text("http.\(server.origin.text)/.extraheader")]]
        var others = 0
        for setting in request.settings {
            guard let address = Self.headerAddress(setting.key), address.origin == server.origin else { continue }
            if !Self.isAuthorization(setting.value), setting.value.count > 0 { others += 1 }
            let key = headerKey(setting.key, address)
            if !keys.contains(key) { keys.append(key) }
        }
        for key in keys { entries.append(Entry(key: key, value: [.text("")])) }
        if others > 0 {
            notes.append(
                "git's configuration adds \(others) header\(others == 1 ? "" : "s") other than Authorization for \(server.origin.hostAndPort); they are not sent any more: http.extraheader is cleared as a whole"
            )
        }
    }

    /// The key by which a header is forgotten. git compares the user name of such an address and not its password, so a
    /// password is left out; a user name that is somebody's token is named by its variable.
    private func headerKey(_ key: String, _ address: RemoteAddress) -> [GitVariable.Part] {
        guard let userInfo = address.userInfo else { return [.text(key)] }
        let before = "http.\(address.written.scheme)"
        let after = String(decoding: key.utf8.dropFirst(before.utf8.count + userInfo.utf8.count), as: UTF8.self)
        let user = String(decoding: userInfo.utf8.prefix { $0 != UInt8(ascii: ":") }, as: UTF8.self)
        // Short names such as `git` stand in many variables, and are nobody's secret.
        let holder = user.utf8.count < 20 ? nil : holder(of: user)
        return holder.map { [.text(before), .variable($0), .text(after)] } ?? [.text(before + user + after)]
    }

    /// The variable that holds a text; nil when none does.
    private func holder(of text: String) -> String? {
        guard !text.isEmpty else { return nil }
        return request.variables.all.keys.sorted().first { request.variables.all[$0] == text && Self.isPlainName($0) }
    }

    /// The address of `http.<address>.extraheader`; nil for the setting that is for all servers.
    private static func headerAddress(_ key: String) -> RemoteAddress? {
        guard key.hasPrefix("http."), key.hasSuffix(".extraheader"), key.count > "http..extraheader".count else {
            return nil
        }
        return RemoteAddress(String(key.dropFirst("http.".count).dropLast(".extraheader".count)))
    }

    private static func isAuthorization(_ value: Secret) -> Bool {
        let name = Array("authorization:".utf8)
        return value.withBytes { bytes in
            bytes.count >= name.count && zip(bytes, name).allSatisfy { ($0 >= 65 && $0 <= 90 ? $0 + 32 : $0) == $1 }
        }
    }
}

extension EnvironmentWriter {
    /// An address with a token in it is used without it. The token itself is never spelled out here: it stands in the
    /// environment already, under the name that the line refers to.
    private mutating func addCleanAddresses() {
        for setting in request.settings where !setting.key.hasPrefix("http.") {
            guard let address = RemoteAddress(setting.value.reveal()), let userInfo = address.userInfo,
                request.servers.contains(where: { $0.origin == address.origin })
            else { continue }
            guard let parts = prefix(address, userInfo) else {
                // A user name alone is no secret.
                if userInfo.contains(":") {
                    notes.append(
                        "\(Self.shown(setting.key)) holds a password that is in no variable of this environment, so it cannot be taken out: `git remote set-url` without it"
                    )
                }
                continue
            }
            let clean = [GitVariable.Part.text("url.\(address.written.scheme)\(address.written.host)/.insteadOf")]
            let entry = Entry(key: clean, value: parts)
            if !entries.contains(entry) { entries.append(entry) }
        }
    }

    /// `https://user:$TOKEN@host/`; nil when the password is in no variable.
    private func prefix(_ address: RemoteAddress, _ userInfo: String) -> [GitVariable.Part]? {
        let (scheme, host) = address.written
        guard let secret = address.secret, let holder = holder(of: secret) else { return nil }
        let hasColon = userInfo.contains(":") && !userInfo.hasSuffix(":")
        let before = hasColon ? String(userInfo.dropLast(secret.count)) : ""
        let after = hasColon ? "" : String(userInfo.dropFirst(secret.count))
        return [.text(scheme + before), .variable(holder), .text("\(after)@\(host)/")]
    }

    private static func shown(_ key: String) -> String { SafeText.line(key, limit: 120) }

    private static func isPlainName(_ name: String) -> Bool {
        guard let first = name.utf8.first, !(48...57).contains(first) else { return false }
        return name.utf8.allSatisfy {
            (65...90).contains($0) || (97...122).contains($0) || (48...57).contains($0) || $0 == UInt8(ascii: "_")
        }
    }
}

extension EnvironmentWriter {
    /// How many settings the environment has already. git refuses any other form of the number, so nothing is lost.
    private var presentCount: (Int, String?) {
        guard let text = request.variables["GIT_CONFIG_COUNT"] else { return (0, nil) }
        guard let count = Int(text), (0...100_000).contains(count) else {
            return (0, "GIT_CONFIG_COUNT is no number, so no git command works here; it is begun anew")
        }
        return (count, nil)
    }

    /// Whether the last settings of the environment are ours: the lines may be evaluated once more in the same shell.
    private func isThereAlready(_ count: Int) -> Bool {
        guard count >= entries.count else { return false }
        let variables = request.variables.all
        return entries.enumerated().allSatisfy { index, entry in
            let number = count - entries.count + index
            return value(entry.key) == variables["GIT_CONFIG_KEY_\(number)"]
                && value(entry.value) == variables["GIT_CONFIG_VALUE_\(number)"]
        }
    }

    private func value(_ parts: [GitVariable.Part]) -> String? {
        var text = ""
        for part in parts {
            switch part {
            case .text(let piece): text += piece
            case .variable(let name): text += request.variables.all[name] ?? ""
            }
        }
        return text
    }
}
