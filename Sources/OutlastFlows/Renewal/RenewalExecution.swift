// One renewal: intended, sent, received, proved, published, retired. Each step is on disk before the next begins.

import OutlastModel

struct RenewalExecution: Sendable {
    private let setup: RenewalSetup
    private let publisher: Publisher
    private var world: World { setup.world }
    /// A new token is in hand and the state does not take it: a full disk may have room again in a moment.
    private static let keepingPauses: [Duration] = [.zero, .milliseconds(500), .seconds(1)]

    init(_ setup: RenewalSetup, _ publisher: Publisher) {
        self.setup = setup
        self.publisher = publisher
    }

    func run(_ found: FoundFamily, _ standing: Standing) async throws(Failure) -> RenewalResult {
        var entry = try Beginning(setup).intend(found, standing)
        entry = try send(entry, found)
        switch await setup.method.renew(found.bundle, setup.context) {
        case .refused(let failure):
            // A grant that the server calls finished must not be sent again; any other refusal has used nothing up.
            let isSpent = setup.plan.root?.purpose == .refresh && failure.code == .rejected
            entry.state = isSpent ? .lost : .refused
            entry.detail = SafeText.line(failure.message)
            _ = note(entry, found)
            throw failure
        case .inDoubt(let failure):
            entry.state = .inDoubt
            entry.detail = SafeText.line(failure.message)
            entry = note(entry, found)
            try await Settlement(setup).clear(entry, found)
            // Settled without a loss: nothing has happened at the forge.
            throw Failure(
                .renewalFailed, "renewing \(setup.request.name) failed, the old token still works: \(failure.message)",
                hint: "run it again")
        case .renewed(let bundle): return try await keep(bundle, entry, found)
        }
    }

    /// Writes down that the first byte may leave.
    private func send(_ intended: JournalEntry, _ found: FoundFamily) throws(Failure) -> JournalEntry {
        var entry = intended
        entry.state = .sent
        entry.sentAt = world.clock.now()
        do throws(Failure) { return try commit(entry, found) } catch {
            // It may be on disk nevertheless, where it would be a doubt for ever if nobody can be asked.
            entry.state = .refused
            entry.detail = "the state broke before anything was sent"
            _ = note(entry, found)
            throw error
        }
    }

    /// Writes down what became of the request. What is on disk already says that it was sent, so a state that does not
    /// take it must not hide what is known.
    private func note(_ entry: JournalEntry, _ found: FoundFamily) -> JournalEntry {
        do throws(Failure) { return try commit(entry, found) } catch { return entry }
    }

    private func commit(_ entry: JournalEntry, _ found: FoundFamily) throws(Failure) -> JournalEntry {
        var changed = entry
        changed.changedAt = world.clock.now()
        return try found.ledger.commit(entry: changed) ?? changed
    }

    /// The answer is in memory: seal it before anything else is done with it.
    private func keep(
        _ bundle: TokenBundle, _ sent: JournalEntry, _ found: FoundFamily
    ) async throws(Failure) -> RenewalResult {
        let now = world.clock.now()
        let generation = found.generation + 1
        var entry = sent
        entry.state = .received
        entry.changedAt = now
        entry.newFingerprint = setup.fingerprint(bundle.access)
        let row = FamilyRow(
            id: found.ledger.family, identity: setup.identity, credential: setup.request.name,
            method: setup.method.schema.name, forge: setup.plan.forge, generation: generation,
            fingerprint: setup.fingerprint(bundle.access), expiry: bundle.expiry, tokenID: bundle.tokenID,
            createdAt: found.row?.createdAt ?? now)
        switch await seal(bundle, row, entry, found) {
        case .success(let sealed):
            return try await Completion(setup, publisher).complete(
                sealed, bundle: bundle, old: found.bundle, row: row, ledger: found.ledger)
        case .failure(let failure): return try await rescue(bundle, row, old: found.bundle, because: failure)
        }
    }

    private func seal(
        _ bundle: TokenBundle, _ row: FamilyRow, _ entry: JournalEntry, _ found: FoundFamily
    ) async -> Result<JournalEntry, Failure> {
        var last = Failure.state("the state did not take it")
        for pause in Self.keepingPauses {
            // Not cut short by a signal: what is at stake is the only copy.
            if pause > .zero { try? await world.clock.sleep(for: pause) }
            do throws(Failure) {
                // A row that was signed under another moment would not open.
                let rows = try found.ledger.rows(
                    of: bundle, generation: row.generation, digest: setup.digest, at: entry.changedAt)
                let sealed = try found.ledger.commit(
                    row: row, members: rows.members, sealed: rows.sealed, entry: entry,
                    history: RenewalHistory.renewed(setup, bundle, row, at: entry.changedAt))
                return .success(sealed ?? entry)
            } catch { last = error }
        }
        return .failure(last)
    }

    /// The state did not take the new token: give it to every target, and say what is left to do.
    private func rescue(
        _ bundle: TokenBundle, _ row: FamilyRow, old: TokenBundle?, because failure: Failure
    ) async throws(Failure) -> RenewalResult {
        let saved = await publisher.rescue(bundle.access)
        guard !saved.isEmpty || setup.request.isCarriedAway else {
            throw Failure(
                .renewalInDoubt,
                "\(setup.request.name) was renewed, but the new token could not be saved anywhere: \(failure.message)",
                hint: setup.method.rescueAdvice(setup.context))
        }
        let now = world.clock.now()
        var notes: [String] = []
        // Targets take the token alone: what renews it next is gone.
        if bundle.refresh != nil {
            notes.append(
                "the refresh token that came with it is lost, so the new token of \(setup.request.name) is the last one: \(setup.method.rescueAdvice(setup.context))"
            )
        }
        let places =
            saved.isEmpty
            ? "handed on by --export alone" : "published to \(saved.map(\.target).joined(separator: ", "))"
        return RenewalResult(
            verdict: .renewed, credential: setup.request.name, fingerprint: row.fingerprint,
            previous: old.map { setup.fingerprint($0.access) }, generation: row.generation, expiry: row.expiry,
            remaining: row.expiry.instant.map { now.duration(to: $0) }, published: saved, token: bundle.access,
            code: .stateUnusable,
            notes: notes + [
                "\(setup.request.name) was renewed and \(places), but the state broke (\(failure.message)); mend it before the next renewal"
            ])
    }
}
