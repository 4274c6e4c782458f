// The model's cryptography by the operator's OpenSSL (EVP only) and libsodium.

import COpenSSL
public import OutlastModel

/// Cryptography by OpenSSL and libsodium.
///
/// Holds nothing: the first use of OpenSSL in a process costs more than a millisecond, and a run that seals nothing must
/// not pay for it.
public struct OpenSSLCryptography: Cryptography {
    /// Touches neither library.
    public init() {}

    /// Random bytes that are fit for keys, 1 to 1024 of them.
    public func randomKey(count: Int) throws(Failure) -> Secret {
        guard (1...1024).contains(count) else { throw Failure(.unexpected, "a key of \(count) bytes is none") }
        let key = CleansedBuffer(count: count)
        guard RAND_priv_bytes(key.pointer, Int32(count)) == 1 else { throw OpenSSLQueue.failure("make a key") }
        return key.secret()
    }

    /// Seals with AES-256-GCM: nonce, ciphertext and tag in a row.
    public func seal(_ plaintext: Secret, key: Secret, associated: [UInt8]) throws(Failure) -> [UInt8] {
        try AESGCM.seal(plaintext, key: key, nonce: Self.randomBytes(AESGCM.nonceCount), associated: associated)
    }

    /// Opens what `seal` made.
    public func open(_ sealed: [UInt8], key: Secret, associated: [UInt8]) throws(Failure) -> Secret {
        try AESGCM.open(sealed, key: key, associated: associated)
    }

    /// HKDF-SHA-256, 1 to 64 bytes.
    public func derive(from material: Secret, salt: Secret, info: [UInt8], count: Int) throws(Failure) -> Secret {
        try KeyDerivation.hkdf(material, salt: salt, info: info, count: count)
    }

    /// HMAC-SHA-256.
    public func authenticate(_ message: [UInt8], key: Secret) throws(Failure) -> [UInt8] {
        try KeyDerivation.hmac(message, key: key)
    }

    /// A key of 32 bytes from a passphrase.
    public func scrypt(_ passphrase: Secret, salt: [UInt8], cost: ScryptCost) throws(Failure) -> Secret {
        try KeyDerivation.scrypt(passphrase, salt: salt, cost: cost, count: AESGCM.keyCount)
    }

    /// RS256 with a pasted PEM key.
    public func signRS256(_ message: [UInt8], pem: Secret) throws(Failure) -> [UInt8] {
        try RSAPrivateKey(pem: pem).sign(message)
    }

    /// A sealed box for a public key.
    public func sealedBox(_ message: Secret, for publicKey: [UInt8]) throws(Failure) -> [UInt8] {
        try SealedBox.seal(message, for: publicKey)
    }

    /// A fresh ed25519 key for SSH.
    public func makeSSHKey(comment: String) throws(Failure) -> SSHKeyPair {
        let key = try Ed25519Key.generate()
        let comment = OpenSSHKeyText.comment(comment)
        let wireForm = OpenSSHKeyText.wireForm(of: key.publicKey)
        let line = "\(OpenSSHKeyText.algorithm) \(Base64Text.standard.encode(wireForm))"
        return SSHKeyPair(
            privateKey: OpenSSHKeyText.privateText(
                seed: key.seed, publicKey: key.publicKey, comment: comment, check: try Self.randomBytes(4)),
            publicLine: comment.isEmpty ? line : "\(line) \(comment)",
            fingerprint: SSHKeyPair.fingerprint(ofPublicKey: wireForm))
    }

    private static func randomBytes(_ count: Int) throws(Failure) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: count)
        guard RAND_bytes(&bytes, Int32(count)) == 1 else { throw OpenSSLQueue.failure("make random bytes") }
        return bytes
    }
}
