// Every change is one transaction, on disk when it returns: a renewal's next step rests on the one before.

internal import GRDB
internal import OutlastModel

extension SQLiteRenewals {
    func replaceKeyEnvelope(_ old: KeyEnvelope?, by new: KeyEnvelope) throws(Failure) -> Bool {
        try change { db in
            guard try envelope(db) == old else { return false }
            try db.cachedStatement(
                sql: """
                    INSERT OR REPLACE INTO key_envelope(\(KeyEnvelope.columns), one) VALUES (?, ?, ?, ?, ?, ?, 1)
                    """
            ).execute(arguments: new.arguments)
            return true
        }
    }

    func apply(_ change: RenewalChange, to family: FamilyID) throws(Failure) -> Int64 {
        guard change.families.allSatisfy({ $0 == family }) else {
            throw Failure(.unexpected, "a step of family \(SafeText.line(family.text)) is about another family too")
        }
        return try self.change { try RenewalWriter(db: $0, family: family).write(change) }
    }

    func forget(credential: String?, family: FamilyID?) throws(Failure) -> Int {
        guard credential != nil || family != nil else { return 0 }
        return try forget { db in
            var gone = 0
            for id in try families(db, credential, family) {
                for table in ["members", "secrets", "outbox"] {
                    try db.execute(sql: "DELETE FROM \(table) WHERE family = ?", arguments: [id])
                }
                try db.execute(
                    sql: "DELETE FROM journal INDEXED BY journal_open WHERE family = ? AND \(Schema.isOpen)",
                    arguments: [id])
                try db.execute(sql: "DELETE FROM families WHERE id = ?", arguments: [id])
                gone += db.changesCount
            }
            return gone
        }
    }

    func forgetSuperseded(credential: String?, family: FamilyID?) throws(Failure) -> Int {
        try forget { db in
            var gone = 0
            for id in try families(db, credential, family) {
                let older = "generation < (SELECT generation FROM families WHERE id = ?)"
                try db.execute(sql: "DELETE FROM secrets WHERE family = ? AND \(older)", arguments: [id, id])
                // Generation 0 are keys that belong to all generations.
                try db.execute(
                    sql: """
                        UPDATE members SET wrapped_key = x''
                        WHERE family = ? AND generation > 0 AND length(wrapped_key) > 0 AND \(older)
                        """, arguments: [id, id])
                gone += db.changesCount
            }
            return gone
        }
    }

    /// Deletes, and overwrites what the file and its log still hold of it. Where another process reads just now, the log
    /// is folded in by its next user instead.
    private func forget(_ body: (Database) throws -> Int) throws(Failure) -> Int {
        let gone = try change(body)
        do { try store.settle() } catch { return gone }
        return gone
    }

    /// The names of the families that a command is about, as they are in the file.
    private func families(_ db: Database, _ credential: String?, _ family: FamilyID?) throws -> [String] {
        // What is left of a family without a row is forgotten by its name, too.
        if credential == nil, let family { return [family.text] }
        let rows =
            switch (credential, family) {
            case (nil, _): try Row.fetchAll(db, sql: "SELECT id FROM families")
            case (let credential?, nil):
                try Row.fetchAll(
                    db, sql: "SELECT id FROM families INDEXED BY families_by_credential WHERE credential = ?",
                    arguments: [credential])
            case (let credential?, let family?):
                try Row.fetchAll(
                    db, sql: "SELECT id FROM families WHERE id = ? AND credential = ?",
                    arguments: [family.text, credential])
            }
        return rows.compactMap { $0.text(0) }
    }

    /// Runs a body as one durable transaction.
    func change<Result>(_ body: (Database) throws -> Result) throws(Failure) -> Result {
        guard store.access == .readWrite else {
            throw .state("the state store \(place.shown) was opened for reading only", hint: "open it for writing")
        }
        return try store.perform { db in
            var result: Result?
            try db.inTransaction(.immediate) {
                result = try body(db)
                return .commit
            }
            guard let result else { throw DatabaseError(resultCode: .SQLITE_ABORT) }
            return result
        }
    }
}

extension RenewalChange {
    /// The families that its rows name.
    fileprivate var families: [FamilyID] {
        [family?.id, journal?.entry.family].compactMap { $0 } + addedMembers.map(\.family) + sealed.map(\.family)
            + queued.map(\.family)
    }
}
