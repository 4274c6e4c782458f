// How much life a token must have for the rest of this job: the limit below which a token that ends on a date is renewed
// in mid-job, and not before.

import OutlastModel

struct JobNeed {
    let world: World
    let request: GitCredentialRequest

    /// What the job still needs, from its history, its time-out or the default (contract, section 4).
    func needed(_ state: inout State) throws(Failure) -> Duration {
        let now = world.clock.now()
        let job = world.job
        var started = job?.startedAt
        if started == nil, let identity = job?.identity {
            started =
                try state.attempt(strict: request.isStrict) { store throws(Failure) in
                    try store.startOfJob(identity)
                } ?? nil
        }
        let elapsed = started.map { max(.zero, $0.duration(to: now)) }
        var estimate: DurationEstimate?
        if let series = job?.identity?.series {
            let found = try state.attempt(strict: request.isStrict) { store throws(Failure) in
                try SeriesEstimate(
                    of: series, in: store, now: now, elapsed: elapsed ?? .zero, quantile: request.quantile)
            }
            estimate = (found ?? nil)?.estimate
        }
        return NeededTime(
            NeededFacts(
                history: estimate, timeout: job?.timeout, defaultDuration: request.defaultDuration, elapsed: elapsed,
                margin: request.margin, quantile: request.quantile)
        ).needed
    }
}
