// What a forge's API says of its own host keys, and when that is not believed.
import OutlastModel
import OutlastSandbox
import OutlastSystem
import OutlastTestKit
import Testing

@testable import OutlastForges

@Suite("Host keys by the forge's API")
struct HostKeyQuestionTests {
    private let ed25519 = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIOMqqnkVzrm0SdG6UOoqKLsabgH5C9okWi0dh2l9GKJl"
    private let ed25519Print = "+DiY3wvvV6TuJJhbpZisF/zLDA0zPMSvHdkr4UvCOqU"
    private let rsaPrint = "uNiVztksCsDhcc0u9e8BujQXVUpKZIDTMczCvj3tD2s"

    private func ask(
        _ host: String, _ port: Int = 22, api: String = "https://api.github.com", token: String? = nil,
        over transport: any HTTPTransport
    ) async throws(Failure) -> [HostKeyBook.Key]? {
        guard let api = ServerURL(api) else { throw .usage("no address") }
        let question = HostKeyQuestion(
            host: host, port: port, api: api, token: token.map { Secret($0) }, timeout: .seconds(60))
        return try await GitHubDeployKeys().hostKeys(
            question, over: transport, clock: FixedClock("2026-11-20T22:10:00Z"))
    }

    private func failure(_ body: String, status: Int = 200) async -> Failure? {
        do throws(Failure) {
            _ = try await ask("github.com", over: ScriptedTransport { _ in .success(.json(body, status: status)) })
            return nil
        } catch { return error }
    }

    @Test("the sandbox's answer gives GitHub's own keys, or those of a server under test, with and without a token")
    func rehearsed() async throws {
        try await withSandbox { sandbox in
            let transport = NetworkTransport(version: "test", variables: Variables([:]))
            for token in [nil, sandbox.github.addToken(), "ghp_dead"] {
                let keys = try await ask("127.0.0.1", 2222, api: sandbox.githubAPI, token: token, over: transport)
                #expect(keys == ForgeHostKeys.published.keys(of: "github.com", port: 22))
            }
            sandbox.github.setHostKeys([ed25519])
            let keys = try await ask("127.0.0.1", 2222, api: sandbox.githubAPI, over: transport)
            #expect(keys?.map(\.fingerprint) == ["SHA256:" + ed25519Print])
            #expect(
                keys?.first?.knownHostsLine(for: .init(host: "127.0.0.1", port: 2222)) == "[127.0.0.1]:2222 \(ed25519)")
        }
    }

    @Test(
        "it is asked about its own host alone",
        arguments: [
            ("github.com", 22, true), ("GitHub.com.", 22, true), ("ssh.github.com", 443, true),
            ("ssh.github.com", 22, false), ("api.github.com", 22, false), ("gitlab.com", 22, false),
            ("github.com.example", 22, false), ("x.github.com", 22, false),
        ])
    func ownHost(_ host: String, _ port: Int, _ isOwn: Bool) async throws {
        let transport = ScriptedTransport { [ed25519] _ in .success(.json(#"{"ssh_keys":["\#(ed25519)"]}"#)) }
        #expect(try await ask(host, port, over: transport)?.count == (isOwn ? 1 : nil))
        #expect(transport.lines == (isOwn ? ["GET https://api.github.com/meta"] : []))
        #expect(transport.requests.allSatisfy { $0.credential == nil })
    }

    @Test("fingerprints alone serve too; DSA does not, and an answer without keys says nothing")
    func forms() async throws {
        let prints =
            #"{"ssh_key_fingerprints":{"SHA256_RSA":"\#(rsaPrint)","SHA256_DSA":"x","SHA256_ED25519":"\#(ed25519Print)"}}"#
        let keys = try await ask("github.com", over: ScriptedTransport { _ in .success(.json(prints)) })
        #expect(
            keys?.map { "\($0.type) \($0.fingerprint)" } == [
                "ssh-ed25519 SHA256:" + ed25519Print, "ssh-rsa SHA256:" + rsaPrint,
            ])
        #expect(keys?.allSatisfy { $0.key == nil } == true)
        for body in ["{}", #"{"verifiable_password_authentication":true}"#, #"{"ssh_keys":[]}"#] {
            let nothing = try await ask("github.com", over: ScriptedTransport { _ in .success(.json(body)) })
            #expect(nothing == nil, "\(body)")
        }
        let older = try await ask(
            "git.example.com", api: "https://git.example.com/api/v3",
            over: ScriptedTransport { _ in .success(.json(#"{"message":"Not Found"}"#, status: 404)) })
        #expect(older == nil)
    }

    @Test("a key that is in the wrong hands, a contradiction, and an API without TLS are not believed")
    func mistrusted() async throws {
        let lost = await failure(
            #"{"ssh_key_fingerprints":{"SHA256_RSA":"nThbg6kXUpJWGl7E1IGOCspRomTxdCARLviKw6E5SY8"}}"#)
        #expect(lost?.code == .sshUnproved && lost?.message.contains("former RSA key") == true)
        let torn = await failure(
            #"{"ssh_keys":["\#(ed25519)"],"ssh_key_fingerprints":{"SHA256_ED25519":"\#(rsaPrint)"}}"#)
        #expect(torn?.code == .sshUnproved && torn?.message.contains("ssh-ed25519") == true)
        let plain = await #expect(throws: Failure.self) {
            try await ask("git.example.com", api: "http://git.example.com/api/v3", over: ScriptedTransport([]))
        }
        #expect(plain?.code == .sshUnproved && plain?.hint?.contains("--host-key") == true)
    }

    @Test(
        "answers of other types are none",
        arguments: [
            #"{"ssh_keys":7}"#, #"{"ssh_keys":[7]}"#, #"{"ssh_keys":["nonsense"]}"#, #"{"ssh_keys":{}}"#,
            #"{"ssh_keys":["ssh-rsa AAAA\n* ssh-rsa AAAA"]}"#, #"{"ssh_key_fingerprints":{"SHA256_RSA":7}}"#,
            #"{"ssh_key_fingerprints":{"SHA256_RSA":"AAAA"}}"#,
            #"{"ssh_keys":[1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17]}"#, "[]", "null",
        ])
    func wrongTypes(_ body: String) async {
        #expect(await failure(body)?.code == .unreachable)
        #expect(await failure(#"{"message":"Requires authentication"}"#, status: 401)?.code == .unreachable)
    }

    @Test("nothing that is no answer gives a key", arguments: BrokenAnswer.all)
    func broken(_ broken: BrokenAnswer) async {
        var keys: [HostKeyBook.Key]?
        do throws(Failure) {
            keys = try await ask("github.com", token: "canary", over: ScriptedTransport { _ in broken.answer })
        } catch { #expect(!error.description.contains("canary") && error.code == .unreachable) }
        #expect(keys == nil)
    }
}
