// What the executable lends to the command line: ways to make the world, each called only by a command that needs it.

public import OutlastFlows
public import OutlastModel

/// What the common options say about the world.
public struct WorldRequest: Sendable {
    /// `--state`; nil leaves it to `OUTLAST_STATE` and the default.
    public var state: String?
    /// Whether `http://` is accepted for hosts that are not loopback.
    public var allowsInsecureHTTP: Bool
    /// Whether the network is left alone.
    public var isOffline: Bool
    /// Whether the command may renew: signals that ask the process to end are then noted, and a step on the wire finished.
    public var notesStopSignals: Bool

    /// Makes a request.
    public init(
        state: String? = nil, allowsInsecureHTTP: Bool = false, isOffline: Bool = false, notesStopSignals: Bool = false
    ) {
        self.state = state
        self.allowsInsecureHTTP = allowsInsecureHTTP
        self.isOffline = isOffline
        self.notesStopSignals = notesStopSignals
    }
}

/// The executable's side of the command line.
public struct Wiring: Sendable {
    /// Makes the ports.
    public var makeWorld: @Sendable (WorldRequest) throws(Failure) -> World
    /// Reads the configuration that `--config`, the environment or the working folder names.
    public var loadConfiguration: @Sendable (_ named: String?, _ request: WorldRequest) throws(Failure) -> Configuration
    /// Writes a dotenv file: path and lines of name and value.
    public var dotenv: @Sendable ([(name: String, value: String)]) throws(Failure) -> String
    /// How git is spoken to.
    public var git: any GitInterface
    /// The signal that came while a command noted such signals; nil while none has.
    public var stopSignal: @Sendable () -> Int32?
    /// What tokens of all known kinds begin with: an argument that begins so is a mistake.
    public var tokenPrefixes: [String]
    /// The program's version.
    public var version: String
    /// What repositories begin with.
    public var starters: StarterKit

    /// Collects them.
    public init(
        makeWorld: @escaping @Sendable (WorldRequest) throws(Failure) -> World,
        loadConfiguration:
            @escaping @Sendable (_ named: String?, _ request: WorldRequest) throws(Failure) -> Configuration,
        dotenv: @escaping @Sendable ([(name: String, value: String)]) throws(Failure) -> String,
        git: any GitInterface, stopSignal: @escaping @Sendable () -> Int32? = { nil },
        tokenPrefixes: [String], version: String,
        starters: StarterKit = StarterKit(starters: [], forgeOfHost: { _ in nil })
    ) {
        self.makeWorld = makeWorld
        self.loadConfiguration = loadConfiguration
        self.dotenv = dotenv
        self.git = git
        self.stopSignal = stopSignal
        self.tokenPrefixes = tokenPrefixes
        self.version = version
        self.starters = starters
    }
}
