// The refresh grant against the sandbox's two OAuth servers, and the shapes of answers that others send.
import OutlastModel
import OutlastSandbox
import OutlastTestKit
import Testing

@testable import OutlastForges

@Suite("oauth2", .serialized)
struct OAuth2RenewalTests {
    private func rehearsal(
        _ sandbox: Sandbox, _ grant: SandboxGrant, tokenURL: String? = nil, api: String? = nil,
        secret: String? = "s/ c+:%", auth: String? = nil
    ) throws -> RenewalRehearsal {
        var settings: [String: SettingValue] = ["client_id": .text("app:1/ü")]
        if let tokenURL { settings["token_url"] = .url(try #require(ServerURL(tokenURL))) }
        if let auth { settings["client_auth"] = .text(auth) }
        var secrets = ["refresh_token": grant.refreshToken + "\n"]
        secrets["client_secret"] = secret.map { "\($0)\n" }
        return try RenewalRehearsal(OAuth2Renewal(), api: api, settings: settings, secrets: secrets)
    }

    private func bundle(_ grant: SandboxGrant) -> TokenBundle {
        TokenBundle(access: Secret(grant.accessToken), refresh: Secret(grant.refreshToken))
    }

    @Test("a client proves itself by header, by body, or not at all", arguments: ["basic", "body", nil, "public"])
    func clients(_ auth: String?) async throws {
        try await withSandbox { sandbox in
            let secret = auth == "public" ? nil : "s/ c+:%"
            sandbox.oauth.addClient("app:1/ü", secret: secret)
            let grant = sandbox.oauth.addGrant(client: "app:1/ü")
            let rehearsal = try rehearsal(
                sandbox, grant, tokenURL: sandbox.oauth.tokenURL, secret: secret, auth: auth == "public" ? nil : auth)
            let new = try await rehearsal.renewed(bundle(grant))
            #expect(sandbox.oauth.isAlive(new.access.reveal()) && sandbox.oauth.isUsable(new.refresh?.reveal() ?? ""))
            #expect(new.expiry.instant?.text == "2026-11-20T23:10:00Z" && new.scopes == ["read", "write"])
            #expect(sandbox.counters.requests(of: "oauth.token") == 1)
        }
    }

    @Test("the ways to prove oneself are chosen, offered or Basic, in this order")
    func proofs() {
        #expect(OAuth2Client.proof(hasSecret: false, chosen: "basic", offered: nil) == .none)
        #expect(OAuth2Client.proof(hasSecret: true, chosen: "body", offered: ["client_secret_basic"]) == .body)
        #expect(OAuth2Client.proof(hasSecret: true, chosen: nil, offered: nil) == .basic)
        #expect(OAuth2Client.proof(hasSecret: true, chosen: nil, offered: ["client_secret_post"]) == .body)
        #expect(OAuth2Client.proof(hasSecret: true, chosen: nil, offered: ["private_key_jwt"]) == .basic)
        let both = ["client_secret_post", "client_secret_basic"]
        #expect(OAuth2Client.proof(hasSecret: true, chosen: nil, offered: both) == .basic)
    }

    @Test("an issuer tells its endpoints, and whether a grant still lives")
    func discovers() async throws {
        try await withSandbox { sandbox in
            sandbox.oauth.addClient("app:1/ü", secret: "s/ c+:%")
            let grant = sandbox.oauth.addGrant(client: "app:1/ü")
            let rehearsal = try rehearsal(sandbox, grant, api: sandbox.oauthIssuer)
            #expect(await rehearsal.probe(bundle(grant)).name == "alive")
            #expect(await rehearsal.refusal(bundle(grant)) == nil)
            let new = try await rehearsal.renewed(bundle(grant))
            #expect(await rehearsal.probe(new).name == "alive")
            #expect(await rehearsal.probe(bundle(grant)).name == "finished: revoked")
            let spent = await rehearsal.refusal(bundle(grant))
            #expect(spent?.code == .renewalFailed, "a spent grant is not sent again")
            #expect(spent?.message.contains("refresh token") == true, "\(String(describing: spent))")
            // Its access token's end says nothing about the grant.
            sandbox.advanceClock(by: 7200)
            #expect(await rehearsal.probe(new).name == "alive")
            #expect(await rehearsal.probe(bundle(grant)).name == "dead: revoked")
            #expect(await rehearsal.refusal(bundle(grant))?.code == .rejected)
            #expect(sandbox.counters.replays.isEmpty && sandbox.counters.requests(of: "oauth.token") == 1)
        }
    }

    @Test("without a question to ask nothing is claimed")
    func noQuestion() async throws {
        try await withSandbox { sandbox in
            sandbox.oauth.addClient("app:1/ü", secret: "s/ c+:%")
            let grant = sandbox.oauth.addGrant(client: "app:1/ü")
            let rehearsal = try rehearsal(sandbox, grant, tokenURL: sandbox.oauth.tokenURL)
            #expect(await rehearsal.probe(bundle(grant)).name == "unknown 13")
            #expect(sandbox.log.isEmpty)
        }
    }

    @Test("servers that form-encode, keep the refresh token or leave out the end are understood")
    func dialects() async throws {
        try await withSandbox { sandbox in
            sandbox.oauth.addClient("app:1/ü", secret: "s/ c+:%")
            sandbox.oauth.changeRules {
                $0.formEncoded = true
                $0.rotates = false
                $0.omitsExpiresIn = true
            }
            let grant = sandbox.oauth.addGrant(client: "app:1/ü")
            let rehearsal = try rehearsal(sandbox, grant, tokenURL: sandbox.oauth.tokenURL)
            let new = try await rehearsal.renewed(bundle(grant))
            #expect(sandbox.oauth.isAlive(new.access.reveal()) && new.expiry == .unknown)
            #expect(new.refresh?.matches(Secret(grant.refreshToken)) == true)
            #expect(new.scopes == ["read", "write"])
        }
    }

    @Test("every fault is yes, no or doubt, and the grant is sent once", arguments: DecisiveFault.all)
    func faults(_ fault: DecisiveFault) async throws {
        try await withSandbox { sandbox in
            sandbox.oauth.addClient("app:1/ü", secret: "s/ c+:%")
            let grant = sandbox.oauth.addGrant(client: "app:1/ü")
            let rehearsal = try rehearsal(sandbox, grant, api: sandbox.oauthIssuer)
            sandbox.addFault(FaultRule(fault.kind, method: "POST", path: "/oauth2/token"))
            #expect(await rehearsal.renew(bundle(grant)).name == fault.expected)
            #expect(sandbox.counters.requests(of: "oauth.token") == 1 && sandbox.counters.replays.isEmpty)
            #expect(sandbox.oauth.isUsable(grant.refreshToken) == !fault.hasCommitted)
            let probe = await rehearsal.probe(bundle(grant)).name
            #expect(probe == (fault.hasCommitted ? "finished: revoked" : "alive"))
        }
    }

    @Test("a client that is not taken at the question is told as such, and the grant is not sent")
    func wrongSecret() async throws {
        try await withSandbox { sandbox in
            sandbox.oauth.addClient("app:1/ü", secret: "another")
            let grant = sandbox.oauth.addGrant(client: "app:1/ü")
            for tokenURL in [nil, sandbox.oauth.tokenURL] {
                let rehearsal = try rehearsal(sandbox, grant, tokenURL: tokenURL, api: sandbox.oauthIssuer)
                #expect(await rehearsal.probe(bundle(grant)).name == "unknown 20")
                let refusal = await rehearsal.refusal(bundle(grant))
                #expect(refusal?.code == .renewalFailed)
                #expect(refusal?.message.contains("client's id and secret") == true)
                #expect(refusal?.hint?.contains("renew.client_secret") == true)
            }
            #expect(sandbox.counters.requests(of: "oauth.token") == 0)
        }
    }

    @Test("GitLab's own OAuth: discovered at its root, both tokens die at once, and its answer tells that")
    func gitlab() async throws {
        try await withSandbox { sandbox in
            sandbox.gitlab.addApplication(clientID: "app:1/ü", secret: "s")
            let grant = try sandbox.gitlab.addGrant(clientID: "app:1/ü")
            let rehearsal = try rehearsal(
                sandbox, grant, tokenURL: sandbox.baseURL + "/oauth/token", api: sandbox.gitlabAPI, secret: "s",
                auth: "body")
            #expect(await rehearsal.probe(bundle(grant)).name == "alive")
            let new = try await rehearsal.renewed(bundle(grant))
            #expect(new.expiry.instant?.text == "2026-11-21T00:10:00Z")
            #expect(await rehearsal.probe(bundle(grant)).name == "dead: revoked")
            #expect(await rehearsal.refusal(bundle(grant))?.code == .rejected)
            sandbox.advanceClock(by: 7200)
            #expect(await rehearsal.probe(new).name == "unknown 21", "past its end it says nothing")
            #expect(await rehearsal.refusal(new) == nil)
            let third = try await rehearsal.renewed(new)
            #expect(await rehearsal.probe(third).name == "alive" && sandbox.counters.replays.isEmpty)
        }
    }

    @Test("a finished grant is a finished grant, and other errors are not")
    func errors() async throws {
        let url = try #require(ServerURL("https://sso.example.com/token"))
        let scene = RenewalScene(
            settings: Settings(["client_id": .text("app"), "token_url": .url(url)]),
            secrets: ["refresh_token": Secret("rt_canary_0000000000")])
        let rows: [(HTTPResponse, String)] = [
            (.json(#"{"error":"invalid_grant"}"#, status: 400), "refused 12"),
            (.json(#"{"error":"invalid_grant","error_description":"used"}"#), "refused 12"),
            (.json(#"{"error":"invalid_client"}"#, status: 401), "refused 20"),
            (.json(#"{"error":"invalid_scope","access_token":"no"}"#, status: 400), "refused 20"),
            (.json(#"{"error":"temporarily_unavailable"}"#, status: 400), "in doubt"),
            (.json(#"{"error":"server_error"}"#), "in doubt"),
            (.json(#"{"error":"invalid_grant"}"#, status: 500), "in doubt"),
            (.json(#"{"message":"Not Found"}"#, status: 404), "in doubt"),
            (
                HTTPResponse(
                    status: 200, headers: [("Content-Type", "application/x-www-form-urlencoded")],
                    body: Array("access_token=at%5Fnew&refresh_token=rt+x&expires_in=60&scope=a%20b".utf8)), "renewed"
            ),
            (.json(#"{"access_token":"at_new","expires_in":"60"}"#), "renewed"),
            (.json(#"{"result":{"access_token":"at_new"}}"#), "renewed"),
        ]
        for (answer, expected) in rows {
            let transport = ScriptedTransport([.init("POST \(url.text)", answer)])
            let got = await OAuth2Renewal().renew(nil, scene.context(transport))
            #expect(got.name == expected, "\(String(decoding: answer.body, as: UTF8.self))")
            #expect(got.failure.map { !$0.description.contains("canary") } ?? true)
            if case .renewed(let bundle) = got {
                #expect(bundle.access.reveal().hasPrefix("at_new"))
                // "rt x" is no token: the one that was used stays.
                #expect(bundle.refresh?.reveal() == "rt_canary_0000000000")
            }
            transport.expectEnd()
        }
    }

    @Test("an end in seconds counts from when the request left")
    func elapsed() async throws {
        let url = try #require(ServerURL("https://sso.example.com/token"))
        let clock = FixedClock("2026-11-20T22:10:00Z")
        let scene = RenewalScene(
            settings: Settings(["client_id": .text("app"), "token_url": .url(url)]),
            secrets: ["refresh_token": Secret("rt_0000000000")], clock: clock)
        let transport = ScriptedTransport { _ in
            clock.advance(by: .seconds(20))
            return .success(.json(#"{"access_token":"at_new","expires_in":60}"#))
        }
        guard case .renewed(let bundle) = await OAuth2Renewal().renew(nil, scene.context(transport)) else {
            Issue.record("not renewed")
            return
        }
        #expect(bundle.expiry.instant?.text == "2026-11-20T22:11:00Z")
    }

    @Test("what holds for every method holds for both that refresh")
    func conformance() async throws {
        let url = try #require(ServerURL("https://sso.example.com/token"))
        let current = TokenBundle(
            access: Secret("at_canary_0123456789"), refresh: Secret("ghr_canary_0123456789"))
        let secrets = [
            "refresh_token": Secret("ghr_canary_0123456789"), "client_secret": Secret("canary-client-secret"),
        ]
        let api = try #require(ServerURL("https://forge.example.com/api/v3"))
        let answers: @Sendable (HTTPRequest) -> HTTPResponse = { _ in
            .json(#"{"access_token":"at_new_0123456789","refresh_token":"ghr_new_0123456789","expires_in":7200}"#)
        }
        await RenewalMethodConformance(
            OAuth2Renewal(),
            scene: RenewalScene(
                settings: Settings(["client_id": .text("app"), "token_url": .url(url)]), secrets: secrets),
            current: current, happy: answers
        ).check()
        await RenewalMethodConformance(
            GitHubUser(),
            scene: RenewalScene(
                settings: Settings(["client_id": .text("app")]), secrets: secrets,
                api: api), current: current, happy: answers
        ).check()
    }
}
