// What preflight concludes: for each credential, for all of them, and from which figures.

/// Whether a token outlasts the job (contract, section 4).
public enum Decision: String, CaseIterable, Sendable {
    case sufficient, insufficient, expired, rejected
    case insufficientScope = "insufficient_scope"
    case unknown
}

/// Where the needed time comes from.
public enum NeededSource: String, CaseIterable, Sendable {
    case flag, history, `default`
    case minRemaining = "min-remaining"
    case ciTimeout = "ci-timeout"
}

/// How long a token must still live, and the figures that say so.
public struct NeededTime: Hashable, Sendable {
    /// Upper estimate of the job's whole duration; nil with `--min-remaining`.
    public var estimate: Duration?
    /// How long the job has been running; nil with `--min-remaining`.
    public var elapsed: Duration?
    /// Reserve on top; nil with `--min-remaining`.
    public var margin: Duration?
    /// What the token must still have.
    public var needed: Duration
    /// Who said so.
    public var source: NeededSource
    /// The quantile of the estimate; nil where it is not an estimate from history.
    public var quantile: Double?
    /// Number of successful runs behind the estimate; nil with `--min-remaining`.
    public var samples: Int?
    /// Why, in words for people; may name both history and the time-out.
    public var reason: String
    /// Whether the series behind the estimate has changed its level lately; nil where it is not an estimate from history.
    public var isUnsettled: Bool?

    /// Makes a needed time.
    public init(
        estimate: Duration?, elapsed: Duration?, margin: Duration?, needed: Duration, source: NeededSource,
        quantile: Double?, samples: Int?, reason: String, isUnsettled: Bool? = nil
    ) {
        self.estimate = estimate
        self.elapsed = elapsed
        self.margin = margin
        self.needed = needed
        self.source = source
        self.quantile = quantile
        self.samples = samples
        self.reason = reason
        self.isUnsettled = isUnsettled
    }
}

/// What is concluded for one credential.
public struct CredentialVerdict: Hashable, Sendable {
    /// The credential's name in the configuration; `token` for one given on the command line.
    public var name: String
    /// The conclusion.
    public var decision: Decision
    /// What `outlast` would end with if this were the only credential and nothing were unknown by choice.
    public var code: ExitCode
    /// The token's kind.
    public var kind: TokenKind
    /// The forge that was or would be asked.
    public var forge: String
    /// Which token; nil for one that is only made when it is wanted.
    public var fingerprint: Fingerprint?
    /// The forge's id of it.
    public var tokenID: String?
    /// Its scopes; nil when not told.
    public var scopes: [String]?
    /// What is known of its end.
    public var lifetime: Lifetime
    /// What is left of it, on the forge's clock; nil without an end. Negative after the end.
    public var remaining: Duration?
    /// What is missing; nil when nothing is or when it cannot be told.
    public var shortfall: Duration?
    /// The forge's clock minus ours; nil when not known.
    public var clockSkew: Duration?
    /// Whether it can be renewed here and now.
    public var renewable: Bool
    /// How, or why not.
    public var renewableReason: String
    /// Whether those who ask for it while the job runs (git's helper, `exec`, `keep`) get a new one when too little is left.
    public var renewsInJob: Bool
    /// The reason in words, without the credential's name.
    public var reason: String
    /// What to do about it; nil when there is nothing to do.
    public var nextStep: String?
    /// Things to know that do not change the verdict (skew, a forge that could not be asked).
    public var warnings: [String]

    /// Makes a verdict.
    public init(
        name: String, decision: Decision, code: ExitCode, kind: TokenKind, forge: String, fingerprint: Fingerprint?,
        tokenID: String?, scopes: [String]?, lifetime: Lifetime, remaining: Duration?, shortfall: Duration?,
        clockSkew: Duration?, renewable: Bool, renewableReason: String, reason: String, nextStep: String?,
        warnings: [String], renewsInJob: Bool = false
    ) {
        self.renewsInJob = renewsInJob
        self.name = name
        self.decision = decision
        self.code = code
        self.kind = kind
        self.forge = forge
        self.fingerprint = fingerprint
        self.tokenID = tokenID
        self.scopes = scopes
        self.lifetime = lifetime
        self.remaining = remaining
        self.shortfall = shortfall
        self.clockSkew = clockSkew
        self.renewable = renewable
        self.renewableReason = renewableReason
        self.reason = reason
        self.nextStep = nextStep
        self.warnings = warnings
    }
}
