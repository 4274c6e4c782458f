// RS256: the published signature, by a key in any of the shapes in which keys are pasted.

import Foundation
import OutlastCrypto
import OutlastModel
import Testing

@Suite("RS256")
struct RS256Tests {
    static let message = Array(
        ("eyJhbGciOiJSUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290"
            + "Ijp0cnVlfQ").utf8)
    static let signature =
        "cC4hiUPoj9Eetdgtv3hF80EGrhuB__dzERat0XF9g2VtQgr9PJbu3XOiZj5RZmh7AAuHIm4Bh-0Qc_lF5YKt_O8W2Fp5jujGbds9uJdbF9CU"
        + "Ar7t1dnZcAcQjbKBYNX4BAynRFdiuB--f_nZLgrnbyTyWzO75vRK5h6xBArLIARNPvkSjtQBMHlb1L07Qe7K0GarZRmB_eSN9383LcOLn6_d"
        + "O--xi12jzDwusC-eOkHWEsqtFZESc6BfI7noOPqvhJ1phCnvWh6IeYI2w9QOYEUipUTI8np6LbgGY9Fs98rqVt5AXLIhWkWywlVmtVrBp0ig"
        + "cN_IoypGlUPQGe77Rw"

    let cryptography = OpenSSLCryptography()

    @Test("gives the signature of RFC 7515, appendix A.2")
    func published() throws {
        let signature = try cryptography.signRS256(Self.message, pem: Secret(TestKeys.published))
        #expect(Base64URL.encode(signature) == Self.signature)
    }

    @Test("signs with PKCS#8 as with PKCS#1")
    func pkcs8() throws {
        let pem = try TestKeys().openssl("pkcs8", "-topk8", "-nocrypt", "-in", "key.pem")
        #expect(pem.hasPrefix("-----BEGIN PRIVATE KEY-----"))
        let signature = try cryptography.signRS256(Self.message, pem: Secret(pem))
        #expect(Base64URL.encode(signature) == Self.signature)
    }

    @Test("signs for openssl's verifier, messages of any length")
    func verified() throws {
        let keys = try TestKeys()
        try keys.workbench.write("public.pem", try keys.openssl("rsa", "-in", "key.pem", "-pubout"))
        var random = SeededGenerator(seed: 256)
        for size in [0, 1, 63, 64, 5000] {
            let message = random.bytes(size)
            try keys.workbench.write("message", message)
            try keys.workbench.write(
                "signature", try cryptography.signRS256(message, pem: Secret(TestKeys.published)))
            let verdict = try keys.openssl(
                "dgst", "-sha256", "-verify", "public.pem", "-signature", "signature", "message")
            #expect(verdict == "Verified OK\n")
        }
    }

    @Test("signs with longer keys", arguments: ["3072", "4096"])
    func longer(_ bits: String) throws {
        let pem = try TestKeys().openssl("genpkey", "-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:\(bits)")
        #expect(try cryptography.signRS256(Self.message, pem: Secret(pem)).count * 8 == Int(bits))
    }

    @Test("reads a key with every newline written as one of many ways to lose it")
    func mended() throws {
        var random = SeededGenerator(seed: 7515)
        let lines = TestKeys.published.split(separator: "\n")
        let ends = [
            "\n", "\r\n", "\r", "\\n", "\\r\\n", "\\\\n", " ", "\n    ", " \n", "\t\n", "\n\n", "\\n\n", "\\\n",
        ]
        let covers = ["", "\"", "'", " ", "\n", "\r\n", "\u{FEFF}", "key: |\n  ", "  \"\n"]
        for _ in 0..<200 {
            var pasted = covers.randomElement(using: &random) ?? ""
            for line in lines.dropLast() { pasted += line + (ends.randomElement(using: &random) ?? "") }
            pasted += lines.last ?? ""
            pasted += [covers, ends].randomElement(using: &random)?.randomElement(using: &random) ?? ""
            let signature = try cryptography.signRS256(Self.message, pem: Secret(pasted))
            #expect(Base64URL.encode(signature) == Self.signature)
        }
    }

    @Test("finds the key among certificates, attributes and parameters")
    func bundled() throws {
        let keys = try TestKeys()
        let certificate = try keys.openssl(
            "req", "-x509", "-new", "-key", "key.pem", "-subj", "/CN=outlast", "-days", "2")
        for bundle in [certificate + TestKeys.published, "Bag Attributes\n  x: y\n" + TestKeys.published + certificate]
        {
            let signature = try cryptography.signRS256(Self.message, pem: Secret(bundle))
            #expect(Base64URL.encode(signature) == Self.signature)
        }
    }
}
