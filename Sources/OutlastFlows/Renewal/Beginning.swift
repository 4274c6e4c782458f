// The first durable step of a family or of a renewal: who belongs to it, and what is intended.

import OutlastModel

struct Beginning: Sendable {
    private let setup: RenewalSetup

    init(_ setup: RenewalSetup) { self.setup = setup }

    /// Writes the intent, and the family where it begins with it.
    func intend(_ found: FoundFamily, _ standing: Standing) throws(Failure) -> JournalEntry {
        let now = setup.world.clock.now()
        let old = try token(found)
        let entry = JournalEntry(
            family: found.ledger.family, generation: found.generation, method: setup.method.schema.name,
            credential: setup.request.name, state: .intended, intendedAt: now,
            requestTimeout: setup.request.destructiveTimeout, changedAt: now,
            oldFingerprint: setup.fingerprint(old), jobID: setup.world.job?.identity?.id)
        guard found.row == nil else { return try found.ledger.commit(entry: entry) ?? entry }
        let first = try firstRows(found, standing, old, at: now)
        let stored = try found.ledger.commit(
            row: first.row, members: first.members, sealed: first.sealed, entry: entry, history: first.history)
        return stored ?? entry
    }

    /// Begins a family with a token that was found where jobs read theirs.
    func adopt(_ found: FoundFamily, _ standing: Standing) throws(Failure) {
        guard found.row == nil else { return }
        let first = try firstRows(found, standing, try token(found), at: setup.world.clock.now())
        _ = try found.ledger.commit(
            row: first.row, members: first.members, sealed: first.sealed, history: first.history)
    }

    private struct FirstRows {
        let row: FamilyRow
        var members: [MemberRow] = []
        var sealed: [SealedRow] = []
        let history: RunRecord
    }

    private func firstRows(
        _ found: FoundFamily, _ standing: Standing, _ token: Secret, at now: Instant
    ) throws(Failure) -> FirstRows {
        let ledger = found.ledger
        let row = FamilyRow(
            id: ledger.family, identity: setup.identity, credential: setup.request.name,
            method: setup.method.schema.name, forge: setup.plan.forge, generation: found.generation,
            fingerprint: setup.fingerprint(token), expiry: standing.expiry, tokenID: standing.reading?.tokenID,
            createdAt: now)
        var first = FirstRows(
            row: row, history: try RenewalHistory.beginning(setup, row, hasToken: found.bundle != nil, at: now))
        if let bundle = found.bundle {
            (first.members, first.sealed) = try ledger.rows(
                of: bundle, generation: found.generation, digest: setup.digest, at: now)
        }
        if let root = setup.plan.root, !first.members.contains(where: { $0.digest == setup.digest(root.secret) }) {
            let generation = root.purpose == .minting ? 0 : found.generation
            first.members.append(
                try ledger.member(root.secret, setup.digest(root.secret), generation, root.purpose, at: now))
            if root.purpose != .minting {
                first.sealed.append(
                    try ledger.key.seal(root.secret, generation: generation, purpose: root.purpose, at: now))
            }
        }
        return first
    }

    private func token(_ found: FoundFamily) throws(Failure) -> Secret {
        if let access = found.bundle?.access { return access }
        guard let anchor = setup.plan.anchor else {
            throw .configuration("\(setup.request.name) has no secret to begin with")
        }
        return anchor.secret
    }
}
