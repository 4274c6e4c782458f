// Finds the family that a presented secret leads to, or the one that begins with it.

import OutlastModel

/// A family as it was found.
struct FoundFamily: Sendable {
    let ledger: FamilyLedger
    /// Its row; nil for a family that is only about to begin.
    let row: FamilyRow?
    /// Its current secrets; nil when there are none yet, or not any more.
    let bundle: TokenBundle?
    /// Whether the secret that led here belongs to the current generation.
    let presentedIsCurrent: Bool
    /// Renewals that an earlier process left open.
    let open: [JournalEntry]
    /// Publications that are queued.
    let queue: [OutboxRow]

    /// The current generation; 1 for a family that begins with the presented token, 0 before the first token is minted.
    var generation: Int { row?.generation ?? (bundle == nil ? 0 : 1) }
}

struct FamilyFinder: Sendable {
    private let setup: RenewalSetup

    init(_ setup: RenewalSetup) { self.setup = setup }

    /// The name of the lock that everybody who means this family takes; the same before and after it has begun.
    func lockName() throws(Failure) -> String {
        for anchor in setup.anchors {
            if let member = try setup.store.member(setup.digest(anchor.secret), identity: setup.identity) {
                return member.family.text
            }
        }
        return try beginning().text
    }

    /// Looks now. Rows are checked before anything of them is believed.
    func find() throws(Failure) -> FoundFamily {
        for anchor in setup.anchors {
            let digest = setup.digest(anchor.secret)
            guard let member = try setup.store.member(digest, identity: setup.identity) else { continue }
            guard member.digest == digest, member.identity == setup.identity else {
                throw FamilyKey.tampered("a member")
            }
            let key: FamilyKey
            do throws(Failure) { key = try setup.vault.unwrap(member, with: anchor.secret) } catch {
                throw FamilyKey.tampered("a member of family \(member.family.text)")
            }
            let ledger = FamilyLedger(key: key, identity: setup.identity, store: setup.store, vault: setup.vault)
            guard let row = try ledger.row() else { continue }
            return FoundFamily(
                ledger: ledger, row: row, bundle: try ledger.bundle(row),
                presentedIsCurrent: member.generation == 0 || member.generation == row.generation,
                open: try ledger.openEntries(), queue: try ledger.queue())
        }
        let key = try setup.vault.makeFamilyKey(try beginning())
        return FoundFamily(
            ledger: FamilyLedger(key: key, identity: setup.identity, store: setup.store, vault: setup.vault), row: nil,
            bundle: try setup.method.firstBundle(presented: setup.presented, setup.context), presentedIsCurrent: true,
            open: [], queue: [])
    }

    private func beginning() throws(Failure) -> FamilyID {
        guard let anchor = setup.anchors.first else {
            throw .configuration(
                "credential \(setup.request.name) has neither a token nor a key to begin with",
                hint: "give it `token`, or what its renewal method needs")
        }
        return FamilyID(
            beginningWith: setup.digest(anchor.secret), identity: setup.identity, state: setup.store.stateID)
    }
}
