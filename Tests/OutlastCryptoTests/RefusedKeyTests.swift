// Keys that cannot sign: each kind has a sentence of its own, and none holds a piece of the key.

import COpenSSL
import Foundation
import OutlastCrypto
import OutlastModel
import Testing

@Suite("Refused keys")
struct RefusedKeyTests {
    /// A kind of wrong key, how it comes to be, and the words that must name it.
    struct Row: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let words: String
        let make: @Sendable (TestKeys) throws -> String

        init(_ kind: String, _ words: String, _ make: @escaping @Sendable (TestKeys) throws -> String) {
            (testDescription, self.words, self.make) = (kind, words, make)
        }
    }

    static let rows = [
        Row("nothing", "is empty") { _ in " \r\n\t" },
        Row("garbage", "it has no BEGIN line") { _ in "correct horse battery staple" },
        Row("a path in its place", "it has no BEGIN line") { _ in "/run/secrets/app.pem" },
        Row("a file as base64", "is the base64 of a key file") { _ in
            Base64Text.standard.encode(Array(TestKeys.published.utf8))
        },
        Row("half a key", "its END line is missing") { _ in String(TestKeys.published.prefix(900)) },
        Row("a key with a hole", "its base64 holds no key") { _ in
            let body = TestKeys.body(of: TestKeys.published)
            return "-----BEGIN RSA PRIVATE KEY-----\n\(body.dropFirst(400))\n-----END RSA PRIVATE KEY-----"
        },
        Row("a key with strange characters", "is not base64") { _ in
            TestKeys.published.replacingOccurrences(of: "MII", with: "M?I")
        },
        Row("a body of nothing", "is not base64") { _ in "-----BEGIN PRIVATE KEY-----\n-----END PRIVATE KEY-----" },
        Row("a folder of keys", "more than 65536 bytes") { _ in
            String(repeating: TestKeys.published + "\n", count: 40)
        },
        Row("PKCS#8 with a passphrase", "protected by a passphrase") {
            try $0.openssl("pkcs8", "-topk8", "-v2", "aes256", "-in", "key.pem", "-passout", "pass:secret")
        },
        Row("PKCS#1 with a passphrase", "protected by a passphrase") {
            try $0.openssl("rsa", "-aes128", "-traditional", "-in", "key.pem", "-passout", "pass:secret")
        },
        Row("PKCS#1 with a passphrase, on one line", "protected by a passphrase") {
            try $0.openssl("rsa", "-aes128", "-traditional", "-in", "key.pem", "-passout", "pass:secret")
                .replacingOccurrences(of: "\n", with: " ")
        },
        Row("OpenSSH with a passphrase", "protected by a passphrase") {
            try $0.sshKeygen(type: "ed25519", passphrase: "secret")
        },
        Row("OpenSSH", "is in OpenSSH's form") { try $0.sshKeygen(type: "rsa") },
        Row("EC in its own form", "is an elliptic-curve key") {
            try $0.openssl("ecparam", "-name", "prime256v1", "-genkey")
        },
        Row("EC in PKCS#8", "is an elliptic-curve key") {
            try $0.openssl("genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256")
        },
        Row("Ed25519", "is an Edwards-curve key") { try $0.openssl("genpkey", "-algorithm", "ED25519") },
        Row("X25519", "is a key of another algorithm") { try $0.openssl("genpkey", "-algorithm", "X25519") },
        Row("DSA in its own form", "is a DSA key") { _ in
            "-----BEGIN DSA PRIVATE KEY-----\nMAYCAQACAQE=\n-----END DSA PRIVATE KEY-----"
        },
        Row("RSA for PSS", "is an RSA key for PSS alone") {
            try $0.openssl("genpkey", "-algorithm", "RSA-PSS", "-pkeyopt", "rsa_keygen_bits:2048")
        },
        Row("RSA of 1024 bits", "is too short: 1024 bits") {
            try $0.openssl("genpkey", "-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:1024")
        },
        Row("RSA of 2047 bits", "is too short: 2047 bits") {
            try $0.openssl("genpkey", "-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2047")
        },
        Row("a public key", "is a public key") { try $0.openssl("rsa", "-in", "key.pem", "-pubout") },
        Row("a PKCS#1 public key", "is a public key") { try $0.openssl("rsa", "-in", "key.pem", "-RSAPublicKey_out") },
        Row("an SSH public key", "is a public key") { keys in
            _ = try keys.sshKeygen(type: "ed25519")
            return try keys.workbench.read("made.pub")
        },
        Row("a certificate", "is a certificate") {
            try $0.openssl("req", "-x509", "-new", "-key", "key.pem", "-subj", "/CN=outlast", "-days", "2")
        },
        Row("a certificate request", "is a certificate request") {
            try $0.openssl("req", "-new", "-key", "key.pem", "-subj", "/CN=outlast")
        },
        Row("parameters", "is a PEM block of another kind") { try $0.openssl("ecparam", "-name", "prime256v1") },
    ]

    @Test("are named", arguments: rows)
    func refused(_ row: Row) throws {
        let pasted = try row.make(TestKeys())
        let refused = failure { try OpenSSLCryptography().signRS256([1, 2, 3], pem: Secret(pasted)) }
        #expect(ERR_peek_error() == 0, "OpenSSL's error queue is left as it was found")
        #expect(refused?.code == .configuration)
        #expect(refused?.message.contains(row.words) == true, "\(String(describing: refused))")
        #expect(refused?.message.hasPrefix("the private key ") == true)
        let told = refused?.description ?? ""
        for piece in pieces(of: pasted) { #expect(!told.contains(piece)) }
    }

    @Test("have numbers that do not belong together")
    func inconsistent() throws {
        // The private exponent and both primes stay, the modulus changes in its middle.
        var contents = Base64Text.standard.decode(TestKeys.body(of: TestKeys.published)) ?? []
        contents[140] ^= 0x10
        let pem = PEMText.encode(Secret(bytes: contents), label: "RSA PRIVATE KEY")
        let refused = failure { try OpenSSLCryptography().signRS256([1, 2, 3], pem: pem) }
        #expect(refused?.code == .configuration)
        #expect(refused?.message == "the private key is damaged: its numbers do not belong together")
    }

    @Test("have as many sentences as there are kinds of wrong")
    func distinct() {
        // What stands in the rows once under each cause.
        #expect(Set(Self.rows.map(\.words)).count == 20)
    }

    /// Every run of eight characters of the body: long enough not to be an English word.
    private func pieces(of pasted: String) -> [String] {
        let body = Array(TestKeys.body(of: pasted).filter { !$0.isWhitespace })
        guard body.count >= 8 else { return [] }
        return (0...body.count - 8).map { String(body[$0..<$0 + 8]) }
    }
}
