// A token that jobs do not share (`command`, `http` without a cache key): minted for this job, kept nowhere.

import OutlastModel

extension RenewalPlan {
    /// Whether nothing leads from one job's token to another's.
    var isUnshared: Bool { root == nil && !method.isSharedByToken }
}

struct LoneMint: Sendable {
    private let plan: RenewalPlan
    private let history: any HistoryStore
    private var world: World { plan.world }
    private var request: RenewalRequest { plan.request }

    init(_ plan: RenewalPlan, _ history: any HistoryStore) {
        self.plan = plan
        self.history = history
    }

    func run() async throws(Failure) -> RenewalResult {
        let first = try plan.method.firstBundle(presented: plan.presented, plan.context)
        let now = world.clock.now()
        let expiry = first?.expiry == .unknown ? request.configuredExpiry.map(Expiry.at) : first?.expiry
        let isDue = DueRule.isDue(
            DueRule.Facts(
                expiry: expiry ?? .unknown, age: nil, now: now, limit: request.limit ?? plan.method.standardLimit,
                isForced: request.isForced || request.dead != nil || first == nil))
        guard isDue, request.mayRenew, !request.publishOnly, !request.isDryRun else {
            var outcome = result(.unchanged, first, expiry ?? .unknown)
            if request.isDryRun {
                outcome.notes.append(
                    isDue
                        ? "would mint a token for \(request.name) by \(plan.method.schema.name), for this job alone"
                        : "would renew nothing: enough is left")
            }
            return outcome
        }
        try await plan.method.check(first, plan.context)
        switch await plan.method.renew(first, plan.context) {
        case .refused(let failure): throw failure
        case .inDoubt(let failure):
            throw Failure(.renewalFailed, "\(request.name) was not renewed: \(failure.message)", hint: failure.hint)
        case .renewed(let bundle): return try await finish(bundle, first)
        }
    }

    private func finish(_ bundle: TokenBundle, _ first: TokenBundle?) async throws(Failure) -> RenewalResult {
        if case .dead(let reading) = await plan.method.probe(bundle, plan.context) {
            throw Failure(
                .renewalFailed,
                "what \(plan.method.schema.name) handed out for \(request.name) is not accepted\(reading.detail.map { ": \($0)" } ?? "")"
            )
        }
        var outcome = result(.renewed, bundle, bundle.expiry)
        outcome.previous = first.map { Fingerprint(of: $0.access, salt: history.salt) }
        outcome.published = await Publisher(plan).publishOnce(bundle.access)
        if outcome.published.contains(where: { $0.status != .ok }) { outcome.code = .publishQueued }
        let fingerprint = Fingerprint(of: bundle.access, salt: history.salt)
        do throws(Failure) {
            try history.write(RenewalHistory.minted(plan, bundle, fingerprint, at: world.clock.now()))
        } catch { outcome.notes.append("the history was not written: \(error.message)") }
        return outcome
    }

    private func result(_ verdict: RenewalVerdict, _ bundle: TokenBundle?, _ expiry: Expiry) -> RenewalResult {
        RenewalResult(
            verdict: verdict, credential: request.name,
            fingerprint: bundle.map { Fingerprint(of: $0.access, salt: history.salt) }, expiry: expiry,
            remaining: expiry.instant.map { world.clock.now().duration(to: $0) }, token: bundle?.access)
    }
}
