// Whose keys are whose: by host and port, in one form only.
import Testing

@testable import OutlastModel

@Suite("The book of host keys")
struct HostKeyBookTests {
    private static let line =
        "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIOMqqnkVzrm0SdG6UOoqKLsabgH5C9okWi0dh2l9GKJl"
    private static let fingerprint = "SHA256:+DiY3wvvV6TuJJhbpZisF/zLDA0zPMSvHdkr4UvCOqU"
    private static let lostLine =
        "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAfuCHKVTjquxvt6CM6tdG4SLp1Btn/nOeHHE5UOzRdf"
    private static let lost = "SHA256:eUXGGm1YGsMAS7vkcx6JOJdOGHPem5gQp4taiCfCLB8"

    private func keys() throws -> HostKeyBook {
        let key = HostKeyBook.Key(try #require(PublicKeyText(Self.line)))
        let bare = try #require(HostKeyBook.Key(type: "ssh-rsa", fingerprint: Self.lost))
        return HostKeyBook([
            HostKeyBook.Table(
                place: .init(host: "forge.example", port: 22),
                throughHTTPSPort: .init(host: "ssh.forge.example", port: 443),
                keys: [key], retired: [.init(key: try #require(PublicKeyText(Self.lostLine)), reason: "lost")]),
            HostKeyBook.Table(place: .init(host: "Other.Example.", port: 22), throughHTTPSPort: nil, keys: [bare]),
        ])
    }

    @Test(
        "keys hold for exactly one host and port, whatever the case of the name",
        arguments: [
            ("forge.example", 22, 1), ("FORGE.example.", 22, 1), ("ssh.forge.example", 443, 1),
            ("other.example", 22, 1),
            ("forge.example", 443, 0), ("forge.example", 2222, 0), ("ssh.forge.example", 22, 0),
            ("a.forge.example", 22, 0), ("forge.example.net", 22, 0), ("", 22, 0),
        ])
    func places(_ host: String, _ port: Int, _ count: Int) throws {
        #expect(try keys().keys(of: host, port: port).count == count)
    }

    @Test("the place on the port of HTTPS is told for the place on port 22 alone")
    func detour() throws {
        let keys = try keys()
        #expect(keys.placeThroughHTTPSPort(of: "forge.example", port: 22)?.knownHostsName == "[ssh.forge.example]:443")
        #expect(keys.placeThroughHTTPSPort(of: "ssh.forge.example", port: 443) == nil)
        #expect(keys.placeThroughHTTPSPort(of: "other.example", port: 22) == nil)
    }

    @Test("known_hosts names other ports than 22 in brackets, and has no line for a fingerprint alone")
    func lines() throws {
        let keys = try keys()
        let key = try #require(keys.keys(of: "forge.example", port: 22).first)
        #expect(key.fingerprint == Self.fingerprint && key.type == "ssh-ed25519")
        #expect(key.knownHostsLine(for: .init(host: "forge.example", port: 22)) == "forge.example \(Self.line)")
        #expect(key.knownHostsLine(for: .init(host: "h", port: 2222)) == "[h]:2222 \(Self.line)")
        #expect(keys.keys(of: "other.example", port: 22).first?.knownHostsLine(for: .init(host: "h", port: 22)) == nil)
    }

    @Test("a key that was taken back is refused in every way of writing its fingerprint, and no other is")
    func retired() throws {
        let keys = try keys()
        for text in [Self.lost, String(Self.lost.dropFirst(7)), Self.lost + "="] {
            #expect(keys.refusal(ofFingerprint: text) == "lost")
        }
        for text in [Self.fingerprint, "", "SHA256:", Self.lost.lowercased(), "MD5:00:11"] {
            #expect(keys.refusal(ofFingerprint: text) == nil)
        }
        #expect(HostKeyBook.none.refusal(ofFingerprint: Self.lost) == nil)
    }

    @Test(
        "what is no fingerprint of 32 bytes is none",
        arguments: ["", "SHA256:", "SHA256:AAAA", "MD5:aa:bb", "SHA256:+DiY3wvvV6TuJJhbpZisF/zLDA0zPMSvHdkr4UvCOq"])
    func noFingerprint(_ text: String) {
        #expect(HostKeyBook.Key(type: "ssh-rsa", fingerprint: text) == nil)
    }

    @Test("a public line is read with and without a comment, and compares by its key")
    func publicLine() throws {
        let key = try #require(PublicKeyText(Self.line))
        #expect(PublicKeyText(Self.line + " a comment with blanks") == key)
        #expect(key.text == Self.line && key.fingerprint == Self.fingerprint && key.wireForm.count == 51)
    }

    @Test(
        "what is no public line is none",
        arguments: [
            "", " ", "ssh-ed25519", "ssh-ed25519 ", "ssh-ed25519 !!!!", "ssh-ed25519 AAAA",
            "ssh-rsa AAAAC3NzaC1lZDI1NTE5AAAAIOMqqnkVzrm0SdG6UOoqKLsabgH5C9okWi0dh2l9GKJl",
            "github.com \(line)", "\(line)\n\(line)", "\(line)\r", "-----BEGIN OPENSSH PRIVATE KEY-----",
            "ssh-ed25519 //////////////8=", "a AAAAAWE",
        ])
    func noPublicLine(_ text: String) { #expect(PublicKeyText(text) == nil) }

    @Test("mutated lines never crash, and none of them is taken for the key")
    func mutations() throws {
        let key = try #require(PublicKeyText(Self.line))
        var random = SeededNumbers(4)
        for _ in 0..<5000 {
            var bytes = Array(Self.line.utf8)
            for _ in 0..<Int.random(in: 1...4, using: &random) {
                let at = Int.random(in: 0..<bytes.count, using: &random)
                bytes[at] = UInt8.random(in: 0...255, using: &random)
            }
            if Bool.random(using: &random) { bytes = Array(bytes.prefix(Int.random(in: 1...80, using: &random))) }
            let text = String(decoding: bytes, as: UTF8.self)
            if let read = PublicKeyText(text) { #expect((read == key) == (text.hasPrefix(Self.line)), "\(text)") }
        }
    }
}
