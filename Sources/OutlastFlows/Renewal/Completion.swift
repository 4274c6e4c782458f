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

    /// How far this completion has come.
    private struct Progress {
        var entry: JournalEntry
        var row: FamilyRow
        var published: [Publication] = []
        var notes: [String] = []
        /// The token that was renewed; nil where the first one was made.
        var previous: Fingerprint?
        /// The state stopped taking steps. The token is sealed, so the rest goes on: jobs wait for it.
        var broken: Failure?
    }

    /// Goes on from the entry's state.
    ///
    /// - Throws: `renewalInDoubt` (21) when the new token cannot be proved, `unexpected` (1) when a signal asked for the end;
    ///   both leave a state that the next run goes on from.
    func complete(
        _ entry: JournalEntry, bundle: TokenBundle, old: TokenBundle?, row: FamilyRow, ledger: FamilyLedger
    ) async throws(Failure) -> RenewalResult {
        var progress = Progress(entry: entry, row: row, previous: old.map { setup.fingerprint($0.access) })
        if progress.entry.state == .received {
            try world.stopIfAsked()
            let reading = try await prove(bundle, generation: row.generation)
            if row.expiry == .unknown, let reading { progress.row.expiry = reading.expiry }
            let told = progress.row
            advance(&progress, to: .proved, ledger) { $0.row = told }
        }
        if progress.entry.state == .proved {
            try world.stopIfAsked()
            let outcome = try await publisher.publish(bundle.access, row.generation, ledger)
            progress.published = outcome.publications
            progress.notes += outcome.notes
            advance(&progress, to: .published, ledger) { ($0.queued, $0.drained) = (outcome.rows, outcome.dropped) }
        }
        if progress.entry.state == .published { await retire(old, &progress, ledger) }
        return result(progress, bundle)
    }

    /// What a step writes besides its entry.
    private struct Additions {
        var row: FamilyRow?
        var queued: [OutboxRow] = []
        var drained: [SHA256Digest] = []
        var dropped: [Int] = []
    }

    private func advance(
        _ progress: inout Progress, to state: RenewalState, _ ledger: FamilyLedger, _ add: (inout Additions) -> Void
    ) {
        var additions = Additions()
        add(&additions)
        progress.entry.state = state
        progress.entry.changedAt = world.clock.now()
        guard progress.broken == nil else { return }
        do throws(Failure) {
            let stored = try ledger.commit(
                row: additions.row, dropped: additions.dropped, entry: progress.entry, queued: additions.queued,
                drained: additions.drained)
            progress.entry = stored ?? progress.entry
        } catch { progress.broken = error }
    }

    /// Takes the old generation out of service once its grace is over; until then its secrets stay for that.
    private func retire(_ old: TokenBundle?, _ progress: inout Progress, _ ledger: FamilyLedger) async {
        let end = progress.entry.changedAt.advanced(by: setup.method.grace(setup.context))
        guard world.clock.now() >= end else {
            progress.notes.append("the old token stays alive until \(end.text) for jobs that still use it")
            return
        }
        if let old {
            do throws(Failure) { try await setup.method.retire(old, setup.context) } catch {
                progress.notes.append("the old token is not retired yet: \(error.message)")
                return
            }
        }
        if old == nil, setup.method.grace(setup.context) > .zero {
            progress.notes.append("the old token's secret is not in the state any more: revoke it by hand")
        }
        let generation = progress.entry.generation
        advance(&progress, to: .retired, ledger) { $0.dropped = [generation] }
    }

    private func result(_ progress: Progress, _ bundle: TokenBundle) -> RenewalResult {
        let now = world.clock.now()
        let row = progress.row
        var result = RenewalResult(
            verdict: .renewed, credential: setup.request.name, fingerprint: setup.fingerprint(bundle.access),
            previous: progress.previous, generation: row.generation, expiry: row.expiry,
            remaining: row.expiry.instant.map { now.duration(to: $0) }, published: progress.published,
            token: bundle.access, notes: progress.notes)
        if let broken = progress.broken {
            result.code = .stateUnusable
            result.notes.append(
                "\(setup.request.name) was renewed and its new token is sealed, but the state broke afterwards (\(broken.message)); the next run goes on from there"
            )
        }
        return result.queuedCode()
    }

    private func prove(_ bundle: TokenBundle, generation: Int) async throws(Failure) -> TokenReading? {
        var last: ProbeAnswer?
        for pause in Self.proofPauses {
            if pause > .zero { try await world.pause(pause) }
            let answer = await setup.method.probe(bundle, setup.context)
            switch answer {
            // That what renews it is not accepted is for the next renewal to tell: this token works.
            case .alive(let reading), .finished(let reading, _): return reading
            // There is no question that could be asked, now or later.
            case .unknown(let failure) where failure.code == .lifetimeUnknown: return nil
            default: last = answer
            }
        }
        let sealed = "\(setup.request.name) was renewed (generation \(generation), sealed in the state)"
        switch last {
        case .dead(let reading):
            throw Failure(
                .renewalInDoubt,
                "\(sealed), but the forge does not accept the new token\(reading.detail.map { ": \($0)" } ?? "")",
                hint: "run `outlast refresh` again; if it stays so, give the job a new token")
        case .unknown(let failure):
            throw Failure(
                failure.code == .slowDown ? .slowDown : .renewalInDoubt,
                "\(sealed), but the new token could not be proved: \(failure.message)",
                hint: "run `outlast refresh` again: it goes on from here")
        default: return nil
        }
    }
}

extension RenewalResult {
    /// 23 when a publication that this run's configuration names is queued.
    func queuedCode() -> RenewalResult {
        var result = self
        if published.contains(where: \.isMissing) && code == .done { result.code = .publishQueued }
        return result
    }
}
