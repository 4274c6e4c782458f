// Brings the history of another store into this one, some rows at a time: what stops in the middle is gone on with by the
// next run, since every row is known by what it says and never by its number.

internal import GRDB
public import OutlastModel

extension SQLiteStore {
    /// Takes the history of another store in; see `HistoryExchange`.
    public func merge(_ path: String, now: Instant) throws(Failure) -> MergeCount {
        try requireWriting()
        let other = try ForeignStore(path, files: files, into: place)
        var merge = HistoryMerge(other: other, store: self, latest: now.advanced(by: .seconds(86_400)).milliseconds)
        try merge.jobs()
        try merge.tokens()
        try merge.events()
        try merge.uses()
        try merge.listed()
        try settle()
        return merge.count
    }
}

/// The work on one store.
private struct HistoryMerge {
    let other: ForeignStore
    let store: SQLiteStore
    /// The clocks of two machines differ, but not by days.
    let latest: Int64
    var count = MergeCount()

    /// Rows that one transaction takes.
    private static let batch = 2000

    mutating func jobs() throws(Failure) {
        try each(
            """
            SELECT j.id, \(ForeignJob.columns) FROM jobs j JOIN series s ON s.id = j.series_id
            WHERE j.id > ? ORDER BY j.id LIMIT \(Self.batch)
            """
        ) { cells, db, count in
            guard let job = ForeignJob(cells) else {
                count.refused += 1
                return
            }
            if try JobWriter(db: db, update: job.update).write().isNews {
                count.jobs.added += 1
            } else {
                count.jobs.known += 1
            }
        }
    }

    mutating func tokens() throws(Failure) {
        try each("SELECT id, \(ForeignToken.columns) FROM tokens WHERE id > ? ORDER BY id LIMIT \(Self.batch)") {
            cells, db, count in
            guard let token = ForeignToken(cells) else {
                count.refused += 1
                return
            }
            if try Rows(db).token(token.digest) == nil { count.tokens.added += 1 } else { count.tokens.known += 1 }
            try db.cachedStatement(sql: ForeignToken.upsert).execute(arguments: token.arguments)
        }
    }

    mutating func events() throws(Failure) {
        let diagnoses = other.has("diagnoses")
        let lines = other.has("log_lines")
        let diagnosis = "d.class, d.confidence, d.line, d.source, d.operation, d.credential_at_fault"
        let nothing = "NULL, NULL, NULL, NULL"
        try each(
            """
            SELECT e.id, e.at, k.event, k.outcome, j.job_key, t.digest, e.code, e.detail,
                \(diagnoses ? diagnosis : nothing + ", NULL, NULL"),
                \(lines ? "l.line_key, l.forge, l.host, l.forge_id" : nothing),
                e.job_id IS NOT NULL, e.token_id IS NOT NULL
            FROM events e JOIN event_kinds k ON k.id = e.kind_id
            LEFT JOIN jobs j ON j.id = e.job_id LEFT JOIN tokens t ON t.id = e.token_id
            \(diagnoses ? "LEFT JOIN diagnoses d ON d.event_id = e.id" : "")
            \(lines ? "LEFT JOIN log_lines l ON l.event_id = e.id" : "")
            WHERE e.id > ? ORDER BY e.id LIMIT \(Self.batch)
            """
        ) { cells, db, count in
            guard let event = ForeignEvent(cells) else {
                count.refused += 1
                return
            }
            let rows = Rows(db)
            let job = try event.job.flatMap { try rows.job($0) }
            let token = try event.digest.flatMap { try rows.token($0) }
            // A row whose job or token was refused is refused with it.
            guard (cells.row.integer(18) == 1) == (job != nil), (cells.row.integer(19) == 1) == (token != nil) else {
                count.refused += 1
                return
            }
            if try rows.insert(event, job: job, token: token) {
                count.events.added += 1
            } else {
                count.events.known += 1
            }
        }
    }

    /// What forges' lists told: of two tellings the later one counts.
    mutating func listed() throws(Failure) {
        guard other.has("listed_tokens") else { return }
        var last = ("", "")
        while true {
            let place = last
            let found = try other.read { db in
                try Row.fetchAll(
                    db.cachedStatement(sql: ForeignListedToken.query(limit: Self.batch)),
                    arguments: [place.0, place.1])
            }
            guard let end = found.last else { return }
            last = (end.text(0) ?? "", end.text(1) ?? "")
            var count = count
            try write { db in
                for row in found {
                    guard let token = ForeignListedToken(ForeignCells(row: row, latest: latest)) else {
                        count.refused += 1
                        continue
                    }
                    let known = try db.cachedStatement(sql: ForeignListedToken.known).firstRow(token.key) != nil
                    try db.cachedStatement(sql: ForeignListedToken.upsert).execute(arguments: token.arguments)
                    if known { count.listedTokens.known += 1 } else { count.listedTokens.added += 1 }
                }
            }
            self.count = count
        }
    }

    /// Which jobs used which tokens: told by digests and keys, so that a row may be told again.
    mutating func uses() throws(Failure) {
        var last: (Int64, Int64, Int64) = (.min, .min, .min)
        while true {
            let place = last
            let found = try other.read { db in
                try Row.fetchAll(
                    db.cachedStatement(
                        sql: """
                            SELECT u.token_id, u.begun_at, u.job_id, t.digest, j.job_key
                            FROM uses u JOIN tokens t ON t.id = u.token_id JOIN jobs j ON j.id = u.job_id
                            WHERE (u.token_id, u.begun_at, u.job_id) > (?, ?, ?)
                            ORDER BY u.token_id, u.begun_at, u.job_id LIMIT \(Self.batch)
                            """), arguments: [place.0, place.1, place.2])
            }
            guard let end = found.last else { return }
            last = (end.integer(0) ?? .max, end.integer(1) ?? .max, end.integer(2) ?? .max)
            try write { db in
                let rows = Rows(db)
                for row in found {
                    guard let key = row.text(4), let job = try rows.job(key), let digest = row.bytes(3),
                        let token = try rows.token(digest)
                    else { continue }
                    try TokenWriter(db: db, moment: job.begunAt).writeUse(of: token, by: job)
                }
            }
        }
    }

    /// Reads the other store in batches by the first column, and writes what each batch comes to in one transaction.
    private mutating func each(
        _ sql: String, _ body: (ForeignCells, Database, inout MergeCount) throws -> Void
    ) throws(Failure) {
        var last = Int64.min
        while true {
            let from = last
            let found = try other.read { db in try Row.fetchAll(db.cachedStatement(sql: sql), arguments: [from]) }
            guard let end = found.last?.integer(0) else { return }
            last = end
            var count = count
            try write { db in
                for row in found { try body(ForeignCells(row: row, latest: latest), db, &count) }
            }
            self.count = count
        }
    }

    private func write(_ body: (Database) throws -> Void) throws(Failure) {
        try store.perform { db in
            try db.inTransaction(.immediate) {
                try body(db)
                return .commit
            }
        }
        store.settleLongLog()
    }
}

/// Rows of our own store, found by what both stores know them by.
private struct Rows {
    let db: Database

    init(_ db: Database) { self.db = db }

    func job(_ key: String) throws -> WrittenJob? {
        let row = try db.cachedStatement(sql: "SELECT id, series_id, begun_at FROM jobs WHERE job_key = ?").firstRow([
            key
        ])
        guard let row, let id = row.integer(0), let series = row.integer(1), let begun = row.integer(2) else {
            return nil
        }
        return WrittenJob(id: id, series: series, begunAt: Instant(milliseconds: begun), isNews: false)
    }

    func token(_ digest: [UInt8]) throws -> Int64? {
        try db.cachedStatement(sql: "SELECT id FROM tokens WHERE digest = ?").firstRow([digest.databaseBlob])?.integer(
            0)
    }

    /// Stores an event; false when it was there. What begins or ends a job does so once, whoever tells when.
    func insert(_ event: ForeignEvent, job: WrittenJob?, token: Int64?) throws -> Bool {
        if let logged = event.logged {
            var count = ImportCount()
            try LogFailureWriter(db, source: event.source).write(logged, token: token, &count)
            return count.added > 0
        }
        let kind = try db.number(
            "SELECT id FROM event_kinds WHERE outcome = ? AND event = ?",
            orInsert: "INSERT INTO event_kinds(outcome, event) VALUES (?, ?)", [event.outcome, event.event])
        if let job, ["start", "finish"].contains(event.event) {
            let known = try db.cachedStatement(
                sql: "SELECT 1 FROM events INDEXED BY events_of_job WHERE job_id = ? AND kind_id = ? LIMIT 1"
            ).firstRow([job.id, kind])
            if known != nil { return false }
        }
        try db.cachedStatement(
            sql: """
                INSERT INTO events(at, kind_id, job_id, series_id, token_id, code, detail) VALUES (?, ?, ?, ?, ?, ?, ?)
                ON CONFLICT DO NOTHING
                """
        ).execute(arguments: [event.at.milliseconds, kind, job?.id, job?.series, token, event.code, event.detail])
        guard db.changesCount > 0 else { return false }
        let number = db.lastInsertedRowID
        if let token, let job { try TokenWriter(db: db, moment: event.at).writeUse(of: token, by: job) }
        if let diagnosis = event.diagnosis {
            try db.cachedStatement(
                sql: """
                    INSERT INTO diagnoses(event_id, class, confidence, line, source, operation, credential_at_fault)
                    VALUES (?, ?, ?, ?, ?, ?, ?)
                    """
            ).execute(arguments: [number] + diagnosis)
        }
        return true
    }
}
