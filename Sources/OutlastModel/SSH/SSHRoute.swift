// One way out: which repositories go over SSH to which server with which key.

/// A way out.
public struct SSHRoute: Hashable, Sendable {
    /// The credential's name, or what else it is called in messages.
    public var name: String
    /// Where sshd listens.
    public var server: SSHServer
    /// The user there.
    public var user: String
    /// The repositories, by what stands in their addresses.
    public var patterns: [HostPattern]
    /// The host that ssh is given: the server's own name, or one that our configuration alone knows, where several keys
    /// belong to one server.
    public var alias: String?

    /// Makes a way out.
    public init(name: String, server: SSHServer, user: String, patterns: [HostPattern], alias: String? = nil) {
        self.name = name
        self.server = server
        self.user = user
        self.patterns = patterns
        self.alias = alias
    }

    /// The beginning of every address that goes this way: `ssh://user@host[:port]/`.
    public var base: String {
        if let alias { return "ssh://\(user)@\(alias)/" }
        return "ssh://\(user)@\(server.text)/"
    }

    /// Whether a repository goes this way.
    public func takes(_ remote: GitRemote) -> Bool {
        patterns.contains { $0.means(remote) }
            || (remote.transport == .ssh && remote.host == server.host
                && (remote.isShort || (remote.port ?? 22) == server.port)
                && patterns.contains { pattern in zip(pattern.bare, remote.segments).allSatisfy { $0 == $1 } })
    }

    /// The length of the pattern that takes a repository: the longest path wins.
    public func weight(for remote: GitRemote) -> Int {
        patterns.filter { pattern in
            pattern.bare.count <= remote.segments.count
                && zip(pattern.bare, remote.segments).allSatisfy { $0 == $1 }
        }.map(\.path.count).max() ?? 0
    }

    /// Gives names of their own to the ways that share a host with another one: ssh tells them apart by nothing else.
    public static func named(_ routes: [SSHRoute]) -> [SSHRoute] {
        var named = routes
        for index in routes.indices {
            let shared = routes.filter { $0.server.host == routes[index].server.host }.count > 1
            guard shared else { continue }
            let plain = routes[index].name.lowercased().map { $0.isASCII && ($0.isLetter || $0.isNumber) ? $0 : "-" }
            named[index].alias = "outlast-\(index + 1)-\(String(plain.prefix(40)))"
        }
        return named
    }
}
