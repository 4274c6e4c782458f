// What a page about the history asks beyond the other questions: jobs as values, which tokens they used, failures by day.

internal import GRDB
public import OutlastModel

extension SQLiteStore {
    /// Job attempts that fit a filter, newest first.
    public func jobs(_ filter: HistoryFilter) throws(Failure) -> [KnownJob] {
        var filter = filter
        filter.token = nil
        let parts = FilterParts(filter)
        return try all(ListQuery.jobs(parts, columns: KnownJob.columns), parts.arguments) { KnownJob(row: $0) }
    }

    /// The tokens that these jobs used, and which job used which.
    public func uses(
        by jobs: [KnownJob], withoutKinds: [String]
    ) throws(Failure) -> (tokens: [KnownToken], uses: [TokenUse]) {
        var byID: [String: KnownJob] = [:]
        for job in jobs { byID[job.id] = job }
        var numbers: Set<Int64> = []
        var uses: [TokenUse] = []
        for piece in Self.pieces(of: jobs.map(\.id)) {
            let arguments = StatementArguments(piece + withoutKinds)
            let sql = ReportQuery.uses(piece.count, withoutKinds: withoutKinds.count)
            let found = try all(sql, arguments) { row -> (Int64, TokenUse)? in
                guard let job = row.text(0).flatMap({ byID[$0] }), let mark = row.text(1), let number = row.integer(2)
                else { return nil }
                return (number, TokenUse(job: job, mark: mark))
            }
            numbers.formUnion(found.map(\.0))
            uses += found.map(\.1)
        }
        var tokens: [KnownToken] = []
        for piece in Self.pieces(of: numbers.sorted()) {
            tokens += try all(ReportQuery.tokens(piece.count), StatementArguments(piece)) { KnownToken(row: $0) }
        }
        return (tokens, uses)
    }

    /// Numbers of failures by day and class.
    public func failuresByDay(
        from start: Instant, to end: Instant, project: String?, job: String?
    ) throws(Failure) -> [FailureDay] {
        let isOfOne = project != nil || job != nil
        var arguments: [String: (any DatabaseValueConvertible)?] = [
            "from": start.milliseconds, "to": end.milliseconds,
        ]
        if let project { arguments["project"] = project }
        if let job { arguments["job"] = job }
        let series = FilterParts(HistoryFilter(project: project, job: job)).series("s")
        return try all(ReportQuery.failures(of: isOfOne ? series : nil), StatementArguments(arguments)) { row in
            guard let day = row.integer(0), let word = row.text(1) else { return nil }
            return FailureDay(day: CivilDate(daysSinceEpoch: day), class: word, count: row.count(2))
        }
    }

    /// SQLite bounds the arguments of a statement, and one text of a statement is compiled once for all whole pieces.
    private static func pieces<Value>(of values: [Value]) -> [[Value]] {
        stride(from: 0, to: values.count, by: 200).map { Array(values[$0..<min($0 + 200, values.count)]) }
    }
}

/// The statements.
enum ReportQuery {
    private static func places(_ count: Int) -> String {
        Array(repeating: "?", count: count).text(joinedBy: ", ")
    }

    /// For so many jobs.
    static func uses(_ count: Int, withoutKinds: Int) -> String {
        let kinds = withoutKinds > 0 ? "AND t.kind NOT IN (\(places(withoutKinds)))" : ""
        return """
            SELECT x.job_key, t.fingerprint, t.id FROM jobs x CROSS JOIN uses u INDEXED BY uses_of_job ON u.job_id = x.id
            CROSS JOIN tokens t ON t.id = u.token_id WHERE x.job_key IN (\(places(count))) \(kinds)
            """
    }

    /// For so many tokens.
    static func tokens(_ count: Int) -> String {
        "SELECT \(KnownToken.columns) FROM tokens t \(KnownToken.join) WHERE t.id IN (\(places(count)))"
    }

    /// As the figures count them, by day; of some series, where a condition on `s` says which.
    static func failures(of series: String?) -> String {
        let own = series.map { "AND e.series_id IN (SELECT id FROM series s WHERE \($0))" } ?? ""
        return """
            SELECT e.at / 86400000 AS day, d.class, count(*) FROM event_kinds k
            CROSS JOIN events e INDEXED BY events_of_kind ON e.kind_id = k.id AND e.at >= :from AND e.at < :to \(own)
            CROSS JOIN diagnoses d ON d.event_id = e.id
            WHERE k.event NOT IN ('start', 'finish', 'preflight', 'credential', 'renew')
            GROUP BY day, d.class ORDER BY day, d.class LIMIT 100000
            """
    }
}
