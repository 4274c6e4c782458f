// What is asked around one job. Each large table is entered by an index that the statement names.

internal import GRDB
public import OutlastModel

extension SQLiteStore {
    /// A job by its id, the last, or the last one that failed.
    public func job(_ choice: JobChoice) throws(Failure) -> KnownJob? {
        switch choice {
        case .id(let id): return try jobs(CaseQuery.jobByID, [id]).first
        case .last: return try jobs(CaseQuery.lastJob, []).first
        case .lastFailed:
            // One that failed by its status, and one in which something was told to have failed: a job may be asked
            // about before it has said how it ends.
            let found = try jobs(CaseQuery.lastFailedJob, []) + jobs(CaseQuery.lastJobWithFailure, [])
            return found.max { $0.begunAt < $1.begunAt }
        }
    }

    private func jobs(_ sql: String, _ arguments: StatementArguments) throws(Failure) -> [KnownJob] {
        try all(sql, arguments) { KnownJob(row: $0) }
    }

    /// What happened in a job, oldest first.
    public func events(ofJob id: String, limit: Int) throws(Failure) -> [KnownEvent] {
        try all(CaseQuery.events, [id, limit]) { KnownEvent(row: $0) }.reversed()
    }

    /// The tokens that a job used.
    public func tokens(ofJob id: String, limit: Int) throws(Failure) -> [KnownToken] {
        try withUsers(CaseQuery.tokens, [id, limit])
    }

    /// Renewals that a job began or that its tokens went through, oldest first.
    public func renewals(ofJob id: String, tokens: [Fingerprint], limit: Int) throws(Failure) -> [KnownRenewal] {
        let digests = tokens.prefix(Self.mostDigests).map(\.digest.bytes.databaseBlob)
        var values: [any DatabaseValueConvertible] = [id]
        values += digests as [any DatabaseValueConvertible]
        values += digests as [any DatabaseValueConvertible]
        return try all(CaseQuery.renewals(digests.count), StatementArguments(values + [limit])) {
            KnownRenewal(row: $0)
        }.reversed()
    }

    /// Failures of tokens that were told outside of any job.
    public func failuresOutsideJobs(
        of tokens: [Fingerprint], from: Instant, to: Instant, limit: Int
    ) throws(Failure) -> [KnownEvent] {
        let digests = tokens.prefix(Self.mostDigests).map(\.digest.bytes.databaseBlob)
        guard !digests.isEmpty else { return [] }
        let values: [any DatabaseValueConvertible] = [from.milliseconds, to.milliseconds, limit]
        return try all(
            CaseQuery.heard(digests.count), StatementArguments(digests as [any DatabaseValueConvertible] + values)
        ) {
            KnownEvent(row: $0)
        }
    }

    /// Failures of a class before a moment, in a series or of a credential, newest first.
    public func failures(
        of class: FailureClass, before moment: Instant, series: JobSeries?, credential: String?, limit: Int
    ) throws(Failure) -> [PastFailure] {
        let arguments: StatementArguments = [
            "class": `class`.rawValue, "before": moment.milliseconds, "project": series?.project, "job": series?.job,
            "forge": series?.forge, "server": series?.server, "leg": series?.leg, "credential": credential,
            "limit": limit,
        ]
        return try all(CaseQuery.failures, arguments) { row in
            guard let at = row.instant(0) else { return nil }
            return PastFailure(
                at: at, job: KnownJob(row: row, from: 3), class: `class`, token: row.text(1), credential: row.text(2))
        }
    }

    /// The most tokens of one job that are asked about: SQLite bounds the arguments of a statement.
    private static let mostDigests = 200

    /// All rows of a statement that are what they should be.
    func all<Value>(
        _ sql: String, _ arguments: StatementArguments, _ value: (Row) throws -> Value?
    ) throws(Failure) -> [Value] {
        try perform { db in
            var found: [Value] = []
            let rows = try Row.fetchCursor(db.cachedStatement(sql: sql), arguments: arguments)
            while let row = try rows.next() { if let one = try value(row) { found.append(one) } }
            return found
        }
    }

    /// Tokens with those that use them.
    func withUsers(_ sql: String, _ arguments: StatementArguments) throws(Failure) -> [KnownToken] {
        let found = try all(sql, arguments) { row in KnownToken(row: row).map { (row.integer(0) ?? 0, $0) } }
        return try perform { db in
            let users = try db.cachedStatement(sql: CaseQuery.users)
            return try found.map { number, token in
                var token = token
                let rows = try Row.fetchCursor(users, arguments: [number])
                while let row = try rows.next() {
                    guard let forge = row.text(0), let server = row.text(1), let project = row.text(2),
                        let job = row.text(3)
                    else { continue }
                    token.usedBy.append(
                        JobSeries(forge: forge, server: server, project: project, job: job, leg: row.text(4) ?? ""))
                }
                return token
            }
        }
    }
}

/// The statements.
enum CaseQuery {
    private static let job = "SELECT \(KnownJob.columns) FROM jobs j"
    private static let series = "CROSS JOIN series s ON s.id = j.series_id"

    static let jobByID = "\(job) \(series) WHERE j.job_key = ?"
    static let lastJob = "\(job) INDEXED BY jobs_by_time \(series) ORDER BY j.begun_at DESC, j.id DESC LIMIT 1"
    static let lastFailedJob = """
        \(job) INDEXED BY jobs_by_status \(series) WHERE j.status = 'failed' ORDER BY j.begun_at DESC, j.id DESC LIMIT 1
        """
    /// Of the newest failures told, the first in a job that has not ended well.
    static let lastJobWithFailure = """
        SELECT \(KnownJob.columns) FROM (SELECT event_id FROM diagnoses ORDER BY event_id DESC LIMIT 200) d
        CROSS JOIN events e ON e.id = d.event_id CROSS JOIN jobs j ON j.id = e.job_id \(series)
        WHERE j.status <> 'success' ORDER BY d.event_id DESC LIMIT 1
        """

    /// Events of the same moment are as they were written.
    static let events = """
        SELECT \(KnownEvent.columns) FROM events e INDEXED BY events_of_job \(KnownEvent.joins)
        WHERE e.job_id = (SELECT id FROM jobs WHERE job_key = ?) ORDER BY e.at DESC, e.id DESC LIMIT ?
        """

    static let tokens = """
        SELECT \(KnownToken.columns) FROM jobs x CROSS JOIN uses u INDEXED BY uses_of_job ON u.job_id = x.id
        CROSS JOIN tokens t ON t.id = u.token_id \(KnownToken.join) WHERE x.job_key = ? ORDER BY t.id LIMIT ?
        """

    static let users = """
        SELECT s.forge, s.server, s.project, s.job, s.leg FROM token_series u CROSS JOIN series s ON s.id = u.series_id
        WHERE u.token_id = ? ORDER BY u.last_used_at DESC, s.id LIMIT 20
        """

    /// For so many tokens, each named twice.
    static func renewals(_ count: Int) -> String {
        let places = Array(repeating: "?", count: count).joined(separator: ", ")
        let ofTokens = """
            UNION SELECT id FROM journal INDEXED BY journal_by_old WHERE old_digest IN (\(places))
            UNION SELECT id FROM journal INDEXED BY journal_by_new WHERE new_digest IN (\(places))
            """
        return """
            SELECT \(KnownRenewal.columns) FROM (
                SELECT id FROM journal INDEXED BY journal_of_job WHERE job_id = ? \(count > 0 ? ofTokens : "")
            ) p CROSS JOIN journal n ON n.id = p.id \(KnownRenewal.joins)
            ORDER BY coalesce(n.sent_at, n.intended_at) DESC, n.id DESC LIMIT ?
            """
    }

    /// For so many tokens.
    static func heard(_ count: Int) -> String {
        let places = Array(repeating: "?", count: count).joined(separator: ", ")
        return """
            SELECT \(KnownEvent.columns) FROM tokens t CROSS JOIN events e INDEXED BY events_of_token ON e.token_id = t.id
            CROSS JOIN diagnoses d ON d.event_id = e.id CROSS JOIN event_kinds k ON k.id = e.kind_id
            LEFT JOIN jobs j ON j.id = e.job_id
            WHERE t.digest IN (\(places)) AND e.job_id IS NULL AND e.at >= ? AND e.at < ? ORDER BY e.at, e.id LIMIT ?
            """
    }

    static let failures = """
        SELECT e.at, t.fingerprint, t.credential, \(KnownJob.columns)
        FROM (SELECT x.id FROM (SELECT event_id FROM diagnoses INDEXED BY diagnoses_by_class WHERE class = :class
                ORDER BY event_id DESC LIMIT 5000) d CROSS JOIN events x ON x.id = d.event_id
            WHERE x.at < :before AND (x.series_id = (SELECT g.id FROM series g WHERE g.project = :project
                    AND g.job = :job AND g.forge = :forge AND g.server = :server AND g.leg = :leg)
                OR (SELECT k.credential FROM tokens k WHERE k.id = x.token_id) = :credential)
            ORDER BY x.at DESC, x.id DESC LIMIT :limit) d
        CROSS JOIN events e ON e.id = d.id LEFT JOIN tokens t ON t.id = e.token_id
        LEFT JOIN jobs j ON j.id = e.job_id LEFT JOIN series s ON s.id = e.series_id
        ORDER BY e.at DESC, e.id DESC
        """
}
