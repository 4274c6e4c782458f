// The data key under the operator's key. A digest over the whole record tells one that was changed from one that another
// key was meant for, whatever part of it was changed; a short code under the key does so even where the digest was made anew.

import OutlastModel

struct KeyEnvelopeCodec: Sendable {
    private let cryptography: any Cryptography
    private let stateID: [UInt8]
    private static let codeLength = 16

    init(_ cryptography: any Cryptography, stateID: [UInt8]) {
        self.cryptography = cryptography
        self.stateID = stateID
    }

    /// Wraps the data key: digest of the record, code of the key, sealed key, in a row.
    func seal(_ dataKey: Secret, with key: OperatorKey) throws(Failure) -> KeyEnvelope {
        switch key {
        case .key(let wrapping): return whole(KeyEnvelope(wrapped: try wrap(dataKey, wrapping)))
        case .passphrase(let words):
            let salt = try cryptography.randomKey(count: 16).withBytes { Array($0) }
            let wrapping = try cryptography.scrypt(words, salt: salt, cost: .interactive)
            return whole(
                KeyEnvelope(wrapped: try wrap(dataKey, wrapping), passphraseSalt: salt, cost: .interactive))
        }
    }

    /// - Throws: `cacheLocked` (41) with a sentence for a record that was changed, a key of another form, and a wrong key.
    func open(_ envelope: KeyEnvelope, with key: OperatorKey) throws(Failure) -> Secret {
        var envelope = envelope
        let digest = Array(envelope.wrapped.prefix(Self.codeLength))
        envelope.wrapped.removeFirst(digest.count)
        guard digest == self.digest(of: envelope) else { throw Self.tampered() }
        let wrapping = try wrappingKey(key, envelope)
        let code = Array(envelope.wrapped.prefix(Self.codeLength))
        guard code == (try self.code(wrapping)) else {
            throw Failure(
                .cacheLocked, "the secret cache is locked: the key is not the one that this state was sealed with",
                hint:
                    "give the right key; if it is gone for good, the sealed tokens are too: start with a new state (`outlast history pack` and `merge` take the history along)"
            )
        }
        do throws(Failure) {
            return try cryptography.open(
                Array(envelope.wrapped.dropFirst(Self.codeLength)), key: wrapping, associated: data)
        } catch { throw Self.tampered() }
    }

    static func tampered() -> Failure {
        Failure(
            .cacheLocked, "the sealed data key of this state was tampered with: nothing was done with it",
            hint:
                "find out who writes this store; without that key nothing opens that it has sealed: start with a new state, and give the jobs new tokens"
        )
    }

    private func wrappingKey(_ key: OperatorKey, _ envelope: KeyEnvelope) throws(Failure) -> Secret {
        switch (key, envelope.passphraseSalt, envelope.cost) {
        case (.key(let wrapping), nil, _): return wrapping
        case (.passphrase(let words), let salt?, let cost?):
            guard cost.n <= 1 << 20, cost.r <= 32, cost.p <= 16 else {
                throw Self.tampered()
            }
            return try cryptography.scrypt(words, salt: salt, cost: cost)
        case (.key, _, _):
            throw Failure(
                .cacheLocked, "the secret cache is locked: it was sealed with a passphrase, not with a key",
                hint: "set OUTLAST_PASSPHRASE")
        case (.passphrase, _, _):
            throw Failure(
                .cacheLocked, "the secret cache is locked: it was sealed with a key, not with a passphrase",
                hint: "set OUTLAST_KEY")
        }
    }

    private func wrap(_ dataKey: Secret, _ wrapping: Secret) throws(Failure) -> [UInt8] {
        try code(wrapping) + cryptography.seal(dataKey, key: wrapping, associated: data)
    }

    /// The record with its digest before it.
    private func whole(_ envelope: KeyEnvelope) -> KeyEnvelope {
        var copy = envelope
        copy.wrapped = digest(of: envelope) + envelope.wrapped
        return copy
    }

    /// Over all that a record holds, and the state that it belongs to.
    private func digest(of envelope: KeyEnvelope) -> [UInt8] {
        let words = AssociatedData("key-envelope", stateID).adding(bytes: envelope.wrapped)
            .adding(envelope.passphraseSalt.map { Base64Text.standard.encode($0) })
            .adding(envelope.cost.map { "\($0.n) \($0.r) \($0.p)" })
            .adding(envelope.successor.map { Base64Text.standard.encode($0) })
        return Array(SHA256Digest(hashing: words.bytes).bytes.prefix(Self.codeLength))
    }

    private func code(_ wrapping: Secret) throws(Failure) -> [UInt8] {
        let words = AssociatedData("key-check", stateID).bytes
        return Array(try cryptography.authenticate(words, key: wrapping).prefix(Self.codeLength))
    }

    private var data: [UInt8] { AssociatedData("data-key", stateID).bytes }
}
