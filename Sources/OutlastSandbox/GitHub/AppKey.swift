// RSA keys of GitHub Apps, by OpenSSL's EVP interface: made for rehearsals, read from PEM, and used to check the
// signature of a JWT.
import COpenSSL

/// A key pair of an App: the private half in both PEM forms that are about.
struct AppKeyPair: Sendable {
    var privatePKCS8: String
    var privatePKCS1: String
    var publicKey: String

    /// A new key of 2048 bits.
    init() throws {
        guard let context = EVP_PKEY_CTX_new_from_name(nil, "RSA", nil) else { throw Self.failure("context") }
        defer { EVP_PKEY_CTX_free(context) }
        var key: OpaquePointer?
        guard EVP_PKEY_keygen_init(context) == 1, EVP_PKEY_CTX_set_rsa_keygen_bits(context, 2048) == 1,
            EVP_PKEY_keygen(context, &key) == 1, let key
        else { throw Self.failure("generation") }
        defer { EVP_PKEY_free(key) }
        privatePKCS8 = try Self.pem { PEM_write_bio_PrivateKey($0, key, nil, nil, 0, nil, nil) }
        privatePKCS1 = try Self.pem { PEM_write_bio_PrivateKey_traditional($0, key, nil, nil, 0, nil, nil) }
        publicKey = try Self.pem { PEM_write_bio_PUBKEY($0, key) }
    }

    /// The public half, as PEM, of a public or private key in PEM.
    static func publicPEM(of pem: String) throws -> String {
        guard let key = readKey(pem) else { throw failure("reading") }
        defer { EVP_PKEY_free(key) }
        return try Self.pem { PEM_write_bio_PUBKEY($0, key) }
    }

    /// Whether `signature` is RSA PKCS#1 v1.5 with SHA-256 over `message` by this public key.
    static func verifies(_ signature: [UInt8], _ message: [UInt8], publicKey pem: String) -> Bool {
        guard let key = readKey(pem) else { return false }
        defer { EVP_PKEY_free(key) }
        guard let context = EVP_MD_CTX_new() else { return false }
        defer { EVP_MD_CTX_free(context) }
        guard EVP_DigestVerifyInit_ex(context, nil, "SHA256", nil, nil, key, nil) == 1 else { return false }
        return EVP_DigestVerify(context, signature, signature.count, message, message.count) == 1
    }

    /// RSA PKCS#1 v1.5 with SHA-256 over `message` by this private key.
    static func sign(_ message: [UInt8], privateKey pem: String) throws -> [UInt8] {
        guard let key = readKey(pem), let context = EVP_MD_CTX_new() else { throw failure("reading") }
        defer {
            EVP_MD_CTX_free(context)
            EVP_PKEY_free(key)
        }
        var signature = [UInt8](repeating: 0, count: 1024)
        var length = signature.count
        guard EVP_DigestSignInit_ex(context, nil, "SHA256", nil, nil, key, nil) == 1,
            EVP_DigestSign(context, &signature, &length, message, message.count) == 1
        else { throw failure("signing") }
        return Array(signature.prefix(length))
    }

    private static func readKey(_ pem: String) -> OpaquePointer? {
        let bytes = Array(pem.utf8)
        guard let bio = BIO_new_mem_buf(bytes, CInt(bytes.count)) else { return nil }
        defer { BIO_free(bio) }
        if pem.contains("PUBLIC KEY") { return PEM_read_bio_PUBKEY(bio, nil, nil, nil) }
        return PEM_read_bio_PrivateKey(bio, nil, nil, nil)
    }

    private static func pem(_ write: (OpaquePointer) -> CInt) throws -> String {
        guard let bio = BIO_new(BIO_s_mem()) else { throw failure("memory") }
        defer { BIO_free(bio) }
        guard write(bio) == 1 else { throw failure("writing") }
        var output: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 4096)
        while true {
            let count = BIO_read(bio, &chunk, CInt(chunk.count))
            guard count > 0 else { break }
            output += chunk.prefix(Int(count))
        }
        return String(decoding: output, as: UTF8.self)
    }

    private static func failure(_ step: String) -> SandboxFailure {
        .invalid("OpenSSL refused a key (\(step))")
    }
}
