// The public views (contract, section 8): its columns first and in its order, more after them. Moments are RFC 3339
// texts, durations whole seconds, scopes divided by blanks.

internal import OutlastModel

extension Schema {
    static let historyViews: [SchemaObject] = [
        .view(
            "v_jobs",
            """
            SELECT j.job_key AS job_id, s.forge AS forge, s.project AS project, s.job AS job, j.run AS run,
                j.attempt AS attempt, j.status AS status, \(moment("j.started_at")) AS started_at,
                \(moment("j.finished_at")) AS finished_at, j.duration_ms / 1000 AS duration_s, j.decision AS decision,
                s.server AS server, j.leg AS leg, j.timeout_ms / 1000 AS timeout_s,
                \(moment("j.last_seen_at")) AS last_seen_at
            FROM jobs j JOIN series s ON s.id = j.series_id
            """),
        .view(
            "v_tokens",
            """
            SELECT fingerprint, family, generation, credential, kind, forge, forge_id AS token_id, name,
                replace(scopes, char(10), ' ') AS scopes, \(moment("expires_at")) AS expires_at,
                \(moment("first_seen_at")) AS first_seen_at, \(moment("last_seen_at")) AS last_seen_at,
                expiry, expiry_source AS source, standing, \(moment("checked_at")) AS checked_at, api
            FROM tokens
            """),
        .view(
            "v_token_events",
            """
            SELECT \(moment("e.at")) AS at, t.fingerprint AS fingerprint, j.job_key AS job_id, k.event AS event,
                k.outcome AS outcome, e.detail AS detail, t.credential AS credential, e.code AS code,
                s.project AS project, s.job AS job
            FROM events e JOIN event_kinds k ON k.id = e.kind_id
            LEFT JOIN tokens t ON t.id = e.token_id
            LEFT JOIN jobs j ON j.id = e.job_id
            LEFT JOIN series s ON s.id = e.series_id
            """),
        // The first version had neither a journal nor diagnoses to show.
        empty("v_rotations", ["at", "credential", "method", "state", "old_fingerprint", "new_fingerprint", "job_id"]),
        empty("v_auth_failures", ["at", "job_id", "fingerprint", "class", "line", "confidence", "source"]),
    ]

    static func moment(_ column: String) -> String {
        "strftime('%Y-%m-%dT%H:%M:%SZ', \(column) / 1000, 'unixepoch')"
    }

    private static func empty(_ name: String, _ columns: [String]) -> SchemaObject {
        .view(name, "SELECT " + columns.map { "NULL AS \($0)" }.text(joinedBy: ", ") + " WHERE 0")
    }
}
