// Finishes or explains a renewal that an earlier process left open. Only harmless questions are asked; a request that may
// have been sent is never sent again because of it.

import OutlastModel

struct Settlement: Sendable {
    private let setup: RenewalSetup
    private var world: World { setup.world }

    init(_ setup: RenewalSetup) { self.setup = setup }

    /// Settles one entry. Returns when the family may be renewed anew.
    ///
    /// - Throws: `renewalInDoubt` (21) when the new token is lost or it cannot be told yet.
    func settle(_ entry: JournalEntry, _ found: FoundFamily) async throws(Failure) {
        switch SettlementRule.step(for: entry, now: world.clock.now()) {
        case .nothing: return
        case .discard: try close(entry, .refused, "an earlier run ended before anything was sent", found)
        case .resume: try await resume(entry, found)
        case .probe: try await probe(entry, found)
        case .wait(let until): try await wait(entry, found, until: until)
        }
    }

    /// A renewal without harm can simply be done again; a dead old token tells at once that the request has arrived.
    private func wait(_ entry: JournalEntry, _ found: FoundFamily, until: Instant) async throws(Failure) {
        guard setup.method.isDestructive else {
            return try close(entry, .refused, "an earlier request had no answer; minting again harms nothing", found)
        }
        if let bundle = found.bundle, case .dead(let reading) = await setup.method.probe(bundle, setup.context) {
            throw try lose(entry, found, reading)
        }
        try? await world.clock.sleep(for: world.clock.now().duration(to: until))
        guard world.clock.now() >= until else {
            throw Failure(
                .renewalInDoubt,
                "it cannot be told yet whether the forge has renewed \(setup.request.name): the request of \(entry.sentAt?.text ?? "an earlier run") had no answer",
                hint: "run `outlast refresh` again after \(until.text)")
        }
        try await probe(entry, found)
    }

    private func probe(_ entry: JournalEntry, _ found: FoundFamily) async throws(Failure) {
        guard setup.method.isDestructive else {
            return try close(entry, .refused, "an earlier request had no answer; minting again harms nothing", found)
        }
        guard let bundle = found.bundle else {
            throw Failure(.renewalInDoubt, "the token that was being renewed is not in the state any more")
        }
        switch await setup.method.probe(bundle, setup.context) {
        case .alive: try close(entry, .refused, "the old token still works, so nothing had happened", found)
        case .dead(let reading): throw try lose(entry, found, reading)
        case .unknown(let failure):
            throw Failure(
                .renewalInDoubt,
                "it cannot be told whether the forge has renewed \(setup.request.name): \(failure.message)",
                hint: "run `outlast refresh` again when the forge answers")
        }
    }

    private func lose(_ entry: JournalEntry, _ found: FoundFamily, _ reading: TokenReading) throws(Failure) -> Failure {
        let why = "the old token is \(reading.standing.name) and the answer with the new one never arrived"
        try close(entry, .lost, why, found)
        return Failure(
            .renewalInDoubt,
            "the new token of \(setup.request.name) is lost: \(why) (sent at \(entry.sentAt?.text ?? "an unknown time"))",
            hint: setup.method.rescueAdvice(setup.context))
    }

    private func resume(_ entry: JournalEntry, _ found: FoundFamily) async throws(Failure) {
        guard let row = found.row, let bundle = found.bundle, row.generation == entry.generation + 1 else {
            return try close(entry, .retired, "superseded by a later renewal", found)
        }
        _ = try await Completion(setup, Publisher(setup)).complete(
            entry, bundle: bundle, old: nil, row: row, ledger: found.ledger)
    }

    private func close(
        _ entry: JournalEntry, _ state: RenewalState, _ detail: String, _ found: FoundFamily
    ) throws(Failure) {
        var closed = entry
        closed.state = state
        closed.detail = detail
        closed.changedAt = world.clock.now()
        _ = try found.ledger.commit(entry: closed)
    }
}
