// A generic OAuth 2 server by the book, with the few freedoms that real ones take.

/// How the generic OAuth 2 server behaves where servers differ.
public struct OAuthRules: Sendable, Hashable {
    /// Whether a refresh gives a new refresh token and spends the old one.
    public var rotates = true
    /// Whether a spent refresh token ends its whole family when it comes back.
    public var reuseRevokesFamily = true
    /// For how many seconds a spent refresh token still gets the answer it got, as some vendors allow.
    public var graceSeconds = 0
    /// The life of an access token in seconds.
    public var accessLife = 3600
    /// Whether `expires_in` is left out of answers.
    public var omitsExpiresIn = false
    /// Whether answers are form-encoded in place of JSON.
    public var formEncoded = false

    /// A strict server.
    public init() {}
}

struct OAuthState: Sendable {
    var rules = OAuthRules()
    var clients: [String: OAuthClient] = [:]
    var grants: [Int: OAuthGrant] = [:]
}

struct OAuthClient: Sendable {
    var id: String
    var secret: String?
}

/// A pair of tokens; pairs made from one another share a family.
struct OAuthGrant: Sendable {
    var id: Int
    var family: Int
    var clientID: String
    var subject: String
    var scope: String
    var accessToken: String
    var refreshToken: String?
    var issuedAt: SandboxInstant
    var accessEnds: SandboxInstant
    var accessRevoked = false
    var refreshRevoked = false
    var spentAt: SandboxInstant?
}
