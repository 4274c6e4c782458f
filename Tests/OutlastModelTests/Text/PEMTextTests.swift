// Mending pasted PEM: one proper form for each block, and a name for everything that is none.

import OutlastModel
import Testing

@Suite("PEM text")
struct PEMTextTests {
    // Not a key: the bytes 0 to 99.
    static let contents = [UInt8](0..<100)
    static let digits = Base64Text.standard.encode(contents)
    static let proper =
        "-----BEGIN PRIVATE KEY-----\n\(digits.prefix(64))\n\(digits.dropFirst(64).prefix(64))\n\(digits.dropFirst(128))\n"
        + "-----END PRIVATE KEY-----\n"

    private static func joined(by newline: String) -> String {
        proper.split(separator: "\n").joined(separator: newline)
    }

    static let pastes: [String] = [
        proper, String(proper.dropLast()), "\(proper)\n\n",
        joined(by: "\r\n"), joined(by: "\r"), joined(by: "\\n"), joined(by: "\\r\\n"), joined(by: "\\\\n"),
        joined(by: " "), joined(by: ""), "\"\(joined(by: "\\n"))\\n\"", "'\(proper)'", "\u{FEFF}\(proper)",
        "key: |\n    \(joined(by: "\n    "))\n", "{\"key\": \"\(joined(by: "\\n"))\", \"n\": 1}",
        "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n\(proper)",
        "-----BEGIN PUBLIC KEY-----\n\(proper)",
    ]

    @Test("is mended to one form", arguments: pastes)
    func mended(_ pasted: String) throws {
        let block = try PEMText(mending: Secret(pasted))
        #expect(block.text.reveal() == Self.proper)
        #expect(block.kind == .privateKey && !block.isEncrypted)
        #expect(block.contents.matches(Secret(bytes: Self.contents)))
    }

    @Test("is known by its label", arguments: PEMKind.allCases)
    func kinds(_ kind: PEMKind) throws {
        let label = kind == .other ? "X9.42 DH PARAMETERS" : kind.rawValue
        var contents = Self.contents
        if kind == .openSSHPrivateKey { contents = Array("openssh-key-v1\0".utf8) + [0, 0, 0, 4] + Array("none".utf8) }
        let text = PEMText.encode(
            Secret(bytes: contents), label: label == "X9.42 DH PARAMETERS" ? "DH PARAMETERS" : label)
        let block = try PEMText(mending: text)
        #expect(block.kind == kind)
        #expect(block.isEncrypted == (kind == .encryptedPrivateKey))
        #expect(block.text.matches(text))
    }

    @Test("says whether a passphrase is in the way")
    func passphrases() throws {
        let headers = "Proc-Type: 4,ENCRYPTED\nDEK-Info: AES-128-CBC,00112233445566778899AABBCCDDEEFF"
        let proper = "-----BEGIN RSA PRIVATE KEY-----\n\(headers)\n\nAAECAw==\n-----END RSA PRIVATE KEY-----\n"
        for newline in ["\n", "\r\n", "\\n", " "] {
            let block = try PEMText(mending: Secret(proper.split(separator: "\n").joined(separator: newline)))
            #expect(block.isEncrypted)
        }
        #expect(try PEMText(mending: Secret(proper)).text.reveal() == proper)
        let cipher = Array("openssh-key-v1\0".utf8) + [0, 0, 0, 10] + Array("aes256-ctr".utf8)
        let sshKey = PEMText.encode(Secret(bytes: cipher), label: "OPENSSH PRIVATE KEY")
        #expect(try PEMText(mending: sshKey).isEncrypted)
    }

    static let flawed: [(text: String, flaw: PEMFlaw)] = [
        ("", .empty), (" \n\t\"\"", .empty), ("hunter2", .notPEM), ("/home/ci/key.pem", .notPEM),
        ("-----BEGIN-----", .notPEM), ("-----BEGIN -----\n-----END -----", .cutOff),
        (Base64Text.standard.encode(proper.utf8), .encodedTwice), ("ssh-ed25519 AAAA me", .publicLine),
        (" ecdsa-sha2-nistp256 AAAA", .publicLine), (String(proper.dropLast(20)), .cutOff),
        (String(proper.prefix(100)), .cutOff), ("-----BEGIN A-----\nAAAA\n-----END B-----", .cutOff),
        ("-----BEGIN A-----\n-----END A-----", .damaged), ("-----BEGIN A-----\nA?A=\n-----END A-----", .damaged),
        ("-----BEGIN A-----\nAAAAA\n-----END A-----", .damaged),
        ("-----BEGIN OPENSSH PRIVATE KEY-----\nAAAA\n-----END OPENSSH PRIVATE KEY-----", .damaged),
        (String(repeating: "-----BEGIN A-----\n", count: 3000), .cutOff),
        (String(repeating: "-", count: PEMText.longest + 1), .tooLong),
    ]

    @Test("has a name for what is none")
    func flaws() {
        for (pasted, expected) in Self.flawed {
            #expect(throws: expected) { try PEMText(mending: Secret(pasted)) }
        }
    }

    @Test("has a sentence for each flaw", arguments: PEMFlaw.allCases)
    func sentences(_ flaw: PEMFlaw) {
        let failure = flaw.failure(naming: "the SSH key")
        #expect(failure.code == .configuration)
        #expect(failure.message.hasPrefix("the SSH key ") && !failure.message.hasSuffix("."))
        #expect(PEMFlaw.allCases.filter { $0.failure(naming: "") == flaw.failure(naming: "") } == [flaw])
    }
}
