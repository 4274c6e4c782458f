// The tables. Moments are milliseconds since the epoch, durations milliseconds; a column that may be NULL is one
// that is not always known. Texts that repeat (series, kinds of events) are stored once and referred to by number.

extension Schema {
    static let historyTables: [SchemaObject] = [
        .table(
            "store",
            """
                one INTEGER PRIMARY KEY CHECK (one = 1),
                store_id BLOB NOT NULL CHECK (length(store_id) = 16),
                salt BLOB NOT NULL CHECK (length(salt) = 32),
                made_at INTEGER NOT NULL,
                min_reader INTEGER NOT NULL CHECK (min_reader >= 1),
                birth_inode INTEGER NOT NULL,
                birth_time INTEGER,
                marker_changed INTEGER
            """),
        .table(
            "migrations",
            """
                version INTEGER PRIMARY KEY,
                name TEXT NOT NULL UNIQUE,
                applied_at INTEGER NOT NULL
            """),
        .table(
            "series",
            """
                id INTEGER PRIMARY KEY,
                forge TEXT NOT NULL,
                server TEXT NOT NULL,
                project TEXT NOT NULL,
                job TEXT NOT NULL,
                leg TEXT NOT NULL,
                UNIQUE (project, job, forge, server, leg)
            """),
        jobs,
        tokens,
        .table(
            "readings",
            """
                token_id INTEGER NOT NULL REFERENCES tokens(id),
                api TEXT NOT NULL,
                read_at INTEGER NOT NULL,
                standing TEXT NOT NULL,
                kind TEXT NOT NULL,
                forge_id TEXT,
                name TEXT,
                scopes TEXT,
                expiry TEXT NOT NULL CHECK (expiry IN ('at', 'never', 'unknown')),
                expires_at INTEGER CHECK ((expiry = 'at') = (expires_at IS NOT NULL)),
                clock_skew_ms INTEGER,
                PRIMARY KEY (token_id, api)
            """, options: "STRICT, WITHOUT ROWID"),
        .table(
            "uses",
            """
                token_id INTEGER NOT NULL REFERENCES tokens(id),
                begun_at INTEGER NOT NULL,
                job_id INTEGER NOT NULL REFERENCES jobs(id),
                PRIMARY KEY (token_id, begun_at, job_id)
            """, options: "STRICT, WITHOUT ROWID"),
        .table(
            "token_series",
            """
                token_id INTEGER NOT NULL REFERENCES tokens(id),
                series_id INTEGER NOT NULL REFERENCES series(id),
                first_used_at INTEGER NOT NULL,
                last_used_at INTEGER NOT NULL,
                PRIMARY KEY (token_id, series_id)
            """, options: "STRICT, WITHOUT ROWID"),
        .table(
            "event_kinds",
            """
                id INTEGER PRIMARY KEY,
                event TEXT NOT NULL,
                outcome TEXT NOT NULL,
                UNIQUE (outcome, event)
            """),
        .table(
            "events",
            """
                id INTEGER PRIMARY KEY,
                at INTEGER NOT NULL,
                kind_id INTEGER NOT NULL REFERENCES event_kinds(id),
                job_id INTEGER REFERENCES jobs(id),
                series_id INTEGER REFERENCES series(id) CHECK ((job_id IS NULL) = (series_id IS NULL)),
                token_id INTEGER REFERENCES tokens(id),
                code INTEGER NOT NULL,
                detail TEXT
            """),
    ]

    /// `begun_at` is when the attempt began or, unknown at first, when it was first seen: it never changes, and lists
    /// are ordered by it. `ended_at` is `finished_at`, or when an abandoned attempt was last seen.
    private static let jobs = SchemaObject.table(
        "jobs",
        """
            id INTEGER PRIMARY KEY,
            job_key TEXT NOT NULL UNIQUE CHECK (length(job_key) = 16),
            series_id INTEGER NOT NULL REFERENCES series(id),
            run TEXT NOT NULL,
            attempt INTEGER NOT NULL,
            leg TEXT NOT NULL,
            begun_at INTEGER NOT NULL,
            last_seen_at INTEGER NOT NULL,
            status TEXT NOT NULL CHECK (status IN ('running', 'success', 'failed', 'canceled', 'abandoned')),
            started_at INTEGER,
            finished_at INTEGER CHECK (finished_at IS NULL OR status <> 'running'),
            ended_at INTEGER CHECK ((ended_at IS NULL) = (status = 'running')),
            duration_ms INTEGER CHECK (duration_ms >= 0),
            deadline_at INTEGER,
            timeout_ms INTEGER,
            slot TEXT,
            decision TEXT
        """)

    /// `expiry` tells an end that is not known from there being none. `family` and `generation` are for renewals.
    private static let tokens = SchemaObject.table(
        "tokens",
        """
            id INTEGER PRIMARY KEY,
            digest BLOB NOT NULL UNIQUE CHECK (length(digest) = 32),
            fingerprint TEXT NOT NULL CHECK (length(fingerprint) = 16),
            family TEXT,
            generation INTEGER CHECK (generation >= 1),
            credential TEXT,
            kind TEXT NOT NULL,
            forge TEXT NOT NULL,
            api TEXT,
            forge_id TEXT,
            name TEXT,
            scopes TEXT,
            expiry TEXT NOT NULL CHECK (expiry IN ('at', 'never', 'unknown')),
            expires_at INTEGER CHECK ((expiry = 'at') = (expires_at IS NOT NULL)),
            expiry_source TEXT NOT NULL,
            checked_at INTEGER,
            standing TEXT,
            clock_skew_ms INTEGER,
            first_seen_at INTEGER NOT NULL,
            last_seen_at INTEGER NOT NULL
        """)
}
