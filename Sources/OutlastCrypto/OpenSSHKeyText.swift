// The forms in which OpenSSH writes ed25519 keys (its PROTOCOL.key; RFC 8709 for the public half).

import OutlastModel

/// Serialisation of an ed25519 key pair, without a passphrase.
enum OpenSSHKeyText {
    static let algorithm = "ssh-ed25519"
    private static let longestComment = 128
    // What OpenSSH fills up to where no cipher has a block size of its own.
    private static let blockSize = 8

    /// The wire form of a public key.
    static func wireForm(of publicKey: [UInt8]) -> [UInt8] {
        field(Array(algorithm.utf8)) + field(publicKey)
    }

    /// A comment that stays one line in a key file and in a forge's list.
    static func comment(_ text: String) -> String {
        String(
            text.unicodeScalars.prefix(longestComment).map { (0x20...0x7E).contains($0.value) ? Character($0) : "_" })
    }

    /// The text of the private key file. `check` are four random bytes, written twice.
    static func privateText(seed: Secret, publicKey: [UInt8], comment: String, check: [UInt8]) -> Secret {
        let inner = SecretBuilder(capacity: 256 + comment.utf8.count)
        inner.append(contentsOf: check + check)
        inner.append(contentsOf: wireForm(of: publicKey))
        inner.append(contentsOf: length(seed.count + publicKey.count))
        inner.append(seed)
        inner.append(contentsOf: publicKey)
        inner.append(contentsOf: field(Array(comment.utf8)))
        var filler: UInt8 = 1
        while inner.count % blockSize != 0 {
            inner.append(filler)
            filler += 1
        }
        let outer = SecretBuilder(capacity: 512 + comment.utf8.count)
        outer.append(contentsOf: "openssh-key-v1\0".utf8)
        // Cipher, derivation and its options: no passphrase. Then one key.
        outer.append(contentsOf: field(Array("none".utf8)) + field(Array("none".utf8)) + field([]) + length(1))
        outer.append(contentsOf: field(wireForm(of: publicKey)))
        outer.append(contentsOf: length(inner.count))
        outer.append(inner.finish())
        return PEMText.encode(outer.finish(), label: PEMKind.openSSHPrivateKey.rawValue)
    }

    private static func field(_ bytes: [UInt8]) -> [UInt8] { length(bytes.count) + bytes }

    private static func length(_ count: Int) -> [UInt8] {
        stride(from: 24, through: 0, by: -8).map { UInt8(truncatingIfNeeded: count >> $0) }
    }
}
