// Everything outside that a flow may touch, handed in by the wiring. Tests hand in doubles that trap.

public import OutlastModel

/// The ports of one run.
public struct World: Sendable {
    /// How a store is wanted.
    public enum Access: Sendable {
        /// To read and write; made when there is none.
        case readWrite
        /// To read and write what is there: where a store is to be mended or cleaned, a new one would hide a mistake.
        case existing
        /// To read what is there.
        case readOnly
    }

    /// Time.
    public var clock: any WallClock
    /// The network.
    public var transport: any HTTPTransport
    /// Files.
    public var files: any FileSystem
    /// Programs to ask.
    public var processes: any ProcessRunner
    /// The forges that are known, in order of registration.
    public var forges: [any Forge]
    /// The CI that this process runs in.
    public var pipeline: (any Pipeline)?
    /// The CIs that are known, in the order in which they are looked for.
    public var pipelines: [any Pipeline]
    /// Processes; nil where none can be told.
    public var processTable: (any ProcessTable)?
    /// The process's environment.
    public var variables: Variables
    /// The ways to renew, in order of registration.
    public var methods: [any RenewalMethod]
    /// The kinds of places to publish to, in order of registration.
    public var targets: [any PublishTarget]
    /// Sealing and signing.
    public var cryptography: any Cryptography
    /// Locks beside the state store.
    public var leases: any LeaseKeeper
    /// The signal that asked this process to end; nil while none has.
    public var stopSignal: @Sendable () -> Int32?
    /// Opens the state store; called at most once in a run.
    public var openStore: @Sendable (Access) -> Result<any HistoryStore, Failure>
    /// Reads stdin to its end, within a bound.
    public var readInput: @Sendable () throws(Failure) -> [UInt8]
    /// Random bytes from the system.
    public var random: @Sendable (Int) -> [UInt8]
    /// Reads failures from what a command wrote.
    public var diagnostician: any Diagnostician
    /// The last bytes of stdin, read to its end.
    public var readInputTail: @Sendable (Int) throws(Failure) -> [UInt8]
    /// The forges that let in deploy keys, in order of registration.
    public var deployKeyForges: [any DeployKeyForge]
    /// What the SSH fallback needs beside these.
    public var ssh: SSHPorts
    /// Reads stdin to its end or to an empty line, whichever comes first, within a bound.
    public var readQuestion: @Sendable () throws(Failure) -> [UInt8]
    /// Runs commands for somebody; nil where that is not to happen.
    public var children: (any ChildRunner)?
    /// Sockets for their programs.
    public var helperSockets: (any HelperSockets)?
    /// Long files and stdin, in pieces; nil where nobody reads any.
    public var sources: (any ByteSources)?
    /// The forges' logs that are known.
    public var logs: [any ForgeLog]
    /// The lists of jobs that can be read.
    public var jobLists: [any JobList]
    /// Shows how far a long run has come; nil where nobody watches.
    public var progress: (any ProgressDisplay)?
    /// Writes to stdout what is too long to be held as one reply; false when nobody reads it any more.
    public var stream: (@Sendable ([UInt8]) throws(Failure) -> Bool)?
    /// Makes pages about the history; nil where nobody wants any.
    public var pages: (any PageMaker)?

    /// Collects the ports.
    public init(
        clock: any WallClock, transport: any HTTPTransport, files: any FileSystem, processes: any ProcessRunner,
        forges: [any Forge], pipeline: (any Pipeline)?, variables: Variables,
        methods: [any RenewalMethod], targets: [any PublishTarget], cryptography: any Cryptography,
        leases: any LeaseKeeper, stopSignal: @escaping @Sendable () -> Int32?,
        openStore: @escaping @Sendable (Access) -> Result<any HistoryStore, Failure>,
        readInput: @escaping @Sendable () throws(Failure) -> [UInt8],
        random: @escaping @Sendable (Int) -> [UInt8],
        diagnostician: any Diagnostician,
        readInputTail: @escaping @Sendable (Int) throws(Failure) -> [UInt8],
        pipelines: [any Pipeline] = [], processTable: (any ProcessTable)? = nil,
        deployKeyForges: [any DeployKeyForge] = [], ssh: SSHPorts = SSHPorts(),
        readQuestion: (@Sendable () throws(Failure) -> [UInt8])? = nil, children: (any ChildRunner)? = nil,
        helperSockets: (any HelperSockets)? = nil,
        sources: (any ByteSources)? = nil, logs: [any ForgeLog] = [], progress: (any ProgressDisplay)? = nil,
        stream: (@Sendable ([UInt8]) throws(Failure) -> Bool)? = nil, jobLists: [any JobList] = [],
        pages: (any PageMaker)? = nil
    ) {
        self.ssh = ssh
        self.clock = clock
        self.transport = transport
        self.files = files
        self.processes = processes
        self.forges = forges
        self.pipeline = pipeline
        self.pipelines = pipelines
        self.processTable = processTable
        self.variables = variables
        self.methods = methods
        self.targets = targets
        self.cryptography = cryptography
        self.leases = leases
        self.stopSignal = stopSignal
        self.openStore = openStore
        self.readInput = readInput
        self.random = random
        self.diagnostician = diagnostician
        self.readInputTail = readInputTail
        self.deployKeyForges = deployKeyForges
        self.readQuestion = readQuestion ?? readInput
        self.children = children
        self.helperSockets = helperSockets
        self.sources = sources
        self.logs = logs
        self.progress = progress
        self.stream = stream
        self.jobLists = jobLists
        self.pages = pages
    }

    /// The job that this process runs in; nil outside a CI.
    public var job: JobContext? { pipeline?.context(from: variables) }

    /// A forge by its name.
    public func forge(_ id: String) -> (any Forge)? { forges.first { $0.id == id } }

    /// The deploy keys of a forge by its name; nil for one that has none.
    public func deployKeyForge(_ id: String) -> (any DeployKeyForge)? { deployKeyForges.first { $0.id == id } }
}
