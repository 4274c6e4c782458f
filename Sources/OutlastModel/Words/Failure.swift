// The one error that crosses targets: what happened, and what to do next.

/// An error as the user reads it. Lower case, names the thing it is about, no full stop at the end.
///
/// Texts from elsewhere (forge bodies, file contents) must have passed `SafeText` before they are put into a message.
public struct Failure: Error, Hashable, Sendable, CustomStringConvertible {
    /// What the program ends with because of it.
    public let code: ExitCode
    /// What happened, to what.
    public let message: String
    /// What to do next; something that can be typed where there is such a thing.
    public let hint: String?
    /// Whether what was asked for is simply not there, so that a command that needs nothing from it can go on.
    public private(set) var isAbsence = false
    /// Whether something other than outlast has changed what outlast keeps, so that nothing of it may be believed.
    public private(set) var isTampering = false

    /// Whether it is about the key of the secret cache, whatever its code.
    public private(set) var isAboutKey = false

    /// Makes a failure.
    public init(_ code: ExitCode, _ message: String, hint: String? = nil) {
        self.code = code
        self.message = message
        self.hint = hint
    }

    /// A mistake in the command line.
    public static func usage(_ message: String, hint: String? = nil) -> Failure { Failure(.usage, message, hint: hint) }

    /// A mistake in the configuration or in the environment that it names.
    public static func configuration(_ message: String, hint: String? = nil) -> Failure {
        Failure(.configuration, message, hint: hint)
    }

    /// A state store that cannot be used.
    public static func state(_ message: String, hint: String? = nil) -> Failure {
        Failure(.stateUnusable, message, hint: hint)
    }

    /// A state store that is not there yet.
    public static func noState(_ message: String, hint: String? = nil) -> Failure {
        var failure = Failure(.stateUnusable, message, hint: hint)
        failure.isAbsence = true
        return failure
    }

    /// A state store that something other than outlast has changed.
    public static func tamperedState(_ message: String, hint: String? = nil) -> Failure {
        var failure = Failure(.stateUnusable, message, hint: hint)
        failure.isTampering = true
        return failure
    }

    /// The same failure, met when the key of the secret cache was read.
    public var ofKey: Failure {
        var failure = self
        failure.isAboutKey = true
        return failure
    }

    /// Whether the state or its key cannot be used: what a run goes on without, unless it is strict (contract, section 2).
    public var isStateUnavailable: Bool { code == .stateUnusable || code == .cacheLocked || isAboutKey }

    /// A server that cannot be reached, or answers something that is not its interface.
    public static func unreachable(_ message: String, hint: String? = nil) -> Failure {
        Failure(.unreachable, message, hint: hint)
    }

    /// A signal that asked the program to end: it ends with 128 and the signal's number, whatever the code says.
    public static func stopped(by signal: Int32) -> Failure {
        Failure(.unexpected, "ended by signal \(signal): the step under way was finished, nothing else begun")
    }

    /// The message with its hint.
    public var description: String { hint.map { "\(message) (\($0))" } ?? message }
}
