// An address as it stands in git's configuration, cut into the parts that matter here.

internal import OutlastModel

/// `scheme://user:password@host…`
struct RemoteAddress {
    /// Scheme, host and port.
    let origin: Origin
    /// What stands before the `@`; nil without one.
    let userInfo: String?
    /// `scheme://` and the host with its port, as they are written.
    let written: (scheme: String, host: String)

    /// Nil for whatever is not an address of a web server.
    init?(_ text: String) {
        guard let mark = Self.range(of: "://", in: text) else { return nil }
        let rest = text[mark.upperBound...]
        let authority = rest.prefix { $0 != "/" && $0 != "?" && $0 != "#" }
        let at = authority.lastIndex(of: "@")
        let host = at.map { authority[authority.index(after: $0)...] } ?? authority
        guard let server = ServerURL(String(text[..<mark.upperBound]) + host) else { return nil }
        origin = server.origin
        userInfo = at.map { String(authority[..<$0]) }
        written = (String(text[..<mark.upperBound]), String(host))
    }

    /// The password of the user info, or the user name where it stands alone: some put the token there.
    var secret: String? {
        guard let userInfo, !userInfo.isEmpty else { return nil }
        guard let colon = userInfo.firstIndex(of: ":") else { return userInfo }
        let password = userInfo[userInfo.index(after: colon)...]
        return password.isEmpty ? String(userInfo[..<colon]) : String(password)
    }

    private static func range(of mark: String, in text: String) -> Range<String.Index>? {
        text.indices.lazy.first { text[$0...].hasPrefix(mark) }.map { $0..<text.index($0, offsetBy: mark.count) }
    }
}
