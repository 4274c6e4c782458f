// Programs that we ask something: started without a shell, bounded in time and output.

/// What a program answered.
public struct ProcessAnswer: Sendable {
    /// Exit code; 128+n when signal n ended it.
    public let code: Int32
    /// What it wrote on stdout. Secret, since some programs are asked for tokens.
    public let output: Secret
    /// What it wrote on stderr, cut to the limit.
    public let errors: String

    /// Makes an answer.
    public init(code: Int32, output: Secret, errors: String) {
        self.code = code
        self.output = output
        self.errors = errors
    }
}

/// A program to ask.
public struct ProcessQuestion: Sendable {
    /// Program and arguments; the program is looked up in `PATH` unless it has a slash.
    public var command: [String]
    /// The whole environment of the program.
    public var environment: [String: String]
    /// What it reads on stdin; nothing when nil.
    public var input: Secret?
    /// Bound on its life; it is ended then.
    public var timeout: Duration
    /// The most bytes of output; more is a failure.
    public var largestOutput: Int

    /// Makes a question.
    public init(
        _ command: [String], environment: [String: String], input: Secret? = nil, timeout: Duration = .seconds(30),
        largestOutput: Int = 1 << 16
    ) {
        self.command = command
        self.environment = environment
        self.input = input
        self.timeout = timeout
        self.largestOutput = largestOutput
    }
}

/// Runs programs.
public protocol ProcessRunner: Sendable {
    /// Runs a program to its end. A non-zero exit code is an answer, not a failure.
    ///
    /// - Throws: `Failure` when it cannot be started, takes too long or writes too much.
    func ask(_ question: ProcessQuestion) async throws(Failure) -> ProcessAnswer
}
