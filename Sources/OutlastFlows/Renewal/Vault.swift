// Envelope of a state's secrets (design, section 5): the operator's key wraps a data key; data key and a secret of the
// family together open the family's key; the family's key seals its secrets and signs its rows.

import OutlastModel

/// A state whose data key is in hand.
struct Vault: Sendable {
    private let cryptography: any Cryptography
    private let dataKey: Secret
    private let stateID: [UInt8]

    /// Opens the state's data key, making one where the state has never sealed anything.
    ///
    /// - Throws: `cacheLocked` (41) with three different sentences: no key, wrong key, tampered with.
    static func open(
        _ store: any RenewalStore, key: OperatorKey?, cryptography: any Cryptography
    ) throws(Failure) -> Vault {
        let key = try OperatorKey.required(key)
        let envelope = KeyEnvelopeCodec(cryptography, stateID: store.stateID)
        for _ in 0..<3 {
            if let present = try store.presentEnvelope() {
                let dataKey = try envelope.open(present, with: key)
                return Vault(cryptography: cryptography, dataKey: dataKey, stateID: store.stateID)
            }
            let dataKey = try cryptography.randomKey(count: 32)
            let fresh = try envelope.seal(dataKey, with: key)
            if try store.replaceKeyEnvelope(nil, by: fresh) {
                return Vault(cryptography: cryptography, dataKey: dataKey, stateID: store.stateID)
            }
        }
        throw Failure(.cacheLocked, "the secret cache is being set up by others; try again")
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
