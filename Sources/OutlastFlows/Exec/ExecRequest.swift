// What is asked of `exec`, and what comes of it.

public import OutlastModel

/// A command to run with fresh credentials.
public struct ExecRequest: Sendable {
    /// Program and arguments, as they were given.
    public var command: [String]
    /// How the credentials may be looked up and renewed, and which they are.
    public var credentials: GitCredentialRequest
    /// Whether these credentials were asked for by name: one that is dead then stops the run.
    public var areNamed: Bool
    /// The variables that the configuration names as places of secrets.
    public var secretVariables: Set<String>
    /// Variables that the child keeps although they would be taken away.
    public var keptVariables: Set<String>
    /// How often the command may be run; nil for the usual number.
    public var attempts: Int?
    /// Whether failures that pass by themselves are tried again.
    public var retriesTransient: Bool
    /// Our own absolute path; nil where it is not known.
    public var executable: String?
    /// Notes that somebody was given already.
    public var told: [String]

    /// Makes a request.
    public init(
        command: [String], credentials: GitCredentialRequest, areNamed: Bool = false,
        secretVariables: Set<String> = [], keptVariables: Set<String> = [], attempts: Int? = nil,
        retriesTransient: Bool = false, executable: String? = nil, told: [String] = []
    ) {
        self.command = command
        self.credentials = credentials
        self.areNamed = areNamed
        self.secretVariables = secretVariables
        self.keptVariables = keptVariables
        self.attempts = attempts
        self.retriesTransient = retriesTransient
        self.executable = executable
        self.told = told
    }

    /// Variables that open the secret cache begin so.
    public static let keyPrefixes = ["OUTLAST_KEY", "OUTLAST_NEW_", "OUTLAST_PASSPHRASE"]

    /// What the child does not have, whatever it is given.
    public var withheld: EnvironmentChange {
        EnvironmentChange(
            removed: secretVariables.subtracting(keptVariables), removedPrefixes: Self.keyPrefixes, kept: keptVariables)
    }
}

/// A run of the command.
public struct ExecAttempt: Hashable, Sendable {
    /// Which, from 1.
    public var number: Int
    /// What it ended with, as shells give it.
    public var code: Int32
    /// Why it failed; nil when it did not, or nobody looked.
    public var diagnosis: Diagnosis?
    /// The credential that it was about, and what asking about it has shown.
    public var credential: String?
    /// What asking about it has shown.
    public var finding: CredentialFinding?
    /// Why there was no other run; nil when there was one, or none was needed.
    public var end: ExecEnd?
}

/// What came of it.
public struct ExecOutcome: Sendable {
    /// What to end with.
    public var code: Int32
    /// The runs.
    public var attempts: [ExecAttempt]
    /// Why there is no state store; nil when all is stored.
    public var stateFailure: Failure?
}

/// Another way to a credential's server when its token is dead: variables to set, or nil where there is none.
public typealias CredentialFallback =
    @Sendable (CredentialConfiguration) async throws(Failure) -> [GitVariable]?
