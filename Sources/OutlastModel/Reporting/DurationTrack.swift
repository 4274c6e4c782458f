// Durations of a job beside what the estimate had said before each run. The bound is the estimator's own, asked again with
// what was over when the run began.

/// A run beside its bound.
public struct DurationRun: Hashable, Sendable {
    /// When it began.
    public var at: Instant
    /// How long it took, or had taken when it was last seen.
    public var duration: Duration
    /// How it ended.
    public var status: JobStatus
    /// What the estimate said when it began; nil where no run had succeeded before.
    public var bound: Duration?

    /// Describes a run.
    public init(at: Instant, duration: Duration, status: JobStatus, bound: Duration?) {
        self.at = at
        self.duration = duration
        self.status = status
        self.bound = bound
    }

    /// Whether it took longer than the estimate had said. One that did not succeed took at least so long, too.
    public var isMiss: Bool { bound.map { duration > $0 } ?? false }
}

/// The runs of a job.
public struct DurationTrack: Hashable, Sendable {
    /// The job.
    public var series: JobSeries
    /// Its runs, the oldest first.
    public var runs: [DurationRun]
    /// What the estimate says of the next run; nil without a successful one.
    public var next: DurationEstimate?
    /// The quantile of all bounds.
    public var quantile: Double
    /// Older runs that are not shown.
    public var leftOut: Int

    /// Describes a job's durations.
    public init(series: JobSeries, runs: [DurationRun], next: DurationEstimate?, quantile: Double, leftOut: Int) {
        self.series = series
        self.runs = runs
        self.next = next
        self.quantile = quantile
        self.leftOut = leftOut
    }

    /// Runs that had a bound.
    public var judged: Int { runs.filter { $0.bound != nil }.count }

    /// Runs that took longer than their bound.
    public var misses: Int { runs.filter(\.isMiss).count }

    /// Puts the runs since a moment beside their bounds.
    ///
    /// - Parameters:
    ///   - attempts: Past attempts in any order, with at least `DurationEstimator.window` before those that are shown, or
    ///     the bound of the oldest would be learnt from fewer runs than it was.
    ///   - since: Earlier runs are only learnt from.
    ///   - limit: The most runs; the newest stay.
    ///   - now: The moment of the report.
    public init(
        of series: JobSeries, attempts: [PastAttempt], since: Instant, limit: Int, now: Instant, quantile: Double
    ) {
        let ordered = attempts.sorted { $0.startedAt < $1.startedAt }
        let fitting = ordered.indices.filter { ordered[$0].startedAt >= since && ordered[$0].startedAt <= now }
        let shown = fitting.suffix(limit)
        let runs = shown.map { index in
            let run = ordered[index]
            // What began later was not over yet.
            let past = ordered[..<index].suffix(DurationEstimator.window)
            let bound = DurationEstimator.bound(
                attempts: Array(past), now: run.startedAt, elapsed: .zero, quantile: quantile)
            return DurationRun(at: run.startedAt, duration: run.duration, status: run.status, bound: bound?.bound)
        }
        let latest = Array(ordered.suffix(DurationEstimator.window))
        self.init(
            series: series, runs: runs,
            next: DurationEstimator.bound(attempts: latest, now: now, elapsed: .zero, quantile: quantile),
            quantile: quantile, leftOut: fitting.count - shown.count)
    }
}
