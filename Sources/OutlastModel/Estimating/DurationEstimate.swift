// What an estimator answers: a bound, and how much it is worth.

/// An upper estimate of a job's whole duration.
public struct DurationEstimate: Hashable, Sendable {
    /// The bound; never below what the job has already run.
    public let bound: Duration
    /// Number of successful runs behind it.
    public let samples: Int
    /// Whether the series has changed its level so recently that the bound is wider than usual.
    public let isUnsettled: Bool
    /// Why this bound, in words.
    public let reason: String

    /// Makes an estimate.
    public init(bound: Duration, samples: Int, isUnsettled: Bool, reason: String) {
        self.bound = bound
        self.samples = samples
        self.isUnsettled = isUnsettled
        self.reason = reason
    }
}
