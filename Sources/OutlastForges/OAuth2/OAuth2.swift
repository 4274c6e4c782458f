// Any OAuth 2 server. Its tokens are opaque to everybody but itself, and introspection (RFC 7662) answers registered
// clients only; so nothing is asked with a token alone.
public import OutlastModel

/// An OAuth 2 or OpenID Connect server; the base of its API is its issuer.
public struct OAuth2: Forge {
    /// Makes the forge.
    public init() {}

    /// `oauth2`.
    public let id = "oauth2"
    /// Access tokens.
    public var kinds: [TokenKind] { [Self.accessToken] }
    /// None: every server is somebody's own.
    public let publicAPI: String? = nil

    /// An access token. Where it is a JSON web token, its `exp` tells its end.
    static let accessToken = TokenKind(
        id: "oauth2", forge: "oauth2", expiry: .moment,
        renewal: TokenKind.Renewal(method: "oauth2", reason: "needs a refresh token and the client it was issued to"),
        source: "facts section 4 [mem, spec]")

    /// Scopes are the server's own words: each includes itself alone.
    public func missing(of needed: [String], in granted: [String]) -> [String] {
        var seen = Set(granted)
        return needed.filter { seen.insert($0).inserted }
    }

    /// Always: introspection wants a client.
    public func obstacle(toInspecting kind: TokenKind) -> String? {
        "an OAuth 2 server tells about a token only to a registered client"
    }

    /// Sends nothing.
    ///
    /// - Throws: always `lifetimeUnknown` (13).
    public func inspect(
        _ question: TokenQuestion, over transport: any HTTPTransport, clock: any WallClock
    ) async throws(Failure) -> TokenReading {
        throw Failure(.lifetimeUnknown, obstacle(toInspecting: question.kind) ?? "")
    }

    static let dialect = APIDialect(
        name: "OAuth 2 discovery", accept: "application/json",
        whereabouts:
            "the base of an OAuth 2 server is its issuer; name its token endpoint in renew.token_url if it has "
            + "no discovery document")
}
