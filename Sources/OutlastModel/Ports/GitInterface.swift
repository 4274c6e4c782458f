// How git is spoken to: its credential protocol, and its configuration as a part of a child's environment.

/// A setting of git's configuration, from wherever git read it.
public struct GitSetting: Sendable {
    /// Section and name in lower case, what stands between them as it was written.
    public let key: String
    /// The value, which may hold a token.
    public let value: Secret

    /// Makes a setting.
    public init(key: String, value: Secret) {
        self.key = key
        self.value = value
    }
}

/// A server for which ours shall be the only helper.
public struct GitServer: Hashable, Sendable {
    /// Where it is.
    public let origin: Origin
    /// Whether the path decides which credential is meant.
    public let usesPath: Bool

    /// Makes a server.
    public init(origin: Origin, usesPath: Bool) {
        self.origin = origin
        self.usesPath = usesPath
    }
}

/// A variable to set. A value that holds a token is never spelled out: the part that is one names the variable that holds
/// it already.
public struct GitVariable: Hashable, Sendable {
    /// A part of a value.
    public enum Part: Hashable, Sendable {
        case text(String)
        /// The value of another variable.
        case variable(String)
    }

    /// The variable's name.
    public let name: String
    /// Its value in parts.
    public let parts: [Part]

    /// Makes a variable.
    public init(_ name: String, _ parts: [Part]) {
        self.name = name
        self.parts = parts
    }

    /// The value, when it is all text.
    public var text: String? {
        var text = ""
        for part in parts {
            guard case .text(let piece) = part else { return nil }
            text += piece
        }
        return text
    }
}

/// What git's environment is made from.
public struct GitEnvironmentRequest: Sendable {
    /// The servers, in order.
    public var servers: [GitServer]
    /// What git runs, as a line for its shell.
    public var command: String
    /// The settings that `settingsQuestion` asked for.
    public var settings: [GitSetting]
    /// The environment as it is.
    public var variables: Variables

    /// Makes a request.
    public init(servers: [GitServer], command: String, settings: [GitSetting], variables: Variables) {
        self.servers = servers
        self.command = command
        self.settings = settings
        self.variables = variables
    }
}

/// What to set, and what to tell.
public struct GitEnvironment: Sendable {
    /// The variables, in order.
    public var variables: [GitVariable]
    /// Things that could not be done, or that someone should know.
    public var notes: [String]

    /// Makes an environment.
    public init(variables: [GitVariable], notes: [String]) {
        self.variables = variables
        self.notes = notes
    }
}

/// git's languages. Everything is pure.
public protocol GitInterface: Sendable {
    /// Reads what git writes to a helper.
    ///
    /// - Throws: `malformedInput` (65) for input that git would never write.
    func question(_ bytes: [UInt8]) throws(Failure) -> GitQuestion
    /// What to write to git; empty when there is nothing to say.
    func reply(_ answer: GitAnswer, to question: GitQuestion) -> Secret
    /// The program with arguments that lists the settings an environment depends on.
    var settingsQuestion: [String] { get }
    /// The program with arguments that lists the settings that `doctor` looks at; its answer is read as the other's.
    var healthQuestion: [String] { get }
    /// Reads that program's answer.
    func settings(_ output: Secret) -> [GitSetting]
    /// What makes ours the only helper.
    func environment(_ request: GitEnvironmentRequest) -> GitEnvironment
}
