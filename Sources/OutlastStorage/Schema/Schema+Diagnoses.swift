// What diagnoses add: beside the event that tells of a failure, why it happened and which line said so.

extension Schema {
    /// The table of the third migration. Classes and sources are not enumerated: a newer minor version may have more.
    static let diagnosesTable = SchemaObject.table(
        "diagnoses",
        """
            event_id INTEGER PRIMARY KEY REFERENCES events(id) ON DELETE CASCADE,
            class TEXT NOT NULL,
            confidence TEXT NOT NULL,
            line TEXT,
            source TEXT NOT NULL,
            operation TEXT,
            credential_at_fault INTEGER CHECK (credential_at_fault IN (0, 1))
        """)

    /// The contract's view over them, in the place of the empty one that the first version had. It has failures of all
    /// classes: `credential_at_fault` tells which of them a credential is to blame for.
    static let authFailuresView = SchemaObject.view(
        "v_auth_failures",
        """
        SELECT \(moment("e.at")) AS at, j.job_key AS job_id, t.fingerprint AS fingerprint, d.class AS class,
            d.line AS line, d.confidence AS confidence, d.source AS source, d.operation AS operation,
            d.credential_at_fault AS credential_at_fault, t.credential AS credential, s.project AS project, s.job AS job
        FROM diagnoses d JOIN events e ON e.id = d.event_id
        LEFT JOIN tokens t ON t.id = e.token_id
        LEFT JOIN jobs j ON j.id = e.job_id
        LEFT JOIN series s ON s.id = e.series_id
        """)
}
