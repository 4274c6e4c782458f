// Access tokens of projects and groups. Each creation makes a new bot user; rotation keeps it.

extension World {
    static let gitLabResourceTokenRoutes: [Route] = ["projects", "groups"].flatMap { place in
        [
            .get("api/v4/\(place)/:owner/access_tokens", "gitlab.resourceTokens") {
                try $0.listResourceTokens($1, place)
            },
            .get("api/v4/\(place)/:owner/access_tokens/:id", "gitlab.resourceToken") {
                try $0.inspectResourceToken($1, place)
            },
            Route("POST", "api/v4/\(place)/:owner/access_tokens", "gitlab.create") {
                try $0.createResourceToken($1, place)
            },
            Route("POST", "api/v4/\(place)/:owner/access_tokens/self/rotate", "gitlab.rotate") {
                try $0.rotateResourceSelf($1, place)
            },
            Route("POST", "api/v4/\(place)/:owner/access_tokens/:id/rotate", "gitlab.rotate") {
                try $0.rotateResourceToken($1, place)
            },
            Route("DELETE", "api/v4/\(place)/:owner/access_tokens/:id", "gitlab.revoke") {
                try $0.revokeResourceToken($1, place)
            },
        ]
    }

    /// The project or group of a call, as far as the caller can see it.
    func gitLabOwner(_ call: Call, _ place: String, _ caller: GitLabCaller) throws -> GitLabOwner {
        let key = call.capture("owner")
        if place == "projects" {
            guard let project = gitlab.project(key), project.isPublic || gitlab.role(of: caller.userID, in: project) > 0
            else { throw Refusal("gitlab.projectNotFound") }
            return .project(project.id)
        }
        guard let group = gitlab.group(key), gitlab.role(of: caller.userID, inGroupPath: group.path) > 0 else {
            throw Refusal("gitlab.groupNotFound")
        }
        return .group(group.id)
    }

    /// Throws 403 for a caller below `role` there.
    func require(_ role: Int, _ caller: GitLabCaller, in owner: GitLabOwner) throws {
        guard gitlab.role(of: caller.userID, in: owner) >= role else { throw Refusal("gitlab.forbidden") }
    }

    private func tokens(of owner: GitLabOwner) -> [GitLabToken] {
        gitlab.tokens.values.filter { token in
            switch (gitlab.users[token.userID]?.kind, owner) {
            case (.projectBot(let id), .project(let wanted)), (.groupBot(let id), .group(let wanted)): id == wanted
            default: false
            }
        }
    }

    private func token(_ call: Call, of owner: GitLabOwner) throws -> GitLabToken {
        guard let id = Int(call.capture("id")), let token = tokens(of: owner).first(where: { $0.id == id }) else {
            throw Refusal("gitlab.accessTokenNotFound", ["word": .string(owner.word)])
        }
        return token
    }

    private mutating func listResourceTokens(_ call: Call, _ place: String) throws -> Answer {
        let caller = try gitLabCaller(call, scopes: ["api", "read_api"])
        let owner = try gitLabOwner(call, place, caller)
        try require(40, caller, in: owner)
        let shown = page(try filtered(tokens(of: owner), call), call)
        var answer = Answer.json(.array(shown.elements.map(tokenJSON)))
        answer.headers += shown.headers
        return answer
    }

    private mutating func inspectResourceToken(_ call: Call, _ place: String) throws -> Answer {
        let caller = try gitLabCaller(call, scopes: ["api", "read_api"])
        let owner = try gitLabOwner(call, place, caller)
        try require(40, caller, in: owner)
        return .json(tokenJSON(try token(call, of: owner)))
    }

    private mutating func createResourceToken(_ call: Call, _ place: String) throws -> Answer {
        let caller = try gitLabCaller(call, scopes: ["api"])
        let owner = try gitLabOwner(call, place, caller)
        let role = gitlab.role(of: caller.userID, in: owner)
        let isBot = gitlab.users[caller.userID]?.isBot ?? true
        guard !isBot, role >= (owner.word == "project" ? 40 : 50) else {
            throw Refusal("gitlab.create.noPermission", ["word": .string(owner.word)])
        }
        guard let name = call.text("name"), !name.isEmpty else {
            throw Refusal("gitlab.param.missing", ["name": "name"])
        }
        guard let scopes = call.list("scopes"), !scopes.isEmpty else {
            throw Refusal("gitlab.param.missing", ["name": "scopes"])
        }
        let level = call.text("access_level").flatMap { Int($0) } ?? 40
        guard level <= role else { throw Refusal("gitlab.create.levelTooHigh") }
        let date = try expiryDate(call, unlessGiven: gitlab.rules.maximumLifeDays)
        let token = addResourceToken(
            to: owner, name: name, scopes: scopes, expiresOn: date, level: level, description: call.text("description"))
        return .json(tokenJSON(token, showing: true), status: 201)
    }

    /// A new bot, its membership and its token.
    mutating func addResourceToken(
        to owner: GitLabOwner, name: String, scopes: [String], expiresOn: SandboxDay?, level: Int,
        description: String? = nil, secret: String? = nil
    ) -> GitLabToken {
        let bot = GitLabUser(
            id: nextID(), username: "\(owner.word)_\(owner.id)_bot_\(mint.hexDigits(32))", name: name,
            kind: owner.word == "project" ? .projectBot(owner.id) : .groupBot(owner.id))
        gitlab.users[bot.id] = bot
        switch owner {
        case .project(let id): gitlab.projects[id]?.members[bot.id] = level
        case .group(let id): gitlab.groups[id]?.members[bot.id] = level
        }
        return addToken(
            userID: bot.id, name: name, scopes: scopes, expiresOn: expiresOn, level: level, description: description,
            secret: secret)
    }

    /// A token of an existing user.
    mutating func addToken(
        userID: Int, name: String, scopes: [String], expiresOn: SandboxDay?, level: Int? = nil,
        description: String? = nil, secret: String? = nil
    ) -> GitLabToken {
        let token = GitLabToken(
            id: nextID(), secret: secret ?? mint.gitlabToken(prefix: gitlab.rules.tokenPrefix), previousID: nil,
            userID: userID, name: name, description: description, scopes: scopes, expiresOn: expiresOn,
            accessLevel: level, createdAt: now)
        gitlab.tokens[token.id] = token
        return token
    }

    private mutating func rotateResourceSelf(_ call: Call, _ place: String) throws -> Answer {
        let caller = try gitLabCaller(call, scopes: ["api", "self_rotate"], jobToken: true)
        guard let token = caller.token, let user = gitlab.users[token.userID], user.isBot else {
            throw Refusal("gitlab.wrongMethod")
        }
        let key = call.capture("owner")
        let owner =
            place == "projects"
            ? gitlab.project(key).map { GitLabOwner.project($0.id) } : gitlab.group(key).map { .group($0.id) }
        guard let owner else { throw Refusal(place == "projects" ? "gitlab.projectNotFound" : "gitlab.groupNotFound") }
        guard tokens(of: owner).contains(where: { $0.id == token.id }) else { throw Refusal("gitlab.auth.unknown") }
        return try rotate(token, call)
    }

    private mutating func rotateResourceToken(_ call: Call, _ place: String) throws -> Answer {
        let caller = try gitLabCaller(call, scopes: ["api"])
        let owner = try gitLabOwner(call, place, caller)
        try require(40, caller, in: owner)
        let token = try token(call, of: owner)
        guard gitlab.role(of: caller.userID, in: owner) >= token.accessLevel ?? 0 else {
            throw Refusal("gitlab.rotate.notEligible")
        }
        return try rotate(token, call)
    }

    private mutating func revokeResourceToken(_ call: Call, _ place: String) throws -> Answer {
        let caller = try gitLabCaller(call, scopes: ["api"])
        let owner = try gitLabOwner(call, place, caller)
        try require(40, caller, in: owner)
        let token = try token(call, of: owner)
        guard !token.revoked else { throw Refusal("gitlab.badRequest") }
        gitlab.tokens[token.id]?.revoked = true
        return .fact("gitlab.noContent")
    }
}
