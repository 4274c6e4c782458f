import OutlastModel
import Testing

@Suite("Host keys")
struct HostKeyTests {
    private static let key = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIOMqqnkVzrm0SdG6UOoqKLsabgH5C9okWi0dh2l9GKJl"
    private static let other = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAfuCHKVTjquxvt6CM6tdG4SLp1Btn/nOeHHE5UOzRdf"

    @Test("a key has the fingerprint that ssh-keygen shows, and bytes of another type are no key")
    func fingerprint() throws {
        #expect(try #require(HostKey(Self.key)).fingerprint == "SHA256:+DiY3wvvV6TuJJhbpZisF/zLDA0zPMSvHdkr4UvCOqU")
        let blob = Self.key.split(separator: " ")[1]
        for text in ["ssh-rsa \(blob)", "ssh-ed25519 AAAA", "ssh-ed25519", "nonsense \(blob)", "ssh-ed25519 \(blob)="] {
            #expect(HostKey(text) == nil, "\(text)")
        }
    }

    @Test("lines are read with their marks, and comments are none")
    func lines() throws {
        #expect(
            HostKeyLine("# \(Self.key)") == nil && HostKeyLine("") == nil && HostKeyLine("@odd h \(Self.key)") == nil)
        #expect(HostKeyLine(Self.key)?.names == "")
        #expect(HostKeyLine("@revoked git.example.com \(Self.key) comment\r")?.mark == .revoked)
        #expect(HostKeyLine("@cert-authority * \(Self.key)")?.mark == .authority)
        let line = try #require(HostKeyLine("a,[git.example.com]:2222 \(Self.key)"))
        #expect(line.names(SSHServer(host: "git.example.com", port: 2222)))
        #expect(!line.names(SSHServer(host: "git.example.com", port: 22)))
        #expect(line.names(SSHServer(host: "a", port: 22)))
    }

    @Test("what is retired or revoked is taken out, however it came in, and refused in the file for ssh")
    func refused() throws {
        let retired = [RetiredHostKey(name: "the old one", key: Self.other)]
        let key = try #require(HostKey(Self.other))
        for text in [Self.other, key.fingerprint] {
            var pins = HostKeyPins()
            if let line = HostKeyLine(text) { pins.add(line) } else { pins.add(fingerprint: text) }
            #expect(pins.refuse(retired).first?.contains("the old one") == true && pins.isEmpty)
            #expect(pins.file(for: SSHServer(host: "h", port: 2222)) == "@revoked [h]:2222 \(Self.other)\n")
        }
        var pins = HostKeyPins()
        for text in ["h \(Self.key)", "@revoked h \(Self.key)", "h \(Self.other)"] {
            pins.add(try #require(HostKeyLine(text)))
        }
        #expect(pins.refuse([]).count == 1 && pins.keys.map(\.text) == [Self.other])
    }
}
