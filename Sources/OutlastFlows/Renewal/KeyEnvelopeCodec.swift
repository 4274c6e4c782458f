// The data key under the operator's key. A short code tells a wrong key from a record that was tampered with.

import OutlastModel

struct KeyEnvelopeCodec: Sendable {
    private let cryptography: any Cryptography
    private let stateID: [UInt8]
    private static let codeLength = 16

    init(_ cryptography: any Cryptography, stateID: [UInt8]) {
        self.cryptography = cryptography
        self.stateID = stateID
    }

    func seal(_ dataKey: Secret, with key: OperatorKey) throws(Failure) -> KeyEnvelope {
        switch key {
        case .key(let wrapping): return KeyEnvelope(wrapped: try wrap(dataKey, wrapping))
        case .passphrase(let words):
            let salt = try cryptography.randomKey(count: 16).withBytes { Array($0) }
            let wrapping = try cryptography.scrypt(words, salt: salt, cost: .interactive)
            return KeyEnvelope(wrapped: try wrap(dataKey, wrapping), passphraseSalt: salt, cost: .interactive)
        }
    }

    func open(_ envelope: KeyEnvelope, with key: OperatorKey) throws(Failure) -> Secret {
        let wrapping = try wrappingKey(key, envelope)
        let code = Array(envelope.wrapped.prefix(Self.codeLength))
        guard code == (try self.code(wrapping)) else {
            throw Failure(
                .cacheLocked, "the secret cache is locked: the key is not the one that this state was sealed with",
                hint: "give the right key; if it is gone for good, the sealed tokens are too: start with a new state")
        }
        do throws(Failure) {
            return try cryptography.open(
                Array(envelope.wrapped.dropFirst(Self.codeLength)), key: wrapping, associated: data)
        } catch { throw FamilyKey.tampered("the sealed data key of this state") }
    }

    private func wrappingKey(_ key: OperatorKey, _ envelope: KeyEnvelope) throws(Failure) -> Secret {
        switch (key, envelope.passphraseSalt, envelope.cost) {
        case (.key(let wrapping), nil, _): return wrapping
        case (.passphrase(let words), let salt?, let cost?):
            guard cost.n <= 1 << 20, cost.r <= 32, cost.p <= 16 else {
                throw FamilyKey.tampered("the sealed data key of this state")
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

    private func code(_ wrapping: Secret) throws(Failure) -> [UInt8] {
        let words = AssociatedData("key-check", stateID).bytes
        return Array(try cryptography.authenticate(words, key: wrapping).prefix(Self.codeLength))
    }

    private var data: [UInt8] { AssociatedData("data-key", stateID).bytes }
}
