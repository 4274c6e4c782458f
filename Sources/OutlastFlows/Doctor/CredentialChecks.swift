// Each credential: its token, what that may do, whether it can be renewed, and whether the new one could be published. All
// by harmless requests.

import OutlastModel

struct CredentialChecks: Sendable {
    private let world: World
    private let request: DoctorRequest
    private let store: (any HistoryStore)?

    init(_ world: World, _ request: DoctorRequest, store: (any HistoryStore)?) {
        self.world = world
        self.request = request
        self.store = store
    }

    func run(_ patient: DoctorPatient) async -> [HealthCheck] {
        var checks: [HealthCheck] = []
        var current: TokenBundle?
        if let token = patient.request {
            let (found, candidate) = await self.token(token)
            checks += found
            // The renewal begins with the same token: it would say the same once more.
            guard let candidate else { return checks }
            if candidate.replacedAt != nil, let store { current = try? await CurrentToken(world, store).bundle(token) }
        }
        switch patient.renewal {
        case nil: break
        case .failure(let failure)?: checks.append(HealthCheck("renewal \(patient.credential.name)", failure))
        case .success(let renewal)?: checks += await self.renewal(renewal, of: current)
        }
        return checks
    }

    // MARK: - The token

    private func token(_ token: CredentialRequest) async -> (checks: [HealthCheck], readable: Candidate?) {
        let name = "token \(token.name)"
        let observer = CredentialObserver(world, job: world.job)
        var candidate: Candidate
        do throws(Failure) {
            candidate = try await observer.candidate(for: token, salt: store?.salt ?? world.random(32))
        } catch { return ([HealthCheck(name, error)], nil) }
        // Who replaced it is all that the store is asked; one that cannot tell has a check of its own.
        candidate.replacedAt = (try? store?.replaced(candidate.fingerprint)) ?? nil
        let question = PreflightRequest(
            credentials: [token], isFresh: true, isOffline: request.isOffline, timeout: request.timeout,
            deadline: request.timeout)
        guard let facts = await observer.observe([candidate], for: question).first else { return ([], candidate) }
        let nothing = NeededTime(
            NeededFacts(minRemaining: .zero, defaultDuration: .zero, margin: .zero, quantile: 0.95))
        let verdict = CredentialVerdict.judge(facts, needed: nothing, now: world.clock.now(), requireKnown: false)
        return ([standing(name, verdict)] + (await version(candidate)), candidate)
    }

    private func standing(_ name: String, _ verdict: CredentialVerdict) -> HealthCheck {
        let what = "\(verdict.kind.id): \(verdict.reason)"
        switch verdict.decision {
        case .expired, .rejected, .insufficientScope:
            return HealthCheck(name, .fail, what, remedy: verdict.nextStep)
        case .unknown:
            return HealthCheck(name, verdict.code == .done ? .warn : .fail, what, remedy: verdict.nextStep)
        case .sufficient, .insufficient:
            let scopes = verdict.scopes.map { "; scopes \($0.text(joinedBy: ", "))" } ?? ""
            return HealthCheck(name, .pass, what + scopes)
        }
    }

    private func version(_ candidate: Candidate) async -> [HealthCheck] {
        guard !request.isOffline, let forge = candidate.forge, let api = candidate.api else { return [] }
        let question = TokenQuestion(token: candidate.token, api: api, kind: candidate.kind, timeout: request.timeout)
        let name = "forge \(api.origin.hostAndPort)"
        guard let version = try? await forge.version(question, over: world.transport, clock: world.clock) else {
            return []
        }
        guard let lack = version.lack else { return [HealthCheck(name, .pass, "\(forge.id) \(version.text)")] }
        return [
            HealthCheck(
                name, .warn, "\(forge.id) \(version.text): \(lack)", remedy: "upgrade the server, or renew another way")
        ]
    }

    // MARK: - Renewal and publishing

    /// - Parameter current: what outlast put in the place of the presented one; nil where that is the current one.
    private func renewal(_ renewal: RenewalRequest, of current: TokenBundle?) async -> [HealthCheck] {
        let name = "renewal \(renewal.name)"
        guard renewal.renew?.method != "none" else {
            return [HealthCheck(name, .pass, "`renew: none`: left to its end")]
        }
        guard !request.isOffline else { return [] }
        let plan: RenewalPlan
        do throws(Failure) {
            var made = try await RenewalPlan(world, renewal)
            if let manager = renewal.manager, let store {
                made = made.managed(by: try await CurrentToken(world, store).find(manager))
            }
            if let current { made = made.presenting(current.access) }
            plan = made
            let first =
                if let current { current } else {
                    try plan.method.firstBundle(presented: plan.presented, plan.context)
                }
            try await plan.method.check(first, plan.context)
        } catch {
            return [
                HealthCheck(
                    name, error,
                    remedy: "`outlast refresh --dry-run --credential \(SafeText.line(renewal.name))` says more")
            ]
        }
        return [can(name, plan), home(plan)].compactMap { $0 } + (await targets(plan))
    }

    private func can(_ name: String, _ plan: RenewalPlan) -> HealthCheck {
        let by = plan.request.renew?.by == .operator ? ", by the operator alone" : ""
        let what = "can be renewed by \(plan.method.schema.name)\(by)"
        guard let warning = plan.method.warning else { return HealthCheck(name, .pass, what) }
        return HealthCheck(name, .warn, "\(what); \(warning)", remedy: "see docs/renewing.md for the other methods")
    }

    /// A token that dies when it is renewed needs a place for the new one (contract, section 5).
    private func home(_ plan: RenewalPlan) -> HealthCheck? {
        guard plan.method.isDestructive, plan.request.publish.isEmpty, !plan.request.storeIsNamed, world.job != nil
        else {
            return nil
        }
        return HealthCheck("publish \(plan.request.name)", HomeRule.homeless(RefusedCall(plan.request)))
    }

    private func targets(_ plan: RenewalPlan) async -> [HealthCheck] {
        var checks: [HealthCheck] = []
        for target in await Publisher(plan).examine() {
            let name = "publish \(plan.request.name) to \(target.label)"
            if let failure = target.failure {
                checks.append(HealthCheck(name, failure, remedy: "give the writing credential the right to it"))
            } else {
                checks.append(HealthCheck(name, .pass, "answers, and may be written"))
            }
        }
        return checks
    }
}
