// How much life a token must have for the rest of this job (contract, section 4), from the job's start and its history.

import OutlastModel

struct JobNeed: Sendable {
    let world: World
    let isStrict: Bool
    let defaultDuration: Duration
    let margin: Duration
    let quantile: Double
    /// `--duration`.
    var duration: Duration?
    /// `--min-remaining`.
    var minRemaining: Duration?

    /// When the job began, if the CI or an earlier run said so.
    func start(_ state: inout State) throws(Failure) -> Instant? {
        let job = world.job
        if let started = job?.startedAt { return started }
        guard let identity = job?.identity else { return nil }
        let known = try state.attempt(strict: isStrict) { store throws(Failure) in try store.startOfJob(identity) }
        return known ?? nil
    }

    /// What the job still needs, from what was given, its history, its time-out or the default.
    func needed(since started: Instant?, _ state: inout State) throws(Failure) -> NeededTime {
        let now = world.clock.now()
        let job = world.job
        let elapsed = started.map { max(.zero, $0.duration(to: now)) }
        var history: DurationEstimate?
        if minRemaining == nil, duration == nil, let series = job?.identity?.series {
            let found = try state.attempt(strict: isStrict) { store throws(Failure) in
                try SeriesEstimate(of: series, in: store, now: now, elapsed: elapsed ?? .zero, quantile: quantile)
            }
            history = (found ?? nil)?.estimate
        }
        return NeededTime(
            NeededFacts(
                minRemaining: minRemaining, flagDuration: duration, history: history, timeout: job?.timeout,
                defaultDuration: defaultDuration, elapsed: elapsed, margin: margin, quantile: quantile))
    }
}
