// Figures. They walk the part of an index that the span of time covers, and nothing else.

internal import GRDB
public import OutlastModel

extension SQLiteStore {
    /// Figures on what happened from a moment up to another.
    public func counts(from start: Instant, to end: Instant) throws(Failure) -> HistoryCounts {
        let span: StatementArguments = [start.milliseconds, end.milliseconds]
        return HistoryCounts(
            jobs: try words(CountQuery.jobs, span), decisions: try words(CountQuery.decisions, span),
            failures: try words(CountQuery.failures, span), renewals: try words(CountQuery.renewals, span),
            tokens: try words(CountQuery.tokens, span),
            events: try all(CountQuery.events, span) { $0.count(0) }.first ?? 0)
    }

    /// The same over the whole history.
    public func totals() throws(Failure) -> HistoryCounts {
        let span: StatementArguments = [Int64.min, Int64.max]
        return HistoryCounts(
            jobs: try words(CountQuery.jobs, span), failures: try words(CountQuery.allFailures, []),
            renewals: try words(CountQuery.renewals, span),
            events: try all(CountQuery.allEvents, []) { $0.count(0) }.first ?? 0)
    }

    private func words(_ sql: String, _ arguments: StatementArguments) throws(Failure) -> [HistoryCounts.Count] {
        try all(sql, arguments) { row in row.text(0).map { HistoryCounts.Count($0, row.count(1)) } }
    }
}

/// The statements.
enum CountQuery {
    static let jobs = """
        SELECT w.status, (SELECT count(*) FROM jobs j INDEXED BY jobs_by_status
            WHERE j.status = w.status AND j.begun_at >= ?1 AND j.begun_at < ?2) AS n
        FROM (SELECT 'abandoned' AS status UNION SELECT 'canceled' UNION SELECT 'failed' UNION SELECT 'running'
            UNION SELECT 'success') w
        WHERE n > 0 ORDER BY w.status
        """
    static let decisions = """
        SELECT j.decision, count(*) FROM jobs j INDEXED BY jobs_by_time
        WHERE j.begun_at >= ?1 AND j.begun_at < ?2 AND j.decision IS NOT NULL GROUP BY j.decision ORDER BY j.decision
        """
    /// A failure is told by an event of a kind of its own, and there are few kinds.
    static let failures = """
        SELECT d.class, count(*) FROM event_kinds k CROSS JOIN events e INDEXED BY events_of_kind
            ON e.kind_id = k.id AND e.at >= ?1 AND e.at < ?2
        CROSS JOIN diagnoses d ON d.event_id = e.id
        WHERE k.event NOT IN ('start', 'finish', 'preflight', 'credential', 'renew') GROUP BY d.class ORDER BY d.class
        """
    static let renewals = """
        SELECT state, count(*) FROM journal INDEXED BY journal_by_time WHERE changed_at >= ?1 AND changed_at < ?2
        GROUP BY state ORDER BY state
        """
    static let tokens = """
        SELECT kind, count(*) FROM tokens INDEXED BY tokens_by_time WHERE last_seen_at >= ?1 AND last_seen_at < ?2
        GROUP BY kind ORDER BY kind
        """
    static let allFailures = """
        SELECT class, count(*) FROM diagnoses INDEXED BY diagnoses_by_class GROUP BY class ORDER BY class
        """
    /// By the smallest index that has all.
    static let allEvents = "SELECT count(*) FROM events"
    static let events = "SELECT count(*) FROM events INDEXED BY events_once WHERE at >= ?1 AND at < ?2"
}
