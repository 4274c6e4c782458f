// From request and facts to ways out: which repositories, which server, which key, and by which repository each is proved.

import OutlastModel

/// A way out with all that has to be found for it.
struct PlannedWay: Sendable {
    var route: SSHRoute
    var key: SSHKeySource?
    var hostKeys: [String]
    var knownHosts: String?
    /// Whether the pins were given on the command line: what is wrong with them is a mistake there.
    var pinsAreGiven: Bool
    var needPush: Bool
    var credential: CredentialConfiguration
    /// The repository that it is proved by; nil until it is chosen.
    var repository: GitRemote?
}

/// Facts that a plan is made from.
struct SSHPlanFacts: Sendable {
    /// What each credential answers for, in the request's order.
    var claims: [[HostPattern]]
    /// The addresses that the working folder knows, the best first.
    var remotes: [GitRemote]
    /// The project that the CI runs.
    var project: GitRemote?
}

enum SSHPlan {
    /// A way as it is reported.
    static func way(_ way: PlannedWay) -> FallbackManifest.Way {
        FallbackManifest.Way(
            name: way.route.name, server: way.route.server, user: way.route.user,
            patterns: way.route.patterns.map(\.text))
    }

    static func make(_ request: SSHFallbackRequest, _ facts: SSHPlanFacts) throws(Failure) -> [PlannedWay] {
        try check(request)
        var ways: [PlannedWay] = []
        if request.credentials.isEmpty {
            ways.append(try way(request, credential: nil, claims: [], facts))
        } else {
            for (credential, claims) in zip(request.credentials, facts.claims) {
                ways.append(try way(request, credential: credential, claims: claims, facts))
            }
        }
        for (way, route) in zip(ways.indices, SSHRoute.named(ways.map(\.route))) { ways[way].route = route }
        for index in ways.indices {
            ways[index].repository = try repository(for: index, of: ways, request, facts)
        }
        return ways
    }

    private static func check(_ request: SSHFallbackRequest) throws(Failure) {
        let isForOne =
            request.key != nil || request.host != nil || request.port != nil || request.user != nil
            || request.knownHosts != nil || !request.hostKeys.isEmpty || !request.hosts.isEmpty || request.provisions
        if isForOne, request.credentials.count > 1 {
            throw .usage(
                "these options are for one fallback, but \(request.credentials.count) credentials have one",
                hint: "name one by --credential")
        }
        if request.provisions, request.key != nil {
            throw .usage("--provision makes a key of its own: give no other")
        }
        if request.provisions, request.credentials.isEmpty {
            throw .usage(
                "--provision needs a credential whose token may register keys", hint: "name it by --credential")
        }
    }

    private static func way(
        _ request: SSHFallbackRequest, credential: CredentialConfiguration?, claims: [HostPattern],
        _ facts: SSHPlanFacts
    ) throws(Failure) -> PlannedWay {
        let ssh = credential?.ssh
        let name = credential?.name ?? "the SSH fallback"
        let named = request.repositories.first
        let known = named ?? (credential == nil ? facts.remotes.first ?? facts.project : nil)
        guard let host = request.host ?? ssh?.host ?? known?.host ?? claims.first?.host else {
            throw .usage("\(name): there is no SSH server", hint: "name it by --host or --repo")
        }
        let written = named.flatMap { $0.transport == .ssh && $0.host == host ? $0 : nil }
        let port = request.port ?? (request.host == nil ? ssh?.port : nil) ?? written?.port ?? 22
        let user = written?.user ?? request.user ?? ssh?.user ?? "git"
        guard GitRemote.isPlain(user) else { throw .usage("--user takes a plain user name, such as git") }
        let key = request.key ?? ssh?.key.map { SSHKeySource(source: $0, origin: .configuration(place: nil)) }
        guard key != nil || request.provisions else {
            throw .usage("\(name) has no private key", hint: "name one by --key-env or --key-file, or `key` in `ssh`")
        }
        var patterns = request.hosts.isEmpty ? claims : request.hosts
        if patterns.isEmpty, let known { patterns = [pattern(of: known)] }
        if patterns.isEmpty { patterns = [HostPattern(host: host, port: nil, path: [])] }
        let pinsAreGiven = request.knownHosts != nil || !request.hostKeys.isEmpty
        return PlannedWay(
            route: SSHRoute(
                name: name, server: SSHServer(host: host, port: port), user: user, patterns: patterns), key: key,
            hostKeys: pinsAreGiven ? request.hostKeys : ssh?.hostKeys ?? [],
            knownHosts: pinsAreGiven ? request.knownHosts : ssh?.knownHosts, pinsAreGiven: pinsAreGiven,
            needPush: request.needPush || ssh?.needPush ?? false,
            credential: credential ?? CredentialConfiguration(name: name), repository: known)
    }

    /// The web server of an address.
    private static func pattern(of remote: GitRemote) -> HostPattern {
        HostPattern(host: remote.host, port: remote.transport == .ssh ? nil : remote.port, path: [])
    }

    // MARK: By which repository it is proved

    private static func repository(
        for index: Int, of ways: [PlannedWay], _ request: SSHFallbackRequest, _ facts: SSHPlanFacts
    ) throws(Failure) -> GitRemote {
        let candidates = request.repositories + facts.remotes + [facts.project].compactMap { $0 }
        if let found = candidates.first(where: { choice(for: $0, among: ways.map(\.route)) == index }) { return found }
        // A path of a project and its group may be a repository, which is worth a try.
        let route = ways[index].route
        for pattern in route.patterns where pattern.path.count >= 2 {
            let guess = "https://" + pattern.text + (pattern.path.last?.hasSuffix(".git") ?? false ? "" : ".git")
            if let remote = GitRemote(guess) { return remote }
        }
        if !request.repositories.isEmpty {
            throw .usage(
                "--repo is none of the repositories that \(route.name) is for",
                hint: "name a repository on \(route.patterns.map(\.text).text(joinedBy: ", ")), or its host by --for")
        }
        throw .usage(
            "there is no repository to prove \(route.name) by",
            hint:
                "run it in a clone of one, give `hosts` its path (HOST/GROUP/PROJECT), or name it by `ssh-fallback --repo`"
        )
    }

    /// The way that a repository goes: the one with the longest path.
    static func choice(for remote: GitRemote, among routes: [SSHRoute]) -> Int? {
        var best: (index: Int, weight: Int)?
        for (index, route) in routes.enumerated() where route.takes(remote) {
            let weight = route.weight(for: remote)
            if best.map({ weight > $0.weight }) ?? true { best = (index, weight) }
        }
        return best?.index
    }
}
