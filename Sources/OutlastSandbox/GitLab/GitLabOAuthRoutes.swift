// OAuth as Doorkeeper in GitLab does it: a refresh kills access and refresh token of the old row at once, one of
// several rivals wins, and a lost answer is a lost grant.

extension World {
    static let gitLabOAuthRoutes: [Route] = [
        Route("POST", "oauth/token", "gitlab.oauth.refresh") { try $0.gitLabRefresh($1) },
        .get("oauth/token/info", "gitlab.oauth.info") { try $0.gitLabTokenInfo($1) },
        Route("POST", "oauth/revoke", "gitlab.oauth.revoke") { try $0.gitLabOAuthRevoke($1) },
    ]

    private func application(_ call: Call) -> GitLabApplication? {
        let id = call.basic?.user ?? call.text("client_id") ?? ""
        let secret = call.basic?.password ?? call.text("client_secret")
        guard let application = gitlab.applications[id] else { return nil }
        guard let wanted = application.secret else { return application }
        return wanted == secret ? application : nil
    }

    private mutating func gitLabRefresh(_ call: Call) throws -> Answer {
        guard let kind = call.text("grant_type") else {
            throw Refusal("gitlab.oauth.missing", ["name": "grant_type"])
        }
        guard kind == "refresh_token" else { throw Refusal("gitlab.oauth.unsupportedGrant") }
        guard let secret = call.text("refresh_token"), !secret.isEmpty else {
            throw Refusal("gitlab.oauth.missing", ["name": "refresh_token"])
        }
        note.fingerprint = sandboxFingerprint(secret)
        note.credentialBy = "form"
        guard let application = application(call) else { throw Refusal("gitlab.oauth.invalidClient") }
        guard let old = gitlab.grant(refreshToken: secret), old.clientID == application.clientID else {
            throw Refusal("gitlab.oauth.invalidGrant")
        }
        guard !old.revoked else {
            note.replayed = true
            throw Refusal("gitlab.oauth.invalidGrant")
        }
        let scopes = call.text("scope")?.split(separator: " ").map(String.init) ?? old.scopes
        guard scopes.allSatisfy(old.scopes.contains) else { throw Refusal("gitlab.oauth.invalidScope") }
        gitlab.grants[old.id]?.revoked = true
        let grant = addGrant(
            clientID: old.clientID, userID: old.userID, scopes: scopes.isEmpty ? old.scopes : scopes)
        return .fact(
            "gitlab.oauth.token",
            [
                "access_token": .string(grant.accessToken), "refresh_token": .string(grant.refreshToken),
                "expires_in": .int(grant.expiresIn), "scope": .string(grant.scopes.joined(separator: " ")),
                "created_at": .int(grant.createdAt.seconds),
            ])
    }

    mutating func addGrant(clientID: String, userID: Int, scopes: [String], expiresIn: Int = 7200) -> GitLabGrant {
        let grant = GitLabGrant(
            id: nextID(), clientID: clientID, userID: userID, accessToken: mint.hexDigits(64),
            refreshToken: mint.hexDigits(64), scopes: scopes, createdAt: now, expiresIn: expiresIn)
        gitlab.grants[grant.id] = grant
        return grant
    }

    /// Access tokens of users are not understood here; the dead ones are answered in one of two dialects.
    private func gitLabTokenInfo(_ call: Call) throws -> Answer {
        let secret = call.bearer ?? call.text("access_token") ?? ""
        guard let grant = gitlab.grant(accessToken: secret) else {
            throw Refusal(gitlab.rules.olderTokenInfo ? "gitlab.oauth.info.older" : "gitlab.oauth.info.invalid")
        }
        if grant.revoked || grant.isExpired(now) {
            if gitlab.rules.olderTokenInfo { throw Refusal("gitlab.oauth.info.older") }
            throw Refusal(grant.revoked ? "gitlab.oauth.info.revoked" : "gitlab.oauth.info.expired")
        }
        let left = (grant.createdAt + grant.expiresIn).seconds - now.seconds
        return .fact(
            "gitlab.oauth.info",
            [
                "user_id": .int(grant.userID), "scopes": JSON(grant.scopes), "expires_in": .int(left),
                "uid": .string(grant.clientID), "created_at": .int(grant.createdAt.seconds),
            ])
    }

    private mutating func gitLabOAuthRevoke(_ call: Call) throws -> Answer {
        let secret = call.text("token") ?? ""
        let found = gitlab.grant(accessToken: secret) ?? gitlab.grant(refreshToken: secret)
        guard let grant = found else { return .fact("gitlab.oauth.revoked") }
        guard let application = application(call), application.clientID == grant.clientID else {
            throw Refusal("gitlab.oauth.unauthorizedClient")
        }
        gitlab.grants[grant.id]?.revoked = true
        return .fact("gitlab.oauth.revoked")
    }
}
