// A token as history knows it: met in a job, or only listed by its forge.

/// What history knows of a token. Texts are as they were told.
public struct KnownToken: Hashable, Sendable {
    /// What reports call it by: the 16 hex digits of its fingerprint, or `id:HOST/ID` for one that no job has presented.
    public var mark: String
    /// Its fingerprint; nil for one that is known from a forge's list alone.
    public var fingerprint: Fingerprint?
    /// The name of the credential that it was used under.
    public var credential: String?
    /// Its kind's id.
    public var kind: String
    /// Its forge's name.
    public var forge: String
    /// The origin of its API.
    public var api: String?
    /// The forge's id of it.
    public var tokenID: String?
    /// The name that its owner gave it.
    public var name: String?
    /// Its scopes; nil when not told.
    public var scopes: [String]?
    /// Its end, and who told.
    public var lifetime: Lifetime
    /// The last answer of its forge; nil when that was never asked.
    public var standing: TokenStanding?
    /// When that was given.
    public var standingAt: Instant?
    /// The forge's clock minus ours.
    public var clockSkew: Duration?
    /// The family that it belongs to.
    public var family: String?
    /// Its generation in that family.
    public var generation: Int?
    /// When it was first and last met.
    public var firstSeenAt: Instant
    /// As `firstSeenAt`.
    public var lastSeenAt: Instant
    /// When a newer generation had fully taken its place; nil when none has.
    public var replacedAt: Instant?
    /// Who uses it, the last user first; the newest 20.
    public var usedBy: [JobSeries]

    /// Describes a token.
    public init(
        mark: String, fingerprint: Fingerprint?, credential: String? = nil, kind: String, forge: String,
        api: String? = nil, tokenID: String? = nil, name: String? = nil, scopes: [String]? = nil,
        lifetime: Lifetime = .unknown, standing: TokenStanding? = nil, standingAt: Instant? = nil,
        clockSkew: Duration? = nil, family: String? = nil, generation: Int? = nil, firstSeenAt: Instant,
        lastSeenAt: Instant, replacedAt: Instant? = nil, usedBy: [JobSeries] = []
    ) {
        self.mark = mark
        self.fingerprint = fingerprint
        self.credential = credential
        self.kind = kind
        self.forge = forge
        self.api = api
        self.tokenID = tokenID
        self.name = name
        self.scopes = scopes
        self.lifetime = lifetime
        self.standing = standing
        self.standingAt = standingAt
        self.clockSkew = clockSkew
        self.family = family
        self.generation = generation
        self.firstSeenAt = firstSeenAt
        self.lastSeenAt = lastSeenAt
        self.replacedAt = replacedAt
        self.usedBy = usedBy
    }

    /// What a diagnosis asks of it. The forge's answer was dated by our clock, the failure is by the forge's: both have to
    /// be on one, or a clock that runs ahead makes an older answer look like a later one.
    public var facts: TokenFacts {
        TokenFacts(
            endsAt: lifetime.expiry.instant, rotatedAt: replacedAt?.advanced(by: clockSkew ?? .zero),
            standing: standing,
            standingAt: standingAt?.advanced(by: clockSkew ?? .zero))
    }

    /// `token release (id 12)`, safe to show.
    public var shown: String {
        let name = SafeText.line(credential ?? name ?? "", limit: 80)
        let id = tokenID.map { "id \(SafeText.line($0, limit: 60))" } ?? "fingerprint \(mark)"
        return name.isEmpty || name == "token" ? "the token (\(id))" : "token \(name) (\(id))"
    }
}
