// Rows of the history as the model's values. A row that lacks what it must have is left out, as if it were not there.

internal import GRDB
internal import OutlastModel

extension Row {
    func instant(_ index: Int) -> Instant? { integer(index).map(Instant.init(milliseconds:)) }

    func count(_ index: Int) -> Int { integer(index).flatMap(Int.init(exactly:)) ?? 0 }

    func digest(_ index: Int) -> Fingerprint? {
        bytes(index).flatMap(SHA256Digest.init(bytes:)).map(Fingerprint.init(digest:))
    }
}

extension KnownJob {
    /// What `init(row:from:)` reads, of `j` and its series `s`.
    static let columns = """
        j.job_key, s.forge, s.server, s.project, s.job, s.leg, j.run, j.attempt, j.status, j.begun_at, j.started_at,
        j.finished_at, j.last_seen_at, j.timeout_ms, j.decision
        """
    static let width = 15

    init?(row: Row, from first: Int = 0) {
        guard let id = row.text(first), let forge = row.text(first + 1), let server = row.text(first + 2),
            let project = row.text(first + 3), let job = row.text(first + 4), let run = row.text(first + 6),
            let status = row.text(first + 8).flatMap(JobStatus.init(rawValue:)), let begun = row.instant(first + 9)
        else { return nil }
        self.init(
            id: id,
            series: JobSeries(
                forge: forge, server: server, project: project, job: job, leg: row.text(first + 5) ?? ""),
            run: run, attempt: row.count(first + 7), status: status, begunAt: begun,
            startedAt: row.instant(first + 10), finishedAt: row.instant(first + 11),
            lastSeenAt: row.instant(first + 12) ?? begun,
            timeout: row.integer(first + 13).map { .milliseconds($0) }, decision: row.text(first + 14))
    }
}

extension KnownToken {
    /// When a newer generation had fully taken the place of `t`.
    static let replaced = """
        (SELECT min(n.changed_at) FROM journal n INDEXED BY journal_by_old
            WHERE n.old_digest = t.digest AND n.state = 'retired')
        """

    /// What `init(row:)` reads, of `t` and the last answer `r` of its forge.
    static let columns = """
        t.id, t.digest, t.credential, t.kind, t.forge, t.api, t.forge_id, t.name, t.scopes, t.expiry, t.expires_at,
        t.expiry_source, t.checked_at, t.clock_skew_ms, t.family, t.generation, t.first_seen_at, t.last_seen_at,
        coalesce(r.standing, t.standing), r.read_at, \(replaced)
        """

    static let join = "LEFT JOIN readings r ON r.token_id = t.id AND r.api = coalesce(t.api, '')"

    init?(row: Row) {
        guard let fingerprint = row.digest(1), let kind = row.text(3), let forge = row.text(4),
            let first = row.instant(16), let last = row.instant(17)
        else { return nil }
        self.init(
            mark: fingerprint.text, fingerprint: fingerprint, credential: row.text(2), kind: kind, forge: forge,
            api: row.text(5), tokenID: row.text(6), name: row.text(7), scopes: row.scopes(8),
            lifetime: Lifetime(
                expiry: Expiry(word: row.text(9), milliseconds: row.integer(10)),
                source: row.text(11).flatMap(LifetimeSource.init(rawValue:)) ?? .unknown, checkedAt: row.instant(12)),
            standing: row.text(18).flatMap(TokenStanding.init(name:)), standingAt: row.instant(19),
            clockSkew: row.integer(13).map { .milliseconds($0) }, family: row.text(14),
            generation: row.integer(15).flatMap(Int.init(exactly:)), firstSeenAt: first, lastSeenAt: last,
            replacedAt: row.instant(20))
    }

    /// What `init(listed:)` reads, of `l`.
    static let listedColumns = """
        l.api, l.forge_id, l.forge, l.kind, l.name, l.scopes, l.expiry, l.expires_at, l.standing, l.first_listed_at,
        l.listed_at
        """

    init?(listed row: Row) {
        guard let api = row.text(0), let id = row.text(1), let forge = row.text(2), let kind = row.text(3),
            let first = row.instant(9), let last = row.instant(10)
        else { return nil }
        self.init(
            mark: ListedToken.mark(api: api, tokenID: id), fingerprint: nil, kind: kind, forge: forge, api: api,
            tokenID: id, name: row.text(4), scopes: row.scopes(5),
            lifetime: Lifetime(
                expiry: Expiry(word: row.text(6), milliseconds: row.integer(7)), source: .forge, checkedAt: last),
            standing: row.text(8).flatMap(TokenStanding.init(name:)), standingAt: last, firstSeenAt: first,
            lastSeenAt: last)
    }
}

extension KnownEvent {
    /// What `init(row:from:)` reads, of `e` with its kind `k`, token `t`, job `j` and diagnosis `d`.
    static let columns = """
        e.at, k.event, k.outcome, t.fingerprint, t.credential, e.detail, e.code, j.job_key, d.event_id, d.class,
        d.confidence, d.line, d.operation, d.source, d.credential_at_fault
        """

    static let joins = """
        CROSS JOIN event_kinds k ON k.id = e.kind_id LEFT JOIN tokens t ON t.id = e.token_id
        LEFT JOIN jobs j ON j.id = e.job_id LEFT JOIN diagnoses d ON d.event_id = e.id
        """

    init?(row: Row) {
        guard let at = row.instant(0), let event = row.text(1), let outcome = row.text(2) else { return nil }
        var diagnosis: KnownDiagnosis?
        if row.integer(8) != nil {
            diagnosis = KnownDiagnosis(
                class: row.text(9).flatMap(FailureClass.init(rawValue:)),
                confidence: row.text(10).flatMap(Confidence.init(rawValue:)) ?? .low, line: row.text(11),
                operation: row.text(12), source: row.text(13) ?? "", credentialAtFault: row.integer(14).map { $0 == 1 })
        }
        self.init(
            at: at, event: event, outcome: outcome, token: row.text(3), credential: row.text(4), detail: row.text(5),
            code: row.count(6), jobID: row.text(7), diagnosis: diagnosis)
    }
}

extension KnownRenewal {
    /// What `init(row:)` reads, of `n` and the job that began it.
    static let columns = """
        coalesce(n.sent_at, n.intended_at), n.changed_at, n.credential, n.method, n.state, n.old_digest, n.new_digest,
        n.job_id, n.detail, \(KnownJob.columns)
        """

    static let joins = "LEFT JOIN jobs j ON j.job_key = n.job_id LEFT JOIN series s ON s.id = j.series_id"

    init?(row: Row) {
        guard let at = row.instant(0), let changed = row.instant(1), let old = row.digest(5) else { return nil }
        self.init(
            at: at, changedAt: changed, credential: row.text(2) ?? "", method: row.text(3) ?? "",
            state: row.text(4).flatMap(RenewalState.init(rawValue:)), old: old.text, new: row.digest(6)?.text,
            jobID: row.text(7), job: KnownJob(row: row, from: 9), detail: row.text(8))
    }
}
