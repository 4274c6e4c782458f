// Deploy keys of a GitLab project against the sandbox.
import OutlastModel
import OutlastSandbox
import OutlastTestKit
import Testing

@testable import OutlastForges

@Suite("GitLab's deploy keys", .serialized)
struct GitLabDeployKeysTests {
    private static let clock = "2026-11-20T22:10:00Z"

    private func rehearsal(
        _ sandbox: Sandbox, repository: String = "group/app", token: String? = nil
    ) throws -> DeployKeyRehearsal {
        try sandbox.setClock(Self.clock)
        return try DeployKeyRehearsal(
            GitLabDeployKeys(), api: sandbox.gitlabAPI, repository: repository,
            token: token ?? sandbox.gitlab.addToken(.personal(user: "dev")).secret)
    }

    @Test("a key is let in with its end, found again, made anew for another end, and removed twice")
    func life() async throws {
        try await withSandbox { sandbox in
            for repository in ["group/app", "/group/app.git"] {
                let rehearsal = try rehearsal(sandbox, repository: repository)
                let request = try DeployKeyRehearsal.request()
                let first = try #require(await rehearsal.register(request).key)
                #expect(first.expiry == .at(try #require(request.expiresAt)) && first.canPush)
                #expect(first.key == request.key && first.title == request.title)
                #expect(try await rehearsal.list() == [first])
                #expect(await rehearsal.register(request).key == first, "it is there already")
                #expect(try await rehearsal.forge.find(title: request.title, rehearsal.context) == [first])
                sandbox.advanceClock(by: 7 * 3600)
                #expect(try await rehearsal.list() == [first], "its end is over, and it is listed")
                let later = DeployKeyRequest(
                    title: request.title, key: request.key, canPush: true,
                    expiresAt: Instant(text: "2026-11-22T00:00:00Z"))
                let second = try #require(await rehearsal.register(later).key)
                #expect(second.id != first.id && second.canPush && second.expiry.instant == later.expiresAt)
                #expect(await rehearsal.removal(first.id) == nil, "gone before")
                for _ in 1...2 { #expect(await rehearsal.removal(second.id) == nil) }
                #expect(try await rehearsal.list() == [])
            }
        }
    }

    @Test("who may not is told apart, before anything is changed")
    func rights() async throws {
        try await withSandbox { sandbox in
            let reader = try sandbox.gitlab.addToken(scopes: ["read_api"]).secret
            sandbox.gitlab.addUser("stranger")
            let stranger = try sandbox.gitlab.addToken(.personal(user: "stranger")).secret
            let developer = try sandbox.gitlab.addToken(.project("group/app", level: 30)).secret
            let revoked = try sandbox.gitlab.addToken()
            sandbox.gitlab.revokeToken(revoked.id)
            let expired = try sandbox.gitlab.addToken(expiresOn: "2026-11-20").secret
            try sandbox.gitlab.addGroup("other")
            let job = try sandbox.gitlab.addJob().secret
            let rows: [(String, ExitCode, String)] = [
                (reader, .insufficientScope, "scope api"), (stranger, .insufficientScope, "Maintainer"),
                (developer, .insufficientScope, "Maintainer"), (revoked.secret, .rejected, "living token"),
                (expired, .expired, "living token"), (job, .rejected, "a job's own token"),
            ]
            for (token, code, words) in rows {
                let rehearsal = try rehearsal(sandbox, token: token)
                let failure = await rehearsal.register(try DeployKeyRehearsal.request()).refusal
                #expect(
                    failure?.code == code && failure?.hint?.contains(words) == true, "\(String(describing: failure))")
                #expect(await rehearsal.removal("1")?.code == code)
            }
            #expect(sandbox.counters.requests(of: "gitlab.deployKey.create") == 0)
            let missing = try rehearsal(sandbox, repository: "group/nothing")
            #expect(await missing.register(try DeployKeyRehearsal.request()).refusal?.code == .insufficientScope)
            for odd in ["", "..", "group//app", "group/../app", "gr\u{1B}oup/app"] {
                let failure = await (try rehearsal(sandbox, repository: odd)).register(try DeployKeyRehearsal.request())
                #expect(failure.refusal?.code == .configuration, "\(odd)")
            }
        }
    }

    @Test("an instance that bounds the life of SSH keys says so, and takes a shorter one")
    func bounds() async throws {
        try await withSandbox { sandbox in
            sandbox.gitlab.changeRules { $0.sshKeyDays = 1 }
            let rehearsal = try rehearsal(sandbox)
            for end in [nil, "2026-11-30T00:00:00Z"] {
                let failure = await rehearsal.register(try DeployKeyRehearsal.request(expiresAt: end)).refusal
                #expect(failure?.code == .sshUnproved && failure?.hint?.contains("--lifetime") == true)
            }
            #expect(await rehearsal.register(try DeployKeyRehearsal.request()).key != nil)
            let over = await rehearsal.register(try DeployKeyRehearsal.request(expiresAt: "2026-11-20T22:00:00Z"))
            #expect(over.refusal?.code == .usage)
        }
    }

    @Test("a GitLab that keeps no ends yet shows that")
    func older() async throws {
        try await withSandbox { sandbox in
            sandbox.gitlab.changeRules { $0.olderDeployKeys = true }
            let key = await (try rehearsal(sandbox)).register(try DeployKeyRehearsal.request()).key
            #expect(key?.expiry == .never)
        }
    }

    @Test("a key of a project that the token does not see is taken; of one that it maintains, it is shared")
    func taken() async throws {
        try await withSandbox { sandbox in
            sandbox.gitlab.addUser("other")
            try sandbox.gitlab.addProject("other/app", members: ["other": 40])
            try sandbox.gitlab.addProject("group/lib")
            let other = try sandbox.gitlab.addToken(.personal(user: "other")).secret
            let request = try DeployKeyRehearsal.request()
            let theirs = try rehearsal(sandbox, repository: "other/app", token: other)
            #expect(await theirs.register(request).key != nil)
            let ours = try rehearsal(sandbox)
            let failure = await ours.register(request).refusal
            #expect(failure?.code == .sshUnproved && failure?.message.contains("already been taken") == true)
            #expect(try await theirs.list().count == 1)
            let shared = try DeployKeyRehearsal.request()
            let first = try #require(await ours.register(shared).key)
            let lib = try rehearsal(sandbox, repository: "group/lib", token: ours.context.token.reveal())
            #expect(await lib.register(shared).key?.id == first.id)
            #expect(await lib.removal(first.id) == nil)
            #expect(try await ours.list() == [first], "taken off one project only")
        }
    }

    @Test("an answer that is lost leaves one key, whatever was lost", arguments: keyFaults)
    func lostAnswers(_ fault: FaultKind) async throws {
        try await withSandbox { sandbox in
            let rehearsal = try rehearsal(sandbox)
            let request = try DeployKeyRehearsal.request()
            sandbox.addFault(FaultRule(fault, method: "POST", path: "/api/v4/projects/"))
            let key = try #require(await rehearsal.register(request).key, "\(fault)")
            #expect(try await rehearsal.list() == [key])
            #expect(sandbox.counters.requests(of: "gitlab.deployKey.create") <= 2)
            sandbox.addFault(FaultRule(fault, method: "DELETE", path: "/api/v4/projects/"))
            #expect(await rehearsal.removal(key.id) == nil, "\(fault)")
            #expect(try await rehearsal.list() == [])
        }
    }

    @Test("where the look after a lost answer fails too, it is in doubt, and the public half removes it")
    func doubt() async throws {
        try await withSandbox { sandbox in
            let rehearsal = try rehearsal(sandbox)
            let request = try DeployKeyRehearsal.request()
            sandbox.addFault(FaultRule(.drop(.after), method: "POST", path: "/api/v4/projects/"))
            sandbox.addFault(
                FaultRule(.status(502, .before, retryAfter: nil), method: "GET", path: "/api/v4/projects/", skip: 1))
            let failure = await rehearsal.register(request).doubt
            #expect(failure?.code == .unreachable && failure?.message.contains(request.key.fingerprint) == true)
            #expect(sandbox.counters.requests(of: "gitlab.deployKey.create") == 1)
            #expect(try await rehearsal.list().count == 1)
            try await rehearsal.forge.remove(request.key, rehearsal.context)
            #expect(try await rehearsal.list() == [])
            let others = try [DeployKeyRehearsal.request("one"), DeployKeyRehearsal.request("two")]
            for other in others { #expect(await rehearsal.register(other).key != nil) }
            for _ in 1...2 { try await rehearsal.forge.remove(title: "one", rehearsal.context) }
            #expect(try await rehearsal.list().map(\.title) == ["two"])
        }
    }

    @Test("a long list is read to its end")
    func pages() async throws {
        try await withSandbox { sandbox in
            let rehearsal = try rehearsal(sandbox)
            let last = try DeployKeyRehearsal.request("the last")
            for number in 0..<130 {
                let key = PublicKeyText("ssh-ed25519 " + Self.blob(number))
                let request = DeployKeyRequest(
                    title: "k\(number)", key: try #require(key), canPush: false, expiresAt: nil)
                let body = GitLabKeySpeech().body(request)
                let url = rehearsal.context.api.appending("/projects/group%2Fapp/deploy_keys")
                let answer = try await rehearsal.context.transport.send(
                    HTTPRequest(
                        "POST", url, headers: [("PRIVATE-TOKEN", .secret(prefix: "", rehearsal.context.token))],
                        body: body, timeout: .seconds(60)))
                #expect(answer.status == 201)
            }
            #expect(await rehearsal.register(last).key != nil)
            #expect(await rehearsal.register(last).key != nil)
            #expect(try await rehearsal.list().count == 131)
            #expect(sandbox.counters.requests(of: "gitlab.deployKey.create") == 131)
        }
    }

    private static func blob(_ number: Int) -> String {
        let name: [UInt8] = [0, 0, 0, 11] + Array("ssh-ed25519".utf8) + [0, 0, 0, 32]
        return Base64Text.standard.encode(name + [UInt8](repeating: 7, count: 31) + [UInt8(number % 256)])
    }

    @Test("it tells no host keys, and asks nobody")
    func hostKeys() async throws {
        let question = HostKeyQuestion(
            host: "gitlab.example.com", port: 22, api: try #require(ServerURL("https://gitlab.example.com/api/v4")),
            token: nil, timeout: .seconds(10))
        let keys = try await GitLabDeployKeys().hostKeys(
            question, over: ScriptedTransport([]), clock: FixedClock(Self.clock))
        #expect(keys == nil)
    }

    @Test("what holds for every forge's deploy keys holds for these")
    func conformance() async throws {
        await DeployKeyForgeConformance(
            GitLabDeployKeys(), api: try #require(ServerURL("https://forge.example.com/api/v4")), repository: "g/p",
            request: try DeployKeyRehearsal.request()
        ) { id, request in
            """
            {"id":\(id),"title":"\(request.title)","key":"\(request.key.text) c","can_push":\(request.canPush),
            "expires_at":"2026-11-21T04:10:00.000Z"}
            """
        }.check()
    }
}
