// Fresh ed25519 keys (RFC 8032).

import COpenSSL
import OutlastModel

/// A key pair as raw bytes.
struct Ed25519Key {
    let seed: Secret
    let publicKey: [UInt8]

    static func generate() throws(Failure) -> Ed25519Key {
        guard let context = EVP_PKEY_CTX_new_from_name(nil, "ED25519", nil) else {
            throw OpenSSLQueue.failure("make an ed25519 key")
        }
        defer { EVP_PKEY_CTX_free(context) }
        var key: OpaquePointer?
        guard EVP_PKEY_keygen_init(context) == 1, EVP_PKEY_keygen(context, &key) == 1 else {
            throw OpenSSLQueue.failure("make an ed25519 key")
        }
        defer { EVP_PKEY_free(key) }
        let seed = CleansedBuffer(count: 32)
        var publicKey = [UInt8](repeating: 0, count: 32)
        var (seedCount, publicCount) = (seed.bytes.count, publicKey.count)
        guard EVP_PKEY_get_raw_private_key(key, seed.pointer, &seedCount) == 1,
            EVP_PKEY_get_raw_public_key(key, &publicKey, &publicCount) == 1,
            seedCount == seed.bytes.count, publicCount == publicKey.count
        else { throw OpenSSLQueue.failure("read an ed25519 key") }
        return Ed25519Key(seed: seed.secret(), publicKey: publicKey)
    }
}
