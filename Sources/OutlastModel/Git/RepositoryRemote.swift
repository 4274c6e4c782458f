// A remote's address, read for its host and path alone; user info is dropped and never kept.

/// Where a remote is.
public struct RepositoryRemote: Hashable, Sendable {
    /// The host in lower case, with its port where the address is `https` or `http` and names one.
    public let host: String
    /// `https` unless the address is `http`.
    public let scheme: String
    /// The path without slashes at its ends and without `.git`.
    public let path: String

    /// Reads `https://host/path`, `ssh://user@host:port/path` and `user@host:path`. Nil for anything else, and for hosts and
    /// paths with other characters than letters, digits, `.`, `-`, `_`, `~` and `/`.
    public init?(_ address: String) {
        var rest = address[...]
        var isWeb = false
        if let mark = address.firstRange(of: "://") {
            let scheme = address[..<mark.lowerBound].lowercased()
            guard ["https", "http", "ssh"].contains(scheme) else { return nil }
            isWeb = scheme != "ssh"
            self.scheme = scheme == "http" ? "http" : "https"
            rest = address[mark.upperBound...]
        } else {
            // git's short form: the colon comes before any slash.
            guard let colon = address.firstIndex(of: ":"), !address[..<colon].contains("/") else { return nil }
            scheme = "https"
            rest = Substring(address[..<colon] + "/" + address[address.index(after: colon)...])
        }
        var authority = rest.prefix { $0 != "/" }
        let tail = rest.dropFirst(authority.count)
        if let at = authority.lastIndex(of: "@") { authority = authority[authority.index(after: at)...] }
        if !isWeb { authority = authority.prefix { $0 != ":" } }
        guard let server = ServerURL("\(scheme)://\(authority)"), server.path.isEmpty else { return nil }
        var path = tail.split(separator: "/").map(String.init)
        if let last = path.last, last.hasSuffix(".git") { path[path.count - 1] = String(last.dropLast(4)) }
        let isPlain = path.allSatisfy { segment in
            !segment.isEmpty && segment != "." && segment != ".."
                && segment.utf8.allSatisfy { byte in
                    (48...57).contains(byte) || (65...90).contains(byte) || (97...122).contains(byte)
                        || ".-_~".utf8.contains(byte)
                }
        }
        guard !path.isEmpty, isPlain else { return nil }
        host = server.origin.hostAndPort
        self.path = path.text(joinedBy: "/")
    }
}
