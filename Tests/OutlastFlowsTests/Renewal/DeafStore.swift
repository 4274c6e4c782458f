// A store of renewals that keeps nothing.

import OutlastModel
import OutlastTestKit

/// Notes nothing.
struct DeafStore: RenewalStore {
    let base: RememberingRenewals
    /// What is answered for the sealed key, where that is not the base's own.
    var envelope: (@Sendable () -> KeyEnvelope?)?
    /// The families that are there.
    var known: [FamilyID] = []
    var stateID: [UInt8] { base.stateID }
    var sharing: StoreSharing { base.sharing }
    func keyEnvelope() throws(Failure) -> KeyEnvelope? {
        if let envelope { envelope() } else { base.contents.envelope }
    }
    func replaceKeyEnvelope(_ old: KeyEnvelope?, by new: KeyEnvelope) throws(Failure) -> Bool { false }
    func member(_ digest: SHA256Digest, identity: FamilyIdentity) throws(Failure) -> MemberRow? { nil }
    func family(_ id: FamilyID) throws(Failure) -> FamilyRow? { nil }
    func sealed(_ family: FamilyID, generation: Int, purpose: SecretPurpose) throws(Failure) -> SealedRow? { nil }
    func openJournal(of family: FamilyID) throws(Failure) -> [JournalRow] { [] }
    func renewals(of token: Fingerprint, in family: FamilyID) throws(Failure) -> [JournalRow] { [] }
    func outbox(of family: FamilyID) throws(Failure) -> [OutboxRow] { [] }
    func apply(_ change: RenewalChange, to family: FamilyID) throws(Failure) -> Int64 { throw .state("deaf") }
    func listSecrets() throws(Failure) -> [(family: FamilyRow, secret: SealedRow, digest: SHA256Digest?)] { [] }
    func families(credential: String?, superseded: Bool) throws(Failure) -> [FamilyID] { known }
    func forget(credential: String?, family: FamilyID?) throws(Failure) -> Int { 0 }
    func forgetSuperseded(credential: String?, family: FamilyID?) throws(Failure) -> Int { 0 }
    func failedAuthentications(at host: String, since: Instant) throws(Failure) -> Int { 0 }
    func noteAuthentication(at host: String, succeeded: Bool, now: Instant) throws(Failure) { throw .state("deaf") }
    func waitUntil(for host: String) throws(Failure) -> Instant? { nil }
    func noteWait(for host: String, until: Instant) throws(Failure) { throw .state("deaf") }
}
