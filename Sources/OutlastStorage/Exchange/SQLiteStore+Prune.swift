// Takes out of the history what is old, and gives the room back to the disk. Only the history's own tables are touched. Some
// rows at a time: a job that has something to tell meanwhile waits for a moment, not for the end of it all.

internal import GRDB
public import OutlastModel

extension SQLiteStore {
    /// Removes events before a moment, jobs and uses that were over before it, tokens that were last seen before it and
    /// whose life is over, and what lists told of tokens that are gone.
    public func prune(before moment: Instant, now: Instant) throws(Failure) -> HistoryCount {
        try requireWriting()
        let pruning = HistoryPruning(before: moment.milliseconds, now: now.milliseconds)
        var count = HistoryCount()
        try setPace(isQuick: true)
        for table in HistoryPruning.sliced { try eachSlice(of: table, pruning) { count += $0 } }
        count += try inTransaction { try pruning.removeTheRest($0) }
        try giveRoomBack()
        try setPace(isQuick: false)
        try settle()
        return count
    }

    /// History has no secrets that a free page must not keep, and what is freed here is cut off in the end. A step that is
    /// lost with the power is done again by the next run; without a log in front of the file it could cost the whole store.
    private func setPace(isQuick: Bool) throws(Failure) {
        let isQuick = isQuick && nature == .local
        try perform { db in
            try db.execute(
                sql: """
                    PRAGMA secure_delete = \(isQuick ? "FAST" : "ON");
                    PRAGMA synchronous = \(isQuick ? "NORMAL" : "FULL");
                    PRAGMA wal_autocheckpoint = \(isQuick ? 8000 : 1000)
                    """)
        }
    }

    /// Goes through a table by one of its moments, in slices of some rows, each a transaction.
    private func eachSlice(
        of table: HistoryPruning.Table, _ pruning: HistoryPruning, _ found: (HistoryCount) -> Void
    ) throws(Failure) {
        var from: Int64? = .min
        while let start = from {
            let (count, next) = try inTransaction { db in
                let next = try pruning.end(of: table, from: start, db)
                return (try pruning.remove(table, from: start, to: next, db), next)
            }
            found(count)
            from = next
        }
    }

    /// A new store gives its free pages back some at a time. An older one is written anew once, and is like a new one then.
    private func giveRoomBack() throws(Failure) {
        let isNew = try perform { db in
            try db.cachedStatement(sql: "PRAGMA auto_vacuum").firstRow()?.integer(0) == 2
        }
        guard isNew else {
            return try perform { db in try db.execute(sql: "PRAGMA auto_vacuum = INCREMENTAL; VACUUM") }
        }
        var free = Int64.max
        while true {
            let left = try perform { db in
                try db.execute(sql: "PRAGMA incremental_vacuum(\(HistoryPruning.pages))")
                return try db.cachedStatement(sql: "PRAGMA freelist_count").firstRow()?.integer(0) ?? 0
            }
            guard left > 0, left < free else { return }
            free = left
            rest()
        }
    }

    private func inTransaction<Result>(_ body: (Database) throws -> Result) throws(Failure) -> Result {
        let result = try perform { db in
            var result: Result?
            try db.inTransaction(.immediate) {
                result = try body(db)
                return .commit
            }
            guard let result else { throw DatabaseError(resultCode: .SQLITE_INTERNAL) }
            return result
        }
        rest()
        return result
    }

    /// Lets those in who wait: SQLite does not queue them, they look again every now and then.
    private func rest() { StoreConnection.pause(milliseconds: 10) }
}

/// The statements. No row is left that points at one that is gone.
private struct HistoryPruning {
    let before: Int64
    let now: Int64

    /// Rows that one transaction looks at, and pages that it gives back.
    static let rows = 5000
    static let pages = 2000

    /// A table that is gone through by a moment that an index is in the order of.
    struct Table {
        let name: String
        let index: String
        let moment: String
        /// Whether rows of the last days are looked at as well.
        let isWhole: Bool
    }

    /// In this order.
    static let sliced = [events, jobs, tokens]
    private static let events = Table(name: "events", index: "events_once", moment: "at", isWhole: false)
    private static let jobs = Table(name: "jobs", index: "jobs_by_time", moment: "begun_at", isWhole: false)
    private static let tokens = Table(name: "tokens", index: "tokens_by_time", moment: "last_seen_at", isWhole: true)

    /// Where a slice ends; nil for the last one.
    func end(of table: Table, from start: Int64, _ db: Database) throws -> Int64? {
        let sql = """
            SELECT \(table.moment) FROM \(table.name) INDEXED BY \(table.index)
            WHERE \(table.moment) >= ? AND \(table.moment) < ? ORDER BY \(table.moment) LIMIT 1 OFFSET \(Self.rows)
            """
        let found = try db.cachedStatement(sql: sql).firstRow([start, last(of: table)])?.integer(0)
        // Of one and the same moment all go at once.
        return found.map { max($0, start == .min ? $0 : start + 1) }
    }

    private func last(of table: Table) -> Int64 { table.isWhole ? .max : before }

    /// Removes what is old in a slice.
    func remove(_ table: Table, from start: Int64, to end: Int64?, _ db: Database) throws -> HistoryCount {
        let slice = """
            \(table.name) INDEXED BY \(table.index) WHERE \(table.moment) >= :from AND \(table.moment) < :to
            """
        let (from, to) = (start, end ?? last(of: table))
        func remove(_ what: String) throws -> Int { try self.remove(what, from: from, to: to, db) }
        switch table.name {
        case Self.events.name:
            // Diagnoses and lines of logs go with their events.
            return HistoryCount(events: try remove(slice))
        case Self.jobs.name:
            _ = try remove("uses WHERE job_id IN (SELECT id FROM \(slice) AND \(Self.oldJob))")
            return HistoryCount(jobs: try remove("\(slice) AND \(Self.oldJob)"))
        default:
            _ = try remove(
                "token_series WHERE token_id IN (SELECT id FROM \(slice)) AND last_used_at < :before")
            _ = try remove("readings WHERE token_id IN (SELECT id FROM \(slice) AND \(Self.oldToken))")
            return HistoryCount(tokens: try remove("\(slice) AND \(Self.oldToken)"))
        }
    }

    /// What is small.
    func removeTheRest(_ db: Database) throws -> HistoryCount {
        // One that ended long ago, and one that a later list of its API no longer had.
        let listed = try remove(
            """
            listed_tokens WHERE expires_at < :before OR (listed_at < :before
                AND EXISTS (SELECT 1 FROM listed_tokens n WHERE n.api = listed_tokens.api AND n.listed_at >= :before))
            """, db)
        _ = try remove(
            """
            series WHERE NOT EXISTS (SELECT 1 FROM jobs x WHERE x.series_id = series.id)
                AND NOT EXISTS (SELECT 1 FROM events x WHERE x.series_id = series.id)
                AND NOT EXISTS (SELECT 1 FROM token_series x WHERE x.series_id = series.id)
            """, db)
        return HistoryCount(listedTokens: listed)
    }

    /// A job that still runs stays; no CI lets one run for longer than 35 days. One that was told of late is as old as its
    /// end.
    private static let oldJob = """
        coalesce(ended_at, last_seen_at) < :before
            AND (status <> 'running' OR coalesce(deadline_at, begun_at + 3024000000) <= :now)
            AND NOT EXISTS (SELECT 1 FROM events x WHERE x.job_id = jobs.id)
        """

    /// A token that lives stays, since its end is still to come; so does one that somebody doubts.
    private static let oldToken = """
        last_seen_at < :before AND (expiry = 'unknown' OR expires_at <= :now)
            AND NOT EXISTS (SELECT 1 FROM events x WHERE x.token_id = tokens.id)
            AND NOT EXISTS (SELECT 1 FROM uses x WHERE x.token_id = tokens.id)
            AND NOT EXISTS (SELECT 1 FROM token_series x WHERE x.token_id = tokens.id)
            AND NOT EXISTS (SELECT 1 FROM doubts x WHERE x.token_id = tokens.id)
        """

    private func remove(_ what: String, from: Int64 = 0, to: Int64 = 0, _ db: Database) throws -> Int {
        var arguments: [String: (any DatabaseValueConvertible)?] = [:]
        for (name, value) in [("before", before), ("now", now), ("from", from), ("to", to)]
        where what.contains(":\(name)") { arguments[name] = value }
        try db.cachedStatement(sql: "DELETE FROM \(what)").execute(arguments: StatementArguments(arguments))
        return db.changesCount
    }
}
