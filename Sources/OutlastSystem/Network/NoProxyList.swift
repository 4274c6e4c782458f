// NO_PROXY as curl reads it: names cover themselves and their subdomains, addresses may be networks, a lone `*` covers
// everything. A port after a name or address, which curl ignores but other tools know, narrows it to that port.

/// The hosts that are reached without a proxy.
struct NoProxyList {
    private struct Entry {
        let name: String
        let address: IPAddress?
        let bits: Int
        let port: Int?
    }

    private let coversAll: Bool
    private let entries: [Entry]

    /// Reads a list; entries that mean nothing are left out.
    init(_ text: String) {
        let words = text.split { $0 == "," || $0.isWhitespace }
        coversAll = words == ["*"]
        entries = words.compactMap { Self.entry(String($0).lowercased()) }
    }

    /// Whether a host (lower case, without brackets) at a port is reached without a proxy.
    func covers(host: String, port: Int) -> Bool {
        if coversAll { return true }
        let address = IPAddress(host)
        return entries.contains { entry in
            if let wanted = entry.port, wanted != port { return false }
            if let address {
                return entry.address.map { $0.shares(entry.bits, with: address) } ?? false
            }
            return entry.address == nil && (host == entry.name || host.hasSuffix("." + entry.name))
        }
    }

    private static func entry(_ word: String) -> Entry? {
        let (body, port) = withoutPort(word)
        guard let body else { return nil }
        let parts = body.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
        if let address = IPAddress(parts[0]) {
            let all = address.bytes.count * 8
            guard parts.count == 2 else { return Entry(name: body, address: address, bits: all, port: port) }
            guard let bits = Int(parts[1]), (0...all).contains(bits) else { return nil }
            return Entry(name: body, address: address, bits: bits, port: port)
        }
        var name = Substring(body)
        if name.hasPrefix(".") { name = name.dropFirst() }
        if name.hasSuffix(".") { name = name.dropLast() }
        return name.isEmpty ? nil : Entry(name: String(name), address: nil, bits: 0, port: port)
    }

    /// Splits `name:port` and `[address]:port`; a bare IPv6 address has no port. No body for a port that is none.
    private static func withoutPort(_ word: String) -> (String?, Int?) {
        let body: Substring
        let rest: Substring
        if word.hasPrefix("["), let close = word.firstIndex(of: "]") {
            body = word[word.index(after: word.startIndex)..<close]
            rest = word[word.index(after: close)...]
            // A network's length may stand behind the bracket too.
            if rest.hasPrefix("/") { return (String(body + rest), nil) }
        } else if let colon = word.firstIndex(of: ":"), word.lastIndex(of: ":") == colon {
            body = word[..<colon]
            rest = word[colon...]
        } else {
            return (word, nil)
        }
        if rest.isEmpty { return (String(body), nil) }
        guard rest.hasPrefix(":"), let port = Int(rest.dropFirst()), (1...65535).contains(port) else {
            return (nil, nil)
        }
        return (String(body), port)
    }
}
