// What a forge said about a token when it was asked.

/// How a token stands with its forge.
public enum TokenStanding: Hashable, Sendable {
    /// The forge accepts it.
    case alive
    /// The forge says that its time is over.
    case expired
    /// The forge says that it was revoked (or rotated away).
    case revoked
    /// The forge says no, and cannot or will not tell whether it is unknown, expired or revoked.
    case rejected
    /// The token is fine, its owner is not (blocked, password expired, terms not accepted …).
    case blocked
    /// The token is alive but may not do what was asked; `needs` are scopes that would do, as far as told.
    case insufficientScope(needs: [String])

    /// Whether the forge no longer accepts it for anything.
    public var isDead: Bool {
        switch self {
        case .alive, .insufficientScope: false
        case .expired, .revoked, .rejected, .blocked: true
        }
    }

    /// The word that history keeps.
    public var name: String {
        switch self {
        case .alive: "alive"
        case .expired: "expired"
        case .revoked: "revoked"
        case .rejected: "rejected"
        case .blocked: "blocked"
        case .insufficientScope: "insufficient_scope"
        }
    }

    /// All words that history keeps.
    public static let names = [
        TokenStanding.alive, .expired, .revoked, .rejected, .blocked, .insufficientScope(needs: []),
    ].map(\.name)

    /// Reads the word that history keeps; nil for an unknown one.
    public init?(name: String) {
        switch name {
        case "alive": self = .alive
        case "expired": self = .expired
        case "revoked": self = .revoked
        case "rejected": self = .rejected
        case "blocked": self = .blocked
        case "insufficient_scope": self = .insufficientScope(needs: [])
        default: return nil
        }
    }
}

/// A forge's answer about one token. Rate limits, bans, unreachable servers and answers that are not the forge's API are
/// no readings: they are thrown as `Failure` (75 or 69).
public struct TokenReading: Hashable, Sendable {
    /// How it stands.
    public var standing: TokenStanding
    /// Its kind as far as the answer tells; nil when it does not narrow it.
    public var kind: TokenKind?
    /// The forge's own id of the token.
    public var tokenID: String?
    /// The name its owner gave it, as the forge sent it: pass it through `SafeText` before showing.
    public var name: String?
    /// Its scopes or permissions (`contents=write`); nil when the forge did not say.
    public var scopes: [String]?
    /// Its end as the forge tells it.
    public var expiry: Expiry
    /// What the forge said in words (already safe to show), or how far the cause could be told.
    public var detail: String?
    /// Our clock when the answer arrived.
    public var readAt: Instant
    /// The forge's clock minus ours, from its `Date` header; nil when it sent none.
    public var clockSkew: Duration?

    /// Makes a reading.
    public init(
        standing: TokenStanding, kind: TokenKind? = nil, tokenID: String? = nil, name: String? = nil,
        scopes: [String]? = nil, expiry: Expiry = .unknown, detail: String? = nil, readAt: Instant,
        clockSkew: Duration? = nil
    ) {
        self.standing = standing
        self.kind = kind
        self.tokenID = tokenID
        self.name = name
        self.scopes = scopes
        self.expiry = expiry
        self.detail = detail
        self.readAt = readAt
        self.clockSkew = clockSkew
    }
}
