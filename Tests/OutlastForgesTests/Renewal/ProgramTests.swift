// Tokens from programs and services of the operator's own.
import OutlastModel
import OutlastSandbox
import OutlastSystem
import OutlastTestKit
import Testing

@testable import OutlastForges

@Suite("command and http", .serialized)
struct ProgramTests {
    private let jwt = TestJWT.token(payload: #"{"exp":1795216200}"#)

    private func run(_ output: String, code: Int32 = 0, errors: String = "") async -> RenewalAnswer {
        let processes = ScriptedProcesses { question in
            #expect(question.command == ["mint", "--for", "ci"] && question.environment["PATH"] != nil)
            return .success(ProcessAnswer(code: code, output: Secret(output), errors: errors))
        }
        let scene = RenewalScene(
            settings: Settings(["command": .texts(["mint", "--for", "ci"])]), processes: processes)
        let answer = await CommandRenewal().renew(nil, scene.context(ScriptedTransport([])))
        #expect(processes.questions.count == 1)
        return answer
    }

    @Test("a bare token, or JSON with an end in any of its forms")
    func outputs() async throws {
        let end = "2026-11-20T23:10:00Z"
        let rows: [(String, String, String?)] = [
            ("tok-123456\n", "tok-123456", nil), ("  tok-123456 \r\n", "tok-123456", nil), (jwt, jwt, end),
            (#"{"token":"tok-123456"}"#, "tok-123456", nil),
            (#"{"token":"tok-123456","expires_at":"2026-11-20T23:10:00Z"}"#, "tok-123456", end),
            (#"{"token":"tok-123456","expires_at":1795216200}"#, "tok-123456", end),
            (#"{"token":"tok-123456","expires_at":3600}"#, "tok-123456", end),
            (#"{"token":"tok-123456","expires_at":"tomorrow"}"#, "tok-123456", nil),
            (#"{"token":"tok-123456","expires_at":null}"#, "tok-123456", nil),
        ]
        for (output, token, end) in rows {
            guard case .renewed(let bundle) = await run(output) else {
                Issue.record("no token in \(output)")
                continue
            }
            #expect(bundle.access.reveal() == token && bundle.expiry.instant?.text == end, "\(output)")
        }
    }

    @Test("what is no token is refused, and nothing of it is said")
    func noTokens() async {
        for output in ["", "\n", "two words", "error: canary\nusage", "{", #"{"tok":"canary"}"#, #"{"token":7}"#] {
            let answer = await run(output)
            #expect(answer.name == "refused 20" && answer.failure?.description.contains("canary") == false)
        }
        let failed = await run("", code: 3, errors: "one\nvault is sealed\n")
        #expect(failed.failure?.message.contains("ended with 3: vault is sealed") == true)
    }

    @Test("a real program, with its own end")
    func real() async throws {
        let scene = RenewalScene(
            settings: Settings(["command": .texts(["sh", "-c", #"printf '{"token":"tok-%s"}' 1234567"#])]),
            processes: SystemProcessRunner())
        guard case .renewed(let bundle) = await CommandRenewal().renew(nil, scene.context(ScriptedTransport([])))
        else {
            Issue.record("not renewed")
            return
        }
        #expect(bundle.access.reveal() == "tok-1234567")
    }

    @Test("tokens are shared by the cache key alone, and by one command or address")
    func identity() throws {
        var scene = RenewalScene(settings: Settings(["command": .texts(["a", "b c"])]))
        let context = scene.context(ScriptedTransport([]))
        #expect(try CommandRenewal().root(context) == nil)
        let one = try FamilyIdentity(CommandRenewal().identity(context))
        scene.settings.values["command"] = .texts(["a b", "c"])
        scene.secrets["cache_key"] = Secret("word\n")
        let other = scene.context(ScriptedTransport([]))
        #expect(try FamilyIdentity(CommandRenewal().identity(other)) != one)
        let root = try #require(try CommandRenewal().root(other))
        #expect(root.secret.matches(Secret("word")) && root.purpose == .minting)
    }

    private func settings(_ url: String, _ more: [String: SettingValue] = [:]) throws -> [String: SettingValue] {
        more.merging(["url": .url(try #require(ServerURL(url)))]) { one, _ in one }
    }

    @Test("a service's answer by pointers, with secret headers")
    func service() async throws {
        try await withSandbox { sandbox in
            let body = #"{"data":{"a/b":[{"t~k":"tok-123456"}],"lease":600}}"#
            sandbox.addFault(FaultRule(.body(body, contentType: "application/json", .before), path: "/vault"))
            let rehearsal = try RenewalRehearsal(
                HTTPRenewal(), api: nil,
                settings: try settings(
                    sandbox.baseURL + "/vault?role=ci",
                    [
                        "token_pointer": .text("/data/a~1b/0/t~0k"), "expires_pointer": .text("/data/lease"),
                        "headers": .map([.init(name: "X-Vault-Token", value: .secret(.env("V")))]),
                    ]), secrets: ["headers.X-Vault-Token": "s.canary"])
            let new = try await rehearsal.renewed(nil)
            #expect(new.access.reveal() == "tok-123456" && new.expiry.instant?.text == "2026-11-20T22:20:00Z")
        }
    }

    @Test("every fault of a service is no token", arguments: DecisiveFault.all)
    func faults(_ fault: DecisiveFault) async throws {
        try await withSandbox { sandbox in
            sandbox.addFault(FaultRule(fault.kind, path: "/api/v4/version"))
            let token = try sandbox.gitlab.addToken()
            let rehearsal = try RenewalRehearsal(
                HTTPRenewal(), api: nil,
                settings: try settings(
                    sandbox.gitlabAPI + "/version",
                    ["headers": .map([.init(name: "PRIVATE-TOKEN", value: .secret(.env("V")))])]),
                secrets: ["headers.PRIVATE-TOKEN": token.secret])
            let answer = await rehearsal.renew(nil)
            #expect(answer.failure != nil && answer.failure?.description.contains(token.secret) == false)
        }
    }

    @Test("pointers as RFC 6901 has them")
    func pointers() throws {
        let json = try JSONValue(parsing: Array(#"{"a":[1,{"":2,"m~n":3,"x/y":4}],"":5}"#.utf8))
        let rows: [(String, Int64?)] = [
            ("/a/0", 1), ("/a/1/", 2), ("/a/1/m~0n", 3), ("/a/1/x~1y", 4), ("/", 5), ("/a/2", nil), ("/a/00", nil),
            ("/a/-", nil), ("/b", nil), ("/a/0/0", nil),
        ]
        for (text, value) in rows { #expect(JSONPointer(text: text)?.value(in: json)?.integer == value, "\(text)") }
        #expect(JSONPointer(text: "")?.value(in: json) == json)
        for text in ["a", "a/b", "/~", "/~2"] { #expect(JSONPointer(text: text) == nil) }
    }

    @Test("a token of a known forge is asked about there, any other nowhere")
    func probes() async throws {
        try await withSandbox { sandbox in
            let token = try sandbox.gitlab.addToken()
            let rehearsal = try RenewalRehearsal(CommandRenewal(), api: sandbox.gitlabAPI)
            #expect(await rehearsal.probe(TokenBundle(access: Secret(token.secret))).name == "alive")
            sandbox.gitlab.revokeToken(token.id)
            #expect(await rehearsal.probe(TokenBundle(access: Secret(token.secret))).name == "dead: revoked")
            let asked = sandbox.log.count
            #expect(await rehearsal.probe(TokenBundle(access: Secret("tok-123456"))).name == "unknown 13")
            #expect(sandbox.log.count == asked)
        }
    }

    @Test("what holds for every method holds for a service")
    func conformance() async throws {
        let scene = RenewalScene(
            settings: Settings(try settings("https://forge.example.com/token")),
            secrets: ["cache_key": Secret("canary-word")])
        await RenewalMethodConformance(HTTPRenewal(), scene: scene, current: nil, isDecisive: { _ in true }) { _ in
            .json(#"{"token":"tok-0123456789"}"#)
        }.check()
    }
}
