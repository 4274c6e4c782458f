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
        let starts = attempts.prefix(window).map(\.startedAt)
        guard starts.count >= 3, let last = starts.first else { return nil }
        let gaps = zip(starts.dropFirst(), starts).map { $0.duration(to: $1).wholeMilliseconds }.filter { $0 > 0 }
        guard !gaps.isEmpty else { return nil }
        let gap = gaps.sorted()[gaps.count / 2]
        // The first moment from which on a run is too late, and not before now.
        let late = max(end.advanced(by: .milliseconds(1) - bound), now, last.advanced(by: .milliseconds(1)))
        let distance = last.duration(to: late).wholeMilliseconds
        let steps = distance / gap + (distance % gap > 0 ? 1 : 0)
        let (span, isTooFar) = steps.multipliedReportingOverflow(by: gap)
        return isTooFar ? nil : last.advanced(by: .milliseconds(span))
    }
}
