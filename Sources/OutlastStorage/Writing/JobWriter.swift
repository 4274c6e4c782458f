// Stores what a run knows of its job, and gives up jobs that never said how they ended (contract, section 7).

internal import GRDB
internal import OutlastModel

/// Writes one change to a job attempt.
struct JobWriter {
    let db: Database
    let update: JobUpdate

    /// Stores the change and settles the slot that the job runs in.
    func write() throws -> WrittenJob {
        try takeInFormer()
        let row = try db.cachedStatement(
            sql: """
                SELECT id, series_id, begun_at, started_at, finished_at, status, decision, timeout_ms, slot,
                    last_seen_at
                FROM jobs WHERE job_key = ?
                """
        ).firstRow([update.identity.id])
        let written: WrittenJob
        if let row, let id = row.integer(0), let series = row.integer(1), let known = StoredJob(row, from: 2) {
            var job = known
            job.apply(update)
            if job != known { try change(id, to: job) }
            // Having been seen once more is no news.
            var seen = known
            seen.lastSeenAt = job.lastSeenAt
            written = WrittenJob(id: id, series: series, begunAt: job.begunAt, isNews: job != seen)
        } else {
            written = try insert(StoredJob(update))
        }
        try settleSlot(of: written)
        return written
    }

    /// Gives up all jobs whose time is over, except the one that speaks.
    static func abandonOverdue(_ db: Database, now: Instant, except job: Int64?) throws {
        try db.cachedStatement(
            sql: """
                UPDATE jobs INDEXED BY jobs_overdue SET \(abandonment)
                WHERE status = 'running' AND deadline_at IS NOT NULL AND deadline_at <= ? AND id IS NOT ?
                """
        ).execute(arguments: [now.milliseconds, job])
    }

    /// What is known of an abandoned job ends with the last that was seen of it.
    private static let abandonment = """
        status = 'abandoned', ended_at = last_seen_at,
        duration_ms = CASE WHEN started_at <= last_seen_at THEN last_seen_at - started_at END
        """

    /// The number of the attempt's series.
    private func series() throws -> Int64 {
        try db.number(
            "SELECT id FROM series WHERE project = ? AND job = ? AND forge = ? AND server = ? AND leg = ?",
            orInsert: "INSERT INTO series(project, job, forge, server, leg) VALUES (?, ?, ?, ?, ?)",
            update.identity.series.arguments)
    }

    /// An import that could not tell the job's name has kept the attempt under another: it becomes this one, or goes where
    /// this one is there already. One that anything else has told of is left alone.
    private func takeInFormer() throws {
        let id = update.identity.id
        guard let former = update.formerID, former != id else { return }
        let found = try db.cachedStatement(
            sql: """
                SELECT id, series_id FROM jobs WHERE job_key = ?
                    AND NOT EXISTS (SELECT 1 FROM events x WHERE x.job_id = jobs.id)
                    AND NOT EXISTS (SELECT 1 FROM uses x WHERE x.job_id = jobs.id)
                """
        ).firstRow([former])
        guard let row = found?.integer(0), let oldSeries = found?.integer(1) else { return }
        if try db.cachedStatement(sql: "SELECT 1 FROM jobs WHERE job_key = ?").firstRow([id]) != nil {
            try db.cachedStatement(sql: "DELETE FROM jobs WHERE id = ?").execute(arguments: [row])
        } else {
            try db.cachedStatement(sql: "UPDATE jobs SET job_key = ?, series_id = ?, leg = ? WHERE id = ?")
                .execute(arguments: [id, try series(), update.identity.leg, row])
        }
        try db.cachedStatement(
            sql: """
                DELETE FROM series WHERE id = ? AND NOT EXISTS (SELECT 1 FROM jobs x WHERE x.series_id = series.id)
                    AND NOT EXISTS (SELECT 1 FROM events x WHERE x.series_id = series.id)
                    AND NOT EXISTS (SELECT 1 FROM token_series x WHERE x.series_id = series.id)
                """
        ).execute(arguments: [oldSeries])
    }

    private func insert(_ job: StoredJob) throws -> WrittenJob {
        let identity = update.identity
        let series = try series()
        try db.cachedStatement(
            sql: """
                INSERT INTO jobs(started_at, finished_at, ended_at, duration_ms, deadline_at, status, decision,
                    timeout_ms, slot, last_seen_at, job_key, series_id, run, attempt, leg, begun_at)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
                """
        ).execute(
            arguments: job.changeable + [
                identity.id, series, identity.run, identity.attempt, identity.leg, job.begunAt.milliseconds,
            ])
        return WrittenJob(id: db.lastInsertedRowID, series: series, begunAt: job.begunAt, isNews: true)
    }

    private func change(_ id: Int64, to job: StoredJob) throws {
        try db.cachedStatement(
            sql: """
                UPDATE jobs SET started_at = ?, finished_at = ?, ended_at = ?, duration_ms = ?, deadline_at = ?,
                    status = ?, decision = ?, timeout_ms = ?, slot = ?, last_seen_at = ?
                WHERE id = ?
                """
        ).execute(arguments: job.changeable + [id])
    }

    /// A slot runs one job at a time: of two that seem to run in it, the older has been given up. Numbers of slots are
    /// the CI server's own, so only jobs of the same server are compared.
    private func settleSlot(of job: WrittenJob) throws {
        guard let slot = update.slot, !slot.isEmpty else { return }
        let sameServer = "EXISTS (SELECT 1 FROM series s WHERE s.id = jobs.series_id AND s.forge = ? AND s.server = ?)"
        let forge = update.identity.forge
        let server = update.identity.server
        try db.cachedStatement(
            sql: """
                UPDATE jobs INDEXED BY jobs_in_slot SET \(Self.abandonment)
                WHERE status = 'running' AND slot = ? AND id <> ? AND begun_at <= ? AND \(sameServer)
                """
        ).execute(arguments: [slot, job.id, job.begunAt.milliseconds, forge, server])
        // What is told late must not revive a job whose successor is already known.
        let successor = try db.cachedStatement(
            sql: """
                SELECT 1 FROM jobs INDEXED BY jobs_in_slot
                WHERE status = 'running' AND slot = ? AND id <> ? AND begun_at > ? AND \(sameServer)
                """
        ).firstRow([slot, job.id, job.begunAt.milliseconds, forge, server])
        guard successor != nil else { return }
        try db.cachedStatement(sql: "UPDATE jobs SET \(Self.abandonment) WHERE id = ? AND status = 'running'")
            .execute(arguments: [job.id])
    }
}

extension StoredJob {
    /// Reads the columns begun_at, started_at, finished_at, status, decision, timeout_ms, slot, last_seen_at; nil when
    /// one that must be there is not.
    init?(_ row: Row, from first: Int) {
        guard let begun = row.integer(first), let status = row.text(first + 3).flatMap(JobStatus.init(rawValue:)),
            let seen = row.integer(first + 7)
        else { return nil }
        self.init(
            begunAt: Instant(milliseconds: begun), startedAt: row.integer(first + 1).map(Instant.init(milliseconds:)),
            finishedAt: row.integer(first + 2).map(Instant.init(milliseconds:)), status: status,
            decision: row.text(first + 4), timeout: row.integer(first + 5).map { .milliseconds($0) },
            slot: row.text(first + 6), lastSeenAt: Instant(milliseconds: seen))
    }

    /// The columns that change, in the order that both statements above have them.
    fileprivate var changeable: StatementArguments {
        [
            startedAt?.milliseconds, finishedAt?.milliseconds, endedAt?.milliseconds, duration?.wholeMilliseconds,
            deadline?.milliseconds, status.rawValue, decision, timeout?.wholeMilliseconds, slot,
            lastSeenAt.milliseconds,
        ]
    }
}

extension JobSeries {
    /// Project, job, forge, server, leg: the order of the index that finds a series.
    var arguments: StatementArguments { [project, job, forge, server, leg] }
}
