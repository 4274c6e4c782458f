// What was asked of git's credential helper, and how it gets at tokens that are renewed.

public import OutlastModel

/// How the current token of a credential is wanted.
public struct CurrentTokenWish: Hashable, Sendable {
    /// Whether it may be renewed; otherwise it is only looked which token is current.
    public var mayRenew: Bool
    /// Renew first when less than this is left; nil for the method's own limit.
    public var limit: Duration?
    /// The forge has said that this token is dead: renew unless another is current meanwhile.
    public var dead: Fingerprint?
    /// The end of the token that the job was started with, as far as it is known.
    public var presentedEnd: Expiry

    /// Makes a wish.
    public init(
        mayRenew: Bool = false, limit: Duration? = nil, dead: Fingerprint? = nil, presentedEnd: Expiry = .unknown
    ) {
        self.mayRenew = mayRenew
        self.limit = limit
        self.dead = dead
        self.presentedEnd = presentedEnd
    }
}

/// The current token of a credential's family.
public struct SuppliedToken: Sendable {
    /// The token.
    public var token: Secret
    /// Its end, as far as it is known.
    public var expiry: Expiry
    /// What its forge said about it just now; nil when it was not asked.
    public var reading: TokenReading?
    /// Why it could not be renewed although that was due; it may still work.
    public var failure: Failure?
    /// Things to tell.
    public var notes: [String]

    /// Makes a token.
    public init(
        token: Secret, expiry: Expiry, reading: TokenReading? = nil, failure: Failure? = nil, notes: [String] = []
    ) {
        self.token = token
        self.expiry = expiry
        self.reading = reading
        self.failure = failure
        self.notes = notes
    }
}

/// Gives the current token of a credential, renewed where the wish says so, in bounded time.
///
/// - Throws: `Failure` with the codes of a renewal (contract, section 5) when no token is known besides the presented one:
///   11 and 12 when that is dead, any other where it may still work.
public typealias CurrentTokenSupply =
    @Sendable (CredentialConfiguration, CurrentTokenWish, any HistoryStore) async throws(Failure) -> SuppliedToken

/// A call of the helper.
public struct GitCredentialRequest: Sendable {
    /// What git calls for.
    public enum Action: Hashable, Sendable { case get, erase }

    /// How far it may go.
    public enum Permission: Hashable, Sendable {
        /// Everything that the configuration allows.
        case renew
        /// Look and ask, but renew nothing (`OUTLAST_MODE=warn`).
        case report
        /// Hand on what was presented, without state or network (`OUTLAST_MODE=off`).
        case handOn
    }

    /// What git calls for.
    public var action: Action
    /// The credentials that may answer, in the configuration's order.
    public var credentials: [CredentialConfiguration]
    /// Whether the command line named the places of their tokens, and not a configuration.
    public var isOnCommandLine: Bool
    /// How far it may go.
    public var permission: Permission
    /// The job's duration where nothing else tells.
    public var defaultDuration: Duration
    /// Reserve on top of the estimate.
    public var margin: Duration
    /// Quantile of the estimate.
    public var quantile: Double
    /// Whether a state store that can't be used is a failure.
    public var isStrict: Bool
    /// Whether the network is left alone.
    public var isOffline: Bool
    /// Bound on a question to a forge.
    public var timeout: Duration

    /// Makes a request; everything that is not given is as the contract says.
    public init(
        action: Action, credentials: [CredentialConfiguration], isOnCommandLine: Bool = false,
        permission: Permission = .renew,
        defaultDuration: Duration = .seconds(3600), margin: Duration = .seconds(300), quantile: Double = 0.95,
        isStrict: Bool = false, isOffline: Bool = false, timeout: Duration = .seconds(10)
    ) {
        self.action = action
        self.credentials = credentials
        self.isOnCommandLine = isOnCommandLine
        self.permission = permission
        self.defaultDuration = defaultDuration
        self.margin = margin
        self.quantile = quantile
        self.isStrict = isStrict
        self.isOffline = isOffline
        self.timeout = timeout
    }
}

/// Which token was given.
public struct GivenToken: Hashable, Sendable {
    /// The credential's name.
    public var credential: String
    /// The token.
    public var fingerprint: Fingerprint
}

/// What git is told.
public struct GitCredentialOutcome: Sendable {
    /// The bytes for git; empty where there is nothing to say.
    public var reply: Secret
    /// Things to tell on stderr.
    public var notes: [String]
    /// The token in the reply; nil when there is none.
    public var given: GivenToken?

    /// Makes an outcome; without anything, silence.
    public init(reply: Secret = Secret(""), notes: [String] = []) {
        self.reply = reply
        self.notes = notes
    }
}
