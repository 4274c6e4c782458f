// SSH keys: what `ssh-keygen` says of them.

import Foundation
import OutlastCrypto
import OutlastModel
import Testing

@Suite("SSH keys")
struct SSHKeyTests {
    let cryptography = OpenSSLCryptography()

    // Lengths that leave every remainder of the filling to eight bytes.
    @Test("are read by ssh-keygen with the same public half, comment and fingerprint", arguments: 0..<9)
    func known(_ length: Int) throws {
        let comment = String("outlast!!".prefix(length))
        let pair = try cryptography.makeSSHKey(comment: comment)
        let workbench = try Workbench()
        try workbench.write("key", pair.privateKey.reveal())
        let publicLine = try workbench.run("ssh-keygen", ["-y", "-P", "", "-f", workbench.path("key")]).text
        #expect(publicLine == pair.publicLine + "\n")
        #expect(comment.isEmpty || pair.publicLine.hasSuffix(" \(comment)"))
        try workbench.write("key.pub", pair.publicLine + "\n")
        for file in ["key", "key.pub"] {
            let listed = try workbench.run("ssh-keygen", ["-l", "-f", workbench.path(file)]).text
            #expect(listed.hasPrefix("256 \(pair.fingerprint) \(comment)"))
            #expect(listed.hasSuffix(" (ED25519)\n"))
        }
    }

    @Test("sign what ssh-keygen verifies with the public line")
    func signs() throws {
        let pair = try cryptography.makeSSHKey(comment: "deploy")
        let workbench = try Workbench()
        try workbench.write("key", pair.privateKey.reveal())
        try workbench.write("allowed", "someone \(pair.publicLine)\n")
        try workbench.write("message", "text")
        try workbench.run("ssh-keygen", ["-q", "-Y", "sign", "-n", "file", "-f", workbench.path("key"), "message"])
        let verdict = try workbench.attempt(
            "sh", ["-c", "ssh-keygen -Y verify -n file -f allowed -I someone -s message.sig <message"])
        #expect(verdict.status == 0, "\(verdict.complaints)")
    }

    @Test("are written as OpenSSH writes its own: its rewriting changes only the eight random bytes")
    func shape() throws {
        let text = try cryptography.makeSSHKey(comment: "deploy").privateKey.reveal()
        let workbench = try Workbench()
        try workbench.write("key", text)
        try workbench.run("ssh-keygen", ["-q", "-p", "-P", "", "-N", "", "-f", workbench.path("key")])
        let rewritten = try workbench.read("key")
        #expect(rewritten.split(separator: "\n").map(\.count) == text.split(separator: "\n").map(\.count))
        #expect(rewritten.hasSuffix("\n") && text.hasSuffix("-----END OPENSSH PRIVATE KEY-----\n"))
        var ours = try #require(Base64Text.standard.decode(TestKeys.body(of: text)))
        var theirs = try #require(Base64Text.standard.decode(TestKeys.body(of: rewritten)))
        for start in [98, 102] {
            ours.replaceSubrange(start..<start + 4, with: [0, 0, 0, 0])
            theirs.replaceSubrange(start..<start + 4, with: [0, 0, 0, 0])
        }
        #expect(ours == theirs)
    }

    @Test("have a comment of one line, whatever was asked for")
    func comment() throws {
        let pair = try cryptography.makeSSHKey(
            comment: "a\nssh-rsa AAAA\u{1B}[1m é\u{202E}" + String(repeating: "x", count: 500))
        #expect(pair.publicLine.hasPrefix("ssh-ed25519 AAAA"))
        #expect(pair.publicLine.unicodeScalars.allSatisfy { (0x20...0x7E).contains($0.value) })
        #expect(pair.publicLine.utf8.count < 300)
        #expect(pair.publicLine.contains(" a_ssh-rsa AAAA_[1m __xxx"))
    }

    @Test("are never the same")
    func fresh() throws {
        let pairs = try (0..<50).map { _ in try cryptography.makeSSHKey(comment: "") }
        #expect(Set(pairs.map(\.fingerprint)).count == 50)
        #expect(pairs.allSatisfy { !"\($0)".contains("PRIVATE KEY") })
    }

    @Test("stay the same when mended")
    func mended() throws {
        let text = try cryptography.makeSSHKey(comment: "deploy").privateKey.reveal()
        let pasted = text.dropLast().replacingOccurrences(of: "\n", with: "\r\n")
        let block = try PEMText(mending: Secret(pasted))
        #expect(block.kind == .openSSHPrivateKey && !block.isEncrypted)
        #expect(block.text.matches(Secret(text)))
    }
}
