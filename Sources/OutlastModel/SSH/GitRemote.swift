// The address of a repository in the forms that people write: over HTTPS, `ssh://`, and ssh's own `user@host:path`.

/// An address of a repository.
public struct GitRemote: Hashable, Sendable {
    /// How the server is spoken to.
    public enum Transport: Hashable, Sendable { case http, https, ssh }

    /// How.
    public let transport: Transport
    /// The user of an address for ssh; nil when none is written. That of a web server may be a token and is not kept.
    public let user: String?
    /// Lower case.
    public let host: String
    /// Nil when none is written.
    public let port: Int?
    /// Without a leading `/`.
    public let path: String
    /// Whether it is written as `user@host:path`.
    public let isShort: Bool

    /// Reads an address. Nil for local paths, other schemes, options in a host's place, control characters, backslashes, and addresses
    /// without a path.
    public init?(_ text: String) {
        guard text.utf8.count <= 4096, text.utf8.allSatisfy({ $0 > 32 && $0 != 127 && $0 != 92 }) else { return nil }
        if let mark = Self.separator(in: text) {
            let rest = text[text.index(mark, offsetBy: 3)...]
            switch text[..<mark].lowercased() {
            case "https": transport = .https
            case "http": transport = .http
            case "ssh", "git+ssh", "ssh+git": transport = .ssh
            default: return nil
            }
            let authority = rest.prefix { $0 != "/" }
            let at = authority.lastIndex(of: "@")
            let server = at.map { authority[authority.index(after: $0)...] } ?? authority
            guard let pattern = HostPattern(text: String(server)), pattern.path.isEmpty else { return nil }
            (host, port, isShort) = (pattern.host, pattern.port, false)
            let name = at.map { authority[..<$0].prefix { $0 != ":" } }
            user = transport == .ssh ? name.flatMap { $0.isEmpty ? nil : String($0) } : nil
            path = String(rest.dropFirst(authority.count).drop { $0 == "/" })
        } else {
            // A colon before the first slash: what ssh takes for a host.
            guard let colon = text.firstIndex(of: ":"), !text[..<colon].contains("/") else { return nil }
            let before = text[..<colon]
            let at = before.lastIndex(of: "@")
            let server = at.map { before[before.index(after: $0)...] } ?? before
            guard let pattern = HostPattern(text: String(server)), pattern.path.isEmpty, pattern.port == nil else {
                return nil
            }
            (transport, host, port, isShort) = (.ssh, pattern.host, nil, true)
            user = at.flatMap { $0 == before.startIndex ? nil : String(before[..<$0]) }
            path = String(text[text.index(after: colon)...])
        }
        guard !host.hasPrefix("-"), !path.isEmpty, user.map(Self.isPlain) ?? true else { return nil }
    }

    /// Whether a user name is one that ssh takes for nothing else.
    public static func isPlain(_ user: String) -> Bool {
        !user.isEmpty && !user.hasPrefix("-") && user.utf8.count <= 64
            && user.utf8.allSatisfy {
                (65...90).contains($0) || (97...122).contains($0) || (48...57).contains($0) || "._-+".utf8.contains($0)
            }
    }

    /// The path's segments, without the `.git` of the last one.
    public var segments: [String] {
        // By bytes: a mark that combines with the one before it must not hide a slash.
        var segments = path.utf8.split(separator: UInt8(ascii: "/")).map { String(decoding: $0, as: UTF8.self) }
        if let last = segments.last, last.hasSuffix(".git"), last.count > 4 {
            segments[segments.count - 1] = String(last.dropLast(4))
        }
        return segments
    }

    /// The address, for a web server without user and password.
    public var text: String {
        let shown = host.contains(":") ? "[\(host)]" : host
        let server = shown + (port.map { ":\($0)" } ?? "")
        let name = user.map { "\($0)@" } ?? ""
        switch transport {
        case .https: return "https://\(server)/\(path)"
        case .http: return "http://\(server)/\(path)"
        case .ssh: return isShort ? "\(name)\(shown):\(path)" : "ssh://\(name)\(server)/\(path)"
        }
    }

    private static func separator(in text: String) -> String.Index? {
        text.indices.first { text[$0...].hasPrefix("://") }
    }
}

extension HostPattern {
    /// Whether a repository is meant: its host, its port where it is reached over the web, and its path by whole segments.
    public func means(_ remote: GitRemote) -> Bool {
        guard host == remote.host, path.count <= remote.segments.count else { return false }
        if remote.transport != .ssh {
            let usual = remote.transport == .https ? 443 : 80
            guard (port ?? usual) == (remote.port ?? usual) else { return false }
        }
        return zip(bare, remote.segments).allSatisfy { $0 == $1 }
    }

    /// The path's segments, without the `.git` of the last one.
    public var bare: [String] {
        guard let last = path.last, last.hasSuffix(".git"), last.count > 4 else { return path }
        return path.dropLast() + [String(last.dropLast(4))]
    }
}
