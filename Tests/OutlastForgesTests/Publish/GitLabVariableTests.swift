// CI/CD variables against the sandbox: written, read back, and otherwise left as they were.
import OutlastModel
import OutlastSandbox
import OutlastTestKit
import Synchronization
import Testing

@testable import OutlastForges

@Suite("gitlab-variable", .serialized)
struct GitLabVariableTests {
    private let token = "glpat-brand-new-token-00"

    private func rehearsal(
        _ sandbox: Sandbox, _ settings: [String: SettingValue] = ["project": .text("group/app")],
        writer: String? = nil
    ) throws -> PublishRehearsal {
        let secret = try writer ?? sandbox.gitlab.addToken(.personal(user: "dev")).secret
        return try PublishRehearsal(
            GitLabVariable(), settings.merging(["key": .text("RELEASE_TOKEN")]) { one, _ in one },
            api: sandbox.gitlabAPI, writer: secret)
    }

    @Test("a missing variable is made, masked and raw; one that is there keeps what its owner chose")
    func publishes() async throws {
        try await withSandbox { sandbox in
            for owner in ["project": "group/app", "group": "group"] {
                let rehearsal = try rehearsal(sandbox, [owner.key: .text(owner.value)])
                #expect(await rehearsal.check() == nil)
                #expect(try await rehearsal.read() == nil)
                #expect(await rehearsal.publish(token) == nil)
                #expect(try await rehearsal.read() == token)
                #expect(await rehearsal.publish(token + "-2") == nil)
                let project = owner.key == "project" ? owner.value : nil
                let group = owner.key == "group" ? owner.value : nil
                #expect(sandbox.gitlab.variable("RELEASE_TOKEN", project: project, group: group) == token + "-2")
            }
        }
    }

    @Test("masked, protected, raw and scope stay as they were")
    func keeps() async throws {
        try await withSandbox { sandbox in
            for (isProtected, masked, raw) in [(true, false, false), (false, true, true), (true, true, false)] {
                try sandbox.gitlab.setVariable(
                    "RELEASE_TOKEN", "old-value-000", project: "group/app", isProtected: isProtected, masked: masked,
                    raw: raw)
                let rehearsal = try rehearsal(sandbox)
                let before = try #require(try await state(rehearsal))
                #expect(await rehearsal.publish(token) == nil)
                let after = try #require(try await state(rehearsal))
                #expect(before.nature == after.nature && after.value?.reveal() == token)
            }
        }
    }

    private func state(_ rehearsal: PublishRehearsal) async throws -> GitLabVariableState? {
        try await GitLabVariableExchange(rehearsal.context, label: "it").read()
    }

    @Test("of several with one key the scope chooses, and without one GitLab's 409 is explained")
    func scopes() async throws {
        try await withSandbox { sandbox in
            for scope in ["*", "prod", "review/*"] {
                try sandbox.gitlab.setVariable("RELEASE_TOKEN", "old-\(scope)-000", project: "group/app", scope: scope)
            }
            let open = try await rehearsal(sandbox).publish(token)
            #expect(
                open?.message.contains("several variables") == true && open?.hint?.contains("environment_scope") == true
            )
            for scope in ["review/*", "*", "new one"] {
                let rehearsal = try rehearsal(
                    sandbox, ["project": .text("group/app"), "environment_scope": .text(scope)])
                #expect(await rehearsal.publish(token + scope.prefix(1)) == nil)
                #expect(sandbox.gitlab.variable("RELEASE_TOKEN", project: "group/app", scope: scope) != nil)
                #expect(try await rehearsal.read() == token + scope.prefix(1))
            }
            #expect(sandbox.gitlab.variable("RELEASE_TOKEN", project: "group/app", scope: "prod") == "old-prod-000")
        }
    }

    @Test("a hidden variable is written and cannot be read")
    func hidden() async throws {
        try await withSandbox { sandbox in
            try sandbox.gitlab.setVariable(
                "RELEASE_TOKEN", "old-value-000", project: "group/app", masked: true, hidden: true, raw: true)
            let rehearsal = try rehearsal(sandbox)
            #expect(await rehearsal.publish(token) == nil)
            #expect(try await rehearsal.read() == nil)
            #expect(sandbox.gitlab.variable("RELEASE_TOKEN", project: "group/app") == token)
        }
    }

    @Test("what cannot be masked is said before it is written")
    func masking() async throws {
        try await withSandbox { sandbox in
            let rehearsal = try rehearsal(sandbox)
            let short = await rehearsal.publish("short")
            #expect(short?.message.contains("8 characters") == true)
            try sandbox.gitlab.setVariable("RELEASE_TOKEN", "old-value-000", project: "group/app", masked: true)
            let odd = await rehearsal.publish("token-with-a-#-in-it")
            #expect(odd?.hint?.contains("Expand variable reference") == true)
            #expect(sandbox.gitlab.variable("RELEASE_TOKEN", project: "group/app") == "old-value-000")
            try sandbox.gitlab.setVariable("RELEASE_TOKEN", "old-value-000", project: "group/app")
            #expect(await rehearsal.publish("short") == nil, "an unmasked one takes anything")
        }
    }

    @Test("who may not write is told apart, before and while writing")
    func rights() async throws {
        try await withSandbox { sandbox in
            let reader = try sandbox.gitlab.addToken(scopes: ["read_api"]).secret
            sandbox.gitlab.addUser("stranger")
            let stranger = try sandbox.gitlab.addToken(.personal(user: "stranger")).secret
            let guest = try sandbox.gitlab.addToken(.project("group/app", level: 30)).secret
            let dead = try sandbox.gitlab.addToken()
            sandbox.gitlab.revokeToken(dead.id)
            let job = try sandbox.gitlab.addJob().secret
            let rows: [(String, ExitCode, String)] = [
                (reader, .insufficientScope, "scope api"), (stranger, .renewalFailed, "404"),
                (guest, .insufficientScope, "403"), (dead.secret, .renewalFailed, "not accepted"),
                (job, .renewalFailed, "not accepted"),
            ]
            for (writer, code, words) in rows {
                let failure = try await rehearsal(sandbox, writer: writer).check()
                #expect(
                    failure?.code == code && failure?.message.contains(words) == true, "\(String(describing: failure))")
            }
            #expect(sandbox.gitlab.variable("RELEASE_TOKEN", project: "group/app") == nil)
            let nobody = try PublishRehearsal(
                GitLabVariable(), ["project": .text("group/app"), "key": .text("K")], api: sandbox.gitlabAPI)
            #expect(await nobody.check()?.code == .configuration)
        }
    }

    @Test("a fault while writing is a failure, and the next try mends it", arguments: writingFaults)
    func faults(_ fault: FaultKind) async throws {
        try await withSandbox { sandbox in
            let rehearsal = try rehearsal(sandbox)
            try sandbox.gitlab.setVariable("RELEASE_TOKEN", "old-value-000", project: "group/app")
            sandbox.addFault(FaultRule(fault, method: "PUT", path: "/api/v4/projects/"))
            let failure = await rehearsal.publish(token)
            #expect(failure != nil && failure?.description.contains(token) == false)
            #expect(sandbox.counters.requests(of: "gitlab.variable.update") == 1, "written once")
            #expect(await rehearsal.publish(token) == nil)
            #expect(try await rehearsal.read() == token)
        }
    }

    @Test("a rival's value in its place is noticed")
    func rival() async throws {
        let api = "https://gitlab.example.com/api/v4"
        let path = "\(api)/projects/1/variables/K"
        let shown = { (value: String) in HTTPResponse.json(#"{"key":"K","value":"\#(value)","raw":true}"#) }
        let transport = ScriptedTransport([
            .init("GET \(path)", shown("old-value")), .init("PUT \(path)", shown("glpat-canary-1")),
            .init("GET \(path)", shown("another-value")),
        ])
        let rehearsal = try PublishRehearsal(
            GitLabVariable(), ["project": .text("1"), "key": .text("K")], api: api, writer: "glpat-canary-w")
        let failure = await #expect(throws: Failure.self) {
            try await rehearsal.target.publish(Secret("glpat-canary-1"), rehearsal.scene.context(transport))
        }
        #expect(failure?.message.contains("somebody else") == true && failure?.message.contains("canary") == false)
        transport.expectEnd()
    }

    @Test("what holds for every target holds for this one")
    func conformance() async throws {
        let rehearsal = try PublishRehearsal(
            GitLabVariable(), ["project": .text("g/p"), "key": .text("K"), "environment_scope": .text("*")],
            api: "https://forge.example.com/api/v4", writer: "glpat-canary-writer")
        let value = Mutex<String?>(nil)
        await PublishTargetConformance(
            GitLabVariable(), scene: rehearsal.scene, token: Secret("glpat-canary-\\\"new")
        ) { request in
            if request.url.path.hasSuffix("/self") {
                return .json(#"{"id":1,"active":true,"revoked":false,"scopes":["api"],"name":"w"}"#)
            }
            if let body = request.body, let json = try? JSONValue(parsing: body.content.withBytes { Array($0) }) {
                value.withLock { $0 = json["value"]?.text }
            }
            guard let text = value.withLock({ $0 }) else {
                return .json(#"{"message":"404 Variable Not Found"}"#, status: 404)
            }
            return .json(
                JSONValue.object([.init("key", "K"), .init("value", .string(text)), .init("raw", true)]).encoded)
        }.check()
    }
}
