// How a CI is read, and how it is told something.

/// Variables of a process's environment, as a value.
public struct Variables: Sendable {
    /// The variables by name.
    public let all: [String: String]

    /// Wraps a dictionary.
    public init(_ all: [String: String]) { self.all = all }

    /// The value of a variable; nil when it is not set or empty.
    public subscript(name: String) -> String? { all[name].flatMap { $0.isEmpty ? nil : $0 } }
}

/// Something to be written for the CI to read.
public enum Announcement: Hashable, Sendable {
    /// Append text to a file that the CI named.
    case append(path: String, text: String)
    /// A line that the runner reads from the log: stdout, or stderr where stdout belongs to JSON.
    case log(String)
}

/// What a CI is told about a preflight. All texts are raw: the pipeline escapes them for its own format.
public struct PreflightNotice: Sendable {
    /// The figures as `decision`, `remaining_s`, `needed_s`, `expires_at`; empty text where nothing is known.
    public let outputs: [(name: String, value: String)]
    /// Rows for a summary table: the first holds the headings.
    public let table: [[String]]
    /// The verdict in one line.
    public let sentence: String
    /// How loud to say it.
    public let level: Level

    /// How loud to say it.
    public enum Level: Hashable, Sendable { case quiet, warning, error }

    /// Makes a notice.
    public init(outputs: [(name: String, value: String)], table: [[String]], sentence: String, level: Level) {
        self.outputs = outputs
        self.table = table
        self.sentence = sentence
        self.level = level
    }
}

/// A variable for the steps of a job that follow.
public struct LaterVariable: Sendable {
    /// Its name: `[A-Za-z_][A-Za-z0-9_]*`.
    public let name: String
    /// Its value, which may be a secret.
    public let value: Secret

    /// Makes a variable.
    public init(name: String, value: Secret) {
        self.name = name
        self.value = value
    }
}

/// Text to be added to a file that the CI named.
public struct FileAddition: Sendable {
    /// The file.
    public let path: String
    /// The text, whole lines, which may hold secrets.
    public let text: Secret

    /// Makes an addition.
    public init(path: String, text: Secret) {
        self.path = path
        self.text = text
    }
}

/// A CI system. Implementations live in `OutlastPipelines`, one file each; all of it is pure.
public protocol Pipeline: Sendable {
    /// The CI's name.
    var id: String { get }
    /// Variables that hold the CI's own token for the job, the best first.
    var tokenVariables: [String] { get }
    /// Whether these are the variables of one of its jobs.
    func isRunning(in variables: Variables) -> Bool
    /// The job that these variables describe. Values that don't parse are left out, never guessed.
    func context(from variables: Variables) -> JobContext
    /// The kind id of a token by the name of the variable that holds it or by its value being the same as that of a
    /// variable the CI sets (`CI_JOB_TOKEN`); nil when the CI says nothing about it.
    func kind(ofVariable name: String?, value: Secret, in variables: Variables) -> String?
    /// What to write for the CI about a preflight.
    func announce(_ notice: PreflightNotice, in variables: Variables, delimiter: String) -> [Announcement]
    /// The lines of the log that make the runner hide these texts from then on, one for each; empty where no line does.
    func masks(_ forms: [Secret]) -> [Secret]
    /// What to add to which file so that the job's later steps have these variables; nil where the CI has no such file.
    ///
    /// - Throws: `usage` when it has one, but not here, or takes no variable of that name.
    func handover(
        _ later: [LaterVariable], in variables: Variables, delimiter: String
    ) throws(Failure) -> FileAddition?
}

extension Pipeline {
    /// None, unless the CI says otherwise.
    public var tokenVariables: [String] { [] }
    /// None, unless the CI says otherwise.
    public func masks(_ forms: [Secret]) -> [Secret] { [] }
    /// Nil, unless the CI says otherwise.
    public func handover(
        _ later: [LaterVariable], in variables: Variables, delimiter: String
    ) throws(Failure) -> FileAddition? { nil }
}
