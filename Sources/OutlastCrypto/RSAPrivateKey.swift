// RS256 (RFC 7518, section 3.3) with keys as people paste them; every kind of wrong key has its own sentence.

import COpenSSL
import OutlastModel

/// An RSA private key that was read and found fit to sign with.
final class RSAPrivateKey {
    private let key: OpaquePointer

    /// RFC 7518, section 3.3, asks for 2048 bits; what is longer than 16384 OpenSSL itself does not use.
    static let acceptableBits = 2048...16384

    init(pem: Secret) throws(Failure) {
        let block: PEMText
        do { block = try PEMText(mending: pem) } catch { throw error.failure(naming: "the private key") }
        try Self.refuseWrongKind(block)
        // Never a prompt: without a call of our own OpenSSL would ask the terminal for a passphrase.
        let key = block.text.withBytes { bytes -> OpaquePointer? in
            guard let source = BIO_new_mem_buf(bytes.baseAddress, Int32(bytes.count)) else { return nil }
            defer { BIO_free(source) }
            return PEM_read_bio_PrivateKey(source, nil, { _, _, _, _ in -1 }, nil)
        }
        OpenSSLQueue.clear()
        guard let key else {
            throw .configuration(
                "the private key is damaged: its base64 holds no key", hint: "paste the key file again, unchanged")
        }
        do { try Self.refuseUnfit(key) } catch {
            EVP_PKEY_free(key)
            throw error
        }
        self.key = key
    }

    deinit { EVP_PKEY_free(key) }

    /// RSASSA-PKCS1-v1_5 with SHA-256.
    ///
    /// The signature is verified before it leaves: parts of a key that do not belong together give a wrong one, and the
    /// forge's answer to that names everything but the key.
    func sign(_ message: [UInt8]) throws(Failure) -> [UInt8] {
        var signature = [UInt8](repeating: 0, count: Int(EVP_PKEY_get_size(key)))
        guard let signing = EVP_MD_CTX_new(), let verifying = EVP_MD_CTX_new() else {
            throw OpenSSLQueue.failure("sign with RS256")
        }
        defer {
            EVP_MD_CTX_free(signing)
            EVP_MD_CTX_free(verifying)
            OpenSSLQueue.clear()
        }
        var count = signature.count
        guard EVP_DigestSignInit_ex(signing, nil, "SHA256", nil, nil, key, nil) == 1,
            EVP_DigestSign(signing, &signature, &count, message, message.count) == 1,
            EVP_DigestVerifyInit_ex(verifying, nil, "SHA256", nil, nil, key, nil) == 1,
            EVP_DigestVerify(verifying, signature, count, message, message.count) == 1
        else {
            throw .configuration(
                "the private key is damaged: its numbers do not belong together",
                hint: "paste the key file again, unchanged")
        }
        return Array(signature[..<count])
    }

    private static func refuseWrongKind(_ block: PEMText) throws(Failure) {
        if block.isEncrypted {
            throw .configuration(
                "the private key is protected by a passphrase",
                hint: block.kind == .openSSHPrivateKey
                    ? "take it off: ssh-keygen -p -f KEY" : "take it off: openssl pkey -in KEY -out KEY.plain")
        }
        switch block.kind {
        case .rsaPrivateKey, .privateKey, .encryptedPrivateKey: return
        case .ecPrivateKey: throw notRSA("an elliptic-curve key")
        case .dsaPrivateKey: throw notRSA("a DSA key")
        case .openSSHPrivateKey:
            throw .configuration(
                "the private key is in OpenSSH's form; an RSA key in PEM form is needed",
                hint: "an SSH key signs no web tokens; for an App give the .pem file that the forge made for it")
        case .publicKey, .rsaPublicKey:
            throw .configuration("the private key is a public key", hint: "give the private half of the pair")
        case .certificate:
            throw .configuration("the private key is a certificate", hint: "give the key that belongs to it")
        case .certificateRequest:
            throw .configuration("the private key is a certificate request", hint: "give the key that belongs to it")
        case .other: throw .configuration("the private key is a PEM block of another kind", hint: hintForApps)
        }
    }

    private static func refuseUnfit(_ key: OpaquePointer) throws(Failure) {
        switch EVP_PKEY_get_base_id(key) {
        case EVP_PKEY_RSA: break
        case EVP_PKEY_RSA_PSS: throw notRSA("an RSA key for PSS alone")
        case EVP_PKEY_EC: throw notRSA("an elliptic-curve key")
        case EVP_PKEY_ED25519, EVP_PKEY_ED448: throw notRSA("an Edwards-curve key")
        case EVP_PKEY_DSA: throw notRSA("a DSA key")
        default: throw notRSA("a key of another algorithm")
        }
        let bits = Int(EVP_PKEY_get_bits(key))
        if bits < acceptableBits.lowerBound {
            throw .configuration(
                "the private key is too short: \(bits) bits of the \(acceptableBits.lowerBound) that RS256 needs",
                hint: "make a new key")
        }
        if bits > acceptableBits.upperBound {
            throw .configuration(
                "the private key is too long: \(bits) bits, \(acceptableBits.upperBound) at most",
                hint: "make a new key")
        }
    }

    private static let hintForApps = "for an App give the .pem file that the forge made for it"

    private static func notRSA(_ kind: String) -> Failure {
        .configuration("the private key is \(kind); RS256 needs an RSA key", hint: hintForApps)
    }
}
