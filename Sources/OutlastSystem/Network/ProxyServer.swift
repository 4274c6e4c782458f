// A proxy as an environment variable names it. Its value may hold a password, so no message ever repeats it.

public import OutlastModel

/// A proxy.
public struct ProxyServer: Sendable {
    /// How it is spoken to.
    public enum Kind: Hashable, Sendable {
        /// `CONNECT`, for `https://` and `http://` alike.
        case http
        /// SOCKS 5; names are resolved by the proxy.
        case socks
    }

    /// How it is spoken to.
    public let kind: Kind
    /// Its host, lower case, an IPv6 address without brackets.
    public let host: String
    /// Its port; 1080 when none was written, as for curl.
    public let port: Int
    /// The user, percent-decoded; nil when none was written.
    public let user: String?
    /// The password, percent-decoded; nil when there is no user.
    public let password: Secret?
    /// The variable that named it.
    public let variable: String

    /// `host:port`, for messages.
    public var place: String { host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)" }

    /// Reads a variable's value: `[scheme://][user[:password]@]host[:port][/]`.
    ///
    /// - Throws: `configuration` for what can't be read or is not supported; the message names the variable only.
    public init(_ value: String, variable: String) throws(Failure) {
        let unreadable = Failure.configuration(
            "\(variable) does not hold the address of a proxy", hint: "write it as http://proxy.example.com:3128")
        var rest = Substring(value)
        var scheme = "http"
        if let mark = value.range(ofText: "://") {
            scheme = value[..<mark.lowerBound].lowercased()
            rest = value[mark.upperBound...]
        }
        kind = try Self.kind(of: scheme, variable: variable)
        let authority = rest.prefix { $0 != "/" && $0 != "?" && $0 != "#" }
        var place = authority
        var credentials: Substring?
        if let at = authority.lastIndex(of: "@") {
            credentials = authority[..<at]
            place = authority[authority.index(after: at)...]
        }
        guard let url = ServerURL("http://\(place)"), !place.isEmpty else { throw unreadable }
        let afterHost = place.hasPrefix("[") ? place.drop { $0 != "]" } : place
        host = url.origin.host
        port = afterHost.contains(":") ? url.origin.port : 1080
        self.variable = variable
        guard let credentials else {
            user = nil
            password = nil
            return
        }
        guard kind == .http else {
            throw Failure.configuration(
                "\(variable) has a user for a SOCKS proxy, which is not supported",
                hint: "use an http:// proxy, or a SOCKS proxy that asks for no user")
        }
        let parts = credentials.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
        guard let user = Self.decoded(parts[0]), let password = Self.decoded(parts.count > 1 ? parts[1] : ""),
            !user.contains(":")
        else { throw unreadable }
        self.user = user
        self.password = Secret(password)
    }

    private static func kind(of scheme: String, variable: String) throws(Failure) -> Kind {
        switch scheme {
        case "http": return .http
        case "socks5", "socks5h": return .socks
        case "https", "socks", "socks4", "socks4a":
            throw Failure.configuration(
                "\(variable) names a proxy of the kind \(scheme)://, which is not supported",
                hint: "use an http:// or a socks5h:// proxy")
        default:
            throw Failure.configuration(
                "\(variable) does not hold the address of a proxy",
                hint: "write it as http://proxy.example.com:3128")
        }
    }

    /// Undoes percent-encoding; nil for bad encoding or what isn't UTF-8 text without control characters.
    private static func decoded(_ text: Substring) -> String? {
        var bytes: [UInt8] = []
        var rest = Array(text.utf8)[...]
        while let byte = rest.popFirst() {
            guard byte == UInt8(ascii: "%") else {
                bytes.append(byte)
                continue
            }
            guard rest.count >= 2, rest.prefix(2).allSatisfy({ Character(Unicode.Scalar($0)).isHexDigit }),
                let value = UInt8(String(decoding: rest.prefix(2), as: UTF8.self), radix: 16)
            else { return nil }
            bytes.append(value)
            rest = rest.dropFirst(2)
        }
        guard bytes.allSatisfy({ $0 >= 0x20 && $0 != 0x7F }) else { return nil }
        return String(validating: bytes, as: UTF8.self)
    }
}

extension String {
    /// Where a text first stands in this one.
    fileprivate func range(ofText text: String) -> Range<Index>? {
        var start = startIndex
        while start < endIndex {
            if self[start...].hasPrefix(text) { return start..<index(start, offsetBy: text.count) }
            start = index(after: start)
        }
        return nil
    }
}
