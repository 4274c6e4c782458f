// Gives the current token to the targets that do not have it: those that failed, and those that are new in the configuration.
// Only a token that its forge does not call dead goes anywhere.

import OutlastModel

/// The targets that do not have the current token.
struct Waiting: Sendable {
    /// A target of this run's configuration.
    struct Target: Sendable {
        let publish: PublishRequest
        /// What is queued for it.
        var row: OutboxRow?
    }

    /// Those that were tried in vain.
    var queued: [Target] = []
    /// Those that were never given it.
    var new: [Target] = []
    /// What is queued for targets that this run's configuration does not name.
    var unnamed: [OutboxRow]
}

struct CatchUp: Sendable {
    private let setup: RenewalSetup
    private let publisher: Publisher
    private let found: FoundFamily
    private let waiting: Waiting
    private var outcome = Publisher.Outcome()
    private var answer: ProbeAnswer?

    init(_ setup: RenewalSetup, _ publisher: Publisher, _ found: FoundFamily) {
        self.setup = setup
        self.publisher = publisher
        self.found = found
        waiting = publisher.waiting(found)
    }

    /// Whether there is something to do under the lock.
    ///
    /// - Parameter rested: whether what is queued was left alone for long enough to be tried again.
    func hasWork(rested: (OutboxRow) -> Bool) -> Bool {
        waiting.queued.contains { $0.row.map(rested) ?? true } || !new.isEmpty
            || !publisher.superseded(found.outbox, found.generation).isEmpty
    }

    /// A copy of a store may hold a token that was superseded elsewhere: nothing of it goes anywhere by the way.
    private var new: [Waiting.Target] {
        if case .doubtful = setup.store.sharing, !setup.request.isExclusive, !setup.request.publishOnly { return [] }
        return waiting.new
    }

    /// Publishes what earlier runs have queued. A dead token is left for the renewal that may follow.
    mutating func drain() async throws(Failure) {
        guard !waiting.queued.isEmpty, let bundle = found.bundle else { return }
        if case .dead = await ask(bundle) { return }
        try await publish(to: waiting.queued)
    }

    /// Publishes to targets that were never given the current token, when no renewal follows.
    ///
    /// - Throws: 11, 12 or 14 for a token that is dead.
    mutating func complete() async throws(Failure) -> (published: [Publication], notes: [String]) {
        if !new.isEmpty, let bundle = found.bundle {
            switch await ask(bundle) {
            case .unknown(let failure) where isInDoubt:
                outcome.notes.append(
                    "nothing new was published: this state may be a copy, and it cannot be told whether its token is the current one (\(failure.message))"
                )
            case .unknown, .alive, .finished: try await publish(to: new)
            case .dead: break
            }
        }
        if case .dead(let reading) = answer { throw DeadToken(setup.request.name, reading).failure }
        publisher.settle(found.outbox, found.generation, &outcome)
        if !outcome.dropped.isEmpty { _ = try found.ledger.commit(drained: outcome.dropped) }
        return (outcome.publications, outcome.notes)
    }

    private var isInDoubt: Bool {
        if case .doubtful = setup.store.sharing { !setup.request.isExclusive } else { false }
    }

    private mutating func publish(to targets: [Waiting.Target]) async throws(Failure) {
        let done = try await publisher.publish(to: targets, found)
        _ = try found.ledger.commit(queued: done.rows)
        outcome.publications += done.publications
        outcome.rows += done.rows
    }

    private mutating func ask(_ bundle: TokenBundle) async -> ProbeAnswer {
        if let answer { return answer }
        let told = await setup.method.probe(bundle, setup.context)
        answer = told
        return told
    }
}
