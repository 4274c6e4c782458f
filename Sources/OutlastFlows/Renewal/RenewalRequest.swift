// What was asked of a renewal, with every default in its place, and what came of it.

public import OutlastModel

/// A publish target with the credential that may write there.
public struct PublishRequest: Sendable {
    /// The target and its settings.
    public var configuration: PublishConfiguration
    /// The credential that may write; nil for the renewed token itself.
    public var writer: CredentialRequest?

    /// Makes a request.
    public init(configuration: PublishConfiguration, writer: CredentialRequest? = nil) {
        self.configuration = configuration
        self.writer = writer
    }
}

/// A renewal of one credential.
public struct RenewalRequest: Sendable {
    /// The credential; its token may be absent for methods that mint one.
    public var name: String
    /// `--forge` or the configuration's.
    public var forge: String?
    /// `--api-url` or the configuration's.
    public var apiURL: ServerURL?
    /// Where the presented token is.
    public var source: SecretSource?
    /// Who named that place.
    public var origin: TokenReader.Origin
    /// The method and its settings; nil lets a token of a forge that rotates its own tokens do so.
    public var renew: RenewConfiguration?
    /// The managing credential that `with` names.
    public var manager: CredentialRequest?
    /// Where the new token is written.
    public var publish: [PublishRequest]
    /// Renew when less than this is left; nil for the method's own limit.
    public var limit: Duration?
    /// The forge has said that this token is dead: renew whatever is left while it is the current one.
    public var dead: Fingerprint?
    /// The end of the presented token, where it is known already: spares the question about it.
    public var presentedEnd: Expiry
    /// How long a publication that failed is left alone when nothing else is to be done.
    public var queueRest: Duration
    /// Renew whatever is left, once for the presented generation.
    public var isForced: Bool
    /// Bound on waiting for another process's renewal.
    public var wait: Duration
    /// Bound on a destructive request.
    public var destructiveTimeout: Duration
    /// Bound on any other request.
    public var timeout: Duration
    /// Only publish: what is queued, and to targets that were never given the current token.
    public var publishOnly: Bool
    /// Say what would happen, asking harmless questions alone.
    public var isDryRun: Bool
    /// The CI serialises this job: the store may be a copy.
    public var isExclusive: Bool
    /// The caller carries the value away (`--unpublished` with `--export`).
    public var isUnpublished: Bool
    /// Whether the store was named by the operator.
    public var storeIsNamed: Bool
    /// Whether the caller hands the value on in any case (`--export`), so that it is not lost with a broken state.
    public var isCarriedAway: Bool
    /// Whether a due renewal may be begun; without it the current token is handed back as it is.
    public var mayRenew: Bool
    /// What a new token has to live at the least to be worth a renewal; nil where any is.
    public var leastLife: Duration?
    /// Whether it comes from a file that was found in the working tree, which anybody may have written who can push a branch.
    public var isFound = false
    /// Whether a new token has to be kept where the job finds it again: nobody hands it on.
    public var hasToBeKept = false
    /// The end that the configuration gives, for tokens that nobody else says anything about.
    public var configuredExpiry: Instant?
    /// Why nothing may be renewed here; nil when it may.
    public var refusal: Failure?
    /// The words of the call as far as they say what is renewed, for advice that can be pasted; nil for other commands
    /// than `refresh`.
    public var call: [String]?

    /// Makes a request; everything that is not given is as the contract says.
    public init(
        name: String, forge: String? = nil, apiURL: ServerURL? = nil, source: SecretSource? = nil,
        origin: TokenReader.Origin = .commandLine, renew: RenewConfiguration? = nil,
        manager: CredentialRequest? = nil, publish: [PublishRequest] = [], limit: Duration? = nil,
        dead: Fingerprint? = nil, presentedEnd: Expiry = .unknown, queueRest: Duration = .zero,
        isForced: Bool = false, wait: Duration = .seconds(120), destructiveTimeout: Duration = .seconds(60),
        timeout: Duration = .seconds(10), publishOnly: Bool = false, isDryRun: Bool = false,
        isExclusive: Bool = false, isUnpublished: Bool = false, storeIsNamed: Bool = false, isCarriedAway: Bool = false,
        mayRenew: Bool = true, configuredExpiry: Instant? = nil, refusal: Failure? = nil
    ) {
        self.name = name
        self.forge = forge
        self.apiURL = apiURL
        self.source = source
        self.origin = origin
        self.renew = renew
        self.manager = manager
        self.publish = publish
        self.limit = limit
        self.dead = dead
        self.presentedEnd = presentedEnd
        self.queueRest = queueRest
        self.isForced = isForced
        self.wait = wait
        self.destructiveTimeout = destructiveTimeout
        self.timeout = timeout
        self.publishOnly = publishOnly
        self.isDryRun = isDryRun
        self.isExclusive = isExclusive
        self.isUnpublished = isUnpublished
        self.storeIsNamed = storeIsNamed
        self.isCarriedAway = isCarriedAway
        self.mayRenew = mayRenew
        self.configuredExpiry = configuredExpiry
        self.refusal = refusal
    }
}

/// How a renewal ended (contract, section 5).
public enum RenewalVerdict: String, Sendable {
    case renewed, reused, unchanged, failed
    case inDoubt = "in_doubt"
}

/// How one publication stands.
public struct Publication: Hashable, Sendable {
    /// How it stands.
    public enum Status: String, Sendable { case ok, queued, failed }

    /// The target in words.
    public let target: String
    /// How it stands.
    public let status: Status
    /// Why it is not there yet.
    public let error: String?
    /// Whether this run's configuration names the target: what it does not name does not decide how the run ends.
    public let isNamed: Bool

    /// Makes a publication.
    public init(target: String, status: Status, error: String? = nil, isNamed: Bool = true) {
        self.target = target
        self.status = status
        self.error = error
        self.isNamed = isNamed
    }

    /// Whether somebody still has to wait for a target of this run's configuration.
    public var isMissing: Bool { isNamed && status != .ok }
}

/// What came of a renewal.
public struct RenewalResult: Sendable {
    /// How it ended.
    public var verdict: RenewalVerdict
    /// The credential's name.
    public var credential: String
    /// The current token's fingerprint.
    public var fingerprint: Fingerprint?
    /// The fingerprint of the token that was presented, where it is another.
    public var previous: Fingerprint?
    /// The current generation.
    public var generation: Int?
    /// The end of the current token.
    public var expiry: Expiry
    /// What is left of it.
    public var remaining: Duration?
    /// What the forge said about it just now; nil when it was not asked, or is a new token.
    public var reading: TokenReading?
    /// How long another process was waited for.
    public var waited: Duration
    /// What was published.
    public var published: [Publication]
    /// The current token, for handing on; nil when there is none.
    public var token: Secret?
    /// The exit code: 0; 23 when a publication is queued; 40 when the state broke after the new token was in hand.
    public var code: ExitCode
    /// Things to tell.
    public var notes: [String]

    /// Makes a result.
    public init(
        verdict: RenewalVerdict, credential: String, fingerprint: Fingerprint? = nil, previous: Fingerprint? = nil,
        generation: Int? = nil, expiry: Expiry = .unknown, remaining: Duration? = nil,
        reading: TokenReading? = nil, waited: Duration = .zero,
        published: [Publication] = [], token: Secret? = nil, code: ExitCode = .done, notes: [String] = []
    ) {
        self.verdict = verdict
        self.credential = credential
        self.fingerprint = fingerprint
        self.previous = previous
        self.generation = generation
        self.expiry = expiry
        self.remaining = remaining
        self.reading = reading
        self.waited = waited
        self.published = published
        self.token = token
        self.code = code
        self.notes = notes
    }
}
