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
        if let refusal = request.refusal { throw refusal }
        let setup = try await RenewalSetup(world, request, history: history)
        let finder = FamilyFinder(setup)
        let found = try finder.find()
        let standing = try await standing(of: found, setup)
        let isDue = isDue(found, standing, setup)
        if request.isDryRun { return try await DryRun(setup).result(found, standing, isDue: isDue) }
        let hasWork = !found.open.isEmpty || !found.queue.isEmpty || request.publishOnly
        if !isDue && !hasWork { return result(of: found, standing, setup, waited: .zero) }
        let before = world.clock.now()
        let lease = try await world.leases.acquire(try finder.lockName(), wait: request.wait)
        defer { lease.release() }
        let waited = before.duration(to: world.clock.now())
        var outcome = try await underLock(setup, finder)
        outcome.waited = waited
        return outcome
    }

    private func underLock(_ setup: RenewalSetup, _ finder: FamilyFinder) async throws(Failure) -> RenewalResult {
        try stopIfAsked()
        var found = try finder.find()
        let settlement = Settlement(setup)
        var settled = false
        for entry in found.open {
            try await settlement.settle(entry, found)
            settled = true
        }
        if settled { found = try finder.find() }
        let publisher = Publisher(setup)
        let drained = try await publisher.drain(found)
        if setup.request.publishOnly {
            var outcome = result(of: found, try await standing(of: found, setup), setup, waited: .zero)
            outcome.published = drained
            return outcome.queuedCode()
        }
        let standing = try await standing(of: found, setup)
        guard isDue(found, standing, setup) else {
            var outcome = result(of: found, standing, setup, waited: .zero)
            outcome.published = drained
            return outcome.queuedCode()
        }
        try stopIfAsked()
        try await checkHome(setup, publisher)
        try await setup.method.check(found.bundle, setup.context)
        return try await RenewalExecution(setup, publisher).run(found, expiry: standing.expiry)
    }

    /// What is known of the current token: from the family's row, else by a harmless question.
    private func standing(of found: FoundFamily, _ setup: RenewalSetup) async throws(Failure) -> Standing {
        guard let bundle = found.bundle else { return Standing(expiry: .unknown, now: world.clock.now()) }
        if let row = found.row, row.expiry != .unknown { return Standing(expiry: row.expiry, now: world.clock.now()) }
        if bundle.expiry != .unknown { return Standing(expiry: bundle.expiry, now: world.clock.now()) }
        switch await setup.method.probe(bundle, setup.context) {
        case .alive(let reading):
            return Standing(expiry: reading.expiry, now: world.clock.now().advanced(by: reading.clockSkew ?? .zero))
        case .dead(let reading): throw DeadToken(setup.request.name, reading, world.clock.now()).failure
        case .unknown(let failure): throw failure
        }
    }

    private func isDue(_ found: FoundFamily, _ standing: Standing, _ setup: RenewalSetup) -> Bool {
        if found.bundle == nil { return true }
        let byDate = standing.expiry.instant.map { $0 == $0.startOfDay } ?? false
        return DueRule.isDue(
            expiry: standing.expiry, now: standing.now,
            limit: DueRule.limit(setup.request.limit, endsByDate: byDate && setup.method.isDestructive),
            isForced: setup.request.isForced, presentedIsCurrent: found.presentedIsCurrent)
    }

    private func checkHome(_ setup: RenewalSetup, _ publisher: Publisher) async throws(Failure) {
        let proved = setup.method.isDestructive ? try await publisher.proveTargets() : (answered: 0, readable: 0)
        let facts = HomeRule.Facts(
            isDestructive: setup.method.isDestructive, credential: setup.request.name, provedTargets: proved.answered,
            readableTargets: proved.readable, storeIsNamed: setup.request.storeIsNamed, isInCI: world.pipeline != nil,
            isUnpublished: setup.request.isUnpublished, sharing: setup.store.sharing,
            isExclusive: setup.request.isExclusive)
        if let refusal = HomeRule.refusal(facts) { throw refusal }
    }

    private func result(
        of found: FoundFamily, _ standing: Standing, _ setup: RenewalSetup, waited: Duration
    ) -> RenewalResult {
        let presented = setup.presented.map { Fingerprint(of: $0, salt: setup.salt) }
        let current = found.bundle.map { Fingerprint(of: $0.access, salt: setup.salt) }
        let isOther = presented != nil && current != presented
        return RenewalResult(
            verdict: isOther || (presented == nil && found.row != nil) ? .reused : .unchanged,
            credential: setup.request.name, fingerprint: current, previous: isOther ? presented : nil,
            generation: found.generation, expiry: standing.expiry,
            remaining: standing.expiry.instant.map { standing.now.duration(to: $0) }, waited: waited,
            token: found.bundle?.access)
    }

    private func stopIfAsked() throws(Failure) {
        if let signal = world.stopSignal() { throw Failure(.unexpected, "ended by signal \(signal)") }
    }
}

/// What is known of a token's end, with the forge's clock.
struct Standing: Sendable {
    let expiry: Expiry
    let now: Instant
}

/// A token that was found dead before any renewal was tried.
struct DeadToken {
    let failure: Failure

    init(_ credential: String, _ reading: TokenReading, _ now: Instant) {
        let detail = reading.detail.map { ": \($0)" } ?? ""
        switch reading.standing {
        case .expired:
            failure = Failure(
                .expired, "the token of \(credential) has expired\(detail)",
                hint: "an expired token cannot renew itself: give the job a new one")
        case .insufficientScope:
            failure = Failure(.insufficientScope, "the token of \(credential) lacks a permission\(detail)")
        default:
            failure = Failure(
                .rejected, "the token of \(credential) is not accepted\(detail)",
                hint: "it was revoked, rotated elsewhere or never right: give the job the current one")
        }
    }
}
