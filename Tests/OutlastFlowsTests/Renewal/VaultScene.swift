// A state in memory with a real vault over it, and two families that share it.

import OutlastCrypto
import OutlastModel
import OutlastTestKit

@testable import OutlastFlows

/// What the tests of sealing work on.
struct VaultScene {
    static let now = Instant(seconds: 1_795_132_800)
    static let key = OperatorKey.key(Secret(bytes: [UInt8](repeating: 7, count: 32)))
    static let otherKey = OperatorKey.key(Secret(bytes: [UInt8](repeating: 8, count: 32)))
    static let identity = FamilyIdentity([("forge", "gitlab"), ("method", "rotate")])

    let cryptography = OpenSSLCryptography()
    let renewals = RememberingRenewals()
    let vault: Vault
    let first: Kin
    let second: Kin

    /// A family whose first generation is stored, with a journal entry and a queued publication.
    struct Kin {
        let ledger: FamilyLedger
        let token: Secret
        let member: MemberRow
        let sealed: SealedRow
    }

    init() throws {
        vault = try Vault.open(renewals, key: Self.key, cryptography: cryptography).kept(in: renewals)
        first = try Self.begin("glpat-first-first-first-first", renewals, vault)
        second = try Self.begin("glpat-second-second-second-2", renewals, vault)
    }

    static func digest(_ secret: Secret) -> SHA256Digest { Fingerprint(of: secret, salt: []).digest }

    private static func begin(_ text: String, _ renewals: RememberingRenewals, _ vault: Vault) throws -> Kin {
        let token = Secret(text)
        let id = FamilyID(beginningWith: digest(token), identity: identity, state: renewals.stateID)
        let ledger = FamilyLedger(
            key: try vault.makeFamilyKey(id), identity: identity, store: renewals, vault: vault)
        let rows = try ledger.rows(
            of: TokenBundle(access: token, refresh: Secret(text + "-refresh")), generation: 1, digest: digest, at: now)
        let row = FamilyRow(
            id: id, identity: identity, credential: "release", method: "rotate", forge: "gitlab", generation: 1,
            fingerprint: Fingerprint(of: token, salt: []), expiry: .at(now), tokenID: "12", createdAt: now)
        let entry = JournalEntry(
            family: id, generation: 1, method: "rotate", credential: "release", state: .sent, intendedAt: now,
            sentAt: now, requestTimeout: .seconds(60), changedAt: now,
            oldFingerprint: Fingerprint(of: token, salt: []), jobID: "0123456789abcdef", detail: "a line")
        let queued = try ledger.queued(
            SHA256Digest(hashing: text.utf8), label: "file", generation: 1, at: now, attempts: 1, error: "no")
        _ = try ledger.commit(
            row: row, members: rows.members, sealed: rows.sealed, entry: entry, queued: [queued])
        return Kin(ledger: ledger, token: token, member: rows.members[0], sealed: rows.sealed[0])
    }
}

/// The failure that a body ends with; nil when it does not, or with something else.
func failure<Value>(of body: () throws -> Value) -> Failure? {
    do {
        _ = try body()
        return nil
    } catch { return error as? Failure }
}
