// Service accounts and their tokens: users of a group without a person behind them, whose tokens need no date.

extension World {
    static let gitLabServiceAccountRoutes: [Route] = [
        Route("POST", "api/v4/groups/:owner/service_accounts", "gitlab.serviceAccount") {
            try $0.createServiceAccount($1)
        },
        .get("api/v4/groups/:owner/service_accounts/:user/personal_access_tokens", "gitlab.serviceTokens") {
            try $0.listServiceTokens($1)
        },
        Route("POST", "api/v4/groups/:owner/service_accounts/:user/personal_access_tokens", "gitlab.create") {
            try $0.createServiceToken($1)
        },
        Route("POST", "api/v4/groups/:owner/service_accounts/:user/personal_access_tokens/:id/rotate", "gitlab.rotate")
        {
            try $0.rotateServiceToken($1)
        },
        Route("DELETE", "api/v4/groups/:owner/service_accounts/:user/personal_access_tokens/:id", "gitlab.revoke") {
            try $0.revokeServiceToken($1)
        },
        Route("POST", "api/v4/users/:user/personal_access_tokens", "gitlab.create") { try $0.createUserToken($1) },
        Route("POST", "api/v4/user/personal_access_tokens", "gitlab.create") { try $0.createOwnToken($1) },
    ]

    private mutating func ownedGroup(_ call: Call) throws -> GitLabOwner {
        let caller = try gitLabCaller(call, scopes: ["api"])
        let owner = try gitLabOwner(call, "groups", caller)
        try require(50, caller, in: owner)
        return owner
    }

    private mutating func serviceAccount(_ call: Call) throws -> GitLabUser {
        let owner = try ownedGroup(call)
        guard let id = Int(call.capture("user")), let user = gitlab.users[id],
            user.kind == .serviceAccount(group: owner.id)
        else { throw Refusal("gitlab.userNotFound") }
        return user
    }

    private mutating func serviceToken(_ call: Call) throws -> GitLabToken {
        let user = try serviceAccount(call)
        guard let id = Int(call.capture("id")), let token = gitlab.tokens[id], token.userID == user.id else {
            throw Refusal("gitlab.notFoundMessage")
        }
        return token
    }

    private mutating func createServiceAccount(_ call: Call) throws -> Answer {
        let owner = try ownedGroup(call)
        let user = addServiceAccount(group: owner.id, username: call.text("username"), name: call.text("name"))
        return .fact(
            "gitlab.serviceAccount",
            [
                "id": .int(user.id), "username": .string(user.username), "name": .string(user.name),
                "email": .string("\(user.username)@noreply.gitlab.invalid"),
            ])
    }

    mutating func addServiceAccount(group: Int?, username: String?, name: String?) -> GitLabUser {
        let id = nextID()
        let fallback = "service_account_group_\(group ?? 0)_\(mint.hexDigits(32))"
        let user = GitLabUser(
            id: id, username: username ?? fallback, name: name ?? "Service account user",
            kind: .serviceAccount(group: group))
        gitlab.users[id] = user
        return user
    }

    private mutating func listServiceTokens(_ call: Call) throws -> Answer {
        let user = try serviceAccount(call)
        let shown = page(try filtered(gitlab.tokens.values.filter { $0.userID == user.id }, call), call)
        var answer = Answer.json(.array(shown.elements.map(tokenJSON)))
        answer.headers += shown.headers
        return answer
    }

    private mutating func createServiceToken(_ call: Call) throws -> Answer {
        try createToken(for: serviceAccount(call), call, date: .some(nil))
    }

    private mutating func createUserToken(_ call: Call) throws -> Answer {
        let caller = try gitLabCaller(call, scopes: ["api"])
        guard gitlab.users[caller.userID]?.isAdmin == true else { throw Refusal("gitlab.forbidden") }
        guard let user = Int(call.capture("user")).flatMap({ gitlab.users[$0] }) else {
            throw Refusal("gitlab.userNotFound")
        }
        return try createToken(for: user, call, date: nil)
    }

    /// A user may make itself nothing but the two scopes that the forge allows here.
    private mutating func createOwnToken(_ call: Call) throws -> Answer {
        let caller = try gitLabCaller(call, scopes: ["api"])
        guard let user = gitlab.users[caller.userID] else { throw Refusal("gitlab.auth.unknown") }
        let allowed = ["k8s_proxy", "self_rotate"]
        guard let scopes = call.list("scopes"), scopes.allSatisfy(allowed.contains) else {
            throw Refusal("gitlab.param.value", ["name": "scopes"])
        }
        return try createToken(for: user, call, date: nil)
    }

    /// `date`: what to take when none is asked for; `nil` means the longest life that the instance allows.
    private mutating func createToken(for user: GitLabUser, _ call: Call, date: SandboxDay??) throws -> Answer {
        guard let name = call.text("name") else { throw Refusal("gitlab.param.missing", ["name": "name"]) }
        guard let scopes = call.list("scopes"), !scopes.isEmpty else {
            throw Refusal("gitlab.param.missing", ["name": "scopes"])
        }
        let asked = try expiryDate(call, unlessGiven: date == nil ? gitlab.rules.maximumLifeDays : nil)
        let token = addToken(
            userID: user.id, name: name, scopes: scopes, expiresOn: asked, description: call.text("description"))
        return .json(tokenJSON(token, showing: true), status: 201)
    }

    private mutating func rotateServiceToken(_ call: Call) throws -> Answer {
        try rotate(serviceToken(call), call)
    }

    private mutating func revokeServiceToken(_ call: Call) throws -> Answer {
        let token = try serviceToken(call)
        guard !token.revoked else { throw Refusal("gitlab.badRequest") }
        gitlab.tokens[token.id]?.revoked = true
        return .fact("gitlab.noContent")
    }
}
