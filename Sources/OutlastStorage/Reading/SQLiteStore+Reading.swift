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
            where: "g.project = ? AND g.job = ? AND g.forge = ? AND g.server = ? AND g.leg = ?",
            series.arguments, endedBefore: instant, limit: limit)
    }

    /// Ended attempts of all other series of the same project, newest start first.
    public func attemptsOfOtherJobs(of series: JobSeries, endedBefore instant: Instant, limit: Int) throws(Failure)
        -> [PastAttempt]
    {
        try attempts(
            where: "g.project = ? AND NOT (g.job = ? AND g.leg = ?) AND g.forge = ? AND g.server = ?",
            [series.project, series.job, series.leg, series.forge, series.server], endedBefore: instant, limit: limit)
    }

    /// When an attempt began, as far as anyone said.
    public func startOfJob(_ identity: JobIdentity) throws(Failure) -> Instant? {
        try perform { db in
            try db.cachedStatement(sql: "SELECT started_at FROM jobs WHERE job_key = ?")
                .firstRow([identity.id])?.integer(0).map(Instant.init(milliseconds:))
        }
    }

    /// The last answer of an API's forge about a token; nil when it never gave one.
    public func remembered(_ fingerprint: Fingerprint, api: String?) throws(Failure) -> RememberedToken? {
        let row = try perform { db in
            try db.cachedStatement(
                sql: """
                    SELECT r.standing, r.kind, r.forge_id, r.name, r.scopes, r.expiry, r.expires_at, r.read_at,
                        r.clock_skew_ms
                    FROM tokens t CROSS JOIN readings r ON r.token_id = t.id AND r.api = ? WHERE t.digest = ?
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

    /// For each series that fits, the newest `limit` by the index alone; of these the newest `limit`.
    private func attempts(
        where condition: String, _ arguments: StatementArguments, endedBefore instant: Instant, limit: Int
    ) throws(Failure) -> [PastAttempt] {
        guard limit > 0 else { return [] }
        let now = instant.milliseconds
        return try perform { db in
            let ended = try db.cachedStatement(sql: AttemptQuery.ended(condition))
            let overdue = try db.cachedStatement(sql: AttemptQuery.overdue(condition))
            var attempts: [PastAttempt] = []
            let bounds: StatementArguments = [now, now, limit]
            let rows = try Row.fetchCursor(ended, arguments: bounds + arguments + [limit])
            while let row = try rows.next() { if let attempt = PastAttempt(row) { attempts.append(attempt) } }
            let late = try Row.fetchCursor(overdue, arguments: [now, now] + arguments + [limit])
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

/// The two questions about past attempts; `g` is the series.
enum AttemptQuery {
    /// Attempts that ended or were given up.
    static func ended(_ condition: String) -> String {
        """
        SELECT a.started_at, a.duration_ms, a.status
        FROM series g CROSS JOIN jobs a ON a.id IN (
            SELECT x.id FROM jobs x INDEXED BY jobs_attempts
            WHERE x.series_id = g.id AND x.status <> 'running' AND x.duration_ms IS NOT NULL
                AND x.started_at < ? AND x.ended_at < ?
            ORDER BY x.started_at DESC LIMIT ?)
        WHERE \(condition) ORDER BY a.started_at DESC LIMIT ?
        """
    }

    /// Attempts that still count as running though their time is over.
    static func overdue(_ condition: String) -> String {
        """
        SELECT a.started_at, a.last_seen_at - a.started_at, 'abandoned'
        FROM series g CROSS JOIN jobs a INDEXED BY jobs_running
            ON a.series_id = g.id AND a.status = 'running' AND a.deadline_at <= ?
        WHERE a.started_at <= a.last_seen_at AND a.last_seen_at < ? AND \(condition)
        ORDER BY a.started_at DESC LIMIT ?
        """
    }
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
