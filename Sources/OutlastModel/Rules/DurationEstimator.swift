// The upper estimate of a job's duration from its own past. Pure.

/// Estimates from past attempts.
public enum DurationEstimator {
    /// The most recent runs that count.
    public static let window = 60

    /// The bound for a job of this series, given that it has already run for `elapsed`.
    ///
    /// The longest of the last 60 successful runs times a factor that shrinks with their number; a failed or cancelled
    /// run that lasted longer counts as a run of at least that length. Nil without a successful run.
    public static func bound(
        attempts: [PastAttempt], now: Instant, elapsed: Duration, quantile: Double
    ) -> DurationEstimate? {
        let recent = attempts.filter { $0.startedAt.advanced(by: $0.duration) <= now }
            .sorted { $0.startedAt > $1.startedAt }.prefix(window)
        let successes = recent.filter { $0.status == .success }
        guard let longest = recent.map(\.duration).max(), !successes.isEmpty else { return nil }
        let count = Double(successes.count)
        let factor = 1.04 + 0.25 / count
        let bound = Swift.max(longest * factor, elapsed)
        return DurationEstimate(
            bound: bound, samples: successes.count, isUnsettled: successes.count < NeededTime.enoughRuns,
            reason: "the longest of \(successes.count) runs was \(longest.readable)")
    }
}
