// From a sealed answer to the end of a renewal: prove, publish, retire. Every run that finds one unfinished goes on here.

import OutlastModel

struct Completion: Sendable {
    private let setup: RenewalSetup
    private let publisher: Publisher
    private var world: World { setup.world }
    /// A new token may need a moment until every server of its forge knows it.
    private static let proofPauses: [Duration] = [.zero, .seconds(1), .seconds(2)]

    init(_ setup: RenewalSetup, _ publisher: Publisher) {
        self.setup = setup
        self.publisher = publisher
    }

    /// Goes on from the entry's state.
    func complete(
        _ entry: JournalEntry, bundle: TokenBundle, old: TokenBundle?, row: FamilyRow, ledger: FamilyLedger
    ) async throws(Failure) -> RenewalResult {
        var entry = entry
        var row = row
        if entry.state == .received {
            let reading = try await prove(bundle, generation: row.generation)
            if row.expiry == .unknown, let reading { row.expiry = reading.expiry }
            entry = try advance(entry, to: .proved, ledger, row: row)
        }
        var published: [Publication] = []
        if entry.state == .proved {
            let outcome = try await publisher.publish(bundle.access, row.generation, ledger)
            published = outcome.publications
            entry = try advance(entry, to: .published, ledger, queued: outcome.queued, drained: outcome.done)
        }
        var notes: [String] = []
        if entry.state == .published {
            if let old {
                do throws(Failure) { try await setup.method.retire(old, setup.context) } catch {
                    notes.append("the old token could not be retired: \(error.message)")
                }
            }
            _ = try advance(entry, to: .retired, ledger, dropped: [entry.generation])
        }
        let now = world.clock.now()
        var result = RenewalResult(
            verdict: .renewed, credential: setup.request.name,
            fingerprint: Fingerprint(of: bundle.access, salt: setup.salt), previous: entry.oldFingerprint,
            generation: row.generation, expiry: row.expiry,
            remaining: row.expiry.instant.map { now.duration(to: $0) }, published: published, token: bundle.access)
        result.notes = notes
        return result.queuedCode()
    }

    private func prove(_ bundle: TokenBundle, generation: Int) async throws(Failure) -> TokenReading? {
        var last: ProbeAnswer?
        for pause in Self.proofPauses {
            if pause > .zero { try? await world.clock.sleep(for: pause) }
            let answer = await setup.method.probe(bundle, setup.context)
            if case .alive(let reading) = answer { return reading }
            last = answer
        }
        switch last {
        case .dead(let reading):
            throw Failure(
                .renewalInDoubt,
                "\(setup.request.name) was renewed (generation \(generation), sealed in the state), but the forge does not accept the new token\(reading.detail.map { ": \($0)" } ?? "")",
                hint: "run `outlast refresh` again; if it stays so, give the job a new token")
        case .unknown(let failure):
            throw Failure(
                failure.code == .slowDown ? .slowDown : .renewalInDoubt,
                "\(setup.request.name) was renewed (generation \(generation), sealed in the state), but the new token could not be proved: \(failure.message)",
                hint: "run `outlast refresh` again: it goes on from here")
        default: return nil
        }
    }

    private func advance(
        _ entry: JournalEntry, to state: RenewalState, _ ledger: FamilyLedger, row: FamilyRow? = nil,
        queued: [OutboxRow] = [], drained: [SHA256Digest] = [], dropped: [Int] = []
    ) throws(Failure) -> JournalEntry {
        var next = entry
        next.state = state
        next.changedAt = world.clock.now()
        return try ledger.commit(row: row, dropped: dropped, entry: next, queued: queued, drained: drained) ?? next
    }
}

extension RenewalResult {
    /// 23 when a publication is queued.
    func queuedCode() -> RenewalResult {
        var result = self
        if published.contains(where: { $0.status != .ok }) && code == .done { result.code = .publishQueued }
        return result
    }
}
