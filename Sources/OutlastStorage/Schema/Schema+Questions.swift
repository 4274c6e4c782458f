// What the questions of `history` add: indexes for looking back from a failure, and the tokens that a forge's lists told
// of, which no job may ever have presented, so that they have no fingerprint.

extension Schema {
    /// The objects of the fifth migration.
    static let questionObjects: [SchemaObject] = [
        .table(
            "listed_tokens",
            """
                api TEXT NOT NULL,
                forge_id TEXT NOT NULL,
                forge TEXT NOT NULL,
                kind TEXT NOT NULL,
                name TEXT,
                owner TEXT,
                scopes TEXT,
                expiry TEXT NOT NULL CHECK (expiry IN ('at', 'never', 'unknown')),
                expires_at INTEGER CHECK ((expiry = 'at') = (expires_at IS NOT NULL)),
                standing TEXT NOT NULL,
                first_listed_at INTEGER NOT NULL,
                listed_at INTEGER NOT NULL,
                PRIMARY KEY (api, forge_id)
            """, options: "STRICT, WITHOUT ROWID"),
        .index("listed_tokens_by_time", on: "listed_tokens", "listed_at"),
        .index("listed_tokens_by_end", on: "listed_tokens", "expires_at", where: "expires_at IS NOT NULL"),
        .index("listed_tokens_without_end", on: "listed_tokens", "listed_at", where: "expiry = 'never'"),
        .index(
            "tokens_by_forge_id", on: "tokens", "forge_id, api", where: "forge_id IS NOT NULL AND api IS NOT NULL"),
        .index("diagnoses_by_class", on: "diagnoses", "class, event_id"),
        .index("journal_of_job", on: "journal", "job_id", where: "job_id IS NOT NULL"),
        tokensView,
    ]

    /// What stands for the fingerprint of a listed token: `id:HOST/ID`, where instr() finds the end of the scheme.
    static let listedMark = "'id:' || substr(l.api, instr(l.api, '://') + 3) || '/' || l.forge_id"

    /// Whose a token is, as a list told; `t` is the row of tokens.
    static let owner =
        "(SELECT o.owner FROM listed_tokens o WHERE o.api = t.api AND o.forge_id = t.forge_id)"

    /// The condition of a listed token that no job has presented.
    static let isListedOnly = """
        NOT EXISTS (SELECT 1 FROM tokens k INDEXED BY tokens_by_forge_id
            WHERE k.forge_id = l.forge_id AND k.api = l.api)
        """

    static let tokensView = SchemaObject.view(
        "v_tokens",
        """
        SELECT t.fingerprint AS fingerprint, t.family AS family, t.generation AS generation, t.credential AS credential,
            t.kind AS kind, t.forge AS forge, t.forge_id AS token_id, t.name AS name,
            replace(t.scopes, char(10), ' ') AS scopes, \(moment("t.expires_at")) AS expires_at,
            \(moment("t.first_seen_at")) AS first_seen_at, \(moment("t.last_seen_at")) AS last_seen_at,
            t.expiry AS expiry, t.expiry_source AS source, t.standing AS standing,
            \(moment("t.checked_at")) AS checked_at, t.api AS api, \(owner) AS owner
        FROM tokens t
        UNION ALL
        SELECT \(listedMark), NULL, NULL, NULL, l.kind, l.forge, l.forge_id, l.name,
            replace(l.scopes, char(10), ' '), \(moment("l.expires_at")), \(moment("l.first_listed_at")),
            \(moment("l.listed_at")), l.expiry, 'forge', l.standing, \(moment("l.listed_at")), l.api, l.owner
        FROM listed_tokens l WHERE \(isListedOnly)
        """)
}
