// A job attempt as history knows it, and how one is chosen.

/// Which job a question is about.
public enum JobChoice: Hashable, Sendable {
    /// The `job_id` of `v_jobs`.
    case id(String)
    /// The one that began last.
    case last
    /// The one that began last of those that failed or in which something was told to have failed.
    case lastFailed
}

/// A job attempt as history knows it. Texts are as the CI gave them.
public struct KnownJob: Hashable, Sendable {
    /// The name of the attempt in every store.
    public var id: String
    /// Which series it belongs to.
    public var series: JobSeries
    /// The run.
    public var run: String
    /// The attempt within the run.
    public var attempt: Int
    /// How it stands.
    public var status: JobStatus
    /// When it began or, unknown at first, was first seen.
    public var begunAt: Instant
    /// When it began, as far as told.
    public var startedAt: Instant?
    /// When it ended, as far as told.
    public var finishedAt: Instant?
    /// When anything was last heard of it.
    public var lastSeenAt: Instant
    /// How long the CI lets it run.
    public var timeout: Duration?
    /// What its last preflight decided, as the store keeps it.
    public var decision: String?

    /// Describes an attempt.
    public init(
        id: String, series: JobSeries, run: String, attempt: Int = 1, status: JobStatus, begunAt: Instant,
        startedAt: Instant? = nil, finishedAt: Instant? = nil, lastSeenAt: Instant, timeout: Duration? = nil,
        decision: String? = nil
    ) {
        self.id = id
        self.series = series
        self.run = run
        self.attempt = attempt
        self.status = status
        self.begunAt = begunAt
        self.startedAt = startedAt
        self.finishedAt = finishedAt
        self.lastSeenAt = lastSeenAt
        self.timeout = timeout
        self.decision = decision
    }

    /// From its start to its end or, for one that was given up, to when it was last seen; nil when one is not known.
    public var duration: Duration? {
        guard status != .running, let startedAt else { return nil }
        let end = finishedAt ?? lastSeenAt
        return startedAt <= end ? startedAt.duration(to: end) : nil
    }

    /// The columns of `v_jobs` that the contract names, with their values.
    public var json: JSONValue {
        [
            "job_id": .string(id), "forge": .string(series.forge), "project": .string(series.project),
            "job": .string(series.job), "run": .string(run), "attempt": .integer(Int64(attempt)),
            "status": .string(status.rawValue), "started_at": JSONValue(startedAt),
            "finished_at": JSONValue(finishedAt), "duration_s": JSONValue(seconds: duration),
            "decision": JSONValue(decision),
        ]
    }

    /// `release (run 4711)`, safe to show.
    public var shown: String { SafeText.line("\(series.job) (run \(run))", limit: 160) }
}
