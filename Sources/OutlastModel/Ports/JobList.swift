// Jobs that a CI's own interface lists: what durations are learnt from on the first day.

/// A name that a list shows, where the CI's variables have another one.
public struct DisplayName: Hashable, Sendable {
    /// As the list shows it.
    public var shown: String
    /// Without what a list adds to it.
    public var bare: String
    /// What stands before the name in the identity of a job.
    public var prefix: String
    /// The name that the variables have, as far as the shown one tells; nil when it does not.
    public var key: String?

    /// Makes a name.
    public init(shown: String, bare: String, prefix: String, key: String?) {
        self.shown = shown
        self.bare = bare
        self.prefix = prefix
        self.key = key
    }
}

/// An attempt that has ended, as a list tells it.
public struct ListedJob: Hashable, Sendable {
    /// Which attempt; the same as its own variables would have said, but for the name where `display` is not nil.
    public var identity: JobIdentity
    /// When it began.
    public var startedAt: Instant
    /// When it ended.
    public var finishedAt: Instant
    /// How.
    public var status: JobStatus
    /// The name, where it has to be matched.
    public var display: DisplayName?
    /// The list's own number of it, where two may otherwise have one identity; nil where none can.
    public var number: String?

    /// Makes an attempt.
    public init(
        identity: JobIdentity, startedAt: Instant, finishedAt: Instant, status: JobStatus, display: DisplayName? = nil,
        number: String? = nil
    ) {
        self.number = number
        self.identity = identity
        self.startedAt = startedAt
        self.finishedAt = finishedAt
        self.status = status
        self.display = display
    }
}

/// What an answer lists.
public struct ListedJobs: Hashable, Sendable {
    /// Attempts that have ended.
    public var ended: [ListedJob] = []
    /// Jobs that never ran, or have not ended.
    public var unfinished = 0
    /// Things that are no jobs of this CI.
    public var malformed = 0

    /// Nothing.
    public init() {}
}

/// How a list is to be read, where it does not tell itself.
public struct JobListReading: Hashable, Sendable {
    /// The project of all jobs; nil where each tells its own.
    public var project: String?
    /// Whether the last part of a project's path is a branch.
    public var isByBranch: Bool

    /// Makes a reading.
    public init(project: String? = nil, isByBranch: Bool = false) {
        self.project = project
        self.isByBranch = isByBranch
    }
}

/// Reads the lists of one CI. Implementations live beside its `Pipeline` and are pure.
public protocol JobList: Sendable {
    /// The CI's name.
    var ci: String { get }
    /// Where such a list is to be had, for somebody who named something else.
    var hint: String { get }
    /// The jobs in an answer: one job, or an object with a list of them.
    func read(_ answer: JSONValue, _ reading: JobListReading) -> ListedJobs
}
