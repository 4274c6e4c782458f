// The published keys against the fingerprints that their owners publish beside them (facts section 3).
import OutlastModel
import Testing

@testable import OutlastForges

@Suite("Host keys of the public forges")
struct ForgeHostKeysTests {
    private static let rows: [(String, String, [String])] = [
        (
            "github.com", "ssh.github.com",
            [
                "ssh-ed25519 SHA256:+DiY3wvvV6TuJJhbpZisF/zLDA0zPMSvHdkr4UvCOqU",
                "ecdsa-sha2-nistp256 SHA256:p2QAMXNIC1TJYWeIOttrVc98/R1BUFWu3/LiyKgUfQM",
                "ssh-rsa SHA256:uNiVztksCsDhcc0u9e8BujQXVUpKZIDTMczCvj3tD2s",
            ]
        ),
        (
            "gitlab.com", "altssh.gitlab.com",
            [
                "ssh-ed25519 SHA256:eUXGGm1YGsMAS7vkcx6JOJdOGHPem5gQp4taiCfCLB8",
                "ecdsa-sha2-nistp256 SHA256:HbW3g8zUjNSksFbqTiUWPWg2Bq1x8xdGUrliXFzSnUw",
                "ssh-rsa SHA256:ROQFvPThGrW4RuWLoL9tq9I9zJ42fK4XywyRtbOz/EQ",
            ]
        ),
        (
            "bitbucket.org", "altssh.bitbucket.org",
            [
                "ssh-ed25519 SHA256:ybgmFkzwOSotHTHLJgHO0QN8L0xErw6vd0VhFA9m3SM",
                "ecdsa-sha2-nistp256 SHA256:FC73VB6C4OQLSCrjEayhMp9UMxS97caD/Yyi2bhW/J0",
                "ssh-rsa SHA256:46OSHA1Rmj8E8ERTC6xkNcmGOw9oFxYr0WF6zWW8l1E",
            ]
        ),
    ]

    @Test("every line is whole and gives the fingerprint that its owner publishes, on port 22 and through port 443")
    func fingerprints() {
        for (host, other, expected) in Self.rows {
            for (name, port) in [(host, 22), (other, 443)] {
                let keys = ForgeHostKeys.published.keys(of: name, port: port)
                #expect(keys.map { "\($0.type) \($0.fingerprint)" } == expected, "\(name)")
                #expect(keys.allSatisfy { $0.key?.fingerprint == $0.fingerprint })
            }
            #expect(ForgeHostKeys.published.placeThroughHTTPSPort(of: host, port: 22)?.host == other)
        }
        #expect(ForgeHostKeys.published.tables.count == Self.rows.count)
    }

    @Test("the key whose private half was published is refused by name, and is no key of anybody")
    func retired() {
        let fingerprint = "SHA256:nThbg6kXUpJWGl7E1IGOCspRomTxdCARLviKw6E5SY8"
        let reason = ForgeHostKeys.published.refusal(ofFingerprint: fingerprint)
        let lost = ForgeHostKeys.published.tables.flatMap(\.retired)
        #expect(lost.map(\.key.fingerprint) == [fingerprint] && lost.first?.key.type == "ssh-rsa")
        #expect(reason?.contains("GitHub's former RSA key") == true && reason?.contains("2023-03-24") == true)
        let all = ForgeHostKeys.published.tables.flatMap(\.keys).map(\.fingerprint)
        #expect(!all.contains(fingerprint) && Set(all).count == 9)
        #expect(all.allSatisfy { ForgeHostKeys.published.refusal(ofFingerprint: $0) == nil })
    }

    @Test(
        "hosts whose keys nobody has proved are not pinned",
        arguments: ["ssh.dev.azure.com", "vs-ssh.visualstudio.com"])
    func unproved(_ host: String) {
        #expect(ForgeHostKeys.published.keys(of: host, port: 22).isEmpty)
    }
}
