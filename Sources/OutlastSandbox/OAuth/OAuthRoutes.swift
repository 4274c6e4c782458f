// Discovery, token, introspection and revocation (RFC 8414, 6749, 7662, 7009).

extension World {
    static let oauthRoutes: [Route] = [
        .get(".well-known/openid-configuration", "oauth.discovery") { $0.oauthDiscovery($1) },
        .get(".well-known/oauth-authorization-server", "oauth.discovery") { $0.oauthDiscovery($1) },
        Route("POST", "oauth2/token", "oauth.token") { try $0.oauthToken($1) },
        Route("POST", "oauth2/introspect", "oauth.introspect", destructive: false) { try $0.oauthIntrospect($1) },
        Route("POST", "oauth2/revoke", "oauth.revoke") { try $0.oauthRevoke($1) },
    ]

    private func oauthDiscovery(_ call: Call) -> Answer {
        .fact("oauth.discovery", ["issuer": .string(call.origin)])
    }

    /// The client of a call, by HTTP Basic (form-encoded, as the standard has it) or by parameters.
    private func oauthClient(_ call: Call) throws -> OAuthClient {
        let basic = call.basic.map { (percentDecoded($0.user), percentDecoded($0.password)) }
        let id = basic?.0 ?? call.text("client_id") ?? ""
        let secret = basic?.1 ?? call.text("client_secret")
        guard let client = oauth.clients[id], client.secret == nil || client.secret == secret else {
            throw Refusal("oauth.invalidClient")
        }
        return client
    }

    private mutating func oauthToken(_ call: Call) throws -> Answer {
        let client = try oauthClient(call)
        switch call.text("grant_type") {
        case "refresh_token": return try oauthRefresh(call, client)
        case "client_credentials":
            var grant = addOAuthGrant(clientID: client.id, subject: client.id, scope: call.text("scope") ?? "")
            grant.refreshToken = nil
            oauth.grants[grant.id] = grant
            return oauthAnswer(grant, refreshToken: nil)
        case nil: throw Refusal("oauth.invalidRequest", ["name": "grant_type"])
        default: throw Refusal("oauth.unsupportedGrant")
        }
    }

    private mutating func oauthRefresh(_ call: Call, _ client: OAuthClient) throws -> Answer {
        guard let secret = call.text("refresh_token"), !secret.isEmpty else {
            throw Refusal("oauth.invalidRequest", ["name": "refresh_token"])
        }
        note.fingerprint = sandboxFingerprint(secret)
        note.credentialBy = "form"
        guard let old = oauth.grants.values.first(where: { $0.refreshToken == secret }), old.clientID == client.id,
            !old.refreshRevoked
        else { throw Refusal("oauth.invalidGrant") }
        if let spent = old.spentAt { return try oauthReplay(old, spent) }
        let scope = call.text("scope") ?? old.scope
        guard scope.split(separator: " ").allSatisfy(old.scope.split(separator: " ").contains) else {
            throw Refusal("oauth.invalidScope")
        }
        var grant = addOAuthGrant(clientID: old.clientID, subject: old.subject, scope: scope, family: old.family)
        if oauth.rules.rotates {
            let now = now
            oauth.grants[old.id]?.spentAt = now
        } else {
            grant.refreshToken = nil
            oauth.grants[grant.id] = grant
        }
        return oauthAnswer(grant, refreshToken: grant.refreshToken)
    }

    /// A spent refresh token: the newest pair again within the grace, else the end of the family.
    private mutating func oauthReplay(_ old: OAuthGrant, _ spent: SandboxInstant) throws -> Answer {
        if now.seconds < spent.seconds + oauth.rules.graceSeconds,
            let newest = oauth.grants.values.filter({ $0.family == old.family }).max(by: { $0.id < $1.id })
        {
            return oauthAnswer(newest, refreshToken: newest.refreshToken)
        }
        note.replayed = true
        if oauth.rules.reuseRevokesFamily {
            for grant in oauth.grants.values where grant.family == old.family {
                oauth.grants[grant.id]?.refreshRevoked = true
                oauth.grants[grant.id]?.accessRevoked = true
            }
        }
        throw Refusal("oauth.invalidGrant")
    }

    mutating func addOAuthGrant(clientID: String, subject: String, scope: String, family: Int? = nil) -> OAuthGrant {
        let id = nextID()
        let grant = OAuthGrant(
            id: id, family: family ?? id, clientID: clientID, subject: subject, scope: scope,
            accessToken: "at_" + mint.alphanumeric(40), refreshToken: "rt_" + mint.alphanumeric(40), issuedAt: now,
            accessEnds: now + oauth.rules.accessLife)
        oauth.grants[id] = grant
        return grant
    }

    private func oauthAnswer(_ grant: OAuthGrant, refreshToken: String?) -> Answer {
        var bindings: [String: JSON] = [
            "access_token": .string(grant.accessToken), "scope": .string(grant.scope),
        ]
        bindings["refresh_token"] = refreshToken.map { .string($0) }
        if !oauth.rules.omitsExpiresIn { bindings["expires_in"] = .int(grant.accessEnds.seconds - now.seconds) }
        let answer = Answer.fact("oauth.token", bindings)
        guard oauth.rules.formEncoded, let members = JSON(parsing: answer.body)?.members else { return answer }
        return Answer(status: 200, body: Array(formEncoded(members).utf8))
            .with("Content-Type", "application/x-www-form-urlencoded")
    }

    private func oauthIntrospect(_ call: Call) throws -> Answer {
        let client = try oauthClient(call)
        let secret = call.text("token") ?? ""
        let live = oauth.grants.values.first { grant in
            (grant.accessToken == secret && !grant.accessRevoked && now < grant.accessEnds)
                || (grant.refreshToken == secret && !grant.refreshRevoked && grant.spentAt == nil)
        }
        guard let live else { return .fact("oauth.inactive") }
        var bindings: [String: JSON] = [
            "scope": .string(live.scope), "client_id": .string(client.id), "sub": .string(live.subject),
            "iat": .int(live.issuedAt.seconds), "iss": .string(call.origin),
        ]
        if live.accessToken == secret {
            bindings["exp"] = .int(live.accessEnds.seconds)
            bindings["token_type"] = "Bearer"
        }
        return .fact("oauth.active", bindings)
    }

    private mutating func oauthRevoke(_ call: Call) throws -> Answer {
        let client = try oauthClient(call)
        let secret = call.text("token") ?? ""
        for grant in oauth.grants.values where grant.clientID == client.id {
            if grant.accessToken == secret { oauth.grants[grant.id]?.accessRevoked = true }
            if grant.refreshToken == secret {
                oauth.grants[grant.id]?.refreshRevoked = true
                oauth.grants[grant.id]?.accessRevoked = true
            }
        }
        return .fact("oauth.revoked")
    }
}
