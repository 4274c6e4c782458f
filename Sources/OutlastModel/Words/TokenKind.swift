// What kinds of tokens there are: values beside their forge, so that a new kind is a row and not a branch.

/// A kind of token, as data. Two kinds are the same when their `id` is.
public struct TokenKind: Hashable, Sendable {
    /// Where the end of a token of this kind comes from, when it has one.
    public enum ExpiryRule: Hashable, Sendable {
        /// The forge keeps a date; the token is dead from 00:00:00 UTC of that date on.
        case date
        /// The forge keeps a moment.
        case moment
        /// The token dies with its job, `atMost` after the job's start where a bound is known.
        case job(atMost: Duration?)
        /// A fixed life from its creation, which nobody can ask for afterwards.
        case life(Duration)
        /// The forge tells nobody.
        case untold
    }

    /// How a token of this kind can be renewed, by the name of the method; nil where it cannot.
    public struct Renewal: Hashable, Sendable {
        /// The renewal method's name in the configuration, such as `gitlab-rotate`; nil when there is none.
        public let method: String?
        /// Why, or what it needs: a sentence part for reports.
        public let reason: String
        /// The scopes of which it must have one to renew itself with nothing configured; nil where configuration is needed.
        public let selfScopes: [String]?

        /// Describes how (or why not).
        public init(method: String?, reason: String, selfScopes: [String]? = nil) {
            self.method = method
            self.reason = reason
            self.selfScopes = selfScopes
        }
    }

    /// The name that reports and history use, such as `gitlab-personal` (contract, section 4).
    public let id: String
    /// The forge it belongs to (`gitlab`, `github`, …); nil for kinds of no forge (`jwt`, `opaque`).
    public let forge: String?
    /// What tokens of this kind usually begin with. Configurable on the forge: a hint, never a proof.
    public let prefixes: [String]
    /// Where its end comes from.
    public let expiry: ExpiryRule
    /// How it is renewed.
    public let renewal: Renewal
    /// The user name that git sends with it over HTTPS, where any or one certain name is right.
    public let username: String?
    /// How far this row is known: the confidence tag and section of the facts it was taken from.
    public let source: String

    /// Makes a kind.
    public init(
        id: String, forge: String?, prefixes: [String] = [], expiry: ExpiryRule, renewal: Renewal,
        username: String? = nil, source: String
    ) {
        self.id = id
        self.forge = forge
        self.prefixes = prefixes
        self.expiry = expiry
        self.renewal = renewal
        self.username = username
        self.source = source
    }

    /// Equal names, equal kinds.
    public static func == (left: TokenKind, right: TokenKind) -> Bool { left.id == right.id }
    /// Hashes the name.
    public func hash(into hasher: inout Hasher) { hasher.combine(id) }

    /// Nothing is known but the value.
    public static let opaque = TokenKind(
        id: "opaque", forge: nil, expiry: .untold,
        renewal: Renewal(method: nil, reason: "nothing is known about this token; configure `renew` for it"),
        source: "contract section 4")

    /// A JSON web token of no forge we know: its `exp` claim tells its end.
    public static let jwt = TokenKind(
        id: "jwt", forge: nil, prefixes: ["eyJ"], expiry: .moment,
        renewal: Renewal(method: nil, reason: "a signed token is minted anew by its issuer; configure `renew` for it"),
        source: "facts section 4 [mem, spec]")
}
