// How long a token must still live (contract, section 4). Pure: all facts come in as values.

/// The facts that the needed time is computed from.
public struct NeededFacts: Sendable {
    /// `--min-remaining`: replaces the whole sum.
    public var minRemaining: Duration?
    /// `--duration`.
    public var flagDuration: Duration?
    /// The estimate from the job's own series, or the project's pool; nil without any run to learn from.
    public var history: DurationEstimate?
    /// The CI's time-out for this job.
    public var timeout: Duration?
    /// `default_duration`.
    public var defaultDuration: Duration
    /// How long the job has been running; nil when nothing tells.
    public var elapsed: Duration?
    /// Reserve on top.
    public var margin: Duration
    /// The quantile that `history` was computed for.
    public var quantile: Double

    /// Collects the facts.
    public init(
        minRemaining: Duration? = nil, flagDuration: Duration? = nil, history: DurationEstimate? = nil,
        timeout: Duration? = nil, defaultDuration: Duration, elapsed: Duration? = nil, margin: Duration,
        quantile: Double
    ) {
        self.minRemaining = minRemaining
        self.flagDuration = flagDuration
        self.history = history
        self.timeout = timeout
        self.defaultDuration = defaultDuration
        self.elapsed = elapsed
        self.margin = margin
        self.quantile = quantile
    }
}

extension NeededTime {
    /// From this many successful runs on, history is believed over the CI's time-out.
    public static let enoughRuns = 5

    /// Applies the rule: `--min-remaining` alone; else max(0, estimate - elapsed) + margin, where the estimate is
    /// `--duration`, history, the CI's time-out or the default, in that order. With fewer than five runs, history and
    /// time-out are both named and the larger counts, but no job outlives its time-out.
    public init(_ facts: NeededFacts) {
        if let floor = facts.minRemaining {
            self.init(
                estimate: nil, elapsed: nil, margin: nil, needed: floor, source: .minRemaining, quantile: nil,
                samples: nil, reason: "--min-remaining asks for \(floor.readable)")
            return
        }
        let elapsed = Swift.max(.zero, facts.elapsed ?? .zero)
        let (bound, source, reason) = Self.estimate(facts)
        // In whole seconds, so that the figures that are told add up; the time that is needed is never rounded down.
        let estimate = bound.roundedUp
        let isLearnt = source == .history
        self.init(
            estimate: estimate, elapsed: elapsed, margin: facts.margin,
            needed: (Swift.max(.zero, estimate - elapsed) + facts.margin).roundedUp, source: source,
            quantile: isLearnt ? facts.quantile : nil, samples: facts.history?.samples ?? 0, reason: reason,
            isUnsettled: isLearnt ? facts.history?.isUnsettled : nil)
    }

    private static func estimate(_ facts: NeededFacts) -> (Duration, NeededSource, String) {
        if let flag = facts.flagDuration { return (flag, .flag, "--duration says \(flag.readable)") }
        switch (facts.history, facts.timeout) {
        case (let history?, let timeout?) where history.samples < enoughRuns:
            // min(max(history, timeout), timeout): the time-out, since nothing runs longer.
            let runs =
                switch history.samples {
                case 0: "the project's other jobs"
                case 1: "1 run"
                default: "\(history.samples) runs"
                }
            return (
                timeout, .ciTimeout,
                "the CI ends the job after \(timeout.readable); \(runs) would say \(history.bound.readable)"
            )
        case (let history?, let timeout?) where history.bound > timeout:
            return (timeout, .history, "\(history.reason), cut at the CI's time-out of \(timeout.readable)")
        case (let history?, _): return (history.bound, .history, history.reason)
        case (nil, let timeout?): return (timeout, .ciTimeout, "the CI ends the job after \(timeout.readable)")
        case (nil, nil):
            return (
                facts.defaultDuration, .default,
                "no run of this job is known yet; default_duration is \(facts.defaultDuration.readable)"
            )
        }
    }
}
