// Personal tokens, limits and the refresh of user tokens.
import OutlastSandbox
import Testing

@Suite struct GitHubTokenTests {
    @Test(arguments: [
        (0, "2027-10-12 09:00:00 UTC"), (540, "2027-10-12 18:00:00 +0900"), (-210, "2027-10-12 05:30:00 -0330"),
    ])
    func theExpiryHeaderComesInTwoForms(offset: Int, text: String) async throws {
        try await withSandbox { sandbox in
            sandbox.github.changeRules { $0.expiryHeaderOffset = offset }
            let end = SandboxInstant("2027-10-12T09:00:00Z")
            let token = sandbox.github.addToken(scopes: ["repo", "workflow"], expiresAt: end)
            let reply = try await Visitor(sandbox).get("/github/user", token: token)
            #expect(reply.header("github-authentication-token-expiration") == text)
            #expect(reply.header("X-OAuth-Scopes") == "repo, workflow")
            #expect(reply.json["login"]?.string == "octocat")
        }
    }

    @Test func expiredAndRevokedAndUnknownAreOne() async throws {
        try await withSandbox { sandbox in
            let visitor = Visitor(sandbox)
            let dated = sandbox.github.addToken(expiresAt: sandbox.now + 60)
            let revoked = sandbox.github.addToken()
            sandbox.github.revokeToken(revoked)
            #expect(try await visitor.get("/github/user", token: dated).status == 200)
            sandbox.advanceClock(by: 60)
            for secret in [dated, revoked, "ghp_unknown"] {
                let reply = try await visitor.get("/github/user", token: secret)
                #expect(reply.status == 401)
                #expect(reply.text == factText("github.badCredentials"))
            }
        }
    }

    @Test func classicTokensCarryTheirChecksum() async throws {
        try await withSandbox { sandbox in
            let token = sandbox.github.addToken()
            #expect(token.count == 40 && token.hasPrefix("ghp_"))
            #expect(sandbox.github.addToken(.fineGrained).count == 93)
        }
    }

    @Test func whatMayNotBeSeenDoesNotExist() async throws {
        try await withSandbox { sandbox in
            sandbox.github.addAccount("stranger")
            let visitor = Visitor(sandbox)
            let stranger = sandbox.github.addToken(login: "stranger")
            let narrow = sandbox.github.addToken(.fineGrained, permissions: ["contents": "read"])
            let unscoped = sandbox.github.addToken(scopes: ["gist"])
            let path = "/github/repos/octo-org/app"
            #expect(try await visitor.get(path, token: stranger).text == factText("github.notFound"))
            #expect(try await visitor.get(path, token: unscoped).status == 404)
            #expect(try await visitor.get(path, token: narrow).status == 200)
            let secrets = try await visitor.get(path + "/actions/secrets", token: narrow)
            #expect(secrets.status == 403)
            #expect(secrets.json["message"]?.string == "Resource not accessible by personal access token")
            #expect(secrets.header("X-Accepted-GitHub-Permissions") == "secrets=read")
        }
    }

    @Test func singleSignOnIsAsked() async throws {
        try await withSandbox { sandbox in
            sandbox.github.addAccount("sso-org", organization: true, ssoRequired: true)
            try sandbox.github.addRepository("sso-org/app", collaborators: ["octocat": "write"])
            let token = sandbox.github.addToken(ssoAuthorized: false)
            let reply = try await Visitor(sandbox).get("/github/repos/sso-org/app", token: token)
            #expect(reply.status == 403)
            #expect(reply.header("X-GitHub-SSO")?.hasPrefix("required; url=https://github.com/orgs/sso-org/") == true)
        }
    }

    @Test func badAttemptsLockGoodCredentialsOut() async throws {
        try await withSandbox { sandbox in
            sandbox.github.changeRules { $0.failedAttempts = 3 }
            let visitor = Visitor(sandbox)
            let good = sandbox.github.addToken()
            for _ in 1...3 { #expect(try await visitor.get("/github/user", token: "ghp_bad").status == 401) }
            let reply = try await visitor.get("/github/user", token: good)
            #expect(reply.status == 403)
            #expect(reply.text == factText("github.tooManyAttempts"))
            sandbox.advanceClock(by: 600)
            #expect(try await visitor.get("/github/user", token: good).status == 200)
        }
    }

    @Test func thePrimaryLimitHasItsHeaders() async throws {
        try await withSandbox { sandbox in
            sandbox.github.changeRules { $0.hourlyLimit = 2 }
            let visitor = Visitor(sandbox)
            let token = sandbox.github.addToken()
            let first = try await visitor.get("/github/user", token: token)
            #expect(first.header("x-ratelimit-remaining") == "1")
            _ = try await visitor.get("/github/user", token: token)
            let limited = try await visitor.get("/github/user", token: token)
            #expect(limited.status == 403)
            #expect(limited.header("x-ratelimit-remaining") == "0")
            #expect(limited.header("x-ratelimit-reset") == "\(sandbox.now.seconds + 3600)")
            #expect(try await visitor.get("/github/rate_limit", token: token).status == 200)
            sandbox.advanceClock(by: 3600)
            #expect(try await visitor.get("/github/user", token: token).status == 200)
        }
    }

    @Test(arguments: [(Int?.none, false), (30, true)])
    func theSecondaryLimitMayOrMayNotSayWhen(retryAfter: Int?, answers429: Bool) async throws {
        try await withSandbox { sandbox in
            sandbox.github.changeRules {
                $0.secondaryLimit = .init(requests: 1, seconds: 60, retryAfter: retryAfter)
                $0.limitsAnswer429 = answers429
            }
            let visitor = Visitor(sandbox)
            let token = sandbox.github.addToken()
            _ = try await visitor.get("/github/user", token: token)
            let reply = try await visitor.get("/github/user", token: token)
            #expect(reply.status == (answers429 ? 429 : 403))
            #expect(reply.header("retry-after") == retryAfter.map(String.init))
            #expect(reply.json["message"]?.string?.contains("secondary rate limit") == true)
        }
    }

    @Test func aRequestWithoutUserAgentIsForbidden() async throws {
        try await withSandbox { sandbox in
            let reply = try await Visitor(sandbox).get("/github/meta", headers: ["User-Agent": ""])
            #expect(reply.status == 403)
            #expect(reply.header("Content-Type")?.hasPrefix("text/plain") == true)
        }
    }

    @Test func aUserTokenIsRefreshedOnceAndErrorsSay200() async throws {
        try await withSandbox { sandbox in
            let visitor = Visitor(sandbox)
            let app = try sandbox.github.addApp()
            let old = sandbox.github.addUserGrant(app)
            func refresh(_ token: String, secret: String) async throws -> Reply {
                try await visitor.post(
                    "/login/oauth/access_token",
                    form:
                        "grant_type=refresh_token&client_id=\(app.clientID)&client_secret=\(secret)&refresh_token=\(token)",
                    headers: ["Accept": "application/json"])
            }
            let wrong = try await refresh(old.refreshToken, secret: "wrong")
            #expect(wrong.status == 200 && wrong.json["error"]?.string == "incorrect_client_credentials")
            let renewed = try await refresh(old.refreshToken, secret: app.clientSecret)
            let access = try #require(renewed.json["access_token"]?.string)
            #expect(access.hasPrefix("ghu_") && renewed.json["expires_in"]?.int == 28_800)
            #expect(!sandbox.github.isAlive(old.accessToken) && sandbox.github.isAlive(access))
            let replay = try await refresh(old.refreshToken, secret: app.clientSecret)
            #expect(replay.status == 200 && replay.text == factText("github.refresh.bad"))
            #expect(sandbox.github.isAlive(access))
            #expect(sandbox.counters.commits(of: "github.refresh") == 1)
            #expect(sandbox.counters.replays(of: "github.refresh") == 1)
        }
    }

    @Test func withoutAcceptTheAnswerIsFormEncoded() async throws {
        try await withSandbox { sandbox in
            let reply = try await Visitor(sandbox).post(
                "/login/oauth/access_token", form: "grant_type=refresh_token&client_id=x&refresh_token=y")
            #expect(reply.status == 200)
            #expect(reply.text.hasPrefix("error=incorrect_client_credentials&error_description="))
        }
    }
}
