// Finds the family that a presented secret leads to, or the one that begins with it.

import OutlastModel

/// A family as it was found.
struct FoundFamily: Sendable {
    let ledger: FamilyLedger
    /// Its row; nil for a family that is only about to begin.
    let row: FamilyRow?
    /// Its current secrets; nil when there are none yet.
    let bundle: TokenBundle?
    /// Since when the current token is ours; nil for one that was not made by us.
    let since: Instant?
    /// Whether the secret that led here belongs to the current generation.
    let presentedIsCurrent: Bool
    /// Renewals that an earlier process left open.
    let open: [JournalEntry]
    /// The renewal of the current generation that was lost: it is never renewed again.
    let lost: JournalEntry?
    /// What targets were given, and what is queued for them.
    let outbox: [OutboxRow]
    /// The current generation; 1 for a family that begins with what the job was started with, 0 before the first token is
    /// minted.
    let generation: Int
}

struct FamilyFinder: Sendable {
    private let setup: RenewalSetup

    init(_ setup: RenewalSetup) { self.setup = setup }

    /// The name of the lock that everybody who means this family takes; the same before and after it has begun.
    func lockName() throws(Failure) -> String {
        let anchor = try anchor()
        if let member = try member(of: anchor.secret) { return member.family.text }
        return beginning(with: anchor.secret).text
    }

    /// Looks now. Rows are checked before anything of them is believed.
    ///
    /// Who looks without the lock may look while another process writes: rows of two moments would not fit together.
    func find() throws(Failure) -> FoundFamily {
        let anchor = try anchor()
        var before = try mark(anchor)
        while true {
            let found: Result<FoundFamily, Failure>
            do throws(Failure) { found = .success(try look(anchor)) } catch { found = .failure(error) }
            let after = try mark(anchor)
            if after == before { return try found.get() }
            before = after
        }
    }

    /// What changes with every step that changes what is current.
    private func mark(_ anchor: (secret: Secret, purpose: SecretPurpose)) throws(Failure) -> Mark {
        let member = try member(of: anchor.secret)
        return Mark(member: member, row: try setup.store.family(member?.family ?? beginning(with: anchor.secret)))
    }

    private struct Mark: Equatable {
        let member: MemberRow?
        let row: FamilyRow?
    }

    private func look(_ anchor: (secret: Secret, purpose: SecretPurpose)) throws(Failure) -> FoundFamily {
        guard let member = try member(of: anchor.secret) else { return try unborn(anchor) }
        // Whoever made the member has sealed the state before.
        let vault = try setup.vault.looked(in: setup.store)
        let key = try familyKey(of: member, with: anchor.secret, vault)
        let ledger = FamilyLedger(key: key, identity: setup.identity, store: setup.store, vault: vault)
        // Members come and go with their family: without it they would begin anew with what was spent.
        guard let row = try ledger.row() else {
            throw FamilyKey.tampered("the row of family \(member.family.text), which is gone,")
        }
        let isCurrent = try presentedGeneration(member, row) == row.generation
        let current = try ledger.current(row)
        let bundle: TokenBundle? =
            if let current { current.bundle } else { try missing(row, anchor, member) }
        if anchor.purpose == .refresh, let bundle, bundle.refresh == nil { throw gone(row) }
        return FoundFamily(
            ledger: ledger, row: row, bundle: bundle,
            since: row.generation > 1 || member.purpose == .minting ? current?.since : nil,
            presentedIsCurrent: isCurrent, open: try ledger.openEntries(), lost: try ledger.lostRenewal(row),
            outbox: try ledger.outbox(), generation: row.generation)
    }

    /// - Throws: `rejected` (12) for a member that was superseded and forgotten, `cacheLocked` (41) for one that was changed.
    private func familyKey(
        of member: MemberRow, with secret: Secret, _ vault: Vault
    ) throws(Failure) -> FamilyKey {
        guard !member.wrappedKey.isEmpty else {
            throw Failure(
                .rejected,
                "\(CredentialName.token(of: setup.request.name)) was superseded, and `outlast secret forget --superseded` has cut it off from what came after it",
                hint: "give the job the current token")
        }
        do throws(Failure) { return try vault.unwrap(member, with: secret) } catch {
            throw FamilyKey.tampered("a member of family \(member.family.text)")
        }
    }

    /// The secret that leads to the family.
    private func anchor() throws(Failure) -> (secret: Secret, purpose: SecretPurpose) {
        if let anchor = setup.plan.anchor { return anchor }
        throw .configuration(
            "credential \(setup.request.name) has neither a token nor a key to begin with",
            hint: "give it `token`, or what its renewal method needs")
    }

    private func member(of secret: Secret) throws(Failure) -> MemberRow? {
        let digest = setup.digest(secret)
        guard let member = try setup.store.member(digest, identity: setup.identity) else { return nil }
        guard member.digest == digest, member.identity == setup.identity else { throw FamilyKey.tampered("a member") }
        return member
    }

    /// The generation that was presented; what mints belongs to all of them, and the idle token of a pair to the one before.
    /// A token beside a root is what the job uses, so that tells.
    private func presentedGeneration(_ member: MemberRow, _ row: FamilyRow) throws(Failure) -> Int {
        if member.purpose == .minting { return row.generation }
        guard let presented = setup.presented, let beside = try self.member(of: presented),
            beside.family == member.family
        else { return generation(of: member) }
        return generation(of: beside)
    }

    private func generation(of member: MemberRow) -> Int {
        member.purpose == .partner ? member.generation - 1 : member.generation
    }

    /// A family that is there without its current token: before the first was minted, or after a row was taken away.
    private func missing(
        _ row: FamilyRow, _ anchor: (secret: Secret, purpose: SecretPurpose), _ member: MemberRow
    ) throws(Failure) -> TokenBundle? {
        if anchor.purpose == .minting { return nil }
        // An older refresh token is spent: it is no beginning.
        guard generation(of: member) == row.generation else { throw gone(row) }
        if anchor.purpose == .refresh { return nil }
        return try setup.method.firstBundle(presented: anchor.secret, setup.context)
    }

    private func gone(_ row: FamilyRow) -> Failure {
        Failure(
            .cacheLocked,
            "generation \(row.generation) of \(CredentialName.token(of: setup.request.name)) is not whole in the state any more",
            hint: "a row of family \(row.id.text) was taken away; give the job the current token")
    }

    private func unborn(_ anchor: (secret: Secret, purpose: SecretPurpose)) throws(Failure) -> FoundFamily {
        let id = beginning(with: anchor.secret)
        // The family that began with this secret is there, and nothing leads to it: a new one would take its place.
        guard try setup.store.family(id) == nil else { throw FamilyKey.tampered("a member of family \(id.text)") }
        let key = try setup.vault.makeFamilyKey(id)
        let bundle = try setup.method.firstBundle(presented: setup.presented, setup.context)
        return FoundFamily(
            ledger: FamilyLedger(key: key, identity: setup.identity, store: setup.store, vault: setup.vault), row: nil,
            bundle: bundle, since: nil, presentedIsCurrent: true, open: [], lost: nil, outbox: [],
            generation: bundle == nil && anchor.purpose == .minting ? 0 : 1)
    }

    private func beginning(with secret: Secret) -> FamilyID {
        FamilyID(beginningWith: setup.digest(secret), identity: setup.identity, state: setup.store.stateID)
    }
}
