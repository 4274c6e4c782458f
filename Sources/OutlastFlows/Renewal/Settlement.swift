// Finishes or explains a renewal that an earlier process left open. Only harmless questions are asked; a request that may
// have been sent is never sent again because of it.

import OutlastModel

struct Settlement: Sendable {
    private let setup: RenewalSetup
    private var world: World { setup.world }
    private var name: String { setup.request.name }

    init(_ setup: RenewalSetup) { self.setup = setup }

    /// - Throws: `renewalInDoubt` (21) when the renewal of the current generation was lost: it is never tried again.
    static func refuseLost(_ found: FoundFamily, _ setup: RenewalSetup) throws(Failure) {
        guard let lost = found.lost else { return }
        throw Failure(
            .renewalInDoubt,
            "\(CredentialName.token(of: setup.request.name)) cannot be renewed any more: \(lost.detail ?? "its renewal was lost") (at \(lost.changedAt.text))",
            hint: setup.method.rescueAdvice(setup.context))
    }

    /// Settles one entry. The family may be renewed anew afterwards, unless the state broke in the middle of a completion,
    /// whose outcome comes back.
    ///
    /// - Throws: `renewalInDoubt` (21) when the new token is lost or it cannot be told yet.
    func settle(_ entry: JournalEntry, _ found: FoundFamily) async throws(Failure) -> RenewalResult? {
        let grace = setup.method.grace(setup.context)
        switch SettlementRule.step(for: entry, now: world.clock.now(), grace: grace) {
        case .nothing: break
        case .discard: try close(entry, .refused, "an earlier run ended before anything was sent", found)
        case .resume: return try await resume(entry, found)
        case .wait, .probe: try await clear(entry, found)
        }
        return nil
    }

    /// Finds out what became of a request without an answer.
    func clear(_ entry: JournalEntry, _ found: FoundFamily) async throws(Failure) {
        guard setup.method.isDestructive else {
            return try close(entry, .refused, "an earlier request had no answer; minting again harms nothing", found)
        }
        try await requireAlive(entry, found)
        // A dead old token tells at once that it has arrived; a living one tells something only when the request can no
        // longer be travelling.
        let (now, grace) = (world.clock.now(), setup.method.grace(setup.context))
        if case .wait(let until) = SettlementRule.step(for: entry, now: now, grace: grace) {
            let left = now.duration(to: until)
            guard left <= setup.request.wait else { throw early(entry, until) }
            world.tell(
                "\(name): the request of \(sentAt(entry)) had no answer that tells whether it was done; waiting until \(until.text), when it can be under way no more, to ask"
            )
            try await world.pause(left)
            guard world.clock.now() >= until else { throw early(entry, until) }
            try await requireAlive(entry, found)
        }
        try close(entry, .refused, "the old token still works, so nothing had happened", found)
    }

    private func requireAlive(_ entry: JournalEntry, _ found: FoundFamily) async throws(Failure) {
        guard let bundle = found.bundle else { throw untold(entry, "there is no token to ask about") }
        switch await setup.method.probe(bundle, setup.context) {
        case .dead(let reading), .finished(_, let reading): throw lose(entry, found, reading)
        case .unknown(let failure): throw untold(entry, failure.message, failure)
        case .alive: return
        }
    }

    private func early(_ entry: JournalEntry, _ until: Instant) -> Failure {
        Failure(
            .renewalInDoubt,
            "it cannot be told yet whether the forge has renewed \(name): the request of \(sentAt(entry)) had no answer and may still be on its way",
            hint: "run `outlast refresh` again after \(until.text)")
    }

    /// Nobody can say what became of the request. The one that could not be asked now is asked by the next run.
    private func untold(_ entry: JournalEntry, _ why: String, _ failure: Failure? = nil) -> Failure {
        let code = failure?.code
        var hint = setup.method.rescueAdvice(setup.context)
        if code == .unreachable || code == .slowDown { hint = "run `outlast refresh` again when the forge answers" }
        // Whoever asks is not taken, which says nothing about the token.
        if code == .renewalFailed, let advice = failure?.hint { hint = advice + "; then run `outlast refresh` again" }
        return Failure(
            .renewalInDoubt,
            "it cannot be told whether the forge has renewed \(name): the request of \(sentAt(entry)) had no answer, and \(why)",
            hint: hint)
    }

    private func lose(_ entry: JournalEntry, _ found: FoundFamily, _ reading: TokenReading) -> Failure {
        let old = setup.plan.root?.purpose == .refresh ? "the old grant" : "the old token"
        let why = "\(old) is \(reading.standing.name) and the answer with the new one never arrived"
        // Where the state does not take it, the next run comes to the same: a broken state must not hide the loss.
        try? close(entry, .lost, why, found)
        return Failure(
            .renewalInDoubt,
            "\(CredentialName.token(of: name, "the new token")) is lost: \(why) (sent at \(sentAt(entry)))",
            hint: setup.method.rescueAdvice(setup.context))
    }

    private func resume(_ entry: JournalEntry, _ found: FoundFamily) async throws(Failure) -> RenewalResult? {
        // What was published stays to be retired, whatever came after it.
        let isCurrent = found.row?.generation == entry.generation + 1
        guard let row = found.row, let bundle = found.bundle, isCurrent || entry.state == .published else {
            try close(entry, .retired, "superseded by a later renewal", found)
            return nil
        }
        return try await Completion(setup, Publisher(setup)).complete(
            entry, bundle: bundle, old: try found.ledger.bundle(of: entry.generation), row: row, ledger: found.ledger)
    }

    private func sentAt(_ entry: JournalEntry) -> String { entry.sentAt?.text ?? "an unknown time" }

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
