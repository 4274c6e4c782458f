// A key for git over SSH in the forms that OpenSSH and the forges' deploy keys take.

/// An SSH key that was made here.
public struct SSHKeyPair: Sendable {
    /// The whole text of the private key file (`-----BEGIN OPENSSH PRIVATE KEY-----` …), ending with a newline.
    public let privateKey: Secret
    /// The public key as one line, `ssh-ed25519 AAAA… comment`, without a newline.
    public let publicLine: String
    /// `SHA256:` and 43 characters, as `ssh-keygen -l` shows it.
    public let fingerprint: String

    /// Puts the three forms of one key together.
    public init(privateKey: Secret, publicLine: String, fingerprint: String) {
        self.privateKey = privateKey
        self.publicLine = publicLine
        self.fingerprint = fingerprint
    }

    /// The fingerprint of a public key from its wire form (the bytes behind the base64 of a public line; RFC 4253,
    /// section 6.6): SHA-256 in base64 without padding.
    public static func fingerprint(ofPublicKey wireForm: some Sequence<UInt8>) -> String {
        "SHA256:" + Base64Text.unpadded.encode(SHA256Digest(hashing: wireForm).bytes)
    }
}
