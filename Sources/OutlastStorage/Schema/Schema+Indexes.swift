// One index per question that is asked of a large history; the queries name theirs, so that no plan depends on luck.

extension Schema {
    static let historyIndexes: [SchemaObject] = [
        .index("series_by_job", on: "series", "job"),

        // Lists of jobs, newest first.
        .index("jobs_by_time", on: "jobs", "begun_at"),
        .index("jobs_by_status", on: "jobs", "status, begun_at"),
        .index("jobs_of_series", on: "jobs", "series_id, begun_at, status"),
        // What durations are learnt from, answered by the index alone.
        .index(
            "jobs_attempts", on: "jobs", "series_id, started_at, ended_at, duration_ms, status",
            where: "status <> 'running' AND duration_ms IS NOT NULL"),
        // The few that run now: who is overdue, and who sits in a slot.
        .index("jobs_running", on: "jobs", "series_id, deadline_at", where: "status = 'running'"),
        .index(
            "jobs_overdue", on: "jobs", "deadline_at", where: "status = 'running' AND deadline_at IS NOT NULL"),
        .index("jobs_in_slot", on: "jobs", "slot", where: "status = 'running' AND slot IS NOT NULL"),

        .index("tokens_by_time", on: "tokens", "last_seen_at"),
        .index("tokens_by_fingerprint", on: "tokens", "fingerprint"),
        .index("tokens_by_credential", on: "tokens", "credential, last_seen_at", where: "credential IS NOT NULL"),
        .index("tokens_by_standing", on: "tokens", "standing, last_seen_at", where: "standing IS NOT NULL"),
        .index("tokens_by_end", on: "tokens", "expires_at", where: "expires_at IS NOT NULL"),
        .index("tokens_without_end", on: "tokens", "last_seen_at", where: "expiry = 'never'"),
        .index("uses_of_job", on: "uses", "job_id"),
        .index("token_series_by_use", on: "token_series", "series_id, last_used_at"),

        // The same event twice is one event; the order by time comes with it.
        .uniqueIndex("events_once", on: "events", "at, kind_id, coalesce(job_id, 0), coalesce(token_id, 0)"),
        .index("events_of_kind", on: "events", "kind_id, at"),
        .index("events_of_job", on: "events", "job_id, at", where: "job_id IS NOT NULL"),
        .index("events_of_series", on: "events", "series_id, at", where: "series_id IS NOT NULL"),
        .index("events_of_token", on: "events", "token_id, at", where: "token_id IS NOT NULL"),
    ]
}
