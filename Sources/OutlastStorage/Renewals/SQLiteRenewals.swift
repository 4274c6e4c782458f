// Families, sealed secrets, journal and outbox in the same file as the history, over the same connection. This file asks;
// `SQLiteRenewals+Changes` writes.

internal import GRDB
public import OutlastModel

/// The renewals of a store.
struct SQLiteRenewals: RenewalStore {
    let store: SQLiteStore

    var stateID: [UInt8] { store.storeID }
    var place: StorePlace { store.place }

    var sharing: StoreSharing {
        let name = "the state store \(place.shown)"
        switch store.copyReason {
        case .moved: return .doubtful("\(name) is a copy of the one it was made as")
        case .insideWorkspace:
            return .doubtful("\(name) lies in the job's workspace, which is copied and cached")
        case .defaultInJob:
            return .doubtful("\(name) is the default one of a CI job, which others do not see or see a copy of")
        case nil: break
        }
        guard case .remote(let kind) = store.nature else { return .original }
        return .doubtful(
            "\(name) lies on \(SafeText.line(kind, limit: 40)), whose locks can't be relied on (several machines need "
                + "PostgreSQL)")
    }

    func keyEnvelope() throws(Failure) -> KeyEnvelope? { try store.perform { try envelope($0) } }

    /// The envelope as it is now.
    func envelope(_ db: Database) throws -> KeyEnvelope? {
        try one(db, "SELECT \(KeyEnvelope.columns) FROM key_envelope", [], "the sealed key", KeyEnvelope.init)
    }

    func member(_ digest: SHA256Digest, identity: FamilyIdentity) throws(Failure) -> MemberRow? {
        let arguments: StatementArguments = [digest.bytes.databaseBlob, identity.digest.bytes.databaseBlob]
        return try store.perform { db in
            try one(
                db, "SELECT \(MemberRow.columns) FROM members WHERE digest = ? AND identity = ?", arguments, "a member",
                MemberRow.init)
        }
    }

    func family(_ id: FamilyID) throws(Failure) -> FamilyRow? {
        try store.perform { db in
            try one(
                db, "SELECT \(FamilyRow.columns) FROM families WHERE id = ?", [id.text], "a family", FamilyRow.init)
        }
    }

    func sealed(_ family: FamilyID, generation: Int, purpose: SecretPurpose) throws(Failure) -> SealedRow? {
        try store.perform { db in
            try one(
                db,
                "SELECT \(SealedRow.columns) FROM secrets WHERE family = ? AND generation = ? AND purpose = ?",
                [family.text, generation, purpose.rawValue], "a sealed secret", { try SealedRow($0) })
        }
    }

    func openJournal(of family: FamilyID) throws(Failure) -> [JournalRow] {
        try store.perform { db in
            try all(
                db,
                """
                SELECT id, \(JournalRow.columns) FROM journal INDEXED BY journal_open
                WHERE family = ? AND \(Schema.isOpen) ORDER BY id
                """, [family.text], "a journal entry", JournalRow.init)
        }
    }

    func renewals(of token: Fingerprint, in family: FamilyID) throws(Failure) -> [JournalRow] {
        try store.perform { db in
            try all(
                db,
                """
                SELECT id, \(JournalRow.columns) FROM journal INDEXED BY journal_by_old
                WHERE old_digest = ? AND family = ? ORDER BY id DESC LIMIT 100
                """, [token.digest.bytes.databaseBlob, family.text], "a journal entry", JournalRow.init
            ).reversed()
        }
    }

    func outbox(of family: FamilyID) throws(Failure) -> [OutboxRow] {
        try store.perform { db in
            try all(
                db, "SELECT \(OutboxRow.columns) FROM outbox WHERE family = ? ORDER BY queued_at, target",
                [family.text], "an outbox row", OutboxRow.init)
        }
    }

    func listSecrets() throws(Failure) -> [(family: FamilyRow, secret: SealedRow, digest: SHA256Digest?)] {
        let family = FamilyRow.columns.qualified("f")
        return try store.perform { db in
            try all(
                db,
                """
                SELECT \(family), \(SealedRow.columns.qualified("s")), (SELECT m.digest FROM members m
                    INDEXED BY members_of_family
                    WHERE m.family = s.family AND m.generation = s.generation AND m.purpose = s.purpose LIMIT 1)
                FROM families f CROSS JOIN secrets s ON s.family = f.id
                ORDER BY f.created_at, f.id, s.generation, s.purpose
                """, [], "a sealed secret", atMost: RenewalBounds.list,
                {
                    (
                        family: try FamilyRow($0), secret: try SealedRow($0, from: 12),
                        digest: try $0.optionalDigest(17)
                    )
                })
        }
    }

    func families(credential: String?, superseded: Bool) throws(Failure) -> [FamilyID] {
        var conditions: [String] = []
        if credential != nil { conditions.append("f.credential = ?") }
        if superseded {
            conditions.append(
                """
                (EXISTS (SELECT 1 FROM members m INDEXED BY members_of_family
                    WHERE m.family = f.id AND m.generation > 0 AND m.generation < f.generation
                        AND length(m.wrapped_key) > 0)
                OR EXISTS (SELECT 1 FROM secrets s WHERE s.family = f.id AND s.generation < f.generation))
                """)
        }
        let filter = conditions.isEmpty ? "" : " WHERE " + conditions.joined(separator: " AND ")
        return try store.perform { db in
            let rows = try Row.fetchAll(
                db, sql: "SELECT f.id FROM families f\(filter) ORDER BY f.id",
                arguments: credential.map { [$0] } ?? [])
            return rows.compactMap { $0.text(0).map(FamilyID.init(text:)) }
        }
    }

    /// The one row of a question; nil when there is none.
    func one<Value>(
        _ db: Database, _ sql: String, _ arguments: StatementArguments, _ what: String,
        _ read: (StoredCells) throws -> Value
    ) throws -> Value? {
        try db.cachedStatement(sql: sql).firstRow(arguments).map {
            try read(StoredCells(row: $0, what: what, place: place))
        }
    }

    /// All rows of a question; more than anyone can have written by renewing are somebody else's.
    private func all<Value>(
        _ db: Database, _ sql: String, _ arguments: StatementArguments, _ what: String,
        atMost limit: Int = RenewalBounds.rows, _ read: (StoredCells) throws -> Value
    ) throws -> [Value] {
        var found: [Value] = []
        let rows = try Row.fetchCursor(db.cachedStatement(sql: sql), arguments: arguments)
        while let row = try rows.next() {
            let cells = StoredCells(row: row, what: what, place: place)
            guard found.count < limit else { throw cells.tampered() }
            found.append(try read(cells))
        }
        return found
    }
}

extension SQLiteStore {
    /// The store's families, sealed secrets and journal.
    public var renewals: (any RenewalStore)? { SQLiteRenewals(store: self) }
}

extension String {
    /// Columns with the name of their table.
    fileprivate func qualified(_ table: String) -> String {
        split(separator: ", ").map { "\(table).\($0)" }.joined(separator: ", ")
    }
}
