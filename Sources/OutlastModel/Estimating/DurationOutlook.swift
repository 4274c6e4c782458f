// Whether the bound on a run's duration lies above some other duration: a small part of the work of finding the bound, for
// who asks about very many series.

/// What the past says of the next run of a series that has not begun.
public struct DurationOutlook: Sendable {
    private let model: DurationModel
    private let chance: Double

    /// Nil without a successful run; see `DurationEstimator.bound`.
    public init?(attempts: [PastAttempt], now: Instant, quantile: Double) {
        let known = KnownRuns(attempts, at: now)
        guard let model = DurationModel(successes: known.successes, censored: known.censored) else { return nil }
        self.model = model
        chance = 1 - DurationEstimator.usable(quantile)
    }

    /// Whether the bound is above this duration.
    public func mayLast(longerThan duration: Duration) -> Bool {
        let seconds = duration.inSeconds
        guard seconds > 0 else { return true }
        let reached = Elementary.log(seconds)
        if reached < model.lowest { return true }
        return reached < model.highest && model.survival(reached) > chance
    }

    /// A duration that no bound from these attempts is above.
    public static func limit(_ attempts: [PastAttempt]) -> Duration {
        let longest = attempts.map(\.duration.inSeconds).max() ?? 0
        return DurationEstimator.duration(longest * Elementary.exp(DurationConstants.farthest) + 1)
    }
}
