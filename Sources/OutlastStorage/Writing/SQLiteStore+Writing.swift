// One run, one transaction: the job it ran in, the tokens it met, what happened.

internal import GRDB
public import OutlastModel

extension SQLiteStore {
    /// Writes all of a run; on disk when it returns, unless it may be lost.
    ///
    /// - Throws: `stateUnusable` when the store cannot be written; nothing of the run is stored then.
    public func write(_ record: RunRecord) throws(Failure) {
        try requireWriting()
        // Without a log in front of the file, a write that is not waited for could cost the whole store.
        let isQuick = record.mayBeLost && nature == .local
        try perform { db in
            if isQuick { try db.run("PRAGMA synchronous = NORMAL") }
            defer { if isQuick { try? db.run("PRAGMA synchronous = FULL") } }
            try db.immediately { try RunWriter(db: db, record: record).write() }
        }
        settleLongLog()
    }
}

/// Writes one record within a transaction.
struct RunWriter {
    let db: Database
    let record: RunRecord
    /// The moment of the record, for sightings, which carry none.
    let moment: Instant

    init(db: Database, record: RunRecord) {
        self.db = db
        self.record = record
        moment =
            record.job?.seenAt ?? record.events.map(\.at).max()
            ?? record.sightings.compactMap(\.lifetime.checkedAt).max() ?? Instant(milliseconds: 0)
    }

    func write() throws {
        let job = try record.job.map { try JobWriter(db: db, update: $0).write() }
        // What somebody waits for leaves that to the next run.
        if !record.mayBeLost { try JobWriter.abandonOverdue(db, now: moment, except: job?.id) }
        // As a list: there are few, and a dictionary of a type of ours costs a search through all conformances.
        var tokens: [(digest: SHA256Digest, number: Int64)] = []
        let tokenWriter = TokenWriter(db: db, moment: moment)
        for sighting in record.sightings {
            let known = record.mayBeLost ? try tokenWriter.justSeen(sighting) : nil
            let token = try known ?? tokenWriter.write(sighting)
            tokens.append((sighting.fingerprint.digest, token))
            if let job { try tokenWriter.writeUse(of: token, by: job) }
        }
        for event in record.events {
            var token: Int64?
            if let fingerprint = event.fingerprint {
                let known = tokens.first { $0.digest.bytes == fingerprint.digest.bytes }?.number
                let number = try known ?? tokenWriter.number(of: fingerprint)
                if known == nil { tokens.append((fingerprint.digest, number)) }
                token = number
                if let token, let job { try tokenWriter.writeUse(of: token, by: job) }
            }
            try write(event, job: job, token: token)
        }
        for doubt in record.doubts { try write(doubt, of: tokenWriter.number(of: doubt.fingerprint)) }
        for fingerprint in record.settledDoubts { try settle(fingerprint) }
    }

    private func write(_ event: Event, job: WrittenJob?, token: Int64?) throws {
        let arguments: StatementArguments = [event.outcome, event.event]
        let kind = try db.number(
            "SELECT id FROM event_kinds WHERE outcome = ? AND event = ?",
            orInsert: "INSERT INTO event_kinds(outcome, event) VALUES (?, ?)", arguments)
        if event.isOnce, try isKnown(event, kind, of: job) { return }
        try db.cachedStatement(
            sql: """
                INSERT INTO events(at, kind_id, job_id, series_id, token_id, code, detail) VALUES (?, ?, ?, ?, ?, ?, ?)
                ON CONFLICT DO NOTHING
                """
        ).execute(arguments: [
            event.at.milliseconds, kind, job?.id, job?.series, token, event.code.rawValue, event.detail,
        ])
        guard let diagnosis = event.diagnosis, db.changesCount > 0 else { return }
        try db.cachedStatement(
            sql: """
                INSERT INTO diagnoses(event_id, class, confidence, line, source, operation, credential_at_fault)
                VALUES (?, ?, ?, ?, ?, ?, ?)
                """
        ).execute(arguments: [
            db.lastInsertedRowID, diagnosis.class.rawValue, diagnosis.confidence.rawValue, diagnosis.line,
            event.source.rawValue, diagnosis.operation?.rawValue, diagnosis.credentialAtFault.map { $0 ? 1 : 0 },
        ])
    }
}

extension RunWriter {
    private func write(_ doubt: TokenDoubt, of token: Int64) throws {
        try db.cachedStatement(
            sql: """
                INSERT INTO doubts(token_id, noted_at, place) VALUES (?, ?, ?)
                ON CONFLICT DO UPDATE SET noted_at = excluded.noted_at, place = excluded.place
                """
        ).execute(arguments: [token, doubt.at.milliseconds, doubt.place])
    }

    private func settle(_ fingerprint: Fingerprint) throws {
        try db.cachedStatement(
            sql: "DELETE FROM doubts WHERE token_id = (SELECT id FROM tokens WHERE digest = ?)"
        ).execute(arguments: [fingerprint.digest.bytes.databaseBlob])
    }

    /// Whether the job (or, without one, the store) has an event of this kind with this detail.
    private func isKnown(_ event: Event, _ kind: Int64, of job: WrittenJob?) throws -> Bool {
        guard let job else {
            return try db.cachedStatement(
                sql: """
                    SELECT 1 FROM events INDEXED BY events_of_kind
                    WHERE kind_id = ? AND job_id IS NULL AND detail IS ? LIMIT 1
                    """
            ).firstRow([kind, event.detail]) != nil
        }
        return try db.cachedStatement(
            sql: """
                SELECT 1 FROM events INDEXED BY events_of_job WHERE job_id = ? AND kind_id = ? AND detail IS ? LIMIT 1
                """
        ).firstRow([job.id, kind, event.detail]) != nil
    }
}

/// A job's numbers in the store.
struct WrittenJob {
    let id: Int64
    let series: Int64
    let begunAt: Instant
    /// Whether something was told that was not known.
    let isNews: Bool
}

extension Database {
    /// The number of a row that is made when it is not there yet. Both statements take the same arguments.
    func number(_ select: String, orInsert insert: String, _ arguments: StatementArguments) throws -> Int64 {
        if let number = try cachedStatement(sql: select).firstRow(arguments)?.integer(0) { return number }
        try cachedStatement(sql: insert).execute(arguments: arguments)
        return lastInsertedRowID
    }
}
