// Deploy keys of a GitHub repository against the sandbox.
import OutlastModel
import OutlastSandbox
import OutlastTestKit
import Testing

@testable import OutlastForges

@Suite("GitHub's deploy keys", .serialized)
struct GitHubDeployKeysTests {
    private func rehearsal(
        _ sandbox: Sandbox, repository: String = "octo-org/app", token: String? = nil
    ) throws -> DeployKeyRehearsal {
        try sandbox.setClock("2026-11-20T22:10:00Z")
        return try DeployKeyRehearsal(
            GitHubDeployKeys(), api: sandbox.githubAPI, repository: repository,
            token: token ?? sandbox.github.addToken())
    }

    @Test("a key is let in without an end, found again, changed by being made anew, and removed twice")
    func life() async throws {
        try await withSandbox { sandbox in
            let rehearsal = try rehearsal(sandbox)
            #expect(!rehearsal.forge.keepsEnds && rehearsal.forge.caution?.contains("personal access token") == true)
            let request = try DeployKeyRehearsal.request()
            let first = try #require(await rehearsal.register(request).key)
            #expect(first.expiry == .never && first.canPush && first.isEnabled && first.key == request.key)
            #expect(await rehearsal.register(request).key == first)
            #expect(sandbox.counters.requests(of: "github.key.create") == 1)
            let narrow = DeployKeyRequest(title: "t", key: request.key, canPush: false, expiresAt: nil)
            let second = try #require(await rehearsal.register(narrow).key)
            #expect(second.id != first.id && !second.canPush)
            for _ in 1...2 { #expect(await rehearsal.removal(second.id) == nil) }
            #expect(sandbox.github.deployKeys(of: "octo-org/app").isEmpty)
        }
    }

    @Test("an App's token with administration: write does, and no weaker one")
    func rights() async throws {
        try await withSandbox { sandbox in
            let app = try sandbox.github.addApp()
            let strong = try sandbox.github.install(app, permissions: ["administration": "write", "metadata": "read"])
            let able = try rehearsal(sandbox, token: sandbox.github.mintToken(installation: strong))
            let key = try #require(await able.register(try DeployKeyRehearsal.request()).key)
            #expect(await able.removal(key.id) == nil)
            let weak = try sandbox.github.install(app, permissions: ["administration": "read", "metadata": "read"])
            let actions = try sandbox.github.addActionsToken(installation: strong)
            sandbox.github.addAccount("reader")
            let rows: [(String, ExitCode, String)] = [
                (try sandbox.github.mintToken(installation: weak), .insufficientScope, "administration: write"),
                (actions, .insufficientScope, "GITHUB_TOKEN never"),
                (sandbox.github.addToken(.fineGrained), .insufficientScope, "administration: write"),
                (sandbox.github.addToken(login: "reader"), .insufficientScope, "administrator of the repository"),
                ("ghp_never", .rejected, "living token"),
            ]
            for (token, code, words) in rows {
                let failure = await (try rehearsal(sandbox, token: token)).register(try DeployKeyRehearsal.request())
                #expect(
                    failure.refusal?.code == code && failure.refusal?.hint?.contains(words) == true,
                    "\(String(describing: failure))")
            }
            for odd in ["app", "octo-org/app/x", "octo-org/..", "/"] {
                let failure = await (try rehearsal(sandbox, repository: odd)).register(try DeployKeyRehearsal.request())
                #expect(failure.refusal?.code == .configuration, "\(odd)")
            }
            sandbox.github.addAccount("sso-org", organization: true, ssoRequired: true)
            try sandbox.github.addRepository("sso-org/app", collaborators: ["octocat": "admin"])
            let sso = try rehearsal(
                sandbox, repository: "sso-org/app", token: sandbox.github.addToken(ssoAuthorized: false))
            let failure = await sso.register(try DeployKeyRehearsal.request()).refusal
            #expect(failure?.code == .insufficientScope && failure?.hint?.contains("single sign-on") == true)
        }
    }

    @Test("an organization that forbids deploy keys is named as the cause, before a key is made and after")
    func forbidden() async throws {
        try await withSandbox { sandbox in
            let rehearsal = try rehearsal(sandbox)
            let kept = try #require(await rehearsal.register(try DeployKeyRehearsal.request()).key)
            sandbox.github.setDeployKeys(of: "octo-org", disabled: true)
            let failure = await rehearsal.register(try DeployKeyRehearsal.request()).refusal
            #expect(failure?.code == .sshUnproved && failure?.message.contains("Deploy keys are disabled") == true)
            #expect(failure?.hint?.contains("ask an owner") == true)
            #expect(try await rehearsal.list().map(\.isEnabled) == [false])
            #expect(await rehearsal.removal(kept.id) == nil)
        }
        // Taken, and switched off from the first moment: it is not left behind.
        let request = try DeployKeyRehearsal.request()
        let shown = { (enabled: Bool) in
            HTTPResponse.json(
                #"{"id":7,"key":"\#(request.key.text)","title":"t","read_only":false,"enabled":\#(enabled)}"#,
                status: 200)
        }
        let list = "https://api.github.com/repos/o/r/keys"
        let transport = ScriptedTransport([
            .init("GET \(list)?per_page=100", .json("[]")), .init("POST \(list)", shown(false)),
            .init("GET \(list)/7", shown(false)),
            .init("DELETE \(list)/7", HTTPResponse(status: 204, headers: [], body: [])),
        ])
        let answer = await GitHubDeployKeys().register(request, try scripted(transport))
        #expect(answer.refusal?.code == .sshUnproved && answer.refusal?.message.contains("policy") == true)
        transport.expectEnd()
    }

    private func scripted(_ transport: ScriptedTransport) throws -> DeployKeyContext {
        DeployKeyContext(
            credential: "release", token: Secret("canary"), api: try #require(ServerURL("https://api.github.com")),
            repository: "o/r", timeout: .seconds(10), transport: transport, clock: FixedClock("2026-11-20T22:10:00Z"))
    }

    @Test("a key that is not shown yet is believed to be there; where another one stands in its place, it is in doubt")
    func readBack() async throws {
        let request = try DeployKeyRehearsal.request()
        let other = try DeployKeyRehearsal.request()
        let list = "https://api.github.com/repos/o/r/keys"
        let shown = { (key: PublicKeyText, canPush: Bool) in
            HTTPResponse.json(#"{"id":7,"key":"\#(key.text)","title":"t","read_only":\#(!canPush)}"#)
        }
        for (back, isThere) in [
            (try HTTPResponse.fact("github.notFound"), true), (HTTPResponse.html("<h1>Hello</h1>"), true),
            (shown(request.key, true), true), (shown(other.key, true), false),
        ] {
            let transport = ScriptedTransport([
                .init("GET \(list)?per_page=100", .json("[]")), .init("POST \(list)", shown(request.key, true)),
                .init("GET \(list)/7", back),
            ])
            let answer = await GitHubDeployKeys().register(request, try scripted(transport))
            #expect((answer.key != nil) == isThere && (answer.doubt != nil) == !isThere, "\(back.status)")
            transport.expectEnd()
        }
        // Without the right that was asked for it is of no use, and goes again.
        let transport = ScriptedTransport([
            .init("GET \(list)?per_page=100", .json("[]")), .init("POST \(list)", shown(request.key, true)),
            .init("GET \(list)/7", shown(request.key, false)),
            .init("DELETE \(list)/7", HTTPResponse(status: 204, headers: [], body: [])),
        ])
        let refused = await GitHubDeployKeys().register(request, try scripted(transport)).refusal
        #expect(refused?.code == .sshUnproved && refused?.message.contains("without the right to push") == true)
        transport.expectEnd()
    }

    @Test("a repository that was renamed takes the key under its new address on the same server")
    func renamed() async throws {
        let request = try DeployKeyRehearsal.request()
        let shown = #"{"id":7,"key":"\#(request.key.text)","title":"t","read_only":false,"enabled":true}"#
        let old = "https://api.github.com/repos/o/r/keys"
        let new = "https://api.github.com/repositories/5/keys"
        let transport = ScriptedTransport([
            .init(
                "GET \(old)?per_page=100",
                HTTPResponse(status: 301, headers: [("Location", "\(new)?per_page=100")], body: [])),
            .init("GET \(new)?per_page=100", .json("[]")), .init("POST \(new)", .json(shown, status: 201)),
            .init("GET \(new)/7", .json(shown)),
        ])
        #expect(await GitHubDeployKeys().register(request, try scripted(transport)).key?.id == "7")
        transport.expectEnd()
    }

    @Test("a key that another repository or a user has is in use")
    func inUse() async throws {
        try await withSandbox { sandbox in
            try sandbox.github.addRepository("octo-org/lib", collaborators: ["octocat": "admin"])
            let request = try DeployKeyRehearsal.request()
            #expect(await (try rehearsal(sandbox)).register(request).key != nil)
            let lib = try rehearsal(sandbox, repository: "octo-org/lib")
            let theirs = try DeployKeyRehearsal.request()
            sandbox.github.addUserKey(theirs.key.text)
            for taken in [request, theirs] {
                let failure = await lib.register(taken).refusal
                #expect(failure?.code == .sshUnproved && failure?.message.contains("already in use") == true)
            }
            #expect(sandbox.github.deployKeys(of: "octo-org/lib").isEmpty)
        }
    }

    @Test("an answer that is lost leaves one key, whatever was lost", arguments: keyFaults)
    func lostAnswers(_ fault: FaultKind) async throws {
        try await withSandbox { sandbox in
            let rehearsal = try rehearsal(sandbox)
            let request = try DeployKeyRehearsal.request()
            sandbox.addFault(FaultRule(fault, method: "POST", path: "/github/repos/"))
            let key = try #require(await rehearsal.register(request).key, "\(fault)")
            #expect(sandbox.github.deployKeys(of: "octo-org/app").map(String.init) == [key.id])
            #expect(sandbox.counters.requests(of: "github.key.create") <= 2)
            sandbox.addFault(FaultRule(fault, method: "DELETE", path: "/github/repos/"))
            #expect(await rehearsal.removal(key.id) == nil, "\(fault)")
            #expect(sandbox.github.deployKeys(of: "octo-org/app").isEmpty)
        }
    }

    @Test("limits are told as such, before and after the look")
    func limits() async throws {
        try await withSandbox { sandbox in
            for (method, wait) in [("GET", "30"), ("POST", "7")] {
                sandbox.addFault(
                    FaultRule(.status(429, .before, retryAfter: wait), method: method, path: "/github/repos/"))
                let failure = await (try rehearsal(sandbox)).register(try DeployKeyRehearsal.request()).refusal
                #expect(failure?.code == .slowDown && failure?.message.contains("\(wait)s") == true)
            }
            #expect(sandbox.github.deployKeys(of: "octo-org/app").isEmpty)
        }
    }

    @Test("what holds for every forge's deploy keys holds for these")
    func conformance() async throws {
        await DeployKeyForgeConformance(
            GitHubDeployKeys(), api: try #require(ServerURL("https://forge.example.com/api/v3")), repository: "o/r",
            request: try DeployKeyRehearsal.request(canPush: false)
        ) { id, request in
            """
            {"id":\(id),"title":"\(request.title)","key":"\(request.key.text)","read_only":\(!request.canPush),
            "enabled":true,"verified":true}
            """
        }.check()
    }
}
