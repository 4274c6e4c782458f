// Tokens that were refused somewhere after we gave them: at most one row for each, gone when their forge was asked.

extension Schema {
    /// The table of the third migration.
    static let doubtTables: [SchemaObject] = [
        .table(
            "doubts",
            """
                token_id INTEGER PRIMARY KEY REFERENCES tokens(id),
                noted_at INTEGER NOT NULL,
                place TEXT NOT NULL CHECK (length(place) <= \(RenewalBounds.text))
            """)
    ]
}
