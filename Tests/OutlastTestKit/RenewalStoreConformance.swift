// What every store of renewals must do, whatever it is made of. A store's tests run each rule against a fresh, empty one:
//
//     @Test(arguments: RenewalStoreConformance.rules)
//     func keepsTheRules(_ rule: HistoryRule) throws { try rule.check(makeStore()) }

internal import OutlastModel

/// The rules of `RenewalStore`, for a history whose `renewals` is one.
public enum RenewalStoreConformance {
    /// All of them.
    public static let rules: [HistoryRule] = familyRules + journalRules + forgettingRules + hostRules + rotationRules

    static func rule(_ name: String, _ check: @escaping @Sendable (any RenewalStore) throws -> Void) -> HistoryRule {
        HistoryRule(name) { try check(renewals(of: $0)) }
    }

    /// The renewals of a history.
    static func renewals(of history: any HistoryStore) throws -> any RenewalStore {
        guard let renewals = history.renewals else { throw Complaint(description: "the store holds no renewals") }
        return renewals
    }

    static func expect<Value: Equatable>(_ found: Value, _ expected: Value, _ what: String) throws {
        try HistoryStoreConformance.expect(found, expected, what)
    }

    static func at(_ seconds: Int64) -> Instant { HistoryStoreConformance.at(seconds) }

    static let narrow = FamilyIdentity([("forge", "gitlab"), ("scope", "narrow")])
    static let broad = FamilyIdentity([("forge", "gitlab"), ("scope", "broad")])
    static let first = family("first")
    static let second = family("second")

    static func family(_ name: String) -> FamilyID {
        FamilyID(text: String(SHA256Digest(hashing: name.utf8).hex.prefix(32)))
    }

    static func digest(_ name: String) -> SHA256Digest { SHA256Digest(hashing: name.utf8) }

    static func row(_ id: FamilyID = first, credential: String = "release", generation: Int = 1) -> FamilyRow {
        FamilyRow(
            id: id, identity: narrow, credential: credential, method: "gitlab-rotate", forge: "gitlab",
            generation: generation, fingerprint: Fingerprint(digest: digest("\(id) \(generation)")),
            expiry: .at(at(86_400)), tokenID: "12", createdAt: at(0), seal: [1, 2, 3])
    }

    static func member(
        _ name: String, _ id: FamilyID = first, identity: FamilyIdentity = narrow, generation: Int = 1,
        purpose: SecretPurpose = .access
    ) -> MemberRow {
        MemberRow(
            digest: digest(name), family: id, identity: identity, generation: generation, purpose: purpose,
            wrappedKey: Array(name.utf8), createdAt: at(1))
    }

    static func sealed(
        _ id: FamilyID = first, generation: Int = 1, purpose: SecretPurpose = .access, bytes: [UInt8] = [7, 8, 9]
    ) -> SealedRow {
        SealedRow(family: id, generation: generation, purpose: purpose, sealed: bytes, createdAt: at(2))
    }

    static func entry(
        _ id: FamilyID = first, generation: Int = 1, state: RenewalState = .intended, changedAt second: Int64 = 3,
        credential: String = "release", job: String? = nil
    ) -> JournalRow {
        JournalRow(
            entry: JournalEntry(
                family: id, generation: generation, method: "gitlab-rotate", credential: credential, state: state,
                intendedAt: at(3), requestTimeout: .seconds(60), changedAt: at(second),
                oldFingerprint: Fingerprint(digest: digest("\(id) \(generation)")), jobID: job),
            seal: [4, 5])
    }

    static func queued(_ target: String, _ id: FamilyID = first, generation: Int = 1, attempts: Int = 1) -> OutboxRow {
        OutboxRow(
            family: id, generation: generation, target: digest(target), label: target, queuedAt: at(9),
            attempts: attempts, lastError: "503", seal: [6])
    }
}
