// User tokens of Apps: refreshed at the web host, single use, and every refusal comes as 200 with an `error`.

extension World {
    static let gitHubUserTokenRoutes: [Route] = [
        Route("POST", "login/oauth/access_token", "github.refresh") { $0.refreshUserToken($1) }
    ]

    private mutating func refreshUserToken(_ call: Call) -> Answer {
        guard call.text("grant_type") == "refresh_token", let secret = call.text("refresh_token") else {
            return refused("github.refresh.unsupported", call)
        }
        note.fingerprint = sandboxFingerprint(secret)
        note.credentialBy = "form"
        let app = github.apps.values.first { $0.clientID == call.text("client_id") }
        guard let app, call.text("client_secret").map({ $0 == app.clientSecret }) ?? true else {
            return refused("github.refresh.wrongClient", call)
        }
        guard let old = github.refreshTokens[secret], old.clientID == app.clientID, now < old.expiresAt else {
            return refused("github.refresh.bad", call)
        }
        guard !old.spent else {
            note.replayed = true
            return refused("github.refresh.bad", call)
        }
        github.refreshTokens[secret]?.spent = true
        github.tokens[old.accessToken]?.revoked = true
        let pair = addUserGrant(clientID: app.clientID, login: old.login)
        let bindings: [String: JSON] = [
            "access_token": .string(pair.accessToken), "refresh_token": .string(pair.secret),
            "refresh_expires_in": .int(pair.expiresAt.seconds - now.seconds),
        ]
        return shaped(.fact("github.refresh.token", bindings), call)
    }

    /// A `ghu_` token of 8 hours with its `ghr_` of half a year.
    mutating func addUserGrant(clientID: String, login: String) -> GitHubRefreshToken {
        var token = GitHubToken(secret: mint.githubClassic(prefix: "ghu_"), kind: .appUser, createdAt: now)
        token.login = login
        token.permissions = ["contents": "write", "metadata": "read"]
        token.expiresAt = now + 28_800
        github.tokens[token.secret] = token
        let refresh = GitHubRefreshToken(
            secret: mint.githubClassic(prefix: "ghr_") + mint.alphanumeric(36), accessToken: token.secret,
            clientID: clientID, login: login, expiresAt: now + 15_811_200)
        github.refreshTokens[refresh.secret] = refresh
        return refresh
    }

    private mutating func refused(_ fact: String, _ call: Call) -> Answer {
        note.refusedInBody = true
        return shaped(.fact(fact), call)
    }

    /// Without `Accept: application/json` the same members come form-encoded.
    private func shaped(_ answer: Answer, _ call: Call) -> Answer {
        guard call.header("Accept")?.contains("json") != true, let members = JSON(parsing: answer.body)?.members else {
            return answer
        }
        return Answer(status: answer.status, body: Array(formEncoded(members).utf8))
            .with("Content-Type", "application/x-www-form-urlencoded; charset=utf-8")
    }
}
