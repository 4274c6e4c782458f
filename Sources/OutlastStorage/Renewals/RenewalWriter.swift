// One durable step of a renewal within its transaction.

internal import GRDB
internal import OutlastModel

/// Writes one change.
struct RenewalWriter {
    let db: Database
    let family: FamilyID

    /// Writes all of it; the number of the journal's row, 0 without one.
    func write(_ change: RenewalChange) throws -> Int64 {
        if let row = change.family { try put("families", FamilyRow.columns, row.arguments) }
        for row in change.addedMembers { try put("members", MemberRow.columns, row.arguments) }
        for row in change.sealed { try put("secrets", SealedRow.columns, row.arguments) }
        for generation in change.droppedGenerations {
            try db.cachedStatement(sql: "DELETE FROM secrets WHERE family = ? AND generation = ?")
                .execute(arguments: [family.text, generation])
        }
        for row in change.queued { try put("outbox", OutboxRow.columns, row.arguments) }
        for target in change.drained {
            try db.cachedStatement(sql: "DELETE FROM outbox WHERE family = ? AND target = ?")
                .execute(arguments: [family.text, target.bytes.databaseBlob])
        }
        let number = try change.journal.map(write) ?? 0
        if let history = change.history { try write(history) }
        return number
    }

    /// Adds a row, or replaces the one with the same key.
    private func put(_ table: String, _ columns: String, _ arguments: StatementArguments) throws {
        let marks = columns.split(separator: ",").map { _ in "?" }.joined(separator: ", ")
        try db.cachedStatement(sql: "INSERT OR REPLACE INTO \(table)(\(columns)) VALUES (\(marks))")
            .execute(arguments: arguments)
    }

    /// A row that went in between (its family was forgotten) is made anew under another number: a token that has been
    /// received must find its place.
    private func write(_ row: JournalRow) throws -> Int64 {
        if row.entry.id > 0 {
            try db.cachedStatement(
                sql: """
                    UPDATE journal SET (\(JournalRow.columns)) = (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
                    WHERE id = ? AND family = ?
                    """
            ).execute(arguments: row.arguments + [row.entry.id, family.text])
            if db.changesCount > 0 { return row.entry.id }
        }
        try db.cachedStatement(
            sql: """
                INSERT INTO journal(\(JournalRow.columns)) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
                """
        ).execute(arguments: row.arguments)
        return db.lastInsertedRowID
    }

    /// History that contradicts what the store holds is left out: no row of it may keep a new token from being sealed.
    private func write(_ record: RunRecord) throws {
        do {
            try db.inSavepoint {
                try RunWriter(db: db, record: record).write()
                return .commit
            }
        } catch let error as DatabaseError
            where [.SQLITE_CONSTRAINT, .SQLITE_MISMATCH].contains(error.resultCode) && db.isInsideTransaction
        {
            return
        }
    }
}
