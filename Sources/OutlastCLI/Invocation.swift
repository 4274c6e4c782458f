// What the process was started with and what it answers, as values: the command line's whole world.

public import OutlastModel

/// How the program was called.
public struct Invocation: Sendable {
    /// The arguments without the program's name.
    public var arguments: [String]
    /// The environment.
    public var variables: Variables
    /// The working folder.
    public var workingFolder: String
    /// The program's own absolute path; nil when it can't be told.
    public var executable: String?
    /// Whether stdout is a terminal.
    public var outputIsTerminal: Bool
    /// The terminal's width in columns; nil without one.
    public var columns: Int?

    /// Makes an invocation.
    public init(
        arguments: [String], variables: Variables, workingFolder: String, executable: String? = nil,
        outputIsTerminal: Bool = false, columns: Int? = nil
    ) {
        self.arguments = arguments
        self.variables = variables
        self.workingFolder = workingFolder
        self.executable = executable
        self.outputIsTerminal = outputIsTerminal
        self.columns = columns
    }
}

/// What the program answers; complete before its first byte is written.
public struct Reply: Sendable {
    /// Lines for the CI's runner, each with a secret that it is to hide; written before all else.
    public var masks: [Secret]
    /// Whether `masks` go to stderr, because stdout belongs to somebody else's parser. Runners read both.
    public var masksGoToErrors: Bool
    /// Written to stdout.
    public var output: String
    /// Written to stdout after that, for a reader that asked for a secret.
    public var secret: Secret?
    /// Lines written to stderr.
    public var errors: [String]
    /// The exit code.
    public var code: Int32
    /// Whether that is a command's own, which no mode changes.
    public var isChilds: Bool

    /// Makes a reply.
    public init(
        output: String = "", secret: Secret? = nil, errors: [String] = [], code: Int32 = 0, masks: [Secret] = [],
        masksGoToErrors: Bool = false, isChilds: Bool = false
    ) {
        self.masks = masks
        self.masksGoToErrors = masksGoToErrors
        self.output = output
        self.secret = secret
        self.errors = errors
        self.code = code
        self.isChilds = isChilds
    }
}
