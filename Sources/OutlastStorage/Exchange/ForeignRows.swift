// What a foreign store says, taken for what it is: text of any length and numbers of any size until they were looked at.

internal import GRDB
internal import OutlastModel

/// Cells that are believed within bounds only.
struct ForeignCells {
    let row: Row
    /// Nothing has happened after this moment.
    let latest: Int64

    /// A text as part of an identity or a name: 1 to 1024 bytes, no NUL, no user info.
    func text(_ index: Int) -> String? {
        guard let text = row.text(index), (1...1024).contains(text.utf8.count), !text.utf8.contains(0) else {
            return nil
        }
        return SafeText.withoutUserInfo(text)
    }

    /// The same, where it may be empty.
    func part(_ index: Int) -> String? { row.text(index) == "" ? "" : text(index) }

    /// A word of a fixed list, perhaps of a newer version.
    func word(_ index: Int) -> String? {
        guard let text = row.text(index), (1...40).contains(text.utf8.count) else { return nil }
        let isWord = text.utf8.allSatisfy {
            (97...122).contains($0 | 32) || (48...57).contains($0) || $0 == UInt8(ascii: "_") || $0 == UInt8(ascii: "-")
        }
        return isWord ? text : nil
    }

    /// A moment that has been.
    func moment(_ index: Int) -> Instant? {
        guard let number = row.integer(index), (0...latest).contains(number) else { return nil }
        return Instant(milliseconds: number)
    }

    /// A moment that may come, in this millennium.
    func end(_ index: Int) -> Int64? {
        row.integer(index).flatMap { (0...32_503_680_000_000).contains($0) ? $0 : nil }
    }

    /// A digest of 32 bytes.
    func digest(_ index: Int) -> [UInt8]? { row.bytes(index).flatMap { $0.count == 32 ? $0 : nil } }

    /// One safe line.
    func line(_ index: Int) -> String? { row.text(index).map { SafeText.line($0) } }
}

/// A job of a foreign store.
struct ForeignJob {
    let update: JobUpdate

    /// The columns that it is read from.
    static let columns = """
        j.job_key, s.forge, s.server, s.project, s.job, s.leg, j.run, j.attempt, j.leg, j.begun_at, j.last_seen_at,
            j.status, j.started_at, j.finished_at, j.timeout_ms, j.decision
        """

    /// Reads the columns from the second on; nil for a row that contradicts itself. Its key must be the one that its parts
    /// make: no row can pass for another job's.
    init?(_ cells: ForeignCells) {
        guard let forge = cells.part(2), let server = cells.part(3), let project = cells.text(4),
            let job = cells.text(5), let seriesLeg = cells.part(6), let run = cells.text(7),
            let attempt = cells.row.integer(8).flatMap({ Int(exactly: $0) }), (1...1_000_000_000).contains(attempt),
            let leg = cells.part(9), seriesLeg.isEmpty || seriesLeg == leg, let begun = cells.moment(10),
            let seen = cells.moment(11), let status = cells.row.text(12).flatMap(JobStatus.init(rawValue:))
        else { return nil }
        let identity = JobIdentity(
            forge: forge, server: server, project: project, job: job, run: run, attempt: attempt, leg: leg,
            legIsSeries: !seriesLeg.isEmpty)
        guard identity.id == cells.row.text(1), begun <= seen || status.isEnd else { return nil }
        let timeout = cells.row.integer(15).flatMap { (1...315_360_000_000).contains($0) ? $0 : nil }
        update = JobUpdate(
            identity: identity, startedAt: cells.moment(13), finishedAt: cells.moment(14), status: status,
            decision: cells.row.text(16).flatMap(Decision.init(rawValue:)), timeout: timeout.map { .milliseconds($0) },
            seenAt: seen)
    }
}

/// A token of a foreign store.
struct ForeignToken {
    let digest: [UInt8]
    let arguments: StatementArguments

    /// The columns that it is read from.
    static let columns = """
        digest, credential, kind, forge, api, forge_id, name, scopes, expiry, expires_at, expiry_source, checked_at,
            standing, first_seen_at, last_seen_at
        """

    /// Reads the columns from the second on. Families are left out: which tokens belong together is for the store that
    /// renews them.
    init?(_ cells: ForeignCells) {
        guard let digest = cells.digest(1), let kind = cells.word(3), let forge = cells.word(4),
            let first = cells.moment(14), let last = cells.moment(15), first <= last,
            let source = cells.row.text(11).flatMap(LifetimeSource.init(rawValue:))
        else { return nil }
        let expiry = Expiry(word: cells.row.text(9), milliseconds: cells.end(10))
        let scopes = cells.row.scopes(8)
        if let scopes, scopes.count > 100 || scopes.contains(where: { $0.utf8.count > 100 }) { return nil }
        self.digest = digest
        arguments = [
            digest.databaseBlob, SHA256Digest(bytes: digest).map { Fingerprint(digest: $0).text }, cells.text(2), kind,
            forge, cells.text(5).flatMap { ServerURL($0) }?.origin.text, cells.text(6), cells.text(7),
            scopes?.joinedForStorage, expiry.word, expiry.instant?.milliseconds, source.rawValue,
            cells.moment(12)?.milliseconds, cells.row.text(13).flatMap(TokenStanding.init(name:))?.name,
            first.milliseconds, last.milliseconds,
        ]
    }

    /// What our store knows stays, unless the other asked later when the token ends; gaps are filled.
    static let upsert = """
        INSERT INTO tokens(digest, fingerprint, credential, kind, forge, api, forge_id, name, scopes, expiry, expires_at,
            expiry_source, checked_at, standing, first_seen_at, last_seen_at)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
        ON CONFLICT(digest) DO UPDATE SET
            credential = coalesce(credential, excluded.credential),
            kind = CASE WHEN kind = 'opaque' THEN excluded.kind ELSE kind END,
            forge = CASE WHEN forge = 'generic' THEN excluded.forge ELSE forge END,
            api = coalesce(api, excluded.api), forge_id = coalesce(forge_id, excluded.forge_id),
            name = coalesce(name, excluded.name), scopes = coalesce(scopes, excluded.scopes),
            standing = coalesce(standing, excluded.standing),
            expiry = CASE WHEN \(isNews) THEN excluded.expiry ELSE expiry END,
            expires_at = CASE WHEN \(isNews) THEN excluded.expires_at ELSE expires_at END,
            expiry_source = CASE WHEN \(isNews) THEN excluded.expiry_source ELSE expiry_source END,
            checked_at = CASE WHEN \(isNews) THEN excluded.checked_at ELSE checked_at END,
            first_seen_at = min(first_seen_at, excluded.first_seen_at),
            last_seen_at = max(last_seen_at, excluded.last_seen_at)
        """

    private static let isNews =
        "excluded.expiry <> 'unknown' AND (expiry = 'unknown' OR excluded.checked_at > checked_at)"
}

/// An event of a foreign store.
struct ForeignEvent {
    let at: Instant
    let event: String
    let outcome: String
    let job: String?
    let digest: [UInt8]?
    let code: Int64
    let detail: String?
    let diagnosis: StatementArguments?
    let logged: LoggedFailure?
    let source: String

    /// Reads at, event, outcome, job_key, digest, code, detail, then the diagnosis' class, confidence, line, source,
    /// operation and fault, then the line's key, forge, host and token, from the second column on.
    init?(_ cells: ForeignCells) {
        let row = cells.row
        guard let at = cells.moment(1), let event = cells.word(2), let outcome = cells.word(3),
            let code = row.integer(6), (0...255).contains(code)
        else { return nil }
        (self.at, self.event, self.outcome, self.code) = (at, event, outcome, code)
        job = row.text(4)
        digest = cells.digest(5)
        detail = cells.line(7)
        source = cells.word(11) ?? "record"
        if let name = cells.word(8), let confidence = row.text(9).flatMap(Confidence.init(rawValue:)) {
            diagnosis = [
                name, confidence.rawValue, cells.line(10), source, cells.word(12),
                row.integer(13).flatMap { (0...1).contains($0) ? $0 : nil },
            ]
        } else {
            diagnosis = nil
        }
        logged = Self.logged(cells, at: at, detail: detail)
    }

    private static func logged(_ cells: ForeignCells, at: Instant, detail: String?) -> LoggedFailure? {
        guard let key = cells.row.bytes(14), key.count == 16, let forge = cells.word(15),
            let name = cells.row.text(8).flatMap(FailureClass.init(rawValue:)),
            let confidence = cells.row.text(9).flatMap(Confidence.init(rawValue:))
        else { return nil }
        return LoggedFailure(
            key: key, at: at, class: name, confidence: confidence, line: cells.line(10) ?? detail ?? "", forge: forge,
            host: cells.text(16), tokenID: cells.text(17), kinds: [])
    }
}
