// Opening what a client has sealed for us: libsodium's anonymous box, so that a test can assert the value that
// really arrived and not only that something did.
import COpenSSL

/// A key pair that secrets are sealed to.
struct SealedBoxKey: Sendable {
    let id: String
    let secretKey: [UInt8]
    let publicKey: [UInt8]

    /// The pair of these 32 secret bytes; `nil` when OpenSSL does not take them.
    init?(id: String, secretKey: [UInt8]) {
        guard let key = EVP_PKEY_new_raw_private_key_ex(nil, "X25519", nil, secretKey, secretKey.count) else {
            return nil
        }
        defer { EVP_PKEY_free(key) }
        var bytes = [UInt8](repeating: 0, count: 32)
        var length = bytes.count
        guard EVP_PKEY_get_raw_public_key(key, &bytes, &length) == 1 else { return nil }
        self.id = id
        self.secretKey = secretKey
        publicKey = bytes
    }

    /// What is inside; `nil` when it was not sealed to this key or has been changed.
    func open(_ sealed: [UInt8]) -> [UInt8]? {
        guard sealed.count >= 48, let shared = agreement(with: Array(sealed[0..<32])) else { return nil }
        let zero = [UInt8](repeating: 0, count: 16)
        let boxKey = hsalsa20(key: shared, input: zero[...])
        let nonce = blake2b(Array(sealed[0..<32]) + publicKey, length: 24)
        let streamKey = hsalsa20(key: boxKey, input: nonce[0..<16])
        let cipher = Array(sealed[48...])
        let stream = salsa20Keystream(key: streamKey, nonce: nonce[16..<24], count: 32 + cipher.count)
        guard poly1305(key: Array(stream[0..<32]), cipher) == Array(sealed[32..<48]) else { return nil }
        return zip(cipher, stream[32...]).map { $0 ^ $1 }
    }

    private func agreement(with peer: [UInt8]) -> [UInt8]? {
        guard let own = EVP_PKEY_new_raw_private_key_ex(nil, "X25519", nil, secretKey, 32) else { return nil }
        defer { EVP_PKEY_free(own) }
        guard let other = EVP_PKEY_new_raw_public_key_ex(nil, "X25519", nil, peer, 32) else { return nil }
        defer { EVP_PKEY_free(other) }
        guard let context = EVP_PKEY_CTX_new_from_pkey(nil, own, nil) else { return nil }
        defer { EVP_PKEY_CTX_free(context) }
        var output = [UInt8](repeating: 0, count: 32)
        var length = output.count
        guard EVP_PKEY_derive_init(context) == 1, EVP_PKEY_derive_set_peer(context, other) == 1,
            EVP_PKEY_derive(context, &output, &length) == 1
        else { return nil }
        return output
    }

    private func poly1305(key: [UInt8], _ message: [UInt8]) -> [UInt8] {
        var tag = [UInt8](repeating: 0, count: 16)
        var length = 0
        let made = EVP_Q_mac(
            nil, "POLY1305", nil, nil, nil, key, key.count, message, message.count, &tag, tag.count, &length)
        return made == nil ? [] : tag
    }
}
