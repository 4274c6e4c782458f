// Rotation against the sandbox: what is asked first, what is sent once, and what an answer proves.
import OutlastModel
import OutlastSandbox
import OutlastTestKit
import Testing

@testable import OutlastForges

@Suite("gitlab-rotate", .serialized)
struct GitLabRotateTests {
    private func rehearsal(
        _ sandbox: Sandbox, settings: [String: SettingValue] = [:], secrets: [String: String] = [:],
        clock: String = "2026-11-20T22:10:00Z"
    ) throws -> RenewalRehearsal {
        try RenewalRehearsal(
            GitLabRotate(), api: sandbox.gitlabAPI, settings: settings, secrets: secrets, clock: FixedClock(clock))
    }

    private func bundle(_ secret: String) -> TokenBundle { TokenBundle(access: Secret(secret)) }

    @Test("a token rotates itself with an explicit end of 30 days", arguments: ["api", "self_rotate"])
    func rotates(_ scope: String) async throws {
        try await withSandbox { sandbox in
            let token = try sandbox.gitlab.addToken(scopes: [scope, "write_repository"], expiresOn: "2026-11-25")
            let rehearsal = try rehearsal(sandbox)
            #expect(await rehearsal.refusal(bundle(token.secret)) == nil)
            let new = try await rehearsal.renewed(bundle(token.secret))
            #expect(new.expiry == .at(try #require(Instant(text: "2026-12-20"))))
            #expect(new.scopes == [scope, "write_repository"] && new.name == "ci")
            #expect(sandbox.gitlab.tokens.filter(\.active).map { String($0.id) } == [new.tokenID])
            #expect(await rehearsal.probe(new).name == "alive")
            #expect(await rehearsal.probe(bundle(token.secret)).name == "dead: revoked")
            #expect(sandbox.counters.commits(of: "gitlab.rotate") == 1 && sandbox.counters.replays.isEmpty)
        }
    }

    @Test(
        "the end is counted in whole days of UTC, at least the day after tomorrow, at most a year",
        arguments: [
            (nil, "2026-12-20"), (Duration.seconds(0), "2026-11-22"), (.seconds(3600), "2026-11-22"),
            (.seconds(86_400), "2026-11-22"), (.seconds(86_401), "2026-11-22"), (.seconds(90 * 86_400), "2027-02-18"),
            (.seconds(365 * 86_400), "2027-11-20"), (.seconds(999 * 86_400), "2027-11-20"),
        ] as [(Duration?, String)])
    func lifetimes(_ lifetime: Duration?, _ expected: String) async throws {
        let today = try #require(CivilDate(text: "2026-11-20"))
        #expect(GitLabLifetime.date(for: lifetime, today: today).text == expected)
        try await withSandbox { sandbox in
            let token = try sandbox.gitlab.addToken(expiresOn: "2026-11-25")
            let settings = lifetime.map { ["lifetime": SettingValue.duration($0)] } ?? [:]
            let new = try await rehearsal(sandbox, settings: settings).renewed(bundle(token.secret))
            #expect(new.expiry.instant?.day.text == expected)
        }
    }

    @Test(
        "the day is GitLab's, whatever our own clock shows",
        arguments: ["2026-11-18T23:59:00Z", "2027-05-01T00:00:00Z"])
    func skew(_ ours: String) async throws {
        try await withSandbox { sandbox in
            let token = try sandbox.gitlab.addToken(expiresOn: "2026-11-25")
            let new = try await rehearsal(sandbox, clock: ours).renewed(bundle(token.secret))
            #expect(new.expiry.instant?.day.text == "2026-12-20")
        }
    }

    @Test("what cannot be rotated is found out before anything is sent")
    func refusals() async throws {
        try await withSandbox { sandbox in
            let rehearsal = try rehearsal(sandbox)
            let narrow = try sandbox.gitlab.addToken(scopes: ["write_repository"])
            let expired = try sandbox.gitlab.addToken(expiresOn: "2026-11-20")
            let revoked = try sandbox.gitlab.addToken()
            sandbox.gitlab.revokeToken(revoked.id)
            let job = try sandbox.gitlab.addJob()
            sandbox.gitlab.addApplication(clientID: "app", secret: "s")
            let grant = try sandbox.gitlab.addGrant(clientID: "app")
            let cases: [(String, ExitCode, String)] = [
                (narrow.secret, .insufficientScope, "self_rotate"), (expired.secret, .expired, "expired"),
                (revoked.secret, .rejected, "revoked"), (job.secret, .renewalFailed, "job's token"),
                (grant.accessToken, .renewalFailed, "OAuth"), ("glpat-never-was-one-000", .rejected, "no such token"),
            ]
            for (secret, code, words) in cases {
                let failure = try #require(await rehearsal.refusal(bundle(secret)))
                #expect(failure.code == code && failure.message.contains(words), "\(failure)")
                #expect(await rehearsal.renew(bundle(secret)).name == "refused \(code.rawValue)")
            }
            #expect(sandbox.counters.requests(of: "gitlab.rotate") == 0)
        }
    }

    @Test("a token is not rotated while its end could come before the answer")
    func midnight() async throws {
        try await withSandbox { sandbox in
            let token = try sandbox.gitlab.addToken(expiresOn: "2026-11-21")
            let rehearsal = try rehearsal(sandbox)
            try sandbox.setClock("2026-11-20T23:59:01Z")
            let failure = try #require(await rehearsal.refusal(bundle(token.secret)))
            #expect(failure.code == .renewalFailed && failure.message.contains("2026-11-21T00:00:00Z"))
            try sandbox.setClock("2026-11-20T23:58:59Z")
            #expect(await rehearsal.renew(bundle(token.secret)).name == "renewed")
        }
    }

    @Test("a managing credential rotates by number, whatever kind of token it is")
    func byNumber() async throws {
        try await withSandbox { sandbox in
            let owner = try sandbox.gitlab.addToken(.personal(user: "dev"), name: "owner")
            let admin = try sandbox.gitlab.addToken(.personal(user: "root"), name: "admin")
            let cases: [(SandboxTokenKind, String, String)] = [
                (.project("group/app", level: 30), owner.secret, "/projects/"),
                (.group("group", level: 30), owner.secret, "/groups/"),
                (.serviceAccount(group: "group"), owner.secret, "/service_accounts/"),
                (.personal(user: "dev"), admin.secret, "/personal_access_tokens/"),
            ]
            for (kind, with, path) in cases {
                let token = try sandbox.gitlab.addToken(kind, scopes: ["write_repository"])
                let rehearsal = try rehearsal(sandbox, secrets: ["with": with + "\n"])
                #expect(await rehearsal.refusal(bundle(token.secret)) == nil)
                let new = try await rehearsal.renewed(bundle(token.secret))
                #expect(sandbox.gitlab.token(token.id)?.revoked == true)
                #expect(new.scopes == ["write_repository"] && new.expiry.instant?.day.text == "2026-12-20")
                let sent = try #require(sandbox.log.last { $0.operation == "gitlab.rotate" })
                #expect(sent.path.contains(path) && sent.path.hasSuffix("/\(token.id)/rotate"))
            }
            #expect(sandbox.counters.replays.isEmpty)
        }
    }

    @Test("a managing credential that may not is told apart from the token")
    func keeper() async throws {
        try await withSandbox { sandbox in
            let token = try sandbox.gitlab.addToken(.project("group/app", level: 30), scopes: ["write_repository"])
            let narrow = try sandbox.gitlab.addToken(scopes: ["read_api"])
            sandbox.gitlab.addUser("stranger")
            let stranger = try sandbox.gitlab.addToken(.personal(user: "stranger"))
            let cases: [(String, String)] = [
                (narrow.secret, "refused 14"), (stranger.secret, "refused 20"), ("glpat-dead-000000000", "refused 20"),
            ]
            for (with, expected) in cases {
                let rehearsal = try rehearsal(sandbox, secrets: ["with": with])
                #expect(await rehearsal.renew(bundle(token.secret)).name == expected)
            }
            #expect(sandbox.counters.commits(of: "gitlab.rotate") == 0)
            #expect(sandbox.gitlab.token(token.id)?.active == true)
        }
    }

    @Test("every fault is yes, no or doubt, and nothing is ever sent twice", arguments: DecisiveFault.all)
    func faults(_ fault: DecisiveFault) async throws {
        try await withSandbox { sandbox in
            let token = try sandbox.gitlab.addToken()
            let rehearsal = try rehearsal(sandbox)
            sandbox.addFault(FaultRule(fault.kind, method: "POST", path: "/api/v4/personal_access_tokens/self/rotate"))
            #expect(await rehearsal.renew(bundle(token.secret)).name == fault.expected)
            #expect(sandbox.counters.requests(of: "gitlab.rotate") == 1)
            #expect(sandbox.counters.commits(of: "gitlab.rotate") == (fault.hasCommitted ? 1 : 0))
            let probe = await rehearsal.probe(bundle(token.secret)).name
            #expect(probe == (fault.hasCommitted ? "dead: revoked" : "alive"))
            // The same again: a spent token is stopped by the harmless question.
            let again = await rehearsal.renew(bundle(token.secret)).name
            #expect(again == (fault.hasCommitted ? "refused 12" : "renewed"))
            #expect(sandbox.counters.replays.isEmpty)
            #expect(sandbox.gitlab.tokens.filter(\.active).count == 1)
        }
    }

    @Test("a refusal of GitLab's leaves the old token alive and says why")
    func refused() async throws {
        try await withSandbox { sandbox in
            let token = try sandbox.gitlab.addToken()
            sandbox.gitlab.changeRules { $0.legacyRotationDisabled = true }
            let legacy = try await rehearsal(sandbox).renew(bundle(token.secret))
            #expect(legacy.name == "refused 20" && legacy.failure?.message.contains("legacy") == true)
            sandbox.gitlab.changeRules {
                $0.legacyRotationDisabled = false
                $0.maximumLifeDays = 10
            }
            let long = try await rehearsal(sandbox).renew(bundle(token.secret))
            #expect(long.name == "refused 20" && long.failure?.hint?.contains("lifetime") == true)
            #expect(sandbox.gitlab.token(token.id)?.active == true)
        }
    }
}
