// Stores what a run knows of a token. What a forge said of it is kept apart, per API, so that no answer of one server
// is ever taken for another's.

internal import GRDB
internal import OutlastModel

/// Writes sightings of tokens.
struct TokenWriter {
    let db: Database
    let moment: Instant

    /// Stores a sighting; what it does not know stays as it was.
    func write(_ sighting: TokenSighting) throws -> Int64 {
        let token = try upsert(sighting)
        if let standing = sighting.standing { try write(standing, of: token, sighting) }
        return token
    }

    /// The number of a token that was seen in the last minute and about which nothing new is said: git asks many times in
    /// a row, and to note each time that it was seen would change five indexes.
    func justSeen(_ sighting: TokenSighting) throws -> Int64? {
        guard sighting.standing == nil, sighting.family == nil else { return nil }
        let expiry = sighting.lifetime.expiry
        return try db.cachedStatement(
            sql: """
                SELECT id FROM tokens WHERE digest = ?1 AND last_seen_at BETWEEN ?2 - 60000 AND ?2
                    AND (?3 IS NULL OR credential = ?3) AND (?4 = 'opaque' OR kind = ?4) AND (?5 IS NULL OR api = ?5)
                    AND (?6 = 'unknown' OR expiry = ?6 AND expires_at IS ?7)
                """
        ).firstRow([
            sighting.fingerprint.digest.bytes.databaseBlob, moment.milliseconds, sighting.credential, sighting.kind,
            sighting.api, expiry.word, expiry.instant?.milliseconds,
        ])?.integer(0)
    }

    /// The number of a token that an event names; a token that was never sighted is known by its fingerprint alone.
    func number(of fingerprint: Fingerprint) throws -> Int64 {
        let sighting = TokenSighting(
            fingerprint: fingerprint, credential: nil, kind: TokenKind.opaque.id, forge: "generic", api: nil,
            tokenID: nil, name: nil, scopes: nil, lifetime: .unknown, standing: nil, clockSkew: nil)
        return try db.cachedStatement(sql: "SELECT id FROM tokens WHERE digest = ?")
            .firstRow([fingerprint.digest.bytes.databaseBlob])?.integer(0) ?? upsert(sighting)
    }

    /// Notes that a job used a token.
    func writeUse(of token: Int64, by job: WrittenJob) throws {
        try db.cachedStatement(
            sql: "INSERT INTO uses(token_id, begun_at, job_id) VALUES (?, ?, ?) ON CONFLICT DO NOTHING"
        ).execute(arguments: [token, job.begunAt.milliseconds, job.id])
        try db.cachedStatement(
            sql: """
                INSERT INTO token_series(token_id, series_id, first_used_at, last_used_at) VALUES (?, ?, ?, ?)
                ON CONFLICT DO UPDATE SET first_used_at = min(first_used_at, excluded.first_used_at),
                    last_used_at = max(last_used_at, excluded.last_used_at)
                """
        ).execute(arguments: [token, job.series, moment.milliseconds, moment.milliseconds])
    }

    /// An end that is known is not forgotten for one that is not, and one that came out of this store is no news.
    private func upsert(_ sighting: TokenSighting) throws -> Int64 {
        try db.cachedStatement(sql: Self.upsert).execute(arguments: [
            "digest": sighting.fingerprint.digest.bytes.databaseBlob, "fingerprint": sighting.fingerprint.text,
            "credential": sighting.credential, "kind": sighting.kind, "forge": sighting.forge, "api": sighting.api,
            "forge_id": sighting.tokenID, "name": sighting.name, "scopes": sighting.scopes?.joinedForStorage,
            "expiry": sighting.lifetime.expiry.word, "expires_at": sighting.lifetime.expiry.instant?.milliseconds,
            "source": sighting.lifetime.source.rawValue, "checked_at": sighting.lifetime.checkedAt?.milliseconds,
            "standing": sighting.standing?.name, "skew": sighting.clockSkew?.wholeMilliseconds,
            "now": moment.milliseconds, "family": sighting.family,
            "generation": sighting.family == nil ? nil : sighting.generation.flatMap { $0 > 0 ? $0 : nil },
        ])
        let row = try db.cachedStatement(sql: "SELECT id FROM tokens WHERE digest = ?")
            .firstRow([sighting.fingerprint.digest.bytes.databaseBlob])
        guard let number = row?.integer(0) else { throw DatabaseError(resultCode: .SQLITE_CORRUPT) }
        return number
    }

    private static let isNews =
        "excluded.expiry <> 'unknown' AND (excluded.expiry_source <> 'cache' OR expiry = 'unknown')"

    private static let upsert = """
        INSERT INTO tokens(digest, fingerprint, credential, kind, forge, api, forge_id, name, scopes, expiry,
            expires_at, expiry_source, checked_at, standing, clock_skew_ms, first_seen_at, last_seen_at, family,
            generation)
        VALUES (:digest, :fingerprint, :credential, :kind, :forge, :api, :forge_id, :name, :scopes, :expiry,
            :expires_at, :source, :checked_at, :standing, :skew, :now, :now, :family, :generation)
        ON CONFLICT(digest) DO UPDATE SET
            credential = coalesce(excluded.credential, credential),
            kind = CASE WHEN excluded.kind = 'opaque' THEN kind ELSE excluded.kind END,
            forge = CASE WHEN excluded.forge = 'generic' THEN forge ELSE excluded.forge END,
            api = coalesce(excluded.api, api),
            forge_id = coalesce(excluded.forge_id, forge_id),
            name = coalesce(excluded.name, name),
            scopes = coalesce(excluded.scopes, scopes),
            expiry = CASE WHEN \(isNews) THEN excluded.expiry ELSE expiry END,
            expires_at = CASE WHEN \(isNews) THEN excluded.expires_at ELSE expires_at END,
            expiry_source = CASE WHEN \(isNews) THEN excluded.expiry_source ELSE expiry_source END,
            checked_at = CASE WHEN \(isNews) THEN excluded.checked_at
                ELSE coalesce(checked_at, excluded.checked_at) END,
            standing = coalesce(excluded.standing, standing),
            clock_skew_ms = coalesce(excluded.clock_skew_ms, clock_skew_ms),
            first_seen_at = min(first_seen_at, excluded.first_seen_at),
            last_seen_at = max(last_seen_at, excluded.last_seen_at),
            generation = CASE WHEN excluded.family IS NULL THEN generation ELSE excluded.generation END,
            family = coalesce(excluded.family, family)
        """

    /// The forge was asked in this run: its answer replaces an older one of the same API.
    private func write(_ standing: TokenStanding, of token: Int64, _ sighting: TokenSighting) throws {
        let isTold = sighting.lifetime.source == .forge
        let expiry = isTold ? sighting.lifetime.expiry : .unknown
        let readAt = (isTold ? sighting.lifetime.checkedAt : nil) ?? moment
        try db.cachedStatement(
            sql: """
                INSERT INTO readings(token_id, api, read_at, standing, kind, forge_id, name, scopes, expiry, expires_at,
                    clock_skew_ms)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
                ON CONFLICT DO UPDATE SET read_at = excluded.read_at, standing = excluded.standing,
                    kind = excluded.kind, forge_id = excluded.forge_id, name = excluded.name, scopes = excluded.scopes,
                    expiry = excluded.expiry, expires_at = excluded.expires_at, clock_skew_ms = excluded.clock_skew_ms
                WHERE excluded.read_at >= read_at
                """
        ).execute(arguments: [
            token, sighting.api ?? "", readAt.milliseconds, standing.name, sighting.kind, sighting.tokenID,
            sighting.name, sighting.scopes?.joinedForStorage, expiry.word, expiry.instant?.milliseconds,
            sighting.clockSkew?.wholeMilliseconds,
        ])
    }
}

extension Expiry {
    /// The word that the store keeps.
    var word: String {
        switch self {
        case .at: "at"
        case .never: "never"
        case .unknown: "unknown"
        }
    }

    /// Reads the word and the moment that the store keeps.
    init(word: String?, milliseconds: Int64?) {
        switch (word, milliseconds) {
        case ("at", let milliseconds?): self = .at(Instant(milliseconds: milliseconds))
        case ("never", _): self = .never
        default: self = .unknown
        }
    }
}

extension [String] {
    /// Scopes, one on a line; nothing is between the lines of none.
    var joinedForStorage: String {
        map { $0.split(whereSeparator: \.isNewline).text(joinedBy: " ") }.text(joinedBy: "\n")
    }
}
