// What is remembered between runs, and how it is asked for. One run writes one transaction.

/// A token as a run has met it.
public struct TokenSighting: Hashable, Sendable {
    /// Which token.
    public var fingerprint: Fingerprint
    /// The name of the credential it was used under; a label, never an identity.
    public var credential: String?
    /// Its kind's id.
    public var kind: String
    /// Its forge's name.
    public var forge: String
    /// The origin of the API that was or would be asked (`https://gitlab.example.com`).
    public var api: String?
    /// The forge's id of it.
    public var tokenID: String?
    /// The name its owner gave it, raw.
    public var name: String?
    /// Its scopes; nil when not told.
    public var scopes: [String]?
    /// Its end, and who told.
    public var lifetime: Lifetime
    /// The standing that the forge told in this run; nil when it was not asked.
    public var standing: TokenStanding?
    /// The forge's clock minus ours, when it told.
    public var clockSkew: Duration?
    /// The family it belongs to, once it has one.
    public var family: String?
    /// Its generation in that family.
    public var generation: Int?

    /// Makes a sighting.
    public init(
        fingerprint: Fingerprint, credential: String?, kind: String, forge: String, api: String?, tokenID: String?,
        name: String?, scopes: [String]?, lifetime: Lifetime, standing: TokenStanding?, clockSkew: Duration?,
        family: String? = nil, generation: Int? = nil
    ) {
        self.fingerprint = fingerprint
        self.credential = credential
        self.kind = kind
        self.forge = forge
        self.api = api
        self.tokenID = tokenID
        self.name = name
        self.scopes = scopes
        self.lifetime = lifetime
        self.standing = standing
        self.clockSkew = clockSkew
        self.family = family
        self.generation = generation
    }
}

/// What happened, in one word of a fixed list per command, with its outcome and a line of detail.
public struct Event: Hashable, Sendable {
    /// When.
    public var at: Instant
    /// What was done: `preflight`, `start`, `finish`, …
    public var event: String
    /// How it went: a decision, `ok`, `failed`, …
    public var outcome: String
    /// Which token it was about; nil for the job as a whole.
    public var fingerprint: Fingerprint?
    /// More, as one safe line; never a token.
    public var detail: String?
    /// The exit code of the run.
    public var code: ExitCode
    /// Whether it happens to a job (or without any, at all) once, so that told again at another moment with the same
    /// detail it is still the same.
    public var isOnce: Bool
    /// Why it went wrong, where a command's output told; listed among the failures too.
    public var diagnosis: Diagnosis?
    /// Who looked at that output; of no meaning without a diagnosis.
    public var source: DiagnosisSource

    /// Makes an event.
    public init(
        at: Instant, event: String, outcome: String, fingerprint: Fingerprint? = nil, detail: String? = nil,
        code: ExitCode = .done, isOnce: Bool = false, diagnosis: Diagnosis? = nil, source: DiagnosisSource = .record
    ) {
        self.at = at
        self.event = event
        self.outcome = outcome
        self.fingerprint = fingerprint
        self.detail = detail
        self.code = code
        self.isOnce = isOnce
        self.diagnosis = diagnosis
        self.source = source
    }
}

/// Who handed in the output that a diagnosis was read from.
public enum DiagnosisSource: String, Hashable, CaseIterable, Sendable {
    /// The job, by `record failure` or `record usage`.
    case record
    /// `exec`, from the command that it ran.
    case exec
    /// git's credential helper: git saw a token refused that it had given, and its forge was asked about that.
    case git
}

/// A token that a job's preflight judged.
public struct JudgedToken: Hashable, Sendable {
    /// Which token.
    public var fingerprint: Fingerprint
    /// The credential's name, a label.
    public var credential: String?
    /// The origin of its API (`https://gitlab.example.com`).
    public var api: String?
    /// What is known of its life by now.
    public var facts: TokenFacts
    /// The forge's clock minus ours, when it told.
    public var clockSkew: Duration?

    /// Makes a token.
    public init(
        fingerprint: Fingerprint, credential: String?, api: String?, facts: TokenFacts, clockSkew: Duration? = nil
    ) {
        self.fingerprint = fingerprint
        self.credential = credential
        self.api = api
        self.facts = facts
        self.clockSkew = clockSkew
    }
}

/// A change to what is known of a job attempt. Fields that are nil change nothing.
public struct JobUpdate: Hashable, Sendable {
    /// Which attempt.
    public var identity: JobIdentity
    /// When it began, by the CI or by `record start`.
    public var startedAt: Instant?
    /// When it ended.
    public var finishedAt: Instant?
    /// How it stands.
    public var status: JobStatus?
    /// What the last preflight decided.
    public var decision: Decision?
    /// How long the CI lets it run.
    public var timeout: Duration?
    /// Its runner slot; another running job of the same slot becomes `abandoned`.
    public var slot: String?
    /// When this was seen.
    public var seenAt: Instant
    /// The id that an earlier import may have given the same attempt, before its name was known; it gives way to this one.
    public var formerID: String?

    /// Makes a change.
    public init(
        identity: JobIdentity, startedAt: Instant? = nil, finishedAt: Instant? = nil, status: JobStatus? = nil,
        decision: Decision? = nil, timeout: Duration? = nil, slot: String? = nil, seenAt: Instant,
        formerID: String? = nil
    ) {
        self.formerID = formerID
        self.identity = identity
        self.startedAt = startedAt
        self.finishedAt = finishedAt
        self.status = status
        self.decision = decision
        self.timeout = timeout
        self.slot = slot
        self.seenAt = seenAt
    }
}

/// All that one run leaves behind.
public struct RunRecord: Sendable {
    /// The job it ran in.
    public var job: JobUpdate?
    /// Tokens it met.
    public var sightings: [TokenSighting]
    /// What happened; an event equal in moment, job, event, outcome and token to one already stored is not stored again.
    /// For one that happens once the moment does not matter.
    public var events: [Event]
    /// Doubts to keep; a newer one about the same token takes an older one's place.
    public var doubts: [TokenDoubt]
    /// Tokens about which there is no doubt any more.
    public var settledDoubts: [Fingerprint]
    /// Whether the loss of power may take it away again: for what happens often and what nothing rests on. It is there for
    /// every other process at once, and stays when this one is killed.
    public var mayBeLost: Bool

    /// Makes a record.
    public init(
        job: JobUpdate? = nil, sightings: [TokenSighting] = [], events: [Event] = [], doubts: [TokenDoubt] = [],
        settledDoubts: [Fingerprint] = [], mayBeLost: Bool = false
    ) {
        self.mayBeLost = mayBeLost
        self.job = job
        self.sightings = sightings
        self.events = events
        self.doubts = doubts
        self.settledDoubts = settledDoubts
    }
}

/// What a store knows of a token.
public struct RememberedToken: Hashable, Sendable {
    /// The last answer of the forge about it.
    public var reading: TokenReading
    /// The kind's id as it was stored; the reading has no kind when no forge knows that id any more.
    public var kindID: String

    /// Makes a memory.
    public init(reading: TokenReading, kindID: String) {
        self.reading = reading
        self.kindID = kindID
    }
}

/// The public lists (contract, section 8).
public enum HistoryList: String, CaseIterable, Sendable { case jobs, tokens, events, rotations }

/// Which rows of a list.
public struct HistoryFilter: Hashable, Sendable {
    /// Not before.
    public var since: Instant?
    /// Before.
    public var until: Instant?
    /// The project's exact path.
    public var project: String?
    /// The job's exact name.
    public var job: String?
    /// A job's status or an event's outcome.
    public var status: String?
    /// The beginning of a fingerprint (hex digits), or a credential's name.
    public var token: String?
    /// The most rows; from 1.
    public var limit: Int

    /// Makes a filter; without anything, the newest 100 rows.
    public init(
        since: Instant? = nil, until: Instant? = nil, project: String? = nil, job: String? = nil,
        status: String? = nil, token: String? = nil, limit: Int = 100
    ) {
        self.since = since
        self.until = until
        self.project = project
        self.job = job
        self.status = status
        self.token = token
        self.limit = limit
    }
}

/// Rows with the names of their columns.
public struct HistoryTable: Hashable, Sendable {
    /// The columns' names, as in the public views.
    public var columns: [String]
    /// The rows; every one has a value for each column. Moments are RFC 3339 texts.
    public var rows: [[JSONValue]]

    /// Makes a table.
    public init(columns: [String], rows: [[JSONValue]]) {
        self.columns = columns
        self.rows = rows
    }
}

/// A state store's history. Implementations are opened by the wiring and are used from one task at a time.
public protocol HistoryStore: HistoryExchange, HistoryAnswers {
    /// Random bytes made with the store, which key the fingerprints of short secrets.
    var salt: [UInt8] { get }
    /// Things about the store that the user should be told (a copy, a network file system).
    var warnings: [String] { get }
    /// The store's families, sealed secrets and journal; nil for stores that hold none.
    var renewals: (any RenewalStore)? { get }
    /// Finished attempts of a series, newest start first, at most `limit`, that had ended before `instant`; attempts that
    /// never said how they ended are `abandoned` with the time they were last seen.
    func attempts(of series: JobSeries, endedBefore instant: Instant, limit: Int) throws(Failure) -> [PastAttempt]
    /// The same for all other series of the series' project.
    func attemptsOfOtherJobs(of series: JobSeries, endedBefore instant: Instant, limit: Int) throws(Failure)
        -> [PastAttempt]
    /// Series with this project and job, the one that ran last first: the names may be those of several servers or legs.
    func series(project: String, job: String) throws(Failure) -> [JobSeries]
    /// When this attempt began, if a `record start` or an earlier run in the same job said so.
    func startOfJob(_ identity: JobIdentity) throws(Failure) -> Instant?
    /// The last answer that this API's forge gave about a token.
    func remembered(_ fingerprint: Fingerprint, api: String?) throws(Failure) -> RememberedToken?
    /// When a renewal that this store has in its journal put another token in the place of this one; nil when none did.
    func replaced(_ fingerprint: Fingerprint) throws(Failure) -> Instant?
    /// The doubt about a token that nobody has settled; nil when there is none.
    func doubt(about fingerprint: Fingerprint) throws(Failure) -> TokenDoubt?
    /// The tokens that the last preflight of an attempt judged, with what is known of each by now; empty when there was
    /// none.
    func tokensOfLastPreflight(_ identity: JobIdentity) throws(Failure) -> [JudgedToken]
    /// Writes all of a run in one transaction, on disk when it returns, unless it may be lost.
    func write(_ record: RunRecord) throws(Failure)
    /// Rows of a public list, newest first.
    func rows(of list: HistoryList, filter: HistoryFilter) throws(Failure) -> HistoryTable
    /// Folds what was written into the store's main file, so that a cache that saves only that file loses nothing.
    func settle() throws(Failure)
    /// What is damaged, by reading all of it; empty when nothing is.
    func faults() throws(Failure) -> [String]
}

extension HistoryStore {
    /// Most doubles hold history alone.
    public var renewals: (any RenewalStore)? { nil }
    /// Stores in memory have none.
    public func faults() throws(Failure) -> [String] { [] }
    /// Stores without a journal know of none.
    public func replaced(_ fingerprint: Fingerprint) throws(Failure) -> Instant? { nil }
    /// Stores that do not tell know of none.
    public func tokensOfLastPreflight(_ identity: JobIdentity) throws(Failure) -> [JudgedToken] { [] }
}
