// Preflight: observe (store, environment, forges), decide (pure), record, remedy where that was asked for, answer.

public import OutlastModel

/// Compares every credential's remaining life with what the job still needs.
public struct PreflightFlow: Sendable {
    private let world: World
    private let git: (any GitInterface)?

    /// Runs through these ports.
    ///
    /// - Parameter git: git's languages, for a fallback to SSH; nil where there is to be none.
    public init(_ world: World, git: (any GitInterface)? = nil) {
        self.world = world
        self.git = git
    }

    /// Judges all credentials of the request, writes what was seen into the history, and carries out the remedies.
    ///
    /// - Throws: `Failure` for sources of tokens that can't be read, and with `isStrict` for a store that can't be used.
    public func run(_ request: PreflightRequest) async throws(Failure) -> PreflightOutcome {
        let job = world.job
        var state = try State(in: world, strict: request.isStrict)
        let observer = CredentialObserver(world.budgeted(by: state.store), job: job)
        var candidates: [Candidate] = []
        var minted: [Int: MintedToken.Sight] = [:]
        let salt = state.salt(world)
        for (index, credential) in request.credentials.enumerated() {
            if credential.source == nil, request.mints.indices.contains(index), let mint = request.mints[index] {
                minted[index] = try await MintedToken(world, request).look(mint, state.store)
            } else {
                candidates.append(try await observer.candidate(for: credential, salt: salt))
            }
        }
        let need = JobNeed(
            world: world, isStrict: request.isStrict, defaultDuration: request.defaultDuration, margin: request.margin,
            quantile: request.quantile, duration: request.duration, minRemaining: request.minRemaining)
        let started = try need.start(&state)
        for index in candidates.indices {
            try Judging.remember(
                &candidates[index], in: &state, startedAt: started, job: job, strict: request.isStrict)
        }
        let judging = Judging(
            observer: observer, request: request,
            needed: try need.needed(since: started, &state), job: job, startedAt: started, clock: world.clock)
        var judged = await judging.judge(candidates)
        for (index, sight) in minted.sorted(by: { $0.key < $1.key }) {
            judged.insert(judging.judge(request.credentials[index], sight), at: index)
        }
        let first = try weakest(judged)
        let record = judging.record(judged, weakest: first)
        try state.attempt(strict: request.isStrict) { store throws(Failure) in try store.write(record) }
        var remedies = Remedies(world, judging)
        try await remedies.run(&judged, &state)
        let saved = await FallbackRemedy(world, git: git, request, history: state.store).run(&judged)
        let last = try weakest(judged)
        if !remedies.treated.isEmpty {
            let record = judging.record(remedies.treated, weakest: last)
            try state.attempt(strict: request.isStrict) { store throws(Failure) in try store.write(record) }
        }
        return PreflightOutcome(
            needed: judging.needed, verdicts: judged.map(\.verdict), weakest: last,
            code: remedies.failure?.code ?? code(of: judged, without: saved),
            remedy: saved.isEmpty ? (remedies.isCarriedOut ? "refresh" : "none") : "ssh-fallback",
            remedyFailure: remedies.failure, stateFailure: state.failure ?? remedies.unusable,
            warnings: state.warnings, decidedAt: world.clock.now())
    }

    /// The code of the weakest credential that has no other way.
    private func code(of judged: [JudgedCredential], without saved: Set<Int>) -> ExitCode {
        let rest = judged.indices.filter { !saved.contains($0) }.map { judged[$0].verdict }
        return rest.weakest?.code ?? .done
    }

    private func weakest(_ judged: [JudgedCredential]) throws(Failure) -> CredentialVerdict {
        guard let weakest = judged.map(\.verdict).weakest else { throw .usage("there is no credential to judge") }
        return weakest
    }
}
