// The columns of each renewal table in the order that the statements name them, read and written in one place.

internal import GRDB
internal import OutlastModel

extension KeyEnvelope {
    static let columns = "wrapped, salt, cost_n, cost_r, cost_p, successor"

    init(_ cells: StoredCells) throws(Failure) {
        let cost = [try cells.optionalNumber(2), try cells.optionalNumber(3), try cells.optionalNumber(4)]
        let parts = cost.compactMap { $0 }.map(UInt64.init)
        guard parts.isEmpty || (parts.count == 3 && !parts.contains(0)) else { throw cells.tampered() }
        self.init(
            wrapped: try cells.bytes(0, atMost: RenewalBounds.key),
            passphraseSalt: try cells.optionalBytes(1, atMost: RenewalBounds.key),
            cost: parts.isEmpty ? nil : ScryptCost(n: parts[0], r: parts[1], p: parts[2]),
            successor: try cells.optionalBytes(5, atMost: RenewalBounds.key))
    }

    var arguments: StatementArguments {
        [
            wrapped.databaseBlob, passphraseSalt?.databaseBlob, cost.map { Int64(clamping: $0.n) },
            cost.map { Int64(clamping: $0.r) }, cost.map { Int64(clamping: $0.p) }, successor?.databaseBlob,
        ]
    }
}

extension FamilyRow {
    static let columns =
        "id, identity, credential, method, forge, generation, digest, expiry, expires_at, token_id, created_at, seal"

    init(_ cells: StoredCells) throws(Failure) {
        self.init(
            id: try cells.family(0), identity: FamilyIdentity(digest: try cells.digest(1)),
            credential: try cells.text(2), method: try cells.text(3), forge: try cells.text(4),
            generation: try cells.count(5), fingerprint: Fingerprint(digest: try cells.digest(6)),
            expiry: try cells.expiry(7, 8), tokenID: try cells.optionalText(9), createdAt: try cells.moment(10),
            seal: try cells.bytes(11, atMost: RenewalBounds.seal))
    }

    var arguments: StatementArguments {
        [
            id.text, identity.digest.bytes.databaseBlob, credential, method, forge, generation,
            fingerprint.digest.bytes.databaseBlob, expiry.word, expiry.instant?.milliseconds, tokenID,
            createdAt.milliseconds, seal.databaseBlob,
        ]
    }
}

extension MemberRow {
    static let columns = "digest, identity, family, generation, purpose, wrapped_key, created_at"

    init(_ cells: StoredCells) throws(Failure) {
        self.init(
            digest: try cells.digest(0), family: try cells.family(2),
            identity: FamilyIdentity(digest: try cells.digest(1)), generation: try cells.count(3),
            purpose: try cells.word(4), wrappedKey: try cells.bytes(5, atMost: RenewalBounds.key),
            createdAt: try cells.moment(6))
    }

    var arguments: StatementArguments {
        [
            digest.bytes.databaseBlob, identity.digest.bytes.databaseBlob, family.text, generation, purpose.rawValue,
            wrappedKey.databaseBlob, createdAt.milliseconds,
        ]
    }
}

extension SealedRow {
    static let columns = "family, generation, purpose, sealed, created_at"

    /// Reads the columns, beginning with this one.
    init(_ cells: StoredCells, from first: Int = 0) throws(Failure) {
        self.init(
            family: try cells.family(first), generation: try cells.count(first + 1),
            purpose: try cells.word(first + 2), sealed: try cells.bytes(first + 3, atMost: RenewalBounds.sealed),
            createdAt: try cells.moment(first + 4))
    }

    var arguments: StatementArguments {
        [family.text, generation, purpose.rawValue, sealed.databaseBlob, createdAt.milliseconds]
    }
}

extension JournalRow {
    /// All columns but the number, which comes first where it is read.
    static let columns = """
        family, generation, method, credential, state, intended_at, sent_at, timeout_ms, changed_at, old_digest, new_digest,
        job_id, detail, seal
        """

    init(_ cells: StoredCells) throws(Failure) {
        let entry = JournalEntry(
            id: try cells.number(0), family: try cells.family(1), generation: try cells.count(2),
            method: try cells.text(3), credential: try cells.text(4), state: try cells.word(5),
            intendedAt: try cells.moment(6), sentAt: try cells.optionalMoment(7),
            requestTimeout: .milliseconds(try cells.number(8)), changedAt: try cells.moment(9),
            oldFingerprint: Fingerprint(digest: try cells.digest(10)),
            newFingerprint: try cells.optionalDigest(11).map(Fingerprint.init(digest:)),
            jobID: try cells.optionalText(12), detail: try cells.optionalText(13))
        self.init(entry: entry, seal: try cells.bytes(14, atMost: RenewalBounds.seal))
    }

    var arguments: StatementArguments {
        [
            entry.family.text, entry.generation, entry.method, entry.credential, entry.state.rawValue,
            entry.intendedAt.milliseconds, entry.sentAt?.milliseconds, entry.requestTimeout.wholeMilliseconds,
            entry.changedAt.milliseconds, entry.oldFingerprint.digest.bytes.databaseBlob,
            entry.newFingerprint?.digest.bytes.databaseBlob, entry.jobID, entry.detail, seal.databaseBlob,
        ]
    }
}

extension OutboxRow {
    static let columns = "family, target, generation, label, queued_at, attempts, last_error, seal"

    init(_ cells: StoredCells) throws(Failure) {
        self.init(
            family: try cells.family(0), generation: try cells.count(2), target: try cells.digest(1),
            label: try cells.text(3), queuedAt: try cells.moment(4), attempts: try cells.count(5),
            lastError: try cells.text(6), seal: try cells.bytes(7, atMost: RenewalBounds.seal))
    }

    var arguments: StatementArguments {
        [
            family.text, target.bytes.databaseBlob, generation, label, queuedAt.milliseconds, attempts, lastError,
            seal.databaseBlob,
        ]
    }
}
