// What logs of forges add: beside the event that a line became, the line's key, so that no copy of the log adds it again,
// and what the line says of its token, so that it can be joined to one that becomes known later.

extension Schema {
    static let logObjects: [SchemaObject] = [
        .table(
            "log_lines",
            """
                line_key BLOB PRIMARY KEY CHECK (length(line_key) = 16),
                event_id INTEGER NOT NULL REFERENCES events(id) ON DELETE CASCADE,
                forge TEXT NOT NULL,
                host TEXT,
                forge_id TEXT
            """, options: "STRICT, WITHOUT ROWID"),
        .index("log_lines_of_event", on: "log_lines", "event_id"),
        .index("log_lines_of_token", on: "log_lines", "forge_id, host", where: "forge_id IS NOT NULL"),
        .index("tokens_by_number", on: "tokens", "forge_id, last_seen_at", where: "forge_id IS NOT NULL"),
    ]
}
