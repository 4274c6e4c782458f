// A GitHub App's user token against the sandbox: single use, and refusals that come as successes.
import OutlastModel
import OutlastSandbox
import OutlastTestKit
import Testing

@testable import OutlastForges

@Suite("github-user", .serialized)
struct GitHubUserTests {
    private func rehearsal(
        _ sandbox: Sandbox, _ app: SandboxApp, _ refreshToken: String, secret: String? = nil
    ) throws -> RenewalRehearsal {
        var secrets = ["refresh_token": refreshToken]
        secrets["client_secret"] = secret ?? app.clientSecret
        return try RenewalRehearsal(
            GitHubUser(), api: sandbox.githubAPI, settings: ["client_id": .text(app.clientID)], secrets: secrets)
    }

    private func bundle(_ grant: SandboxGrant, expiry: Expiry = .unknown) -> TokenBundle {
        TokenBundle(access: Secret(grant.accessToken), refresh: Secret(grant.refreshToken), expiry: expiry)
    }

    @Test("a pair is refreshed, and the old one is dead")
    func refreshes() async throws {
        try await withSandbox { sandbox in
            let app = try sandbox.github.addApp()
            let grant = sandbox.github.addUserGrant(app)
            let rehearsal = try rehearsal(sandbox, app, grant.refreshToken)
            #expect(await rehearsal.refusal(bundle(grant)) == nil)
            let new = try await rehearsal.renewed(bundle(grant))
            #expect(new.expiry.instant?.text == "2026-11-21T06:10:00Z")
            #expect(sandbox.github.isAlive(new.access.reveal()) && !sandbox.github.isAlive(grant.accessToken))
            #expect(await rehearsal.probe(new).name == "alive")
            #expect(await rehearsal.probe(bundle(grant)).name == "dead: rejected")
            #expect(await rehearsal.refusal(bundle(grant))?.code == .rejected)
            // Past its end GitHub's refusal says nothing about the refresh token, which is good for half a year.
            sandbox.advanceClock(by: 28_800)
            #expect(await rehearsal.probe(new).name == "unknown 21")
            #expect(await rehearsal.refusal(new) == nil)
            _ = try await rehearsal.renewed(new)
            #expect(sandbox.counters.replays.isEmpty && sandbox.counters.commits(of: "github.refresh") == 2)
        }
    }

    @Test("a refusal with 200 is a refusal")
    func refused() async throws {
        try await withSandbox { sandbox in
            let app = try sandbox.github.addApp()
            let grant = sandbox.github.addUserGrant(app)
            let wrong = try await rehearsal(sandbox, app, grant.refreshToken, secret: "0000").renew(bundle(grant))
            #expect(wrong.name == "refused 20" && wrong.failure?.hint?.contains("client_secret") == true)
            #expect(try await rehearsal(sandbox, app, "ghr_never_was_one").renew(nil).name == "refused 12")
            #expect(try await rehearsal(sandbox, app, "gho_0000000000").refusal(nil)?.code == .configuration)
            #expect(sandbox.github.isAlive(grant.accessToken) && sandbox.counters.replays.isEmpty)
        }
    }

    @Test("every fault is yes, no or doubt, and the pair is sent once", arguments: DecisiveFault.all)
    func faults(_ fault: DecisiveFault) async throws {
        try await withSandbox { sandbox in
            let app = try sandbox.github.addApp()
            let grant = sandbox.github.addUserGrant(app)
            let rehearsal = try rehearsal(sandbox, app, grant.refreshToken)
            sandbox.addFault(FaultRule(fault.kind, method: "POST", path: "/login/oauth/access_token"))
            #expect(await rehearsal.renew(bundle(grant)).name == fault.expected)
            #expect(sandbox.counters.requests(of: "github.refresh") == 1 && sandbox.counters.replays.isEmpty)
            #expect(sandbox.github.isAlive(grant.accessToken) == !fault.hasCommitted)
            let probe = await rehearsal.probe(bundle(grant)).name
            #expect(probe == (fault.hasCommitted ? "dead: rejected" : "alive"))
            #expect((await rehearsal.refusal(bundle(grant)) != nil) == fault.hasCommitted)
        }
    }

    @Test(
        "the token endpoint is at the web host, and no other server gets the secret",
        arguments: [
            ("https://api.github.com", "https://github.com/login/oauth/access_token"),
            ("https://github.corp.example/api/v3", "https://github.corp.example/login/oauth/access_token"),
            ("https://api.octo.ghe.com", "https://octo.ghe.com/login/oauth/access_token"),
            ("https://api.corp.example/api/v3", "https://api.corp.example/login/oauth/access_token"),
        ])
    func endpoint(_ api: String, _ expected: String) throws {
        #expect(GitHubUser.tokenURL(try #require(ServerURL(api))).text == expected)
    }
}
