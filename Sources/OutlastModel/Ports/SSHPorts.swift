// What the SSH fallback needs of the world beside programs and files: processes that outlive this one, and what is known
// of servers and forges.

/// A process, told apart from a later one with the same number.
public struct KeptProcess: Hashable, Sendable {
    /// What tells this machine since its start, and its space of process numbers, apart from all others.
    public let place: String
    /// Its number.
    public let number: Int32
    /// When it began, in the system's own units since its start.
    public let started: UInt64

    /// Describes a process.
    public init(place: String, number: Int32, started: UInt64) {
        self.place = place
        self.number = number
        self.started = started
    }
}

/// Agents that hold keys in memory when this process is gone.
public protocol AgentKeeper: Sendable {
    /// Starts an agent that listens at a path, and ends with it after a time at the latest. It holds no descriptor and
    /// belongs to no session of ours.
    ///
    /// - Throws: `unexpected` when it cannot be started.
    func start(socket: String, lifetime: Duration, variables: [String: String]) throws(Failure)
    /// Asks whatever was started to listen at that path, and what was started beside it, to end, and nothing else.
    ///
    /// - Returns: whether there was anything.
    @discardableResult
    func end(socket: String) -> Bool
    /// Whether an agent was started for that path and has not ended.
    func isRunning(socket: String) -> Bool
    /// Whether somebody takes calls at that path by now: a socket is there before its owner listens.
    func isListening(socket: String) -> Bool
    /// This process; nil where the system does not tell.
    func thisProcess() -> KeptProcess?
    /// Whether a process is still the one that it was; nil for one that cannot be seen from here.
    func isAlive(_ process: KeptProcess) -> Bool?
}

/// A server whose host keys are published by those who run it.
public struct PublishedHostKeys: Sendable {
    /// Its names, `host` or `host:port` where the port is not 22.
    public let hosts: [String]
    /// Public keys, `ssh-ed25519 AAAA…`.
    public let keys: [String]
    /// Fingerprints of keys that are published as such alone.
    public let fingerprints: [String]

    /// Describes a server.
    public init(hosts: [String], keys: [String], fingerprints: [String]) {
        self.hosts = hosts
        self.keys = keys
        self.fingerprints = fingerprints
    }
}

/// A host key that must never be accepted again.
public struct RetiredHostKey: Sendable {
    /// What to call it in messages.
    public let name: String
    /// `ssh-rsa AAAA…`
    public let key: String

    /// Describes a key.
    public init(name: String, key: String) {
        self.name = name
        self.key = key
    }
}

/// A deploy key to be registered at a forge.
public struct DeployKeyOrder: Sendable {
    /// The credential whose token may register it.
    public var credential: CredentialConfiguration
    /// The repository's path, `group/app`.
    public var repository: String
    /// What the forge shows; unique, so that the key can be found by it.
    public var title: String
    /// `ssh-ed25519 AAAA… comment`
    public var publicLine: String
    /// Whether it may push.
    public var canPush: Bool
    /// When the forge is to end it.
    public var expiresAt: Instant

    /// Makes an order.
    public init(
        credential: CredentialConfiguration, repository: String, title: String, publicLine: String, canPush: Bool,
        expiresAt: Instant
    ) {
        self.credential = credential
        self.repository = repository
        self.title = title
        self.publicLine = publicLine
        self.canPush = canPush
        self.expiresAt = expiresAt
    }
}

/// A deploy key that a forge has, or may have: `id` is nil when the answer never came.
public struct RegisteredKey: Hashable, Sendable {
    /// The forge's own id.
    public var id: String?
    /// The credential's name.
    public var credential: String
    /// The repository's path.
    public var repository: String
    /// The title that it was registered with.
    public var title: String
    /// Its end at the forge; nil when the forge knows none.
    public var expiresAt: Instant?

    /// Describes a key.
    public init(
        id: String?, credential: String, repository: String, title: String, expiresAt: Instant? = nil
    ) {
        self.id = id
        self.credential = credential
        self.repository = repository
        self.title = title
        self.expiresAt = expiresAt
    }
}

/// What became of an order.
public enum DeployKeyRegistration: Sendable {
    /// The forge has the key.
    case registered(RegisteredKey)
    /// The forge has said no: nothing is there.
    case refused(Failure)
    /// It cannot be told whether the forge has it.
    case inDoubt(Failure)
}

/// Registers deploy keys at forges and removes them.
public protocol DeployKeyRegistry: Sendable {
    /// Registers a key.
    func register(_ order: DeployKeyOrder) async -> DeployKeyRegistration
    /// Removes a key; one that is not there any more is removed. One without an id is looked for by its title.
    func remove(_ key: RegisteredKey) async throws(Failure)
}

/// All of it, as it is handed in.
public struct SSHPorts: Sendable {
    /// Agents; nil where none can be kept.
    public var agents: (any AgentKeeper)?
    /// Servers whose keys this program knows.
    public var published: [PublishedHostKeys] {
        get { makePublished() }
        set { makePublished = { newValue } }
    }
    /// Keys that are refused wherever they come from.
    public var retired: [RetiredHostKey] {
        get { makeRetired() }
        set { makeRetired = { newValue } }
    }
    /// Asks a server's forge for its host keys over HTTPS: lines `ssh-ed25519 AAAA…`; nil when it publishes none.
    public var publishedHostKeys: (@Sendable (_ host: String, _ port: Int) async throws(Failure) -> [String]?)?
    /// Registers deploy keys; nil where none can be.
    public var deployKeys: (any DeployKeyRegistry)?
    /// Variables by which a CI finds the processes that a job has left: an agent gets these and no others.
    public var agentVariables: [String]
    // Keys are decoded for those who ask: most commands never do.
    private var makePublished: @Sendable () -> [PublishedHostKeys]
    private var makeRetired: @Sendable () -> [RetiredHostKey]

    /// Collects them; lists of keys are made when they are asked for.
    public init(
        agents: (any AgentKeeper)? = nil,
        published: @autoclosure @escaping @Sendable () -> [PublishedHostKeys] = [],
        retired: @autoclosure @escaping @Sendable () -> [RetiredHostKey] = [],
        publishedHostKeys: (@Sendable (_ host: String, _ port: Int) async throws(Failure) -> [String]?)? = nil,
        deployKeys: (any DeployKeyRegistry)? = nil, agentVariables: [String] = []
    ) {
        self.agents = agents
        makePublished = published
        makeRetired = retired
        self.publishedHostKeys = publishedHostKeys
        self.deployKeys = deployKeys
        self.agentVariables = agentVariables
    }
}
