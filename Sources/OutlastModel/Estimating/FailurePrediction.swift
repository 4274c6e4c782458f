// When a job will first meet the end of a token: it goes on starting as often as it has, and takes as long as its bound.

/// Predicts starts.
public enum FailurePrediction {
    /// How many past runs tell how often a job starts.
    private static let window = 20

    /// The next start at which a run would not end before the token does; nil where fewer than three runs tell how often
    /// the job starts.
    ///
    /// - Parameters:
    ///   - attempts: Past runs, newest start first.
    ///   - end: When the token ends.
    ///   - bound: The upper estimate of a run's duration.
    ///   - now: The present moment; no start before it is predicted.
    public static func nextStart(
        after attempts: [PastAttempt], missing end: Instant, bound: Duration, now: Instant
    ) -> Instant? {
        nextStart(after: attempts, missing: end, limit: bound, before: nil, now: now) { $0 < bound }
    }

    /// The same, where whether a run takes so long is dear to tell: it is asked for a few durations only.
    ///
    /// - Parameters:
    ///   - limit: No run takes longer, whatever `mayLast` says.
    ///   - best: Only an earlier start is wanted; nil for any.
    ///   - mayLast: Whether the upper estimate of a run's duration is above this one: true up to some duration, false from
    ///     there on.
    public static func nextStart(
        after attempts: [PastAttempt], missing end: Instant, limit: Duration, before best: Instant?, now: Instant,
        mayLast: (Duration) -> Bool
    ) -> Instant? {
        guard let pace = StartPace(attempts.prefix(window).map(\.startedAt)) else { return nil }
        let earliest = pace.steps(to: max(end.advanced(by: .milliseconds(1) - limit), now))
        guard let first = pace.start(earliest) else { return nil }
        if let best, first >= best { return nil }
        // A run that starts after the end is too late for sure. From there back, in wider and wider steps, to one that is
        // not.
        var late = max(earliest, pace.steps(to: end.advanced(by: .milliseconds(1))))
        var inTime = earliest - 1
        var step: Int64 = 1
        func isLate(_ count: Int64) -> Bool { pace.start(count).map { mayLast($0.duration(to: end)) } ?? true }
        while late - inTime > 1 {
            let probe = max(inTime + 1, late - step)
            if isLate(probe) {
                late = probe
                step = step > .max / 2 ? .max : step * 2
            } else {
                inTime = probe
                step = max(1, (late - inTime) / 2)
            }
        }
        return pace.start(late)
    }
}

/// The starts that are to come: so far apart as the median of past ones.
private struct StartPace {
    private let last: Instant
    private let gap: Int64

    /// Nil for fewer than three starts, or none that are apart. The newest comes first.
    init?(_ starts: [Instant]) {
        guard starts.count >= 3, let last = starts.first else { return nil }
        let gaps = zip(starts.dropFirst(), starts).map { $0.duration(to: $1).wholeMilliseconds }.filter { $0 > 0 }
        guard !gaps.isEmpty else { return nil }
        self.last = last
        gap = gaps.sorted()[gaps.count / 2]
    }

    /// How many starts on the first one at or after a moment comes; at least 1.
    func steps(to moment: Instant) -> Int64 {
        let distance = last.duration(to: max(moment, last.advanced(by: .milliseconds(1)))).wholeMilliseconds
        return max(1, distance / gap + (distance % gap > 0 ? 1 : 0))
    }

    /// Nil beyond what can be told.
    func start(_ count: Int64) -> Instant? {
        let (span, isTooFar) = count.multipliedReportingOverflow(by: gap)
        return isTooFar ? nil : last.advanced(by: .milliseconds(span))
    }
}
