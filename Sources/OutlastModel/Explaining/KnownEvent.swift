// What happened, and what was renewed, as history keeps it: words that a newer version may have more of stay texts.

/// Why something failed, as it was kept beside its event.
public struct KnownDiagnosis: Hashable, Sendable {
    /// The class; nil for a word that this program does not know.
    public var `class`: FailureClass?
    /// How sure.
    public var confidence: Confidence
    /// The line that decided.
    public var line: String?
    /// What was being done (`push`, …).
    public var operation: String?
    /// Who handed in what it was read from: `record`, `exec`, the name of an import.
    public var source: String
    /// Whether a credential is at fault; nil when that cannot be told.
    public var credentialAtFault: Bool?

    /// Describes a diagnosis.
    public init(
        class: FailureClass?, confidence: Confidence, line: String? = nil, operation: String? = nil,
        source: String = "record", credentialAtFault: Bool? = nil
    ) {
        self.class = `class`
        self.confidence = confidence
        self.line = line
        self.operation = operation
        self.source = source
        self.credentialAtFault = credentialAtFault
    }
}

/// Something that happened.
public struct KnownEvent: Hashable, Sendable {
    /// What became of a way over SSH: `active`, `off` or `refused`.
    public static let sshFallback = "ssh-fallback"
    /// An answer of git's credential helper: `given`, `refused`, `nothing` or `doubted`.
    public static let credential = "credential"
    /// git saw a token refused that the helper had given.
    public static let doubted = "doubted"

    /// When.
    public var at: Instant
    /// What was done.
    public var event: String
    /// How it went.
    public var outcome: String
    /// The mark of the token that it was about.
    public var token: String?
    /// The name of that token's credential.
    public var credential: String?
    /// More, as one line.
    public var detail: String?
    /// The exit code of the run.
    public var code: Int
    /// The job that it happened in.
    public var jobID: String?
    /// Why it failed, where that was told.
    public var diagnosis: KnownDiagnosis?

    /// Describes an event.
    public init(
        at: Instant, event: String, outcome: String, token: String? = nil, credential: String? = nil,
        detail: String? = nil, code: Int = 0, jobID: String? = nil, diagnosis: KnownDiagnosis? = nil
    ) {
        self.at = at
        self.event = event
        self.outcome = outcome
        self.token = token
        self.credential = credential
        self.detail = detail
        self.code = code
        self.jobID = jobID
        self.diagnosis = diagnosis
    }
}

/// A renewal in the journal.
public struct KnownRenewal: Hashable, Sendable {
    /// When its request was about to leave or, before, when it was begun.
    public var at: Instant
    /// When it came to its state.
    public var changedAt: Instant
    /// The credential's name.
    public var credential: String
    /// The method's name.
    public var method: String
    /// How far it came; nil for a word that this program does not know.
    public var state: RenewalState?
    /// The mark of the old token.
    public var old: String
    /// The mark of the new one.
    public var new: String?
    /// The job that began it, as its id.
    public var jobID: String?
    /// The same job, where history knows it.
    public var job: KnownJob?
    /// What is known, as one line.
    public var detail: String?

    /// Describes a renewal.
    public init(
        at: Instant, changedAt: Instant, credential: String, method: String, state: RenewalState?, old: String,
        new: String? = nil, jobID: String? = nil, job: KnownJob? = nil, detail: String? = nil
    ) {
        self.at = at
        self.changedAt = changedAt
        self.credential = credential
        self.method = method
        self.state = state
        self.old = old
        self.new = new
        self.jobID = jobID
        self.job = job
        self.detail = detail
    }

    /// Whether the forge has done it: the old token has a successor.
    public var isDone: Bool {
        switch state {
        case .received, .proved, .published, .retired, .lost: true
        default: false
        }
    }
}

/// A failure of another job.
public struct PastFailure: Hashable, Sendable {
    /// When.
    public var at: Instant
    /// In which job; nil where only a server's log tells of it.
    public var job: KnownJob?
    /// Its class.
    public var `class`: FailureClass
    /// The mark of the token.
    public var token: String?
    /// The credential's name.
    public var credential: String?

    /// Describes a failure.
    public init(
        at: Instant, job: KnownJob?, class: FailureClass, token: String? = nil, credential: String? = nil
    ) {
        self.at = at
        self.job = job
        self.class = `class`
        self.token = token
        self.credential = credential
    }
}
