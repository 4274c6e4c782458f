// Everything outside that a flow may touch, handed in by the wiring. Tests hand in doubles that trap.

public import OutlastModel

/// The ports of one run.
public struct World: Sendable {
    /// How a store is wanted.
    public enum Access: Sendable { case readWrite, readOnly }

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
    /// The process's environment.
    public var variables: Variables
    /// Opens the state store; called at most once in a run.
    public var openStore: @Sendable (Access) -> Result<any HistoryStore, Failure>
    /// Reads stdin to its end, within a bound.
    public var readInput: @Sendable () throws(Failure) -> [UInt8]
    /// Random bytes from the system.
    public var random: @Sendable (Int) -> [UInt8]

    /// Collects the ports.
    public init(
        clock: any WallClock, transport: any HTTPTransport, files: any FileSystem, processes: any ProcessRunner,
        forges: [any Forge], pipeline: (any Pipeline)?, variables: Variables,
        openStore: @escaping @Sendable (Access) -> Result<any HistoryStore, Failure>,
        readInput: @escaping @Sendable () throws(Failure) -> [UInt8],
        random: @escaping @Sendable (Int) -> [UInt8]
    ) {
        self.clock = clock
        self.transport = transport
        self.files = files
        self.processes = processes
        self.forges = forges
        self.pipeline = pipeline
        self.variables = variables
        self.openStore = openStore
        self.readInput = readInput
        self.random = random
    }

    /// The job that this process runs in; nil outside a CI.
    public var job: JobContext? { pipeline?.context(from: variables) }

    /// A forge by its name.
    public func forge(_ id: String) -> (any Forge)? { forges.first { $0.id == id } }
}
