// What a preflight asks: past durations, the start of its job, what a forge said. Each answer comes from an index and
// is bounded by its limit.

internal import GRDB
public import OutlastModel

extension SQLiteStore {
    /// Ended attempts of a series, newest start first.
    public func attempts(of series: JobSeries, endedBefore instant: Instant, limit: Int) throws(Failure)
        -> [PastAttempt]
    {
        try attempts(
            AttemptQuery.endedOfSeries, AttemptQuery.overdueOfSeries, series.arguments,
            endedBefore: instant, limit: limit)
    }

    /// Ended attempts of all other series of the same project, newest start first.
    public func attemptsOfOtherJobs(of series: JobSeries, endedBefore instant: Instant, limit: Int) throws(Failure)
        -> [PastAttempt]
    {
        try attempts(
            AttemptQuery.endedOfOthers, AttemptQuery.overdueOfOthers,
            [series.project, series.job, series.leg, series.forge, series.server],
            endedBefore: instant, limit: limit)
    }

    /// When an attempt began, as far as anyone said.
    public func startOfJob(_ identity: JobIdentity) throws(Failure) -> Instant? {
        try perform { db in
            try db.cachedStatement(sql: "SELECT started_at FROM jobs WHERE job_key = ?")
                .firstRow([identity.id])?.integer(0).map(Instant.init(milliseconds:))
        }
    }

    /// The last answer of an API's forge about a token; nil when it never gave one, or when a renewal of the token has begun
    /// since: what was true before it may have ended with it.
    public func remembered(_ fingerprint: Fingerprint, api: String?) throws(Failure) -> RememberedToken? {
        let row = try perform { db in
            try db.cachedStatement(
                sql: """
                    SELECT r.standing, r.kind, r.forge_id, r.name, r.scopes, r.expiry, r.expires_at, r.read_at,
                        r.clock_skew_ms
                    FROM tokens t CROSS JOIN readings r ON r.token_id = t.id AND r.api = ? WHERE t.digest = ?
                        AND NOT EXISTS (SELECT 1 FROM journal n
                            WHERE n.old_digest = t.digest AND n.changed_at >= r.read_at)
                    """
            ).firstRow([api ?? "", fingerprint.digest.bytes.databaseBlob])
        }
        guard let row, let standing = row.text(0).flatMap(TokenStanding.init(name:)), let kind = row.text(1),
            let readAt = row.integer(7)
        else { return nil }
        let reading = TokenReading(
            standing: standing, kind: kinds(kind), tokenID: row.text(2), name: row.text(3), scopes: row.scopes(4),
            expiry: Expiry(word: row.text(5), milliseconds: row.integer(6)), readAt: Instant(milliseconds: readAt),
            clockSkew: row.integer(8).map { .milliseconds($0) })
        return RememberedToken(reading: reading, kindID: kind)
    }

    /// When a renewal of the journal put another token in the place of this one.
    public func replaced(_ fingerprint: Fingerprint) throws(Failure) -> Instant? {
        try perform { db in
            try db.cachedStatement(
                sql: """
                    SELECT changed_at FROM journal WHERE old_digest = ? AND new_digest IS NOT NULL
                    ORDER BY id DESC LIMIT 1
                    """
            ).firstRow([fingerprint.digest.bytes.databaseBlob])?.integer(0).map(Instant.init(milliseconds:))
        }
    }

    /// The doubt about a token that nobody has settled.
    public func doubt(about fingerprint: Fingerprint) throws(Failure) -> TokenDoubt? {
        let row = try perform { db in
            try db.cachedStatement(
                sql: """
                    SELECT d.noted_at, d.place FROM tokens t CROSS JOIN doubts d ON d.token_id = t.id
                    WHERE t.digest = ?
                    """
            ).firstRow([fingerprint.digest.bytes.databaseBlob])
        }
        guard let row, let at = row.integer(0), let place = row.text(1) else { return nil }
        return TokenDoubt(fingerprint: fingerprint, at: Instant(milliseconds: at), place: place)
    }

    /// What ended or was given up, and what counts as running though its time is over: of both the newest.
    private func attempts(
        _ ended: String, _ overdue: String, _ arguments: StatementArguments, endedBefore instant: Instant, limit: Int
    ) throws(Failure) -> [PastAttempt] {
        guard limit > 0 else { return [] }
        let values = arguments + [instant.milliseconds, limit]
        return try perform { db in
            var attempts: [PastAttempt] = []
            let rows = try Row.fetchCursor(db.cachedStatement(sql: ended), arguments: values)
            while let row = try rows.next() { if let attempt = PastAttempt(row) { attempts.append(attempt) } }
            let late = try Row.fetchCursor(db.cachedStatement(sql: overdue), arguments: values)
            var isMixed = false
            while let row = try late.next() {
                guard let attempt = PastAttempt(row) else { continue }
                attempts.append(attempt)
                isMixed = true
            }
            guard isMixed else { return attempts }
            return Array(attempts.sorted { $0.startedAt > $1.startedAt }.prefix(limit))
        }
    }
}

/// The questions about past attempts. Each takes the five parts of the series, the moment, and the limit.
enum AttemptQuery {
    private static let series =
        "(SELECT g.id FROM series g WHERE g.project = ?1 AND g.job = ?2 AND g.forge = ?3 AND g.server = ?4 AND g.leg = ?5)"
    private static let others = "g.project = ?1 AND NOT (g.job = ?2 AND g.leg = ?3) AND g.forge = ?4 AND g.server = ?5"

    private static let hasEnded = """
        x.status <> 'running' AND x.duration_ms IS NOT NULL AND x.started_at < ?6 AND x.ended_at < ?6
        ORDER BY x.started_at DESC LIMIT ?7
        """
    private static let isOverdue = """
        a.status = 'running' AND a.deadline_at <= ?6 AND a.started_at <= a.last_seen_at AND a.last_seen_at < ?6
        """

    /// Those of one series, by the index alone.
    static let endedOfSeries = """
        SELECT x.started_at, x.duration_ms, x.status FROM jobs x INDEXED BY jobs_attempts
        WHERE x.series_id = \(series) AND \(hasEnded)
        """

    /// For each of the other series of the project the newest, and of these the newest.
    static let endedOfOthers = """
        SELECT a.started_at, a.duration_ms, a.status
        FROM series g CROSS JOIN jobs a ON a.id IN (
            SELECT x.id FROM jobs x INDEXED BY jobs_attempts WHERE x.series_id = g.id AND \(hasEnded))
        WHERE \(others) ORDER BY a.started_at DESC LIMIT ?7
        """

    /// Attempts of one series that still count as running though their time is over.
    static let overdueOfSeries = """
        SELECT a.started_at, a.last_seen_at - a.started_at, 'abandoned' FROM jobs a INDEXED BY jobs_running
        WHERE a.series_id = \(series) AND \(isOverdue) ORDER BY a.started_at DESC LIMIT ?7
        """

    /// The same of the other series of the project.
    static let overdueOfOthers = """
        SELECT a.started_at, a.last_seen_at - a.started_at, 'abandoned'
        FROM series g CROSS JOIN jobs a INDEXED BY jobs_running ON a.series_id = g.id AND \(isOverdue)
        WHERE \(others) ORDER BY a.started_at DESC LIMIT ?7
        """
}

extension PastAttempt {
    /// Reads started_at, duration_ms, status; nil for a row that does not say them.
    fileprivate init?(_ row: Row) {
        guard let started = row.integer(0), let duration = row.integer(1), duration >= 0,
            let status = row.text(2).flatMap(JobStatus.init(rawValue:))
        else { return nil }
        self.init(
            startedAt: Instant(milliseconds: started), duration: .milliseconds(duration), status: status)
    }
}

extension Row {
    /// Scopes as the store keeps them; nil when not told.
    func scopes(_ index: Int) -> [String]? {
        text(index).map { $0.isEmpty ? [] : $0.split(separator: "\n").map(String.init) }
    }
}
