// `oauth2` and `github-user` through the program: pairs whose refresh token is good for one use.

import OutlastModel
import OutlastSandbox
import Testing

@Suite("refresh: oauth2 and github-user", .timeLimit(.minutes(5)))
struct RefreshOAuthTests {
    /// What the environment of the job holds.
    private func variables(_ grant: SandboxGrant, secret: String? = nil, _ stage: Stage) -> [String: String] {
        for token in [grant.accessToken, grant.refreshToken] { stage.scene.secret(token) }
        var variables = ["ACCESS_TOKEN": grant.accessToken, "REFRESH_TOKEN": grant.refreshToken]
        if let secret { variables["CLIENT_SECRET"] = stage.scene.secret(secret) }
        return variables
    }

    private func configure(_ stage: Stage, _ head: String, _ renew: String) throws {
        try stage.configure(
            """
            \(head)
            token: {env: ACCESS_TOKEN}
            min_remaining: 10m
            renew: {\(renew), refresh_token: {env: REFRESH_TOKEN}}
            publish: [{file: {path: \(stage.home)}}]
            """)
    }

    /// Renews, reuses by the spent pair, and renews again through the stored refresh token.
    private func takeTurns(_ stage: Stage, _ variables: [String: String], _ operation: String) async throws -> [String]
    {
        let first = try await stage.refresh("--force", variables)
        first.expect("renewed", generation: 2)
        let second = try stage.published()
        #expect(first.text("fingerprint") == stage.fingerprint(second))
        #expect(first.text("previous_fingerprint") == stage.fingerprint(variables["ACCESS_TOKEN"] ?? ""))
        #expect(first.text("published.0.status") == "ok" && first.text("expires_at") != nil)
        let reused = try await stage.refresh("--force", variables)
        reused.expect("reused", generation: 2)
        #expect(reused.text("fingerprint") == first.text("fingerprint"))
        let chain = try await stage.refresh("--if-remaining-below 300d", variables)
        chain.expect("renewed", generation: 3)
        let third = try stage.published()
        #expect(chain.text("fingerprint") == stage.fingerprint(third) && third != second)
        #expect(stage.sandbox.counters.commits(of: operation) == 2)
        #expect(stage.sandbox.counters.replays.isEmpty)
        return [second, third]
    }

    @Test("a client proves itself by header, by body, or not at all", arguments: ["basic", "body", nil, "public"])
    func clients(_ auth: String?) async throws {
        try await withStage { stage in
            let secret = auth == "public" ? nil : "client-secret-0123456789"
            stage.sandbox.oauth.addClient("app", secret: secret)
            let variables = variables(stage.sandbox.oauth.addGrant(client: "app"), secret: secret, stage)
            let proof = secret == nil ? "" : ", client_secret: {env: CLIENT_SECRET}"
            let way = auth == "basic" || auth == "body" ? ", client_auth: \(auth ?? "")" : ""
            try configure(
                stage, "forge: oauth2",
                "method: oauth2, token_url: \"\(stage.sandbox.oauth.tokenURL)\", client_id: app\(proof)\(way)")
            let tokens = try await takeTurns(stage, variables, "oauth.token")
            #expect(stage.sandbox.oauth.isAlive(tokens[1]))
        }
    }

    @Test("an issuer tells its token endpoint")
    func discovery() async throws {
        try await withStage { stage in
            stage.sandbox.oauth.addClient("app", secret: "client-secret-0123456789")
            let variables = variables(
                stage.sandbox.oauth.addGrant(client: "app"), secret: "client-secret-0123456789", stage)
            try configure(
                stage, "forge: oauth2\napi_url: \(stage.sandbox.oauthIssuer)",
                "method: oauth2, client_id: app, client_secret: {env: CLIENT_SECRET}")
            let tokens = try await takeTurns(stage, variables, "oauth.token")
            #expect(stage.sandbox.oauth.isAlive(tokens[1]))
        }
    }

    @Test("GitLab's own OAuth tokens")
    func gitlab() async throws {
        try await withStage { stage in
            stage.sandbox.gitlab.addApplication(clientID: "app", secret: "client-secret-0123456789")
            let variables = variables(
                try stage.sandbox.gitlab.addGrant(clientID: "app", expiresIn: 7200), secret: "client-secret-0123456789",
                stage)
            try configure(
                stage, "forge: gitlab\napi_url: \(stage.sandbox.gitlabAPI)",
                "method: oauth2, token_url: \"\(stage.sandbox.baseURL)/oauth/token\", client_id: app, client_secret: {env: CLIENT_SECRET}"
            )
            _ = try await takeTurns(stage, variables, "gitlab.oauth.refresh")
        }
    }

    @Test("an App's user token, by GitHub's endpoint that says no with 200")
    func githubUser() async throws {
        try await withStage { stage in
            let app = try stage.sandbox.github.addApp()
            let variables = variables(stage.sandbox.github.addUserGrant(app), secret: app.clientSecret, stage)
            try configure(
                stage, "forge: github\napi_url: \(stage.sandbox.githubAPI)",
                "method: github-user, client_id: \(app.clientID), client_secret: {env: CLIENT_SECRET}")
            let tokens = try await takeTurns(stage, variables, "github.refresh")
            #expect(stage.sandbox.github.isAlive(tokens[1]) && !stage.sandbox.github.isAlive(tokens[0]))
        }
    }

    @Test("a pair whose refresh token is finished is told as such, and not sent a second time")
    func finished() async throws {
        try await withStage { stage in
            stage.sandbox.oauth.addClient("app", secret: nil)
            let variables = [
                "ACCESS_TOKEN": stage.scene.secret("never-was-one-0123456789"),
                "REFRESH_TOKEN": stage.scene.secret("nor-was-this-0123456789"),
            ]
            try configure(
                stage, "forge: oauth2",
                "method: oauth2, token_url: \"\(stage.sandbox.oauth.tokenURL)\", client_id: app")
            let run = try await stage.refresh("", variables)
            run.expect("failed", .rejected)
            #expect(run.text("error.message")?.contains("refresh token") == true, "\(run.output)")
            let again = try await stage.refresh("", variables)
            again.expect("in_doubt", .renewalInDoubt)
            #expect(stage.sandbox.counters.requests(of: "oauth.token") == 1)
        }
    }

    /// A client at an issuer that answers its questions.
    private func askable(_ stage: Stage, more: String = "") throws {
        stage.sandbox.oauth.addClient("app", secret: "client-secret-0123456789")
        try configure(
            stage, "forge: oauth2\napi_url: \(stage.sandbox.oauthIssuer)",
            "method: oauth2, client_id: app, client_secret: {env: CLIENT_SECRET}\(more)")
    }

    @Test("a wrong client secret is told as such before anything is sent", arguments: [false, true])
    func wrongSecret(_ namesEndpoint: Bool) async throws {
        try await withStage { stage in
            try askable(stage, more: namesEndpoint ? ", token_url: \"\(stage.sandbox.oauth.tokenURL)\"" : "")
            let grant = stage.sandbox.oauth.addGrant(client: "app")
            let wrong = variables(grant, secret: "another-secret-0123456789", stage)
            let run = try await stage.refresh("--force", wrong)
            run.expect("failed", .renewalFailed)
            #expect(run.text("error.message")?.contains("client's id and secret of release") == true, "\(run.output)")
            #expect(run.text("error.hint")?.contains("renew.client_secret") == true, "\(run.output)")
            #expect(run.text("fingerprint") == stage.fingerprint(grant.accessToken))
            #expect(stage.sandbox.counters.requests(of: "oauth.token") == 0)
            let right = variables(grant, secret: "client-secret-0123456789", stage)
            try await stage.refresh("--force", right).expect("renewed", generation: 2)
            _ = try stage.published()
        }
    }

    @Test(
        "a refresh token that is finished beside a living access token is named, and what still works is not called dead"
    )
    func finishedGrant() async throws {
        try await withStage { stage in
            try askable(stage)
            let grant = stage.sandbox.oauth.addGrant(client: "app")
            var variables = variables(grant, secret: "client-secret-0123456789", stage)
            variables["REFRESH_TOKEN"] = stage.scene.secret("never-was-one-0123456789")
            let forced = try await stage.refresh("--force", variables)
            forced.expect("failed", .renewalFailed)
            let message = forced.text("error.message") ?? ""
            #expect(message.contains("the refresh token of release is finished"), "\(forced.output)")
            #expect(message.contains("its access token still works"), "\(forced.output)")
            #expect(forced.text("error.hint")?.contains("authorize anew") == true)
            #expect(forced.text("fingerprint") == stage.fingerprint(grant.accessToken))
            let idle = try await stage.refresh("", variables)
            idle.expect("unchanged")
            #expect(idle.errors.contains("refresh token of release is finished"), "\(idle.errors)")
            variables["ACCESS_TOKEN"] = stage.scene.secret("nor-was-this-0123456789")
            let dead = try await stage.refresh("--force", variables)
            dead.expect("failed", .rejected)
            #expect(dead.text("error.message")?.contains("and the refresh token too") == true, "\(dead.output)")
            #expect(stage.sandbox.counters.requests(of: "oauth.token") == 0)
        }
    }

    private func preflight(_ stage: Stage, _ line: String, _ variables: [String: String]) async throws -> Run {
        let words =
            ["preflight", "--json", "--config", stage.configuration] + line.split(separator: " ").map(String.init)
        let run = try await stage.scene.run(words, stage.variables.merging(variables) { $1 })
        #expect(stage.sandbox.counters.replays.isEmpty)
        return run
    }

    @Test("preflight knows the end that the server tells the configured client, and has it renewed in time")
    func preflightKnows() async throws {
        try await withStage { stage in
            try askable(stage)
            stage.sandbox.oauth.changeRules { $0.accessLife = 1200 }
            let grant = stage.sandbox.oauth.addGrant(client: "app")
            stage.sandbox.oauth.changeRules { $0.accessLife = 7200 }
            let variables = variables(grant, secret: "client-secret-0123456789", stage)
            let enough = try await preflight(stage, "--min-remaining 2m", variables)
            #expect(enough.exit == .done && enough.text("decision") == "sufficient", "\(enough.everything)")
            #expect(enough.text("credentials.0.source") == "forge", "\(enough.output)")
            #expect(enough.text("credentials.0.expires_at") != nil)
            let short = try await preflight(stage, "--min-remaining 1h", variables)
            #expect(short.exit == .willExpire && short.text("decision") == "insufficient", "\(short.everything)")
            let treated = try await preflight(stage, "--min-remaining 1h --on-insufficient refresh", variables)
            #expect(treated.exit == .done && treated.text("remedy") == "refresh", "\(treated.everything)")
            let new = try stage.published()
            #expect(treated.text("credentials.0.fingerprint") == stage.fingerprint(new))
            let words = ["doctor", "--json", "--config", stage.configuration]
            var surroundings = stage.variables.merging(variables) { $1 }
            surroundings["HTTPS_PROXY"] = ""
            let doctor = try await stage.scene.run(words, surroundings)
            let check = doctor["checks"]?.elements?.first { $0["name"]?.text == "renewal release" }
            #expect(check?["status"]?.text == "pass", "the pair that outlast put in its place: \(doctor.output)")
            #expect(stage.sandbox.counters.requests(of: "oauth.token") == 1)
        }
    }

    @Test("preflight tells a dead access token, a client that is not taken and a server that does not answer")
    func preflightDoubts() async throws {
        try await withStage { stage in
            try askable(stage)
            let grant = stage.sandbox.oauth.addGrant(client: "app")
            let wrong = variables(grant, secret: "another-secret-0123456789", stage)
            let untold = try await preflight(stage, "--fresh", wrong)
            #expect(untold.exit == .done && untold.text("decision") == "unknown", "\(untold.everything)")
            #expect(untold.everything.contains("client's id and secret"), "\(untold.everything)")
            let required = try await preflight(stage, "--fresh --require-known", wrong)
            #expect(required.exit == .lifetimeUnknown, "\(required.everything)")
            var right = variables(grant, secret: "client-secret-0123456789", stage)
            stage.sandbox.addFault(FaultRule(.status(503, .before, retryAfter: nil), path: "/oauth2/introspect"))
            let silent = try await preflight(stage, "--fresh", right)
            #expect(silent.exit == .unreachable && silent.text("decision") == "unknown", "\(silent.everything)")
            right["ACCESS_TOKEN"] = stage.scene.secret("never-was-one-0123456789")
            let dead = try await preflight(stage, "--fresh", right)
            #expect(dead.exit == .rejected && dead.text("decision") == "rejected", "\(dead.everything)")
            #expect(stage.sandbox.counters.requests(of: "oauth.token") == 0)
        }
    }

    @Test("the limit that nobody set does not make a token due that was just made")
    func defaultLimit() async throws {
        try await withStage { stage in
            stage.sandbox.oauth.addClient("app", secret: nil)
            let variables = variables(stage.sandbox.oauth.addGrant(client: "app"), stage)
            try stage.configure(
                """
                forge: oauth2
                token: {env: ACCESS_TOKEN}
                renew: {method: oauth2, token_url: "\(stage.sandbox.oauth.tokenURL)", client_id: app, refresh_token: {env: REFRESH_TOKEN}}
                publish: [{file: {path: \(stage.home)}}]
                """)
            try await stage.refresh("", variables).expect("renewed", generation: 2)
            _ = try stage.published()
            try await stage.refresh("", variables).expect("reused", generation: 2)
            _ = try stage.published()
            #expect(stage.sandbox.counters.commits(of: "oauth.token") == 1)
        }
    }
}
