// A place that jobs read their token from, and how a new value is written there.

/// One target of one credential, with what it needs.
public struct PublishContext: Sendable {
    /// The credential's name, for messages.
    public let credential: String
    /// The target's settings.
    public let settings: Settings
    /// The token that may write: `with`'s, or the renewed one itself; nil for targets that need none.
    public let writer: Secret?
    /// The API of that credential.
    public let api: ServerURL?
    /// Bound on each request.
    public let timeout: Duration
    /// Requests.
    public let transport: any HTTPTransport
    /// Time.
    public let clock: any WallClock
    /// Programs.
    public let processes: any ProcessRunner
    /// Sealed boxes.
    public let cryptography: any Cryptography
    /// Files.
    public let files: any FileSystem
    /// The process's environment, for programs that are started.
    public let variables: Variables

    /// Collects them.
    public init(
        credential: String, settings: Settings, writer: Secret?, api: ServerURL?, timeout: Duration,
        transport: any HTTPTransport, clock: any WallClock, processes: any ProcessRunner,
        cryptography: any Cryptography, files: any FileSystem, variables: Variables
    ) {
        self.credential = credential
        self.settings = settings
        self.writer = writer
        self.api = api
        self.timeout = timeout
        self.transport = transport
        self.clock = clock
        self.processes = processes
        self.cryptography = cryptography
        self.files = files
        self.variables = variables
    }
}

/// A kind of place to publish to.
public protocol PublishTarget: Sendable {
    /// Its name and settings.
    var schema: SettingsSchema { get }
    /// Whether a token can be read back from it (and so adopted after a loss).
    var canBeRead: Bool { get }
    /// What to call it in messages: `gitlab-variable RELEASE_TOKEN of group/app`.
    func label(_ settings: Settings) -> String
    /// Proves by harmless requests that it answers and may be written.
    func check(_ context: PublishContext) async throws(Failure)
    /// Writes the token and reads it back where the interface lets it be read.
    func publish(_ token: Secret, _ context: PublishContext) async throws(Failure)
    /// The value that is there; nil when there is none or it can't be read.
    func read(_ context: PublishContext) async throws(Failure) -> Secret?
}
