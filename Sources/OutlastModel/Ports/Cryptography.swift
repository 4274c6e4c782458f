// The primitives that sealing and signing are built from. What is sealed under which key is decided in the flows.

/// Parameters of scrypt (RFC 7914).
public struct ScryptCost: Hashable, Sendable {
    /// CPU and memory cost, a power of two.
    public let n: UInt64
    /// Block size.
    public let r: UInt64
    /// Parallelization.
    public let p: UInt64

    /// Makes parameters.
    public init(n: UInt64, r: UInt64, p: UInt64) {
        self.n = n
        self.r = r
        self.p = p
    }

    /// About 64 MiB and a tenth of a second: what a passphrase costs an attacker per guess.
    public static let interactive = ScryptCost(n: 1 << 16, r: 8, p: 1)
}

/// Cryptography of the operator's own library.
public protocol Cryptography: Sendable {
    /// Random bytes that are fit for keys.
    func randomKey(count: Int) throws(Failure) -> Secret
    /// Seals with AES-256-GCM under a 32-byte key: a random 96-bit nonce, the ciphertext, and the 128-bit tag, in a row.
    func seal(_ plaintext: Secret, key: Secret, associated: [UInt8]) throws(Failure) -> [UInt8]
    /// Opens what `seal` made.
    ///
    /// - Throws: `cacheLocked` (41) when key, associated data or any bit of the sealed bytes is not what it was.
    func open(_ sealed: [UInt8], key: Secret, associated: [UInt8]) throws(Failure) -> Secret
    /// HKDF-SHA-256 (RFC 5869), 1 to 64 bytes.
    func derive(from material: Secret, salt: Secret, info: [UInt8], count: Int) throws(Failure) -> Secret
    /// HMAC-SHA-256 under a secret key.
    func authenticate(_ message: [UInt8], key: Secret) throws(Failure) -> [UInt8]
    /// A key of 32 bytes from a passphrase.
    ///
    /// - Throws: `cacheLocked` (41) for a cost that needs more than 256 MiB or is not one of scrypt at all: it comes from
    ///   the state, which is input.
    func scrypt(_ passphrase: Secret, salt: [UInt8], cost: ScryptCost) throws(Failure) -> Secret
    /// RS256 (RSASSA-PKCS1-v1_5 with SHA-256) over a message with a PEM key in PKCS#1 or PKCS#8 form.
    ///
    /// - Throws: `configuration` (78) for keys that are malformed, protected by a passphrase, too short (under 2048 bits) or
    ///   not RSA; the message never holds a byte of the key.
    func signRS256(_ message: [UInt8], pem: Secret) throws(Failure) -> [UInt8]
    /// A sealed box (X25519, XSalsa20-Poly1305, as libsodium's `crypto_box_seal`) for a 32-byte public key.
    ///
    /// - Throws: `unreachable` (69) when that is not a public key: it comes from the forge.
    func sealedBox(_ message: Secret, for publicKey: [UInt8]) throws(Failure) -> [UInt8]
    /// A fresh ed25519 key in the forms that OpenSSH and the forges take, without a passphrase. In the comment, every
    /// character outside 0x20 to 0x7E becomes `_`, and only the first 128 stay.
    func makeSSHKey(comment: String) throws(Failure) -> SSHKeyPair
}
