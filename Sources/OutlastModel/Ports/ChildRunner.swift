// A command that we run for somebody: with his streams, his terminal, his descriptors and his signals, and with an
// environment that differs in what we say and nothing else.

/// How a child's environment differs from ours.
public struct EnvironmentChange: Sendable {
    /// Names that it does not have.
    public var removed: Set<String>
    /// Beginnings of names that it does not have, but for those in `kept`.
    public var removedPrefixes: [String]
    /// Names that stay although they begin so.
    public var kept: Set<String>
    /// What it has, whatever was said above; a later value of a name wins.
    public var set: [(name: String, value: Secret)]

    /// Describes a change; without anything, none.
    public init(
        removed: Set<String> = [], removedPrefixes: [String] = [], kept: Set<String> = [],
        set: [(name: String, value: Secret)] = []
    ) {
        self.removed = removed
        self.removedPrefixes = removedPrefixes
        self.kept = kept
        self.set = set
    }

    /// Whether a variable of ours is handed on as it is.
    public func keeps(_ name: String) -> Bool {
        if set.contains(where: { $0.name == name }) || removed.contains(name) { return false }
        return kept.contains(name) || !removedPrefixes.contains { name.hasPrefix($0) }
    }

    /// The whole environment that comes of it, for programs that are only asked something.
    public func applied(to variables: Variables) -> [String: String] {
        var all = variables.all.filter { keeps($0.key) }
        for (name, value) in set { all[name] = value.reveal() }
        return all
    }
}

/// A command to run.
public struct ChildCommand: Sendable {
    /// The program and its arguments; looked up in the child's `PATH` unless it has a slash.
    public var words: [String]
    /// Its environment.
    public var environment: EnvironmentChange
    /// How many of the last bytes of its stderr are wanted; nil hands stderr over untouched.
    public var tail: Int?

    /// Makes a command.
    public init(_ words: [String], environment: EnvironmentChange, tail: Int?) {
        self.words = words
        self.environment = environment
        self.tail = tail
    }
}

/// What is known about the child's reading of stdin.
public enum InputUse: Hashable, Sendable, CaseIterable {
    /// Nothing was taken: the stream is where it was, or there was nothing in it and never will be.
    case untouched
    /// Something was taken.
    case taken
    /// That cannot be told.
    case unknown
}

/// How a child ended.
public enum ChildEnd: Hashable, Sendable {
    case exited(Int32)
    case signaled(Int32)
    /// There is no such program.
    case notFound
    /// There is one that cannot be run, in the system's words.
    case notRunnable(String)

    /// What a shell gives for it.
    public var code: Int32 {
        switch self {
        case .exited(let code): code
        case .signaled(let signal): 128 + signal
        case .notFound: 127
        case .notRunnable: 126
        }
    }

    /// Whether all went well.
    public var isSuccess: Bool { self == .exited(0) }
}

/// A run of a child.
public struct ChildRun: Sendable {
    /// How it ended.
    public var end: ChildEnd
    /// The last bytes of its stderr; empty when they were not wanted.
    public var errors: [UInt8]
    /// What is known about its reading of stdin.
    public var input: InputUse
    /// A signal that asked this process to end meanwhile; nil when none did.
    public var signal: Int32?

    /// Describes a run.
    public init(end: ChildEnd, errors: [UInt8] = [], input: InputUse = .untouched, signal: Int32? = nil) {
        self.end = end
        self.errors = errors
        self.input = input
        self.signal = signal
    }
}

/// Runs commands for somebody.
public protocol ChildRunner: Sendable {
    /// Runs a command to its end. Whoever it has started and left behind is not waited for.
    ///
    /// - Throws: `unexpected` (1) when the system refuses what is needed for it.
    func run(_ command: ChildCommand) async throws(Failure) -> ChildRun
    /// Becomes the command; what comes back is why that was not possible.
    func become(_ command: ChildCommand) -> ChildEnd
    /// Starts a command that outlives this process: in a session of its own, without our streams, descriptors and signal
    /// settings. Its program must be named by an absolute path.
    ///
    /// - Returns: its number.
    /// - Throws: `unexpected` (1) when it cannot be started.
    func detach(_ command: ChildCommand) throws(Failure) -> Int32
    /// Writes a line of ours on stderr, now.
    func tell(_ line: Secret)
    /// Whether the machine has a locale.
    func hasLocale(_ name: String) -> Bool
    /// The number of this process.
    var processNumber: Int32 { get }
}

/// A call of the helper that came by the socket.
public struct HelperCall: Sendable {
    /// `get` or `erase`.
    public var action: String
    /// What git wrote.
    public var question: [UInt8]

    /// Makes a call.
    public init(action: String, question: [UInt8]) {
        self.action = action
        self.question = question
    }
}

/// A socket that is served until `stop`.
public protocol ServedSocket: Sendable {
    /// Takes no more calls, waits for those that are being answered, and removes the socket.
    func stop() async
}

/// Sockets by which a child's programs ask this process, and nobody else's do.
public protocol HelperSockets: Sendable {
    /// Makes a socket at a path and answers its callers, those of the same user alone.
    ///
    /// - Throws: `unexpected` (1) when there can't be one.
    func serve(
        at path: String, _ answer: @escaping @Sendable (HelperCall) async -> Secret
    ) throws(Failure) -> any ServedSocket
    /// Asks the process behind a socket; the answer is bounded as what git reads is.
    ///
    /// - Throws: `unexpected` (1) when nobody is there.
    func ask(_ call: HelperCall, at path: String) throws(Failure) -> Secret
}
