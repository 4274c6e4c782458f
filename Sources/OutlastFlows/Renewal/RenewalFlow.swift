// A renewal from end to end (design, section 4): find the family, look whether anything is due, take the lock, look again,
// finish what others left, renew once.

public import OutlastModel

/// Renews credentials so that no process races another and no crash loses a token.
public struct RenewalFlow: Sendable {
    private let world: World

    /// Runs through these ports.
    public init(_ world: World) { self.world = world }

    /// Renews one credential where that is due, and hands back the current token in any case.
    ///
    /// - Throws: `Failure` with the contract's codes: 11, 12, 14 for a token found dead or too narrow before anything was
    ///   tried, 20 when renewal is not possible or was refused, 21 when an operator must act, 22, 40, 41, 69, 75, 78.
    public func run(_ request: RenewalRequest, history: any HistoryStore) async throws(Failure) -> RenewalResult {
        do throws(FailedRenewal) { return try await attempt(request, history: history) } catch { throw error.failure }
    }

    /// The same, with what is known of the token where it fails.
    public func attempt(
        _ request: RenewalRequest, history: any HistoryStore
    ) async throws(FailedRenewal) -> RenewalResult {
        let began = world.clock.now()
        var trace = RenewalTrace()
        do throws(Failure) { return try await run(request, history, &trace) } catch {
            let waited = error.code == .leaseHeld ? began.duration(to: world.clock.now()) : nil
            throw FailedRenewal(failure: error, known: trace.known(request.name), waited: waited)
        }
    }

    private func run(
        _ request: RenewalRequest, _ history: any HistoryStore, _ trace: inout RenewalTrace
    ) async throws(Failure) -> RenewalResult {
        if let refusal = request.refusal { throw refusal }
        let world = world.budgeted(by: history)
        let token = try await RenewalPlan.presented(request, world)
        trace.presented = token.map { Fingerprint(of: $0, salt: history.salt) }
        let plan = try await RenewalPlan(world, request, presented: token)
        try Publisher(plan).requireKnown()
        if plan.isUnshared, request.hasToBeKept, request.publish.isEmpty {
            throw Failure(
                .renewalFailed, "\(request.name) is minted for each job alone and kept nowhere",
                hint: "mint it by `outlast refresh --export`, or give it a publish target or `cache_key`")
        }
        if plan.isUnshared { return try await LoneMint(plan, history).run() }
        let setup = try await RenewalSetup(plan, history: history)
        trace.setup = setup
        return try await run(setup)
    }

    /// What is to be renewed, with requests that keep to the failure budget.
    func plan(_ request: RenewalRequest, _ history: any HistoryStore) async throws(Failure) -> RenewalPlan {
        try await RenewalPlan(world.budgeted(by: history), request)
    }

    /// Renews what was prepared.
    func run(_ prepared: RenewalSetup) async throws(Failure) -> RenewalResult {
        var setup = prepared
        if let manager = setup.request.manager {
            setup = setup.managed(by: try await CurrentToken(setup.world, setup.history).find(manager))
        }
        do throws(Failure) { return try await FamilyRenewal(setup).run() } catch {
            guard let found = try await Adoption(setup).find(because: error) else { throw error }
            var outcome = try await FamilyRenewal(setup.presenting(found.token)).run()
            outcome.notes.insert(
                "\(CredentialName.token(of: setup.request.name)) is of no use any more (\(error.message)); the one in \(found.target) works and is used from now on",
                at: 0)
            return outcome
        }
    }
}

/// The renewal of one family.
struct FamilyRenewal: Sendable {
    private let setup: RenewalSetup
    private let publisher: Publisher
    private var request: RenewalRequest { setup.request }
    private var world: World { setup.world }

    init(_ setup: RenewalSetup) {
        self.setup = setup
        publisher = Publisher(setup)
    }

    /// What the state holds, without a lock, a question or a change; and whether a run would have more to do.
    func look() throws(Failure) -> (result: RenewalResult, hasWork: Bool) {
        let seen = try FamilyFinder(setup).find()
        guard let standing = known(seen) else {
            return (result(of: seen, Standing(expiry: .unknown, now: world.clock.now())), true)
        }
        let isDue = isDue(seen, standing, sinceGeneration: seen.generation)
        return (result(of: seen, standing), isDue || hasWork(seen))
    }

    func run() async throws(Failure) -> RenewalResult {
        try refuseHomeless()
        let finder = FamilyFinder(setup)
        let seen = try finder.find()
        if request.isDryRun { return try await dryRun(seen) }
        if let standing = known(seen), !hasWork(seen), !isDue(seen, standing, sinceGeneration: seen.generation) {
            var outcome = result(of: seen, standing)
            publisher.tell(publisher.waiting(seen).unnamed, &outcome.published, &outcome.notes)
            return outcome
        }
        let before = world.clock.now()
        let lease = try await lock(finder)
        defer { lease.release() }
        let waited = before.duration(to: world.clock.now())
        var outcome = try await underLock(finder, seen)
        outcome.waited = waited
        return outcome
    }

    /// The lock of the family that the presented secret leads to once it is held: while it was waited for, an operator may
    /// have had the family forgotten, and then the secret begins another one.
    private func lock(_ finder: FamilyFinder) async throws(Failure) -> any Lease {
        var name = try finder.lockName()
        while true {
            let lease = try await world.leases.acquire(name, wait: request.wait)
            let now: String
            do throws(Failure) { now = try finder.lockName() } catch {
                lease.release()
                throw error
            }
            if now == name { return lease }
            lease.release()
            name = now
        }
    }

    private func underLock(_ finder: FamilyFinder, _ seen: FoundFamily) async throws(Failure) -> RenewalResult {
        try world.stopIfAsked()
        let (found, finished) = try await settled(finder)
        // The state broke over finishing an earlier renewal: nothing new is begun.
        if let broken = finished.last, broken.code == .stateUnusable { return broken }
        let earlier = finished.flatMap(\.published).filter { $0.status == .ok }
        var catchUp = CatchUp(setup, publisher, found)
        try await catchUp.drain()
        let told = finished.flatMap(\.notes)
        let standing = try await standing(of: found)
        guard !request.publishOnly, request.mayRenew, isDue(found, standing, sinceGeneration: seen.generation) else {
            if setup.replaced != nil {
                let (setup, found) = try sealing(found)
                try Beginning(setup).adopt(found, standing)
            }
            let (published, notes) = try await catchUp.complete()
            var outcome = result(of: found, standing)
            outcome.published = earlier + published
            outcome.notes = told + (notes + outcome.notes).filter { !told.contains($0) }
            return outcome.queuedCode()
        }
        try world.stopIfAsked()
        try refuseFound()
        try refuseVain(standing)
        let notes = try await proveHome(found)
        // A request that harms nothing says by itself whether it may be made.
        if setup.method.isDestructive { try await setup.method.check(found.bundle, setup.context) }
        let (ready, family) = try sealing(found)
        var outcome = try await RenewalExecution(ready, Publisher(ready)).run(family, standing)
        outcome.notes = told + notes + outcome.notes
        if let warning = setup.method.warning { outcome.notes.append(warning) }
        return outcome
    }

    /// A family that is about to begin, in a state that has never sealed anything, is the first thing that is sealed there:
    /// only now that nothing speaks against it any more.
    private func sealing(_ found: FoundFamily) throws(Failure) -> (RenewalSetup, FoundFamily) {
        guard !setup.vault.isKept else { return (setup, found) }
        let ready = try setup.sealing()
        return (ready, try FamilyFinder(ready).find())
    }

    /// The family with everything finished or explained that earlier runs have left open, and what was finished; the last of
    /// it with the code of a broken state where that broke.
    private func settled(
        _ finder: FamilyFinder
    ) async throws(Failure) -> (found: FoundFamily, finished: [RenewalResult]) {
        let found = try finder.find()
        try Settlement.refuseLost(found, setup)
        let open = openSteps(found)
        guard !open.isEmpty else { return (found, []) }
        var finished: [RenewalResult] = []
        for entry in open {
            guard let outcome = try await Settlement(setup).settle(entry, found) else { continue }
            finished.append(outcome)
            if outcome.code == .stateUnusable { return (found, finished) }
        }
        return (try finder.find(), finished)
    }

    private func openSteps(_ found: FoundFamily) -> [JournalEntry] {
        let (now, grace) = (world.clock.now(), setup.method.grace(setup.context))
        return found.open.filter { SettlementRule.step(for: $0, now: now, grace: grace) != .nothing }
    }

    /// Whether there is something to do under the lock besides a renewal that is due.
    private func hasWork(_ found: FoundFamily) -> Bool {
        let now = world.clock.now()
        return found.lost != nil || !openSteps(found).isEmpty || request.publishOnly || setup.replaced != nil
            || CatchUp(setup, publisher, found).hasWork { row in
                let age = row.queuedAt.duration(to: now)
                return age < .zero || age >= request.queueRest
            }
    }

    /// What is known of the current token's end without asking anybody.
    private func known(_ found: FoundFamily) -> Standing? {
        let now = world.clock.now()
        let age = found.since.map { max(.zero, $0.duration(to: now)) }
        if let row = found.row, row.expiry != .unknown { return Standing(expiry: row.expiry, now: now, age: age) }
        if let bundle = found.bundle, bundle.expiry != .unknown {
            return Standing(expiry: bundle.expiry, now: now, age: age)
        }
        if found.row == nil, request.presentedEnd != .unknown {
            return Standing(expiry: request.presentedEnd, now: now, age: nil)
        }
        return age.map { Standing(expiry: .unknown, now: now, age: $0) }
    }

    /// What is known of the current token, by a harmless question where nothing else tells.
    private func standing(of found: FoundFamily) async throws(Failure) -> Standing {
        if let known = known(found) { return known }
        let now = world.clock.now()
        let configured = request.configuredExpiry.map(Expiry.at) ?? .unknown
        guard let bundle = found.bundle else { return Standing(expiry: .unknown, now: now, age: nil) }
        switch await setup.method.probe(bundle, setup.context) {
        case .alive(let reading): return self.standing(reading, else: configured)
        case .finished(let reading, _):
            var standing = self.standing(reading, else: configured)
            standing.warning =
                "the refresh token of \(request.name) is finished, so nothing renews it when its access token ends: authorize anew and give the job the new pair"
            return standing
        case .dead(let reading): throw DeadToken(request.name, reading).failure
        case .unknown(let failure) where failure.code == .lifetimeUnknown:
            return Standing(expiry: configured, now: now, age: nil)
        // Past its end, which says nothing about what renews it.
        case .unknown(let failure) where failure.code == .renewalInDoubt:
            return Standing(expiry: .at(now), now: now, age: nil)
        case .unknown(let failure): throw failure
        }
    }

    private func standing(_ reading: TokenReading, else configured: Expiry) -> Standing {
        Standing(
            expiry: reading.expiry == .unknown ? configured : reading.expiry,
            now: world.clock.now().advanced(by: reading.clockSkew ?? .zero), age: nil, reading: reading)
    }

    /// - Parameter generation: the current one when this process first looked; a newer one has had its renewal.
    private func isDue(_ found: FoundFamily, _ standing: Standing, sinceGeneration generation: Int) -> Bool {
        if found.bundle == nil { return true }
        // Renewed while we waited for the lock: that was the renewal we wanted, whatever our limit.
        if found.generation > generation, standing.expiry.instant.map({ standing.now < $0 }) ?? true { return false }
        // What was presented is not what is current where another token was found in its place.
        let isDead = request.dead != nil && request.dead == found.bundle.map { setup.fingerprint($0.access) }
        let isForced = (isDead || request.isForced && found.presentedIsCurrent) && setup.replaced == nil
        let life = standing.age.flatMap { age in
            standing.expiry.instant.map { age + standing.now.duration(to: $0) }
        }
        let limit = LimitRule.limit(asked: request.limit, standard: setup.method.standardLimit, life: life)
        return DueRule.isDue(
            DueRule.Facts(
                expiry: standing.expiry, age: standing.age, now: standing.now, limit: limit, isForced: isForced))
    }

    /// Which token is spent is not decided by whoever proposes a change.
    private func refuseFound() throws(Failure) {
        guard request.isFound, world.job?.isUntrustedChange ?? false, setup.method.isDestructive else { return }
        throw Failure(
            .renewalFailed,
            "\(request.name) stands in a file of the working tree, which the change that this job is for may have written: no token is spent because of it",
            hint:
                "name a file outside of the tree by --config or OUTLAST_CONFIG, or give the token itself by --token-env NAME"
        )
    }

    /// A renewal that cannot give what it is wanted for is not begun: some are spent by it, and all are noted somewhere.
    private func refuseVain(_ standing: Standing) throws(Failure) {
        guard let least = request.leastLife else { return }
        let last = standing.age.flatMap { age in
            standing.expiry.instant.map { age + standing.now.duration(to: $0) }
        }
        guard let life = setup.method.longestLife(setup.context, at: standing.now) ?? last, life < least else { return }
        throw Failure(
            .renewalFailed,
            "renewing \(request.name) would not help: a new token lives \(life.readable) at the most, and \(least.readable) are needed"
        )
    }

    private func homeFacts(proved: Int, agreeing: Int) -> HomeRule.Facts {
        HomeRule.Facts(
            isDestructive: setup.method.isDestructive, call: RefusedCall(request), provedTargets: proved,
            agreeingTargets: agreeing, storeIsNamed: request.storeIsNamed, isInCI: world.pipeline != nil,
            isUnpublished: request.isUnpublished, sharing: setup.store.sharing, isExclusive: request.isExclusive)
    }

    /// Before any request: a set-up in which no renewal could ever begin is told at once, not on the night it is due.
    private func refuseHomeless() throws(Failure) {
        guard setup.method.isDestructive, request.publish.isEmpty, !request.isDryRun, request.mayRenew,
            !request.publishOnly, !HomeRule.hasOtherHome(homeFacts(proved: 0, agreeing: 0))
        else { return }
        throw HomeRule.homeless(RefusedCall(request))
    }

    /// Proves a home for the new value by harmless requests; what is to be told beside.
    private func proveHome(_ found: FoundFamily) async throws(Failure) -> [String] {
        guard setup.method.isDestructive else { return [] }
        let proof = try await publisher.proveTargets()
        if proof.answered == 0, let failure = proof.failures.first,
            !HomeRule.hasOtherHome(homeFacts(proved: 0, agreeing: 0))
        {
            throw Failure(
                .renewalFailed,
                "renewing \(request.name) was refused: the new token would have no home, since \(failure.message)",
                hint: failure.hint)
        }
        var agreeing = 0
        if case .doubtful = setup.store.sharing, !request.isExclusive, let token = found.bundle?.access {
            agreeing = try await publisher.countAgreeing(with: token) { other throws(Failure) in
                try setup.store.member(setup.digest(other), identity: setup.identity)?.family == found.ledger.family
            }
        }
        if let refusal = HomeRule.refusal(homeFacts(proved: proof.answered, agreeing: agreeing)) { throw refusal }
        return proof.failures.map { "a publish target does not answer: \($0.message)" }
    }

    private func dryRun(_ seen: FoundFamily) async throws(Failure) -> RenewalResult {
        let standing =
            seen.lost == nil ? try await standing(of: seen) : Standing(expiry: .unknown, now: world.clock.now())
        let isDue = isDue(seen, standing, sinceGeneration: seen.generation)
        return try await DryRun(setup).result(
            seen, result(of: seen, standing), isDue: isDue,
            home: HomeRule.refusal(homeFacts(proved: request.publish.count, agreeing: request.publish.count)))
    }

    private func result(of found: FoundFamily, _ standing: Standing) -> RenewalResult {
        let presented = (setup.replaced ?? setup.presented).map(setup.fingerprint)
        let current = found.bundle.map { setup.fingerprint($0.access) }
        let isOther = presented != nil && current != presented
        return RenewalResult(
            verdict: isOther || (presented == nil && found.row != nil) ? .reused : .unchanged,
            credential: request.name, fingerprint: current, previous: isOther ? presented : nil,
            generation: found.generation, expiry: standing.expiry,
            remaining: standing.expiry.instant.map { standing.now.duration(to: $0) }, reading: standing.reading,
            token: found.bundle?.access, notes: standing.warning.map { [$0] } ?? [])
    }
}

/// What is known of a token's end, with the forge's clock.
struct Standing: Sendable {
    var expiry: Expiry
    var now: Instant
    /// How long the token has been ours; nil for one that was not made by us.
    var age: Duration?
    /// What the forge said just now.
    var reading: TokenReading?
    /// What speaks against the next renewal; nil mostly.
    var warning: String?
}
