// The estimate for a series from a store: its own past, else that of the project's other jobs.

import OutlastModel

/// Where an estimate comes from.
enum EstimateGround: String, Sendable { case history, pool }

/// An estimate with the runs behind it.
struct SeriesEstimate: Sendable {
    let estimate: DurationEstimate
    let ground: EstimateGround
    /// The attempts it was learnt from, newest start first.
    let attempts: [PastAttempt]

    /// Asks the store; nil when neither this job nor any other of the project has ended well before.
    init?(
        of series: JobSeries, in store: any HistoryStore, now: Instant, elapsed: Duration, quantile: Double
    ) throws(Failure) {
        let limit = DurationEstimator.window
        let own = try store.attempts(of: series, endedBefore: now, limit: limit)
        if let estimate = DurationEstimator.bound(attempts: own, now: now, elapsed: elapsed, quantile: quantile) {
            self.estimate = estimate
            ground = .history
            attempts = own
            return
        }
        let others = try store.attemptsOfOtherJobs(of: series, endedBefore: now, limit: limit)
        // What has run of this job itself without success still says "at least so long".
        guard
            let pooled = DurationEstimator.bound(attempts: own + others, now: now, elapsed: elapsed, quantile: quantile)
        else { return nil }
        estimate = DurationEstimate(
            bound: pooled.bound, samples: 0, isUnsettled: pooled.isUnsettled,
            reason: "no run of this job has succeeded yet; the project's other jobs say: \(pooled.reason)")
        ground = .pool
        attempts = others
    }
}
