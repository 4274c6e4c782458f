// What was asked of preflight, with every default already in its place.

public import OutlastModel

/// One credential to judge.
public struct CredentialRequest: Sendable {
    /// Its name; `token` for one given on the command line.
    public var name: String
    /// `--forge` or the configuration's.
    public var forge: String?
    /// `--api-url` or the configuration's.
    public var apiURL: ServerURL?
    /// Where the token is; nil for one that is only made when it is wanted.
    public var source: SecretSource?
    /// Who named that place.
    public var origin: TokenReader.Origin
    /// `--expires-at`.
    public var flagExpiry: Instant?
    /// `expires_at` of the configuration.
    public var configExpiry: Instant?
    /// How it is renewed; nil when nothing is configured.
    public var renew: RenewConfiguration?

    /// Makes a request.
    public init(
        name: String, forge: String? = nil, apiURL: ServerURL? = nil, source: SecretSource?,
        origin: TokenReader.Origin, flagExpiry: Instant? = nil, configExpiry: Instant? = nil,
        renew: RenewConfiguration? = nil
    ) {
        self.name = name
        self.forge = forge
        self.apiURL = apiURL
        self.source = source
        self.origin = origin
        self.flagExpiry = flagExpiry
        self.configExpiry = configExpiry
        self.renew = renew
    }
}

/// A preflight.
public struct PreflightRequest: Sendable {
    /// What to judge, in order; never empty.
    public var credentials: [CredentialRequest]
    /// `--duration`.
    public var duration: Duration?
    /// `--min-remaining`.
    public var minRemaining: Duration?
    /// The quantile of the estimate.
    public var quantile: Double
    /// Reserve on top.
    public var margin: Duration
    /// The job's duration where nothing else tells.
    public var defaultDuration: Duration
    /// Scopes to ask for.
    public var neededScopes: [String]
    /// What to do when a credential does not outlast the job.
    public var onInsufficient: OnInsufficient
    /// Whether an unknown end is a failure.
    public var requireKnown: Bool
    /// Whether the forge is asked whatever is remembered.
    public var isFresh: Bool
    /// Whether the network is left alone.
    public var isOffline: Bool
    /// How long a forge's answer serves.
    public var recheckAfter: Duration
    /// Bound on each request.
    public var timeout: Duration
    /// Bound on all of them together.
    public var deadline: Duration
    /// Whether a state store that can't be used is a failure.
    public var isStrict: Bool
    /// How each credential is renewed when it does not suffice, in their order; nil for one that is not. Empty where no
    /// remedy was asked for.
    public var renewals: [RenewalRequest?]
    /// How the token of each credential is made that has none to begin with, in their order; nil for all others.
    public var mints: [RenewalRequest?] = []
    /// The way out over SSH of each credential that does not suffice, in their order; nil for one that has none. Empty
    /// where no such remedy was asked for.
    public var fallbacks: [CredentialConfiguration?] = []
    /// The working folder, whose repository a way out is written to.
    public var folder: String?

    /// Makes a request; everything that is not given is as the contract says.
    public init(
        credentials: [CredentialRequest], duration: Duration? = nil, minRemaining: Duration? = nil,
        quantile: Double = 0.95, margin: Duration = .seconds(300), defaultDuration: Duration = .seconds(3600),
        neededScopes: [String] = [], onInsufficient: OnInsufficient = .fail, requireKnown: Bool = false,
        isFresh: Bool = false, isOffline: Bool = false, recheckAfter: Duration = .seconds(600),
        timeout: Duration = .seconds(10), deadline: Duration = .seconds(30), isStrict: Bool = false,
        renewals: [RenewalRequest?] = []
    ) {
        self.credentials = credentials
        self.duration = duration
        self.minRemaining = minRemaining
        self.quantile = quantile
        self.margin = margin
        self.defaultDuration = defaultDuration
        self.neededScopes = neededScopes
        self.onInsufficient = onInsufficient
        self.requireKnown = requireKnown
        self.isFresh = isFresh
        self.isOffline = isOffline
        self.recheckAfter = recheckAfter
        self.timeout = timeout
        self.deadline = deadline
        self.isStrict = isStrict
        self.renewals = renewals
    }
}

/// What came of it.
public struct PreflightOutcome: Sendable {
    /// The needed time and its reasons.
    public var needed: NeededTime
    /// One verdict for each credential, in the request's order.
    public var verdicts: [CredentialVerdict]
    /// The one that rules.
    public var weakest: CredentialVerdict
    /// What the program ends with, before `warn` is applied.
    public var code: ExitCode
    /// Which remedy was carried out and proved.
    public var remedy: String
    /// Why the program ends with another code than the verdict's: what a remedy did not survive; nil mostly.
    public var remedyFailure: Failure?
    /// Why there is no state store, or no key for its secrets when they were needed; nil when there is.
    public var stateFailure: Failure?
    /// Things to tell on stderr.
    public var warnings: [String]
    /// Our clock when it was decided.
    public var decidedAt: Instant
}
