// What a diagnosis asks of history: which tokens the job had, and what became of them.

internal import GRDB
public import OutlastModel

extension SQLiteStore {
    /// The tokens that the last preflight of an attempt judged, with what is known of each by now.
    public func tokensOfLastPreflight(_ identity: JobIdentity) throws(Failure) -> [JudgedToken] {
        let rows = try perform { db in
            try Row.fetchAll(db.cachedStatement(sql: Self.judged), arguments: [identity.id])
        }
        return rows.compactMap { row in
            guard let bytes = row.bytes(0), let digest = SHA256Digest(bytes: bytes) else { return nil }
            var facts = TokenFacts(
                endsAt: Expiry(word: row.text(3), milliseconds: row.integer(4)).instant,
                standing: row.text(5).flatMap(TokenStanding.init(name:)),
                standingAt: row.integer(6).map { Instant(milliseconds: $0) })
            facts.rotatedAt = row.integer(8).map { Instant(milliseconds: $0) }
            return JudgedToken(
                fingerprint: Fingerprint(digest: digest), credential: row.text(1), api: row.text(2), facts: facts,
                clockSkew: row.integer(7).map { .milliseconds($0) })
        }
    }

    /// A token counts as replaced from when the renewal of which it was the old one was complete.
    static let judged = """
        SELECT t.digest, t.credential, t.api, t.expiry, t.expires_at, r.standing, r.read_at, t.clock_skew_ms,
            (SELECT min(n.changed_at) FROM journal n INDEXED BY journal_by_old
                WHERE n.old_digest = t.digest AND n.state = 'retired')
        FROM jobs j CROSS JOIN events e INDEXED BY events_of_job ON e.job_id = j.id
        CROSS JOIN tokens t ON t.id = e.token_id
        LEFT JOIN readings r ON r.token_id = t.id AND r.api = coalesce(t.api, '')
        WHERE j.job_key = ? AND e.kind_id IN (SELECT id FROM event_kinds WHERE event = 'preflight')
            AND e.at = (SELECT max(x.at) FROM events x INDEXED BY events_of_job WHERE x.job_id = j.id
                AND x.kind_id IN (SELECT id FROM event_kinds WHERE event = 'preflight'))
        ORDER BY t.id LIMIT 100
        """
}
