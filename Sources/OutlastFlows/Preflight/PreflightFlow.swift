// Preflight: observe (store, environment, forges), decide (pure), record, answer.

public import OutlastModel

/// Compares every credential's remaining life with what the job still needs.
public struct PreflightFlow: Sendable {
    private let world: World

    /// Runs through these ports.
    public init(_ world: World) { self.world = world }

    /// Judges all credentials of the request and writes what was seen into the history.
    ///
    /// - Throws: `Failure` for sources of tokens that can't be read, and with `isStrict` for a store that can't be used.
    public func run(_ request: PreflightRequest) async throws(Failure) -> PreflightOutcome {
        let job = world.job
        var state = try State(in: world, strict: request.isStrict)
        let observer = CredentialObserver(world, job: job)
        var candidates: [Candidate] = []
        let salt = state.salt(world)
        for credential in request.credentials {
            candidates.append(try await observer.candidate(for: credential, salt: salt))
        }
        let started = try startOfJob(job, &state, strict: request.isStrict)
        for index in candidates.indices {
            let candidate = candidates[index]
            let memory = try state.attempt(strict: request.isStrict) { store throws(Failure) in
                try store.remembered(candidate.fingerprint, api: candidate.api?.origin.text)
            }
            candidates[index].remember(memory ?? nil, jobStart: started, job: job)
        }
        let needed = try neededTime(request, job: job, startedAt: started, &state)
        let facts = await observer.observe(candidates, for: request)
        let now = world.clock.now()
        let verdicts = facts.map {
            CredentialVerdict.judge($0, needed: needed, now: now, requireKnown: request.requireKnown)
        }
        guard let weakest = verdicts.weakest else { throw .usage("there is no credential to judge") }
        let record = PreflightRecord(
            verdicts: verdicts, facts: facts, candidates: candidates, weakest: weakest, job: job,
            startedAt: started, now: now)
        try state.attempt(strict: request.isStrict) { store throws(Failure) in try store.write(record.run) }
        return PreflightOutcome(
            needed: needed, verdicts: verdicts, weakest: weakest, code: weakest.code, remedy: "none",
            stateFailure: state.failure, warnings: state.warnings, decidedAt: now)
    }

    private func startOfJob(_ job: JobContext?, _ state: inout State, strict: Bool) throws(Failure) -> Instant? {
        if let started = job?.startedAt { return started }
        guard let identity = job?.identity else { return nil }
        let known = try state.attempt(strict: strict) { store throws(Failure) in try store.startOfJob(identity) }
        return known ?? nil
    }

    private func neededTime(
        _ request: PreflightRequest, job: JobContext?, startedAt: Instant?, _ state: inout State
    ) throws(Failure) -> NeededTime {
        let now = world.clock.now()
        let elapsed = startedAt.map { max(.zero, $0.duration(to: now)) }
        var history: DurationEstimate?
        if request.minRemaining == nil, request.duration == nil, let series = job?.identity?.series {
            let found = try state.attempt(strict: request.isStrict) { store throws(Failure) in
                try SeriesEstimate(
                    of: series, in: store, now: now, elapsed: elapsed ?? .zero, quantile: request.quantile)
            }
            history = (found ?? nil)?.estimate
        }
        return NeededTime(
            NeededFacts(
                minRemaining: request.minRemaining, flagDuration: request.duration, history: history,
                timeout: job?.timeout, defaultDuration: request.defaultDuration, elapsed: elapsed,
                margin: request.margin, quantile: request.quantile))
    }
}
