// Refresh tokens: GitLab's, which die at once, and the generic server's, which follow the book.
import OutlastSandbox
import Testing

@Suite struct OAuthTests {
    @Test(arguments: [true, false])
    func gitLabKillsBothOldTokensAtOnce(basic: Bool) async throws {
        try await withSandbox { sandbox in
            sandbox.gitlab.addApplication(clientID: "app", secret: "hush")
            let old = try sandbox.gitlab.addGrant(clientID: "app")
            let visitor = Visitor(sandbox)
            func refresh() async throws -> Reply {
                let form = "grant_type=refresh_token&refresh_token=\(old.refreshToken)"
                return try await visitor.post(
                    "/oauth/token", form: basic ? form : form + "&client_id=app&client_secret=hush",
                    headers: basic ? ["Authorization": "Basic " + base64("app:hush")] : [:])
            }
            let renewed = try await refresh()
            #expect(renewed.status == 200 && renewed.json["expires_in"]?.int == 7200)
            let user = "/api/v4/user"
            let spent = try await visitor.get(user, headers: ["Authorization": "Bearer \(old.accessToken)"])
            #expect(spent.text == factText("gitlab.auth.revoked"))
            let loser = try await refresh()
            #expect(loser.status == 400 && loser.text == factText("gitlab.oauth.invalidGrant"))
            #expect(loser.header("WWW-Authenticate")?.contains(#"error="invalid_grant""#) == true)
            let access = try #require(renewed.json["access_token"]?.string)
            #expect(try await visitor.get(user, headers: ["Authorization": "Bearer \(access)"]).status == 200)
            #expect(sandbox.counters.commits(of: "gitlab.oauth.refresh") == 1)
            #expect(sandbox.counters.replays(of: "gitlab.oauth.refresh") == 1)
        }
    }

    @Test func ofManyRivalsExactlyOneWins() async throws {
        try await withSandbox { sandbox in
            sandbox.gitlab.addApplication(clientID: "app", secret: nil)
            let old = try sandbox.gitlab.addGrant(clientID: "app")
            let visitor = Visitor(sandbox)
            let wins = try await withThrowingTaskGroup(of: Int.self) { group in
                for _ in 1...20 {
                    group.addTask {
                        try await visitor.post(
                            "/oauth/token",
                            form: "grant_type=refresh_token&client_id=app&refresh_token=\(old.refreshToken)"
                        ).status
                    }
                }
                return try await group.reduce(into: 0) { count, status in count += status == 200 ? 1 : 0 }
            }
            #expect(wins == 1)
        }
    }

    @Test func gitLabTokenInfoSpeaksTwoDialectsOfDead() async throws {
        try await withSandbox { sandbox in
            sandbox.gitlab.addApplication(clientID: "app", secret: nil)
            let grant = try sandbox.gitlab.addGrant(clientID: "app")
            let visitor = Visitor(sandbox)
            let alive = try await visitor.get("/oauth/token/info", token: grant.accessToken)
            #expect(alive.json["expires_in_seconds"]?.int == 7200)
            sandbox.advanceClock(by: 7200)
            let dead = try await visitor.get("/oauth/token/info", token: grant.accessToken)
            #expect(dead.status == 401 && dead.text == factText("gitlab.oauth.info.expired"))
            sandbox.gitlab.changeRules { $0.olderTokenInfo = true }
            let older = try await visitor.get("/oauth/token/info?access_token=\(grant.accessToken)")
            #expect(older.status == 400 && older.json["error"]?.string == "invalid_request")
        }
    }

    @Test(arguments: [
        ("grant_type=refresh_token&client_id=app&client_secret=no&refresh_token=x", 401, "invalid_client"),
        ("grant_type=refresh_token&client_id=app&client_secret=hush", 400, "invalid_request"),
        ("grant_type=password&client_id=app&client_secret=hush", 400, "unsupported_grant_type"),
        ("grant_type=refresh_token&client_id=app&client_secret=hush&refresh_token=x", 400, "invalid_grant"),
    ])
    func gitLabNamesTheError(form: String, status: Int, error: String) async throws {
        try await withSandbox { sandbox in
            sandbox.gitlab.addApplication(clientID: "app", secret: "hush")
            let reply = try await Visitor(sandbox).post("/oauth/token", form: form)
            #expect(reply.status == status && reply.json["error"]?.string == error)
        }
    }

    @Test func theGenericServerRotatesAndEndsAReplayedFamily() async throws {
        try await withSandbox { sandbox in
            sandbox.oauth.addClient("c", secret: "s+/ %")
            let old = sandbox.oauth.addGrant(client: "c")
            let visitor = Visitor(sandbox)
            let discovery = try await visitor.get("/.well-known/openid-configuration").json
            let endpoint = try #require(discovery["token_endpoint"]?.string)
            let client = ["Authorization": "Basic " + base64("c:s%2B%2F%20%25")]
            func refresh(_ token: String) async throws -> Reply {
                try await visitor.post(
                    endpoint, form: "grant_type=refresh_token&refresh_token=\(token)", headers: client)
            }
            let renewed = try await refresh(old.refreshToken)
            let next = try #require(renewed.json["refresh_token"]?.string)
            #expect(renewed.json["expires_in"]?.int == 3600)
            #expect(sandbox.oauth.isUsable(next) && !sandbox.oauth.isUsable(old.refreshToken))
            #expect(try await refresh(old.refreshToken).json["error"]?.string == "invalid_grant")
            #expect(!sandbox.oauth.isUsable(next))
            let inspected = try await visitor.post(
                "/oauth2/introspect", form: "token=\(renewed.json["access_token"]?.string ?? "")", headers: client)
            #expect(inspected.text == #"{"active":false}"#)
        }
    }

    @Test func theGenericServerMayKeepTheRefreshToken() async throws {
        try await withSandbox { sandbox in
            sandbox.oauth.addClient("c", secret: nil)
            sandbox.oauth.changeRules {
                $0.rotates = false
                $0.omitsExpiresIn = true
            }
            let old = sandbox.oauth.addGrant(client: "c")
            let reply = try await Visitor(sandbox).post(
                "/oauth2/token", form: "grant_type=refresh_token&client_id=c&refresh_token=\(old.refreshToken)")
            #expect(reply.status == 200)
            #expect(reply.json["refresh_token"] == nil && reply.json["expires_in"] == nil)
            #expect(sandbox.oauth.isUsable(old.refreshToken))
        }
    }
}
