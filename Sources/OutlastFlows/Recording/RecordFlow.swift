// `record start` and `record finish`: what the durations are learnt from. Saying the same twice changes nothing.

public import OutlastModel

/// The beginning or end of a job.
public struct RecordRequest: Sendable {
    /// Which of the two.
    public enum Step: Sendable { case start, finish }

    /// Which of the two.
    public var step: Step
    /// Parts of the identity that were given; they win over the CI's.
    public var project: String?
    /// As `project`.
    public var job: String?
    /// As `project`.
    public var run: String?
    /// As `project`.
    public var attempt: Int?
    /// `--leg`: told apart, and a series of its own.
    public var leg: String?
    /// `--forge`, for jobs outside a known CI.
    public var forge: String?
    /// `--started-at`.
    public var startedAt: Instant?
    /// `--finished-at`.
    public var finishedAt: Instant?
    /// `--status`.
    public var status: JobStatus?
    /// Whether a state store that can't be used is a failure.
    public var isStrict: Bool

    /// Makes a request.
    public init(
        step: Step, project: String? = nil, job: String? = nil, run: String? = nil, attempt: Int? = nil,
        leg: String? = nil, forge: String? = nil, startedAt: Instant? = nil, finishedAt: Instant? = nil,
        status: JobStatus? = nil, isStrict: Bool = false
    ) {
        self.step = step
        self.project = project
        self.job = job
        self.run = run
        self.attempt = attempt
        self.leg = leg
        self.forge = forge
        self.startedAt = startedAt
        self.finishedAt = finishedAt
        self.status = status
        self.isStrict = isStrict
    }
}

/// What came of it.
public struct RecordOutcome: Sendable {
    /// Which attempt.
    public var identity: JobIdentity
    /// How it stands in the store; without one, as this run has told.
    public var status: JobStatus
    /// When it began, likewise.
    public var startedAt: Instant?
    /// When it ended, likewise.
    public var finishedAt: Instant?
    /// Why there is no state store; nil when it is stored.
    public var stateFailure: Failure?
    /// Things to tell on stderr.
    public var warnings: [String]
}

/// Records.
public struct RecordFlow: Sendable {
    private let world: World

    /// Runs through these ports.
    public init(_ world: World) { self.world = world }

    /// Stores the beginning or end of a job.
    ///
    /// - Throws: `usage` when the job can't be named or its times are the wrong way round; `state` only with `isStrict`.
    public func run(_ request: RecordRequest) async throws(Failure) -> RecordOutcome {
        let context = world.job
        let identity = try request.names.identity(besides: context?.identity)
        let now = world.clock.now()
        let update = try Self.update(request, identity: identity, context: context, now: now)
        var state = try State(in: world, strict: request.isStrict)
        let event = Event(
            at: (request.step == .start ? update.startedAt : update.finishedAt) ?? now,
            event: request.step == .start ? "start" : "finish", outcome: update.status?.rawValue ?? "running",
            isOnce: true)
        let known = try state.attempt(strict: request.isStrict) { store throws(Failure) in
            try store.write(RunRecord(job: update, events: [event]))
            if request.step == .finish { try store.settle() }
            return try store.job(.id(identity.id))
        }
        guard let known = known ?? nil else {
            return RecordOutcome(
                identity: identity, status: update.status ?? .running, startedAt: update.startedAt,
                finishedAt: update.finishedAt, stateFailure: state.failure, warnings: state.warnings)
        }
        return RecordOutcome(
            identity: identity, status: known.status, startedAt: known.startedAt, finishedAt: known.finishedAt,
            stateFailure: state.failure, warnings: state.warnings + Self.contradiction(request, update, known))
    }

    /// What is told where the store has something else than what this run said: the first end of an attempt stands.
    private static func contradiction(_ request: RecordRequest, _ told: JobUpdate, _ known: KnownJob) -> [String] {
        // The same beginning, told once more, contradicts nothing.
        if request.step == .start && told.startedAt == known.startedAt { return [] }
        let isOther = known.status != told.status
        guard isOther || (request.finishedAt != nil && known.finishedAt != request.finishedAt) else { return [] }
        let end = known.finishedAt.map { " at \($0.text)" } ?? ""
        let what = "this attempt has ended before: \(known.status.rawValue)\(end)"
        switch request.step {
        case .start:
            return ["\(what); it does not begin again, another attempt has another number (--attempt) or run (--run)"]
        case .finish: return ["\(what); the first end stands"]
        }
    }

    private static func update(
        _ request: RecordRequest, identity: JobIdentity, context: JobContext?, now: Instant
    ) throws(Failure) -> JobUpdate {
        let started = request.startedAt ?? context?.startedAt
        switch request.step {
        case .start:
            return JobUpdate(
                identity: identity, startedAt: started ?? now, status: .running, timeout: context?.timeout,
                slot: context?.slot, seenAt: now)
        case .finish:
            if let given = request.startedAt, let end = request.finishedAt, end < given {
                throw .usage(
                    "the job cannot have ended at \(end.text), before it began at \(given.text)",
                    hint: "check --started-at and --finished-at")
            }
            // Two machines' clocks may differ; that is no mistake of the caller's, and no reason to lose the job's end.
            let finished = request.finishedAt ?? max(now, started ?? now)
            // Within its script a job is told that it runs; whoever says that it ends there means that all went well.
            let told = context?.status == .running ? nil : context?.status
            return JobUpdate(
                identity: identity, startedAt: started, finishedAt: finished,
                status: request.status ?? told ?? .success, timeout: context?.timeout, slot: context?.slot,
                seenAt: now)
        }
    }
}
