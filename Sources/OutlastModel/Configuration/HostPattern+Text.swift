// `host[:port][/path]` as people write it in `hosts`: parsed like an address, so that it can never mean another server.

extension HostPattern {
    /// Reads `host[:port][/path]`; a `/` at the end means nothing. Nil for a scheme, user info, a query, a wildcard, an
    /// empty segment, `.` and `..`, and segments that hide a separator or a dot behind a percent sign.
    public init?(text: String) {
        guard !text.utf8.isEmpty, text.utf8.first != UInt8(ascii: "/"), let address = ServerURL("https://" + text),
            address.query == nil, !text.utf8.contains(UInt8(ascii: "?"))
        else { return nil }
        let path = address.path.split(separator: "/", omittingEmptySubsequences: false).dropFirst().map(String.init)
        guard path.allSatisfy({ Self.isPlainSegment($0) }) else { return nil }
        let authority = text.prefix { $0 != "/" }
        let afterAddress = authority.lastIndex(of: "]").map { authority[$0...] } ?? authority
        let port = afterAddress.contains(":") ? address.origin.port : nil
        self.init(host: address.origin.host, port: port, path: path)
    }

    /// `host[:port][/path]`, as `init(text:)` reads it.
    public var text: String {
        let shown = host.contains(":") ? "[\(host)]" : host
        return ([shown + (port.map { ":\($0)" } ?? "")] + path).joined(separator: "/")
    }

    /// Whether a segment means itself: not empty, not a dot or two, and nothing of the kind behind a percent sign. By bytes,
    /// as a server reads it: a mark that joins a character hides nothing.
    static func isPlainSegment(_ segment: String) -> Bool {
        let bytes = segment.utf8.map { (65...90).contains($0) ? $0 + 32 : $0 }
        if bytes.isEmpty || bytes == Array(".".utf8) || bytes == Array("..".utf8) { return false }
        return !["%2f", "%5c", "%2e", "%00"].contains { encoded in
            bytes.indices.contains { bytes[$0...].starts(with: encoded.utf8) }
        }
    }
}
