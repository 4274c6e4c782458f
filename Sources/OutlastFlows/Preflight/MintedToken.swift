// Observes a credential that has no token until one is made: its method, how long what that makes lives, and by harmless
// questions whether it would make one.

import OutlastModel

struct MintedToken: Sendable {
    private let world: World
    private let request: PreflightRequest

    init(_ world: World, _ request: PreflightRequest) {
        self.world = world
        self.request = request
    }

    /// What is known of one.
    struct Sight: Sendable {
        let facts: MintingFacts
        /// Whether a token that is made is kept where the job finds it again.
        let isKept: Bool
    }

    /// - Throws: `configuration` (78) for a secret of the method that cannot be read.
    func look(_ renewal: RenewalRequest, _ store: (any HistoryStore)?) async throws(Failure) -> Sight {
        let plan = try await RenewalPlan(world.budgeted(by: store), renewal)
        let method = plan.method.schema.name
        let kind = world.forges.flatMap(\.kinds).first { $0.renewal.method == method && $0.forge == plan.forge }
        var facts = MintingFacts(
            name: renewal.name, kind: kind ?? .opaque, forge: plan.forge,
            renew: renewal.renew ?? RenewConfiguration(method: method),
            life: plan.method.longestLife(plan.context, at: world.clock.now()),

            wasAsked: !request.isOffline, neededScopes: request.neededScopes)
        if !request.isOffline { facts.failure = await obstacle(plan, store) }
        return Sight(facts: facts, isKept: !plan.isUnshared || !renewal.publish.isEmpty)
    }

    private func obstacle(_ plan: RenewalPlan, _ store: (any HistoryStore)?) async -> Failure? {
        do throws(Failure) {
            var plan = plan
            if let manager = plan.request.manager, let store {
                plan = plan.managed(by: try await CurrentToken(plan.world, store).find(manager))
            }
            let first = try plan.method.firstBundle(presented: nil, plan.context)
            try await plan.method.check(first, plan.context)
            return nil
        } catch { return error }
    }
}
