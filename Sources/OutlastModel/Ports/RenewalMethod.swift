// How one way of renewing works: what the flow may ask of it, step by step. Implementations live beside their forge.

/// Everything about one credential's renewal that does not change between its steps.
public struct RenewalContext: Sendable {
    /// The credential's name, for messages.
    public let credential: String
    /// The forge's API; nil for methods that have none.
    public let api: ServerURL?
    /// The method's settings.
    public let settings: Settings
    /// Secrets that the settings name, already read: `client_secret`, `private_key`, header values, `with`'s token under
    /// `with`.
    public var secrets: [String: Secret]
    /// The API of the managing credential `with`.
    public let managingAPI: ServerURL?
    /// Bound on a destructive request.
    public let timeout: Duration
    /// Requests.
    public let transport: any HTTPTransport
    /// Time.
    public let clock: any WallClock
    /// Programs.
    public let processes: any ProcessRunner
    /// Signing.
    public let cryptography: any Cryptography
    /// The process's environment, for programs that are asked.
    public let variables: Variables

    /// Collects them.
    public init(
        credential: String, api: ServerURL?, settings: Settings, secrets: [String: Secret], managingAPI: ServerURL?,
        timeout: Duration, transport: any HTTPTransport, clock: any WallClock, processes: any ProcessRunner,
        cryptography: any Cryptography, variables: Variables
    ) {
        self.credential = credential
        self.api = api
        self.settings = settings
        self.secrets = secrets
        self.managingAPI = managingAPI
        self.timeout = timeout
        self.transport = transport
        self.clock = clock
        self.processes = processes
        self.cryptography = cryptography
        self.variables = variables
    }
}

/// What a harmless question about a token came to.
public enum ProbeAnswer: Sendable {
    /// Accepted; with what the forge said about it.
    case alive(TokenReading)
    /// Not accepted; with what the forge said about it.
    case dead(TokenReading)
    /// Accepted, with what the forge said about it; but what renews it, of which the forge said `grant`, is not.
    case finished(TokenReading, grant: TokenReading)
    /// Nobody could say. With `lifetimeUnknown` (13) there is no question that could be asked, now or later.
    case unknown(Failure)
}

/// What became of the one request that renews.
public enum RenewalAnswer: Sendable {
    /// Done; the new generation.
    case renewed(TokenBundle)
    /// The forge said no, and nothing has changed.
    case refused(Failure)
    /// It cannot be told whether the forge did it: no answer, an error of the server, or an answer without a token.
    case inDoubt(Failure)
}

/// A way to renew.
public protocol RenewalMethod: Sendable {
    /// Its name and settings.
    var schema: SettingsSchema { get }
    /// Whether the old token dies by it or the request can be made once only: such a request is never repeated on its own.
    var isDestructive: Bool { get }
    /// What narrows the tokens it makes, as names with values in a fixed order, beyond forge, API and method.
    func identity(_ context: RenewalContext) throws(Failure) -> [(name: String, value: String)]
    /// The secret by which the family is found besides the presented token: refresh token, private key, cache key; nil when
    /// there is none. A method without a presented token and without this shares nothing between jobs.
    func root(_ context: RenewalContext) throws(Failure) -> (secret: Secret, purpose: SecretPurpose)?
    /// The first generation, from what the job was started with; nil when the method has to mint one first.
    func firstBundle(presented: Secret?, _ context: RenewalContext) throws(Failure) -> TokenBundle?
    /// Checks by harmless requests that renewal is possible: alive, right scope, a legal new end.
    ///
    /// - Throws: `renewalFailed` (20), `expired` (11), `rejected` (12), `insufficientScope` (14), `unreachable` or `slowDown`.
    func check(_ current: TokenBundle?, _ context: RenewalContext) async throws(Failure)
    /// Sends the one request.
    func renew(_ current: TokenBundle?, _ context: RenewalContext) async -> RenewalAnswer
    /// Asks a harmless question with a token.
    func probe(_ bundle: TokenBundle, _ context: RenewalContext) async -> ProbeAnswer
    /// Whether the client that renews a token may be told about it where its forge tells nobody else.
    var canInspect: Bool { get }
    /// Asks about a token, by a harmless question, as that client; nil where there is no such question here.
    ///
    /// - Throws: `unreachable` or `slowDown`, or `renewalFailed` (20) when the client is not taken.
    func inspect(_ token: Secret, _ context: RenewalContext) async throws(Failure) -> TokenReading?
    /// Takes the old generation out of service where the request has not done so; nil settings keep it.
    func retire(_ old: TokenBundle, _ context: RenewalContext) async throws(Failure)
    /// What an operator can do when the new token of this renewal is lost; sentences with commands.
    func rescueAdvice(_ context: RenewalContext) -> String
    /// How long the old generation is to live on after the new one was published: `retire` before that only says so.
    func grace(_ context: RenewalContext) -> Duration
    /// What an operator ought to know before choosing this method, as a sentence; nil when there is nothing.
    var warning: String? { get }
    /// The longest that a token lives which it makes at this moment of its server's; nil where only the server knows.
    func longestLife(_ context: RenewalContext, at now: Instant) -> Duration?
    /// Renew when less than this is left and nobody has said otherwise (contract, section 5).
    var standardLimit: Duration { get }
    /// Whether the token that a job presents leads to its family. Where it does not, and there is no `root`, every job
    /// mints a token of its own, which is kept nowhere.
    var isSharedByToken: Bool { get }
}

extension RenewalMethod {
    /// It is not.
    public var canInspect: Bool { false }
    /// Nothing.
    public func inspect(_ token: Secret, _ context: RenewalContext) async throws(Failure) -> TokenReading? { nil }
    /// None.
    public func grace(_ context: RenewalContext) -> Duration { .zero }
    /// Nothing.
    public var warning: String? { nil }
    /// Not known.
    public func longestLife(_ context: RenewalContext, at now: Instant) -> Duration? { nil }
    /// An hour.
    public var standardLimit: Duration { .seconds(3600) }
    /// It does.
    public var isSharedByToken: Bool { true }
}
