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
    /// Publications that are queued.
    let queue: [OutboxRow]
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
    func find() throws(Failure) -> FoundFamily {
        let anchor = try anchor()
        guard let member = try member(of: anchor.secret) else { return try unborn(anchor) }
        let key: FamilyKey
        do throws(Failure) { key = try setup.vault.unwrap(member, with: anchor.secret) } catch {
            throw FamilyKey.tampered("a member of family \(member.family.text)")
        }
        let ledger = FamilyLedger(key: key, identity: setup.identity, store: setup.store, vault: setup.vault)
        guard let row = try ledger.row() else { return try unborn(anchor) }
        let isCurrent = try presentedGeneration(member, row) == row.generation
        let current = try ledger.current(row)
        let bundle: TokenBundle? =
            if let current { current.bundle } else { try missing(row, anchor, isCurrent: isCurrent) }
        return FoundFamily(
            ledger: ledger, row: row, bundle: bundle,
            since: row.generation > 1 || member.purpose == .minting ? current?.since : nil,
            presentedIsCurrent: isCurrent, open: try ledger.openEntries(), lost: try ledger.lostRenewal(row),
            queue: try ledger.queue(), generation: row.generation)
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

    /// The newest generation that anything presented belongs to; what mints belongs to all of them.
    private func presentedGeneration(_ member: MemberRow, _ row: FamilyRow) throws(Failure) -> Int {
        if member.purpose == .minting { return row.generation }
        guard let presented = setup.presented, let beside = try self.member(of: presented),
            beside.family == member.family
        else { return member.generation }
        return max(member.generation, beside.generation)
    }

    /// A family that is there without its current token: before the first was minted, or after a row was taken away.
    private func missing(
        _ row: FamilyRow, _ anchor: (secret: Secret, purpose: SecretPurpose), isCurrent: Bool
    ) throws(Failure) -> TokenBundle? {
        if anchor.purpose != .access { return nil }
        guard isCurrent else {
            throw Failure(
                .cacheLocked,
                "generation \(row.generation) of the token of \(setup.request.name) is not in the state any more",
                hint: "a row of family \(row.id.text) was taken away; give the job the current token")
        }
        return try setup.method.firstBundle(presented: anchor.secret, setup.context)
    }

    private func unborn(_ anchor: (secret: Secret, purpose: SecretPurpose)) throws(Failure) -> FoundFamily {
        let key = try setup.vault.makeFamilyKey(beginning(with: anchor.secret))
        let bundle = try setup.method.firstBundle(presented: setup.presented, setup.context)
        return FoundFamily(
            ledger: FamilyLedger(key: key, identity: setup.identity, store: setup.store, vault: setup.vault), row: nil,
            bundle: bundle, since: nil, presentedIsCurrent: true, open: [], lost: nil, queue: [],
            generation: bundle == nil && anchor.purpose == .minting ? 0 : 1)
    }

    private func beginning(with secret: Secret) -> FamilyID {
        FamilyID(beginningWith: setup.digest(secret), identity: setup.identity, state: setup.store.stateID)
    }
}
