// A family in hand: its rows checked before they are believed, signed before they are written, one durable step at a time.

import OutlastModel

/// Reads and writes one family's rows. Made with the family's key, so whoever holds one could present a secret of it.
struct FamilyLedger: Sendable {
    let key: FamilyKey
    let identity: FamilyIdentity
    private let store: any RenewalStore
    private let vault: Vault

    init(key: FamilyKey, identity: FamilyIdentity, store: any RenewalStore, vault: Vault) {
        self.key = key
        self.identity = identity
        self.store = store
        self.vault = vault
    }

    var family: FamilyID { key.family }

    /// The family's row; nil before its first step.
    ///
    /// - Throws: `cacheLocked` (41) when the row is not what was written.
    func row() throws(Failure) -> FamilyRow? {
        guard let row = try store.family(family) else { return nil }
        try key.check(row.seal, of: words(row), what: "the row")
        guard row.identity == identity else { throw FamilyKey.tampered("the row of family \(family.text)") }
        return row
    }

    /// The secrets of the current generation with what the row says of them, and since when; nil when its token is not
    /// there any more.
    func current(_ row: FamilyRow) throws(Failure) -> (bundle: TokenBundle, since: Instant)? {
        guard let access = try secret(row.generation, .access) else { return nil }
        let bundle = TokenBundle(
            access: access.secret, refresh: try secret(row.generation, .refresh)?.secret,
            partner: try secret(row.generation, .partner)?.secret, expiry: row.expiry, tokenID: row.tokenID)
        return (bundle, access.since)
    }

    /// The secrets of any generation; nil when its token is not there any more.
    func bundle(of generation: Int) throws(Failure) -> TokenBundle? {
        guard let access = try secret(generation, .access) else { return nil }
        return TokenBundle(
            access: access.secret, refresh: try secret(generation, .refresh)?.secret,
            partner: try secret(generation, .partner)?.secret)
    }

    private func secret(
        _ generation: Int, _ purpose: SecretPurpose
    ) throws(Failure) -> (secret: Secret, since: Instant)? {
        guard let sealed = try store.sealed(family, generation: generation, purpose: purpose) else { return nil }
        return (try key.open(sealed), sealed.createdAt)
    }

    /// The renewal of the row's token that was lost; nil when there is none. Closed entries are checked as well: one that
    /// was painted over would let a spent secret be sent again.
    func lostRenewal(_ row: FamilyRow) throws(Failure) -> JournalEntry? {
        let found = try store.renewals(of: row.fingerprint, in: family)
        for row in found { try key.check(row.seal, of: words(row.entry), what: "a journal entry") }
        return found.last { $0.entry.state == .lost }?.entry
    }

    /// Open journal entries, oldest first.
    func openEntries() throws(Failure) -> [JournalEntry] {
        var entries: [JournalEntry] = []
        for row in try store.openJournal(of: family) {
            try key.check(row.seal, of: words(row.entry), what: "a journal entry")
            entries.append(row.entry)
        }
        return entries
    }

    /// What targets were given, and what is queued for them.
    func outbox() throws(Failure) -> [OutboxRow] {
        let rows = try store.outbox(of: family)
        for row in rows { try key.check(row.seal, of: words(row), what: "an outbox row") }
        return rows
    }

    /// A publication to queue, signed.
    func queued(_ target: SHA256Digest, label: String, generation: Int, at now: Instant, attempts: Int, error: String)
        throws(Failure) -> OutboxRow
    {
        var row = OutboxRow(
            family: family, generation: generation, target: target, label: label, queuedAt: now, attempts: attempts,
            lastError: error, seal: [])
        row.seal = try key.sign(words(row))
        return row
    }

    /// What a target has been given, signed.
    func given(
        _ target: SHA256Digest, label: String, generation: Int, at now: Instant
    ) throws(Failure) -> OutboxRow {
        try queued(target, label: label, generation: generation, at: now, attempts: 0, error: "")
    }

    /// Sealed rows and members for the secrets of a generation.
    func rows(
        of bundle: TokenBundle, generation: Int, digest: (Secret) -> SHA256Digest, at now: Instant
    ) throws(Failure) -> (members: [MemberRow], sealed: [SealedRow]) {
        var members: [MemberRow] = []
        var sealed: [SealedRow] = []
        let secrets: [(Secret?, SecretPurpose)] = [
            (bundle.access, .access), (bundle.refresh, .refresh), (bundle.partner, .partner),
        ]
        for (secret, purpose) in secrets {
            guard let secret else { continue }
            sealed.append(try key.seal(secret, generation: generation, purpose: purpose, at: now))
            members.append(try member(secret, digest(secret), generation, purpose, at: now))
        }
        return (members, sealed)
    }

    /// A secret that shall lead to this family.
    func member(
        _ secret: Secret, _ digest: SHA256Digest, _ generation: Int, _ purpose: SecretPurpose, at now: Instant
    ) throws(Failure) -> MemberRow {
        MemberRow(
            digest: digest, family: family, identity: identity, generation: generation, purpose: purpose,
            wrappedKey: try vault.wrap(
                key, for: secret, identity: identity, generation: generation, purpose: purpose), createdAt: now)
    }

    /// One durable step. Rows are signed here; the entry comes back with its number.
    func commit(
        row: FamilyRow? = nil, members: [MemberRow] = [], sealed: [SealedRow] = [], dropped: [Int] = [],
        entry: JournalEntry? = nil, queued: [OutboxRow] = [], drained: [SHA256Digest] = [], history: RunRecord? = nil
    ) throws(Failure) -> JournalEntry? {
        var change = RenewalChange(
            addedMembers: members, sealed: sealed, droppedGenerations: dropped, queued: queued, drained: drained,
            history: history)
        if var row {
            row.seal = try key.sign(words(row))
            change.family = row
        }
        if let entry { change.journal = JournalRow(entry: entry, seal: try key.sign(words(entry))) }
        let id = try store.apply(change, to: family)
        guard var entry else { return nil }
        // Not only for a new one: a row that went meanwhile was made anew under another number.
        entry.id = id
        return entry
    }
}

extension FamilyLedger {
    private func words(_ row: FamilyRow) -> AssociatedData {
        key.words("family").adding(row.id.text).adding(bytes: row.identity.digest.bytes).adding(row.credential)
            .adding(row.method).adding(row.forge).adding(String(row.generation)).adding(row.fingerprint.digest.hex)
            .adding(Self.text(row.expiry)).adding(row.tokenID).adding(String(row.createdAt.milliseconds))
    }

    private func words(_ entry: JournalEntry) -> AssociatedData {
        // The number is given by the store after signing; everything that decides anything is under the code.
        key.words("journal").adding(entry.family.text).adding(String(entry.generation)).adding(entry.method)
            .adding(entry.credential).adding(entry.state.rawValue).adding(String(entry.intendedAt.milliseconds))
            .adding(entry.sentAt.map { String($0.milliseconds) }).adding(String(entry.requestTimeout.wholeMilliseconds))
            .adding(String(entry.changedAt.milliseconds)).adding(entry.oldFingerprint.digest.hex)
            .adding(entry.newFingerprint?.digest.hex).adding(entry.jobID).adding(entry.detail)
    }

    private func words(_ row: OutboxRow) -> AssociatedData {
        let words = key.words("outbox").adding(row.family.text).adding(String(row.generation))
            .adding(bytes: row.target.bytes).adding(row.label)
        return row.isGiven ? words.adding("given") : words
    }

    private static func text(_ expiry: Expiry) -> String {
        switch expiry {
        case .at(let instant): String(instant.milliseconds)
        case .never: "never"
        case .unknown: "unknown"
        }
    }
}
