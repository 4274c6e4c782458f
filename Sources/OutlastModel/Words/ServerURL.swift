// The only form in which addresses of forges travel: strict, without user info, query or tricks, so that "the same
// server" has one meaning and no two parsers can disagree.

/// Where a server listens: scheme, host and port. A token belongs to one origin and is sent nowhere else.
public struct Origin: Hashable, Sendable {
    /// `https` or `http`.
    public let scheme: String
    /// Lower case, without a trailing dot; an IPv6 address without brackets.
    public let host: String
    /// 1 to 65535; the scheme's own when none was written.
    public let port: Int

    /// `https://host` with the port where it is not the scheme's own.
    public var text: String {
        let shown = host.contains(":") ? "[\(host)]" : host
        return port == (scheme == "https" ? 443 : 80) ? "\(scheme)://\(shown)" : "\(scheme)://\(shown):\(port)"
    }

    /// `host` or `host:port`, for messages.
    public var hostAndPort: String { String(text.dropFirst(scheme.count + 3)) }

    /// Whether the host is a literal loopback address; names such as `localhost` are not (contract, section 2).
    public var isLoopback: Bool {
        if host == "::1" { return true }
        let parts = host.split(separator: ".", omittingEmptySubsequences: false)
        return parts.count == 4 && parts[0] == "127" && parts.allSatisfy { UInt8($0) != nil }
    }
}

/// An absolute `http` or `https` address without user info and fragment.
public struct ServerURL: Hashable, Sendable, CustomStringConvertible {
    /// Scheme, host and port.
    public let origin: Origin
    /// The path as written, without its last `/`; empty or beginning with `/`.
    public let path: String
    /// The query as written, without `?`; nil when there is none.
    public let query: String?

    /// Makes an address from its parts; the path must be empty or begin with `/`.
    public init(origin: Origin, path: String, query: String? = nil) {
        self.origin = origin
        self.path = path
        self.query = query
    }

    /// Reads an address. Nil for other schemes, user info, fragments, control or non-ASCII characters, backslashes,
    /// empty or odd hosts and bad ports.
    public init?(_ text: String) {
        let bytes = Array(text.utf8)
        guard bytes.count <= 4096, bytes.allSatisfy({ (0x21...0x7E).contains($0) && $0 != UInt8(ascii: "\\") }) else {
            return nil
        }
        let lowered = text.lowercased()
        let scheme: String
        if lowered.hasPrefix("https://") {
            scheme = "https"
        } else if lowered.hasPrefix("http://") {
            scheme = "http"
        } else {
            return nil
        }
        let rest = text.dropFirst(scheme.count + 3)
        guard !rest.contains("#") else { return nil }
        let authority = rest.prefix { $0 != "/" && $0 != "?" }
        guard !authority.contains("@"), let (host, port) = Self.hostAndPort(authority, scheme: scheme) else {
            return nil
        }
        let tail = rest.dropFirst(authority.count)
        let path = tail.prefix { $0 != "?" }
        let query = tail.dropFirst(path.count)
        origin = Origin(scheme: scheme, host: host, port: port)
        self.path = path.hasSuffix("/") ? String(path.dropLast()) : String(path)
        self.query = query.isEmpty ? nil : String(query.dropFirst())
    }

    private static func hostAndPort(_ authority: Substring, scheme: String) -> (String, Int)? {
        var hostText = authority
        var portText: Substring?
        if authority.hasPrefix("[") {
            guard let close = authority.firstIndex(of: "]") else { return nil }
            hostText = authority[authority.index(after: authority.startIndex)..<close]
            let after = authority[authority.index(after: close)...]
            guard after.isEmpty || after.hasPrefix(":") else { return nil }
            if !after.isEmpty { portText = after.dropFirst() }
            guard isIPv6(hostText) else { return nil }
        } else {
            if let colon = authority.firstIndex(of: ":") {
                hostText = authority[..<colon]
                portText = authority[authority.index(after: colon)...]
            }
            if hostText.hasSuffix(".") { hostText = hostText.dropLast() }
            guard hostText.utf8.count <= 253,
                hostText.split(separator: ".", omittingEmptySubsequences: false).allSatisfy({ label in
                    !label.isEmpty && label.utf8.allSatisfy { isHostByte($0) }
                })
            else { return nil }
        }
        var port = scheme == "https" ? 443 : 80
        if let portText {
            guard !portText.isEmpty, portText.utf8.allSatisfy({ (48...57).contains($0) }), let value = Int(portText),
                (1...65535).contains(value)
            else { return nil }
            port = value
        }
        return (hostText.lowercased(), port)
    }

    /// Whether a text without its brackets is an IPv6 address: eight groups of up to four hex digits, one run of zeros
    /// left out by `::`. Zones and embedded IPv4 addresses are not taken: two parsers seldom agree on them.
    private static func isIPv6(_ text: Substring) -> Bool {
        guard let gap = text.firstDoubleColon else {
            let groups = text.split(separator: ":", omittingEmptySubsequences: false)
            return groups.count == 8 && groups.allSatisfy(isGroup)
        }
        let sides = [text[..<gap.lowerBound], text[gap.upperBound...]]
            .map { $0.isEmpty ? [] : $0.split(separator: ":", omittingEmptySubsequences: false) }
        return sides[0].count + sides[1].count <= 7 && sides.allSatisfy { $0.allSatisfy(isGroup) }
    }

    private static func isGroup(_ group: Substring) -> Bool {
        (1...4).contains(group.utf8.count) && group.allSatisfy { $0.isASCII && $0.isHexDigit }
    }

    private static func isHostByte(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"):
            true
        default: false
        }
    }

    /// The address with a path appended (`/projects/1`), and a query instead of its own.
    public func appending(_ suffix: String, query: String? = nil) -> ServerURL {
        ServerURL(origin: origin, path: path + suffix, query: query)
    }

    /// The address in its one written form.
    public var text: String { origin.text + path + (query.map { "?" + $0 } ?? "") }
    /// The address in its one written form.
    public var description: String { text }

    /// Percent-encodes everything but letters, digits, `-`, `_`, `.` and `~`: one path segment or query value.
    public static func encoded(_ segment: String) -> String {
        segment.utf8.reduce(into: "") { result, byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"), UInt8(ascii: "."),
                UInt8(ascii: "~"):
                result.unicodeScalars.append(Unicode.Scalar(byte))
            default: result += "%" + SHA256Digest.hex([byte]).uppercased()
            }
        }
    }
}

extension Substring {
    /// The first `::`; nil when there is none.
    fileprivate var firstDoubleColon: Range<Index>? {
        for start in indices where self[start] == ":" {
            let next = index(after: start)
            if next < endIndex, self[next] == ":" { return start..<index(after: next) }
        }
        return nil
    }
}
