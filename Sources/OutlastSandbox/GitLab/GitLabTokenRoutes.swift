// Access tokens: looking at them, listing, rotating, revoking. Rotation is one transaction: every check comes
// before the first change, so that a bad date leaves the old token alive.

extension World {
    static let gitLabTokenRoutes: [Route] = [
        .get("api/v4/personal_access_tokens/self", "gitlab.self") { try $0.inspectSelf($1) },
        .get("api/v4/personal_access_tokens/self/associations", "gitlab.associations") { try $0.associations($1) },
        .get("api/v4/personal_access_tokens/:id", "gitlab.token") { try $0.inspectToken($1) },
        .get("api/v4/personal_access_tokens", "gitlab.tokens") { try $0.listTokens($1) },
        Route("POST", "api/v4/personal_access_tokens/self/rotate", "gitlab.rotate") { try $0.rotateSelf($1) },
        Route("POST", "api/v4/personal_access_tokens/:id/rotate", "gitlab.rotate") { try $0.rotateByID($1) },
        Route("DELETE", "api/v4/personal_access_tokens/self", "gitlab.revoke") { try $0.revokeSelf($1) },
        Route("DELETE", "api/v4/personal_access_tokens/:id", "gitlab.revoke") { try $0.revokeByID($1) },
    ]

    private mutating func inspectSelf(_ call: Call) throws -> Answer {
        guard let token = try gitLabCaller(call, scopes: [], jobToken: true).token else {
            throw Refusal("gitlab.self.wrongType")
        }
        return .json(tokenJSON(gitlab.tokens[token.id] ?? token))
    }

    private mutating func associations(_ call: Call) throws -> Answer {
        guard let token = try gitLabCaller(call, scopes: []).token else { throw Refusal("gitlab.self.wrongType") }
        let least = call.text("min_access_level").flatMap { Int($0) } ?? 10
        let groups = gitlab.groups.values.sorted { $0.id < $1.id }.filter {
            gitlab.role(of: token.userID, inGroupPath: $0.path) >= least
        }
        let projects = gitlab.projects.values.sorted { $0.id < $1.id }.filter {
            gitlab.role(of: token.userID, in: $0) >= least
        }
        let shown = page(projects, call)
        var answer = Answer.json([
            "groups": .array(groups.map(groupJSON)), "projects": .array(shown.elements.map(projectJSON)),
        ])
        answer.headers += shown.headers
        return answer
    }

    private mutating func inspectToken(_ call: Call) throws -> Answer {
        let caller = try gitLabCaller(call, scopes: ["api", "read_api", "read_user"])
        return .json(tokenJSON(try ownOrAdministered(call.capture("id"), caller)))
    }

    private mutating func listTokens(_ call: Call) throws -> Answer {
        let caller = try gitLabCaller(call, scopes: ["api", "read_api"])
        let isAdmin = gitlab.users[caller.userID]?.isAdmin == true
        let wanted = call.text("user_id").flatMap { Int($0) }
        if let wanted, wanted != caller.userID, !isAdmin { throw Refusal("gitlab.auth.unknown") }
        let visible = gitlab.tokens.values.filter { token in
            wanted.map { $0 == token.userID } ?? (isAdmin || token.userID == caller.userID)
        }
        let shown = page(try filtered(Array(visible), call), call)
        var answer = Answer.json(.array(shown.elements.map(tokenJSON)))
        answer.headers += shown.headers
        return answer
    }

    private mutating func rotateSelf(_ call: Call) throws -> Answer {
        guard let token = try gitLabCaller(call, scopes: ["api", "self_rotate"], jobToken: true).token else {
            throw Refusal("gitlab.wrongMethod")
        }
        return try rotate(token, call)
    }

    private mutating func rotateByID(_ call: Call) throws -> Answer {
        let caller = try gitLabCaller(call, scopes: ["api"])
        guard caller.token != nil else { throw Refusal("gitlab.wrongMethod") }
        return try rotate(ownOrAdministered(call.capture("id"), caller), call)
    }

    private mutating func revokeSelf(_ call: Call) throws -> Answer {
        guard let token = try gitLabCaller(call, scopes: [], jobToken: true).token else {
            throw Refusal("gitlab.self.wrongType")
        }
        gitlab.tokens[token.id]?.revoked = true
        return .fact("gitlab.noContent")
    }

    private mutating func revokeByID(_ call: Call) throws -> Answer {
        let token = try ownOrAdministered(call.capture("id"), gitLabCaller(call, scopes: ["api"]))
        guard !token.revoked else { throw Refusal("gitlab.badRequest") }
        gitlab.tokens[token.id]?.revoked = true
        return .fact("gitlab.noContent")
    }

    /// Others' tokens look like no authorisation at all; only an administrator learns that one does not exist.
    private func ownOrAdministered(_ key: String, _ caller: GitLabCaller) throws -> GitLabToken {
        let isAdmin = gitlab.users[caller.userID]?.isAdmin == true
        guard let token = Int(key).flatMap({ gitlab.tokens[$0] }) else {
            throw Refusal(isAdmin ? "gitlab.notFoundMessage" : "gitlab.auth.unknown")
        }
        guard isAdmin || token.userID == caller.userID else { throw Refusal("gitlab.auth.unknown") }
        return token
    }

    /// The one rotation that all variants end in: 200, a new id, the old token dead at once.
    mutating func rotate(_ token: GitLabToken, _ call: Call) throws -> Answer {
        if gitlab.rules.legacyRotationDisabled { throw Refusal("gitlab.rotate.legacyDisabled") }
        if token.revoked, !call.overlapped { throw Refusal("gitlab.rotate.alreadyRevoked") }
        let date = try expiryDate(call, unlessGiven: gitlab.rules.expiryRequired ? gitlab.rules.rotationDays : nil)
        var successor = token
        successor.id = nextID()
        successor.secret = mint.gitlabToken(prefix: gitlab.rules.tokenPrefix)
        successor.previousID = token.id
        successor.revoked = false
        successor.expiresOn = date
        successor.createdAt = now
        successor.lastUsedAt = nil
        gitlab.tokens[token.id]?.revoked = true
        gitlab.tokens[successor.id] = successor
        return .json(tokenJSON(successor, showing: true))
    }

    /// The date that a request asks for, or today and `days` more. A date too far away is refused; one in the
    /// past is not, and gives a token that is dead on arrival.
    func expiryDate(_ call: Call, unlessGiven days: Int?) throws -> SandboxDay? {
        guard let given = call.parameter("expires_at"), given != .null, given != "" else {
            return days.map { now.day + $0 }
        }
        guard let text = given.string, let date = SandboxDay(String(text.prefix(10))) else {
            throw Refusal("gitlab.param.invalid", ["name": "expires_at"])
        }
        let latest = now.day + gitlab.rules.maximumLifeDays
        if gitlab.rules.expiryRequired, date > latest {
            throw Refusal("gitlab.rotate.tooLate", ["date": .string(latest.text)])
        }
        return date
    }
}
