// Envelope of a state's secrets (design, section 5): the operator's key wraps a data key; data key and a secret of the
// family together open the family's key; the family's key seals its secrets and signs its rows.

import OutlastModel

/// A state whose data key is in hand.
struct Vault: Sendable {
    private let cryptography: any Cryptography
    private let dataKey: Secret
    private let stateID: [UInt8]
    /// The key that a state is to be sealed with which has never sealed anything; nil for one that is sealed.
    private let pending: OperatorKey?

    private init(_ cryptography: any Cryptography, _ dataKey: Secret, stateID: [UInt8], pending: OperatorKey? = nil) {
        self.cryptography = cryptography
        self.dataKey = dataKey
        self.stateID = stateID
        self.pending = pending
    }

    /// Opens the state's data key. Where the state has never sealed anything, there is one for this run alone until
    /// `kept`: a run that seals nothing must not bind the state to its key.
    ///
    /// - Throws: `cacheLocked` (41) with three different sentences: no key, wrong key, tampered with.
    static func open(
        _ store: any RenewalStore, key: OperatorKey?, cryptography: any Cryptography
    ) throws(Failure) -> Vault {
        let key = try OperatorKey.required(key)
        if let vault = try present(in: store, key, cryptography) { return vault }
        return Vault(cryptography, try cryptography.randomKey(count: 32), stateID: store.stateID, pending: key)
    }

    private static func present(
        in store: any RenewalStore, _ key: OperatorKey, _ cryptography: any Cryptography
    ) throws(Failure) -> Vault? {
        guard let envelope = try store.presentEnvelope() else { return nil }
        let dataKey = try KeyEnvelopeCodec(cryptography, stateID: store.stateID).open(envelope, with: key)
        return Vault(cryptography, dataKey, stateID: store.stateID)
    }

    /// Whether the state has this data key already.
    var isKept: Bool { pending == nil }

    /// The vault as the state has it by now: others may have sealed it meanwhile.
    func looked(in store: any RenewalStore) throws(Failure) -> Vault {
        guard let pending else { return self }
        return try Self.present(in: store, pending, cryptography) ?? self
    }

    /// The vault after the state has its data key, this one or that of whoever was faster: before anything is sealed.
    ///
    /// - Throws: `cacheLocked` (41) where another run has sealed the state with another key meanwhile.
    func kept(in store: any RenewalStore) throws(Failure) -> Vault {
        guard let pending else { return self }
        let envelope = try KeyEnvelopeCodec(cryptography, stateID: stateID).seal(dataKey, with: pending)
        if try store.replaceKeyEnvelope(nil, by: envelope) { return Vault(cryptography, dataKey, stateID: stateID) }
        guard let other = try Self.present(in: store, pending, cryptography) else {
            throw Failure(.cacheLocked, "the secret cache is being set up by others; try again")
        }
        return other
    }

    /// A new family's key.
    func makeFamilyKey(_ family: FamilyID) throws(Failure) -> FamilyKey {
        FamilyKey(
            cryptography: cryptography, key: try cryptography.randomKey(count: 32), family: family, stateID: stateID)
    }

    /// The family's key, wrapped so that this secret (and the data key) opens it, for a member of these words.
    func wrap(
        _ key: FamilyKey, for secret: Secret, identity: FamilyIdentity, generation: Int, purpose: SecretPurpose
    ) throws(Failure) -> [UInt8] {
        let wrapping = try wrappingKey(for: secret)
        return try cryptography.seal(
            key.key, key: wrapping, associated: wrapData(key.family, identity, generation, purpose))
    }

    /// Opens a family's key by a secret that belongs to it.
    func unwrap(_ member: MemberRow, with secret: Secret) throws(Failure) -> FamilyKey {
        let wrapping = try wrappingKey(for: secret)
        let words = wrapData(member.family, member.identity, member.generation, member.purpose)
        let key = try cryptography.open(member.wrappedKey, key: wrapping, associated: words)
        return FamilyKey(cryptography: cryptography, key: key, family: member.family, stateID: stateID)
    }

    private func wrappingKey(for secret: Secret) throws(Failure) -> Secret {
        try cryptography.derive(
            from: secret, salt: dataKey, info: Array("outlast family key 1".utf8), count: 32)
    }

    /// All of a member's words: a generation that could be changed would let a superseded token pass for the current.
    private func wrapData(
        _ family: FamilyID, _ identity: FamilyIdentity, _ generation: Int, _ purpose: SecretPurpose
    ) -> [UInt8] {
        AssociatedData("family-key", stateID).adding(family.text).adding(bytes: identity.digest.bytes)
            .adding(String(generation)).adding(purpose.rawValue).bytes
    }
}

/// A family whose key is in hand: seals and opens its secrets, signs and checks its rows.
struct FamilyKey: Sendable {
    fileprivate let cryptography: any Cryptography
    fileprivate let key: Secret
    let family: FamilyID
    fileprivate let stateID: [UInt8]

    /// Seals a secret of a generation.
    func seal(
        _ secret: Secret, generation: Int, purpose: SecretPurpose, at now: Instant
    ) throws(Failure) -> SealedRow {
        let sealed = try cryptography.seal(secret, key: key, associated: data(generation, purpose, now))
        return SealedRow(family: family, generation: generation, purpose: purpose, sealed: sealed, createdAt: now)
    }

    /// Opens a sealed secret; the row's own words are part of what is checked.
    ///
    /// - Throws: `cacheLocked` (41) when the record is not what was sealed.
    func open(_ row: SealedRow) throws(Failure) -> Secret {
        guard row.family == family else { throw Self.tampered("a sealed secret of family \(family.text)") }
        do throws(Failure) {
            let words = data(row.generation, row.purpose, row.createdAt)
            return try cryptography.open(row.sealed, key: key, associated: words)
        } catch { throw Self.tampered("a sealed secret of family \(family.text)") }
    }

    /// The beginning of a row's words.
    func words(_ what: String) -> AssociatedData { AssociatedData(what, stateID) }

    /// The code of a family, journal or outbox row.
    func sign(_ words: AssociatedData) throws(Failure) -> [UInt8] {
        try cryptography.authenticate(words.bytes, key: key)
    }

    /// - Throws: `cacheLocked` (41) when the code is not the row's.
    func check(_ seal: [UInt8], of words: AssociatedData, what: String) throws(Failure) {
        let right = try sign(words)
        guard seal.count == right.count, zip(seal, right).reduce(0, { $0 | ($1.0 ^ $1.1) }) == 0 else {
            throw Self.tampered("\(what) of family \(family.text)")
        }
    }

    /// The moment too: how old a token is may decide whether it is renewed.
    private func data(_ generation: Int, _ purpose: SecretPurpose, _ now: Instant) -> [UInt8] {
        AssociatedData("secret", stateID).adding(family.text).adding(String(generation)).adding(purpose.rawValue)
            .adding(String(now.milliseconds)).bytes
    }

    static func tampered(_ what: String) -> Failure {
        Failure(
            .cacheLocked, "\(what) was tampered with: nothing was done with it",
            hint: "find out who writes this store; then `outlast secret forget --family …` and give the job a new token"
        )
    }
}

/// Words in a row that no other row can spell: each with its length.
struct AssociatedData {
    private(set) var bytes: [UInt8]

    init(_ what: String, _ stateID: [UInt8]) {
        bytes = []
        append(Array("outlast 1 \(what)".utf8))
        append(stateID)
    }

    private mutating func append(_ part: [UInt8]) {
        bytes += Array("\(part.count):".utf8) + part
    }

    func adding(_ text: String?) -> AssociatedData {
        var copy = self
        // Nothing and the empty text are different words.
        copy.append(text.map { [1] + Array($0.utf8) } ?? [0])
        return copy
    }

    func adding(bytes part: [UInt8]) -> AssociatedData {
        var copy = self
        copy.append(part)
        return copy
    }
}
