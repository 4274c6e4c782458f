// One public key of SSH as text (`ssh-ed25519 AAAA… comment`), read so that two texts of one key compare as one key.

/// The type and the bytes of a public key; its comment is no part of it.
public struct PublicKeyText: Hashable, Sendable {
    /// The most bytes of a line that are looked at: more than an RSA key of 16384 bits with a long comment takes.
    public static let longest = 8192

    /// `ssh-ed25519`, `ecdsa-sha2-nistp256`, `ssh-rsa`, …
    public let type: String
    /// The key's wire form (RFC 4253, section 6.6), which begins with the type.
    public let wireForm: [UInt8]

    /// Reads a line. Nil for more than one line, a base64 text that is none, and bytes that are not of the type that
    /// stands before them: whoever compares only one of the two could be shown another key.
    public init?(_ line: some StringProtocol) {
        guard line.utf8.count <= Self.longest, line.utf8.allSatisfy({ $0 >= 0x20 && $0 != 0x7F }) else { return nil }
        let words = line.split(separator: " ", maxSplits: 2)
        guard words.count >= 2, let wireForm = Base64Text.standard.decode(words[1]), wireForm.count > 4 else {
            return nil
        }
        let name = Array(words[0].utf8)
        let length = wireForm.prefix(4).reduce(0) { $0 << 8 | Int($1) }
        guard length == name.count, wireForm.dropFirst(4).starts(with: name),
            name.allSatisfy({ (0x21...0x7E).contains($0) && $0 != UInt8(ascii: ",") })
        else { return nil }
        type = String(words[0])
        self.wireForm = wireForm
    }

    /// Type and base64, without a comment.
    public var text: String { "\(type) \(Base64Text.standard.encode(wireForm))" }

    /// `SHA256:` and 43 characters, as `ssh-keygen -l` shows it.
    public var fingerprint: String { SSHKeyPair.fingerprint(ofPublicKey: wireForm) }
}
