// The upper estimate of a job's duration from its own past. Pure: the moment and the time already run come in as values.

/// Estimates from past attempts.
public enum DurationEstimator {
    /// How many attempts are worth reading from a store: what the model looks at, with room for those that failed.
    public static let window = 4 * DurationConstants.window

    /// How many are worth reading first, where most runs succeed; see `suffice`.
    public static let shortWindow = DurationConstants.window * 4 / 3

    /// Whether older attempts than these, newest start first, could not change what is estimated.
    public static func suffice(_ attempts: [PastAttempt]) -> Bool {
        attempts.count { $0.status == .success && $0.duration > .zero } > DurationConstants.window
    }

    /// The bound for a job of this series, given that it has already run for `elapsed`.
    ///
    /// A run is known only once it has ended; failed, cancelled and abandoned ones count as "at least this long". The order of
    /// the attempts does not matter. Nil without a successful run.
    ///
    /// - Parameters:
    ///   - attempts: Past attempts of the series, in any order.
    ///   - now: The moment of asking.
    ///   - elapsed: How long the job has been running; the bound is for its whole duration and never below this.
    ///   - quantile: The share of jobs that shall stay under the bound, 0.5 to 0.999; other values are taken to the nearest.
    public static func bound(
        attempts: [PastAttempt], now: Instant, elapsed: Duration, quantile: Double
    ) -> DurationEstimate? {
        let quantile = usable(quantile)
        let known = KnownRuns(attempts, at: now)
        guard let model = DurationModel(successes: known.successes, censored: known.censored) else { return nil }
        let seconds = max(0, elapsed.inSeconds)
        let bound = max(Elementary.exp(logBound(model, elapsed: seconds, quantile: quantile)), seconds)
        let isUnsettled = model.hasJumped || model.unrest >= DurationConstants.unsettled
        return DurationEstimate(
            bound: duration(bound), samples: known.successes.count,
            isUnsettled: isUnsettled, reason: reason(model, known, quantile: quantile, isUnsettled: isUnsettled))
    }

    /// The quantile that is meant. Not a number is nobody's wish.
    static func usable(_ quantile: Double) -> Double { quantile.isNaN ? 0.95 : min(max(quantile, 0.5), 0.999) }

    /// The log duration that the next run exceeds with chance `1 - quantile`, given that it exceeds `elapsed`.
    private static func logBound(_ model: DurationModel, elapsed: Double, quantile: Double) -> Double {
        var chance = 1 - quantile
        var (low, high) = (model.lowest, model.highest)
        if elapsed > 0 {
            let reached = Elementary.log(elapsed)
            chance *= model.survival(reached)
            low = max(low, reached)
            high = max(high, reached + DurationConstants.farthestPastElapsed)
        }
        if model.survival(high) > chance { return high }
        for _ in 0..<50 {
            let middle = 0.5 * (low + high)
            if model.survival(middle) > chance { low = middle } else { high = middle }
        }
        return high
    }

    /// Seconds as a duration in whole milliseconds, at most a hundred years: what a hostile store says may be longer.
    static func duration(_ seconds: Double) -> Duration {
        .milliseconds(Int64((min(seconds, 3_153_600_000) * 1000).rounded(.up)))
    }

    private static func reason(
        _ model: DurationModel, _ known: KnownRuns, quantile: Double, isUnsettled: Bool
    ) -> String {
        let count = known.successes.count
        let longest = duration(Elementary.exp(model.longest))
        let share = "\(Int((quantile * 1000).rounded()))"
        let percent = share.hasSuffix("0") ? String(share.dropLast()) : "\(share.dropLast()).\(share.suffix(1))"
        let runs = count == 1 ? "1 run, of \(longest.readable)" : "\(count) runs, the longest \(longest.readable)"
        var text = "\(percent) % bound from \(runs)"
        if !known.censored.isEmpty {
            text +=
                known.censored.count == 1
                ? " and 1 that did not succeed" : " and \(known.censored.count) that did not succeed"
        }
        if isUnsettled { return text + "; unsettled: it has set new records lately, so the bound is wider" }
        if count < NeededTime.enoughRuns { return text + "; few runs, so the bound is wide" }
        return text
    }
}
