// One renewal: intended, sent, received, proved, published, retired. Each step is on disk before the next begins.

import OutlastModel

struct RenewalExecution: Sendable {
    private let setup: RenewalSetup
    private let publisher: Publisher
    private var world: World { setup.world }

    init(_ setup: RenewalSetup, _ publisher: Publisher) {
        self.setup = setup
        self.publisher = publisher
    }

    func run(_ found: FoundFamily, expiry: Expiry) async throws(Failure) -> RenewalResult {
        var entry = try begin(found, expiry: expiry)
        entry.state = .sent
        entry.sentAt = world.clock.now()
        entry = try commit(entry, found)
        switch await setup.method.renew(found.bundle, setup.context) {
        case .refused(let failure):
            entry.state = .refused
            entry.detail = SafeText.line(failure.message)
            _ = try commit(entry, found)
            throw failure
        case .inDoubt(let failure):
            entry.state = .inDoubt
            entry.detail = SafeText.line(failure.message)
            entry = try commit(entry, found)
            try await Settlement(setup).settle(entry, found)
            // Settled without a loss: nothing has happened at the forge.
            throw Failure(
                .renewalFailed, "renewing \(setup.request.name) failed, the old token still works: \(failure.message)",
                hint: "run it again")
        case .renewed(let bundle): return try await keep(bundle, entry, found)
        }
    }

    /// The first durable step: the family, its present secrets, and the intent.
    private func begin(_ found: FoundFamily, expiry: Expiry) throws(Failure) -> JournalEntry {
        let now = world.clock.now()
        let old: Secret = if let access = found.bundle?.access { access } else { try anchor() }
        let entry = JournalEntry(
            family: found.ledger.family, generation: found.generation, method: setup.method.schema.name,
            credential: setup.request.name, state: .intended, intendedAt: now,
            requestTimeout: setup.request.destructiveTimeout, changedAt: now,
            oldFingerprint: Fingerprint(of: old, salt: setup.salt), jobID: world.job?.identity?.id)
        var members: [MemberRow] = []
        var sealed: [SealedRow] = []
        var row = found.row
        if row == nil {
            if let bundle = found.bundle {
                (members, sealed) = try found.ledger.rows(
                    of: bundle, generation: 1, digest: setup.digest, at: now)
            }
            if let root = setup.root, root.purpose == .minting {
                members.append(try found.ledger.member(root.secret, setup.digest(root.secret), 0, .minting, at: now))
            }
            row = familyRow(found, bundle: found.bundle, generation: found.generation, expiry: expiry, at: now, old)
        }
        let stored = try found.ledger.commit(
            row: found.row == nil ? row : nil, members: members, sealed: sealed, entry: entry)
        return stored ?? entry
    }

    private func anchor() throws(Failure) -> Secret {
        guard let first = setup.anchors.first else {
            throw .configuration("\(setup.request.name) has no secret to begin with")
        }
        return first.secret
    }

    private func familyRow(
        _ found: FoundFamily, bundle: TokenBundle?, generation: Int, expiry: Expiry, at now: Instant, _ token: Secret
    ) -> FamilyRow {
        FamilyRow(
            id: found.ledger.family, identity: setup.identity, credential: setup.request.name,
            method: setup.method.schema.name, forge: setup.forge, generation: generation,
            fingerprint: Fingerprint(of: token, salt: setup.salt), expiry: expiry, tokenID: bundle?.tokenID,
            createdAt: found.row?.createdAt ?? now)
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
        entry.newFingerprint = Fingerprint(of: bundle.access, salt: setup.salt)
        let row = familyRow(
            found, bundle: bundle, generation: generation, expiry: bundle.expiry, at: now, bundle.access)
        do throws(Failure) {
            let rows = try found.ledger.rows(of: bundle, generation: generation, digest: setup.digest, at: now)
            entry =
                try found.ledger.commit(
                    row: row, members: rows.members, sealed: rows.sealed, entry: entry,
                    history: RenewalHistory.record(setup, bundle, row, at: now)) ?? entry
        } catch {
            throw await publisher.rescue(bundle, because: error)
        }
        return try await Completion(setup, publisher).complete(
            entry, bundle: bundle, old: found.bundle, row: row, ledger: found.ledger)
    }
}

/// What a renewal leaves in the history.
enum RenewalHistory {
    static func record(
        _ setup: RenewalSetup, _ bundle: TokenBundle, _ row: FamilyRow, at now: Instant
    ) -> RunRecord {
        let fingerprint = Fingerprint(of: bundle.access, salt: setup.salt)
        let kind = TokenIdentification(
            token: bundle.access, chosenForge: setup.forge, kindFromCI: nil, forgeOfCI: nil, forges: setup.world.forges
        ).kind
        let sighting = TokenSighting(
            fingerprint: fingerprint, credential: setup.request.name, kind: kind.id, forge: setup.forge,
            api: setup.context.api?.origin.text, tokenID: bundle.tokenID, name: bundle.name, scopes: bundle.scopes,
            lifetime: Lifetime(expiry: bundle.expiry, source: .forge, checkedAt: now), standing: nil, clockSkew: nil,
            family: row.id.text, generation: row.generation)
        let event = Event(
            at: now, event: "renew", outcome: "renewed", fingerprint: fingerprint,
            detail: SafeText.line("\(setup.request.name): \(setup.method.schema.name), generation \(row.generation)"))
        let job = setup.world.job?.identity.map { JobUpdate(identity: $0, seenAt: now) }
        return RunRecord(job: job, sightings: [sighting], events: [event])
    }
}
