// Takes out of the history what is old, and gives the room back to the disk. Only the history's own tables are touched.

internal import GRDB
public import OutlastModel

extension SQLiteStore {
    /// Removes events before a moment, jobs and uses that were over before it, and tokens that were last seen before it
    /// and whose life is over.
    public func prune(before moment: Instant, now: Instant) throws(Failure) -> HistoryCount {
        try requireWriting()
        let count = try perform { db in
            var count = HistoryCount()
            try db.inTransaction(.immediate) {
                count = try HistoryPruning(db: db, before: moment.milliseconds, now: now.milliseconds).run()
                return .commit
            }
            try db.execute(sql: "VACUUM")
            return count
        }
        try settle()
        return count
    }
}

/// The statements, in an order that leaves no row pointing at one that is gone.
private struct HistoryPruning {
    let db: Database
    let before: Int64
    let now: Int64

    func run() throws -> HistoryCount {
        // Diagnoses and lines of logs go with their events.
        let events = try remove("events INDEXED BY events_once WHERE at < :before")
        try remove("uses WHERE job_id IN (SELECT id FROM jobs WHERE \(Self.oldJob))")
        let jobs = try remove("jobs WHERE \(Self.oldJob)")
        try remove("token_series WHERE last_used_at < :before")
        try remove("readings WHERE token_id IN (SELECT id FROM tokens WHERE \(Self.oldToken))")
        let tokens = try remove("tokens WHERE \(Self.oldToken)")
        try remove(
            """
            series WHERE NOT EXISTS (SELECT 1 FROM jobs x WHERE x.series_id = series.id)
                AND NOT EXISTS (SELECT 1 FROM events x WHERE x.series_id = series.id)
                AND NOT EXISTS (SELECT 1 FROM token_series x WHERE x.series_id = series.id)
            """)
        return HistoryCount(jobs: jobs, tokens: tokens, events: events)
    }

    /// A job that still runs stays; no CI lets one run for longer than 35 days.
    private static let oldJob = """
        begun_at < :before AND last_seen_at < :before
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

    @discardableResult
    private func remove(_ what: String) throws -> Int {
        var arguments: [String: (any DatabaseValueConvertible)?] = [:]
        if what.contains(":before") { arguments["before"] = before }
        if what.contains(":now") { arguments["now"] = now }
        try db.execute(sql: "DELETE FROM \(what)", arguments: StatementArguments(arguments))
        return db.changesCount
    }
}
