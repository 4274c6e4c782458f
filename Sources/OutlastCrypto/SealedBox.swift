// Sealed boxes (X25519, XSalsa20-Poly1305) by libsodium: see docs/decisions/0002-sealed-boxes-by-libsodium.md.

import CSodium
import OutlastModel

/// Anonymous encryption to a public key.
enum SealedBox {
    static let publicKeyCount = 32
    /// Far above what any forge takes as a secret.
    static let longest = 1 << 20

    static func seal(_ message: Secret, for publicKey: [UInt8]) throws(Failure) -> [UInt8] {
        guard publicKey.count == publicKeyCount else {
            throw Failure(.unreachable, "the forge's public key has \(publicKey.count) bytes, not \(publicKeyCount)")
        }
        guard message.count <= longest else {
            throw Failure(.unexpected, "a secret of \(message.count) bytes does not go into a sealed box")
        }
        // May be called any number of times and from any thread; only a system without randomness makes it fail.
        guard sodium_init() >= 0 else { throw Failure(.unexpected, "libsodium finds no source of randomness") }
        var box = [UInt8](repeating: 0, count: message.count + crypto_box_sealbytes())
        let status = message.withBytes { message -> Int32 in
            guard let start = message.octets else { return -1 }
            return crypto_box_seal(&box, start, UInt64(message.count), publicKey)
        }
        guard status == 0 else {
            throw Failure(.unreachable, "the forge's public key is not one: nothing can be sealed for it")
        }
        return box
    }
}
