// What renewals add: the sealed key, families with their members and secrets, the journal, the outbox, and what hosts
// make us wait for. Every row is input to the flows, which check its code; the bounds here only keep sizes sane.

extension Schema {
    /// The tables of the second migration. Words such as purposes and states are not enumerated: a newer minor version
    /// may have more of them.
    static let renewalTables: [SchemaObject] = [
        .table(
            "key_envelope",
            """
                one INTEGER PRIMARY KEY CHECK (one = 1),
                wrapped BLOB NOT NULL CHECK (length(wrapped) <= \(RenewalBounds.key)),
                salt BLOB CHECK (length(salt) <= \(RenewalBounds.key)),
                cost_n INTEGER CHECK (cost_n > 0),
                cost_r INTEGER CHECK (cost_r > 0 AND (cost_r IS NULL) = (cost_n IS NULL)),
                cost_p INTEGER CHECK (cost_p > 0 AND (cost_p IS NULL) = (cost_n IS NULL)),
                successor BLOB CHECK (length(successor) <= \(RenewalBounds.key))
            """),
        .table(
            "families",
            """
                id TEXT PRIMARY KEY CHECK (length(id) = 32),
                identity BLOB NOT NULL CHECK (length(identity) = 32),
                credential TEXT NOT NULL,
                method TEXT NOT NULL,
                forge TEXT NOT NULL,
                generation INTEGER NOT NULL CHECK (generation >= 0),
                digest BLOB NOT NULL CHECK (length(digest) = 32),
                expiry TEXT NOT NULL CHECK (expiry IN ('at', 'never', 'unknown')),
                expires_at INTEGER CHECK ((expiry = 'at') = (expires_at IS NOT NULL)),
                token_id TEXT,
                created_at INTEGER NOT NULL,
                seal BLOB NOT NULL CHECK (length(seal) <= \(RenewalBounds.seal))
            """, options: "STRICT, WITHOUT ROWID"),
        .table(
            "members",
            """
                digest BLOB NOT NULL CHECK (length(digest) = 32),
                identity BLOB NOT NULL CHECK (length(identity) = 32),
                family TEXT NOT NULL CHECK (length(family) = 32),
                generation INTEGER NOT NULL CHECK (generation >= 0),
                purpose TEXT NOT NULL,
                wrapped_key BLOB NOT NULL CHECK (length(wrapped_key) <= \(RenewalBounds.key)),
                created_at INTEGER NOT NULL,
                PRIMARY KEY (digest, identity)
            """, options: "STRICT, WITHOUT ROWID"),
        .table(
            "secrets",
            """
                family TEXT NOT NULL CHECK (length(family) = 32),
                generation INTEGER NOT NULL CHECK (generation >= 0),
                purpose TEXT NOT NULL,
                sealed BLOB NOT NULL CHECK (length(sealed) <= \(RenewalBounds.sealed)),
                created_at INTEGER NOT NULL,
                PRIMARY KEY (family, generation, purpose)
            """, options: "STRICT, WITHOUT ROWID"),
        journal,
        .table(
            "outbox",
            """
                family TEXT NOT NULL CHECK (length(family) = 32),
                target BLOB NOT NULL CHECK (length(target) = 32),
                generation INTEGER NOT NULL CHECK (generation >= 0),
                label TEXT NOT NULL,
                queued_at INTEGER NOT NULL,
                attempts INTEGER NOT NULL CHECK (attempts >= 0),
                last_error TEXT NOT NULL,
                seal BLOB NOT NULL CHECK (length(seal) <= \(RenewalBounds.seal)),
                PRIMARY KEY (family, target)
            """, options: "STRICT, WITHOUT ROWID"),
        .table(
            "host_failures",
            """
                id INTEGER PRIMARY KEY,
                host TEXT NOT NULL,
                at INTEGER NOT NULL
            """),
        .table(
            "host_waits",
            """
                host TEXT PRIMARY KEY,
                wait_until INTEGER NOT NULL
            """, options: "STRICT, WITHOUT ROWID"),
    ]

    /// One row per renewal, changed as it goes on. Rows that are closed stay when their family is forgotten: they hold
    /// no secret, and are what `v_rotations` shows.
    private static let journal = SchemaObject.table(
        "journal",
        """
            id INTEGER PRIMARY KEY,
            family TEXT NOT NULL CHECK (length(family) = 32),
            generation INTEGER NOT NULL CHECK (generation >= 0),
            method TEXT NOT NULL,
            credential TEXT NOT NULL,
            state TEXT NOT NULL,
            intended_at INTEGER NOT NULL,
            sent_at INTEGER,
            timeout_ms INTEGER NOT NULL CHECK (timeout_ms >= 0),
            changed_at INTEGER NOT NULL,
            old_digest BLOB NOT NULL CHECK (length(old_digest) = 32),
            new_digest BLOB CHECK (length(new_digest) = 32),
            job_id TEXT,
            detail TEXT,
            seal BLOB NOT NULL CHECK (length(seal) <= \(RenewalBounds.seal))
        """)

    /// The condition of a journal row that a later run still has something to do about; unknown words count as open.
    static let isOpen = "state NOT IN ('retired', 'refused', 'lost')"

    static let renewalIndexes: [SchemaObject] = [
        .index("families_by_credential", on: "families", "credential"),
        .index("members_of_family", on: "members", "family, generation"),
        .index("journal_open", on: "journal", "family", where: isOpen),
        .index("journal_by_time", on: "journal", "changed_at"),
        .index("journal_by_state", on: "journal", "state, changed_at"),
        .index("journal_by_credential", on: "journal", "credential"),
        .index("journal_by_old", on: "journal", "old_digest"),
        .index("journal_by_new", on: "journal", "new_digest", where: "new_digest IS NOT NULL"),
        .index("host_failures_by_host", on: "host_failures", "host, at"),
    ]

    /// The contract's view over the journal, in the place of the empty one that the first version had.
    static let rotationsView = SchemaObject.view(
        "v_rotations",
        """
        SELECT \(moment("changed_at")) AS at, credential, method, state, \(fingerprint("old_digest")) AS old_fingerprint,
            \(fingerprint("new_digest")) AS new_fingerprint, job_id
        FROM journal
        """)

    /// The fingerprint of a stored digest as it is shown; NULL where there is none.
    static func fingerprint(_ column: String) -> String {
        "CASE WHEN \(column) IS NOT NULL THEN lower(hex(substr(\(column), 1, 8))) END"
    }
}

/// The largest sizes in bytes that a row of ours has; the texts of a longer one are not read at all.
enum RenewalBounds {
    /// Wrapped keys and the salt of scrypt.
    static let key = 4096
    /// Codes of rows.
    static let seal = 64
    /// Sealed secrets: the largest token, with plenty of room.
    static let sealed = 1 << 20
    /// Any text.
    static let text = 1 << 16
    /// Rows of one family's journal or outbox.
    static let rows = 10_000
    /// Sealed secrets of all families.
    static let list = 1_000_000
}
