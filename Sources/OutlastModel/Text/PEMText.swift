// Keys as people paste them into CI variables: mended where the meaning is certain, named where it is not a usable key.

/// A PEM block (RFC 7468) in its one proper form.
public struct PEMText: Sendable {
    /// What the block says it holds.
    public let kind: PEMKind
    /// Whether a passphrase protects it, by its label, its header lines, or (OpenSSH) its contents.
    public let isEncrypted: Bool
    /// The block with LF line ends, full lines and exactly one final newline.
    public let text: Secret
    /// The bytes between the lines, decoded.
    public let contents: Secret

    /// The most bytes that are looked at. An RSA key of 16384 bits has 13 KB.
    public static let longest = 65_536

    /// Finds the block in a pasted text and mends it: CR and CRLF, `\n` and `\r` written as two characters (also with more
    /// than one backslash), lines that were joined or broken elsewhere, indentation, missing or superfluous newlines at the
    /// end, and anything before and after, such as quotes. Of several blocks the first private key counts.
    ///
    /// - Throws: what keeps the text from being read as PEM. The flaw holds nothing of the text.
    public init(mending pasted: Secret) throws(PEMFlaw) {
        guard pasted.count <= Self.longest else { throw .tooLong }
        let plain = PEMScan.unescaped(pasted)
        guard let found = plain.withBytes({ PEMScan.block(in: $0) }) else {
            throw plain.withBytes { PEMScan.flawWithoutBlock(in: $0) }
        }
        let parts = plain.withBytes { PEMScan.parts(of: UnsafeRawBufferPointer(rebasing: $0[found.body])) }
        let isEncrypted = found.kind == .encryptedPrivateKey || parts.saysEncrypted
        if let contents = Base64Text.standard.decode(parts.digits), contents.count > 0 {
            self.contents = contents
        } else if isEncrypted {
            // Header lines that were joined with the body can't be told from it; that a passphrase is in the way is all
            // that anyone needs to know.
            contents = Secret(bytes: [])
        } else {
            throw .damaged
        }
        kind = found.kind
        if kind == .openSSHPrivateKey {
            guard let isProtected = contents.withBytes({ PEMScan.isProtectedOpenSSHKey($0) }) else { throw .damaged }
            self.isEncrypted = isProtected
        } else {
            self.isEncrypted = isEncrypted
        }
        text = Self.write(parts.digits, headers: parts.headers, label: found.label)
    }

    /// The PEM text of bytes.
    public static func encode(_ contents: Secret, label: String) -> Secret {
        write(Base64Text.standard.encode(contents), headers: [], label: label)
    }

    private static func write(_ digits: Secret, headers: [String], label: String) -> Secret {
        // OpenSSH breaks its own keys at 70; everything else is broken at 64 (RFC 7468, section 2).
        let width = label == PEMKind.openSSHPrivateKey.rawValue ? 70 : 64
        let newline = UInt8(ascii: "\n")
        let text = SecretBuilder(capacity: digits.count + digits.count / width + 2 * label.utf8.count + 64)
        text.append(contentsOf: "-----BEGIN \(label)-----\n".utf8)
        for header in headers { text.append(contentsOf: "\(header)\n".utf8) }
        if !headers.isEmpty { text.append(newline) }
        digits.withBytes { digits in
            for (index, digit) in digits.enumerated() {
                if index > 0 && index % width == 0 { text.append(newline) }
                text.append(digit)
            }
        }
        if digits.count > 0 { text.append(newline) }
        text.append(contentsOf: "-----END \(label)-----\n".utf8)
        return text.finish()
    }
}

/// What a PEM block holds, by its label.
public enum PEMKind: String, CaseIterable, Sendable {
    /// PKCS#1: what GitHub hands out for an App.
    case rsaPrivateKey = "RSA PRIVATE KEY"
    /// PKCS#8, of any algorithm.
    case privateKey = "PRIVATE KEY"
    /// PKCS#8 under a passphrase.
    case encryptedPrivateKey = "ENCRYPTED PRIVATE KEY"
    /// An elliptic-curve key (RFC 5915).
    case ecPrivateKey = "EC PRIVATE KEY"
    /// A DSA key.
    case dsaPrivateKey = "DSA PRIVATE KEY"
    /// OpenSSH's own form, of any algorithm.
    case openSSHPrivateKey = "OPENSSH PRIVATE KEY"
    /// A public key of any algorithm.
    case publicKey = "PUBLIC KEY"
    /// An RSA public key.
    case rsaPublicKey = "RSA PUBLIC KEY"
    /// A certificate.
    case certificate = "CERTIFICATE"
    /// A request for a certificate.
    case certificateRequest = "CERTIFICATE REQUEST"
    /// Any other label.
    case other = ""

    /// Whether it is a private key, protected or not.
    public var isPrivate: Bool {
        switch self {
        case .rsaPrivateKey, .privateKey, .encryptedPrivateKey, .ecPrivateKey, .dsaPrivateKey, .openSSHPrivateKey: true
        case .publicKey, .rsaPublicKey, .certificate, .certificateRequest, .other: false
        }
    }
}
