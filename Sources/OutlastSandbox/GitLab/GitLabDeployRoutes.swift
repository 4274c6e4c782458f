// Deploy tokens and deploy keys: what lets git in without a user. Both end at a moment, not on a date.

extension World {
    static let gitLabDeployRoutes: [Route] =
        ["projects", "groups"].flatMap { place in
            [
                .get("api/v4/\(place)/:owner/deploy_tokens", "gitlab.deployTokens") {
                    try $0.listDeployTokens($1, place)
                },
                Route("POST", "api/v4/\(place)/:owner/deploy_tokens", "gitlab.deployToken.create") {
                    try $0.createDeployToken($1, place)
                },
                .get("api/v4/\(place)/:owner/deploy_tokens/:id", "gitlab.deployToken") {
                    try $0.inspectDeployToken($1, place)
                },
                Route("DELETE", "api/v4/\(place)/:owner/deploy_tokens/:id", "gitlab.deployToken.delete") {
                    try $0.deleteDeployToken($1, place)
                },
            ]
        } + [
            .get("api/v4/projects/:owner/deploy_keys", "gitlab.deployKeys") { try $0.listDeployKeys($1) },
            Route("POST", "api/v4/projects/:owner/deploy_keys", "gitlab.deployKey.create") {
                try $0.createDeployKey($1)
            },
            .get("api/v4/projects/:owner/deploy_keys/:id", "gitlab.deployKey") { try $0.inspectDeployKey($1) },
            Route("PUT", "api/v4/projects/:owner/deploy_keys/:id", "gitlab.deployKey.update") {
                try $0.updateDeployKey($1)
            },
            Route("DELETE", "api/v4/projects/:owner/deploy_keys/:id", "gitlab.deployKey.delete") {
                try $0.deleteDeployKey($1)
            },
            Route("POST", "api/v4/projects/:owner/deploy_keys/:id/enable", "gitlab.deployKey.enable") {
                try $0.enableDeployKey($1)
            },
        ]

    private mutating func managed(_ call: Call, _ place: String, role: Int = 40) throws -> (GitLabCaller, GitLabOwner) {
        let caller = try gitLabCaller(call, scopes: ["api"])
        let owner = try gitLabOwner(call, place, caller)
        try require(role, caller, in: owner)
        return (caller, owner)
    }

    private func deployTokenJSON(_ token: GitLabDeployToken, showing secret: Bool) -> JSON {
        var bindings: [String: JSON] = [
            "id": .int(token.id), "name": .string(token.name), "username": .string(token.username),
            "expires_at": JSON(token.expiresAt?.milliText), "revoked": .bool(token.revoked),
            "expired": .bool(token.isExpired(now)), "scopes": JSON(token.scopes),
        ]
        if secret { bindings["token"] = .string(token.secret) }
        return factJSON("gitlab.deployToken", bindings)
    }

    private mutating func listDeployTokens(_ call: Call, _ place: String) throws -> Answer {
        let (_, owner) = try managed(call, place)
        let shown = page(gitlab.deployTokens.values.filter { $0.owner == owner }.sorted { $0.id < $1.id }, call)
        var answer = Answer.json(.array(shown.elements.map { deployTokenJSON($0, showing: false) }))
        answer.headers += shown.headers
        return answer
    }

    private mutating func createDeployToken(_ call: Call, _ place: String) throws -> Answer {
        let (_, owner) = try managed(call, place, role: place == "groups" ? 50 : 40)
        guard let name = call.text("name") else { throw Refusal("gitlab.param.missing", ["name": "name"]) }
        guard let scopes = call.list("scopes"), !scopes.isEmpty else {
            throw Refusal("gitlab.param.missing", ["name": "scopes"])
        }
        let token = addDeployToken(
            to: owner, name: name, username: call.text("username"), scopes: scopes, expiresAt: try moment(call))
        return .json(deployTokenJSON(token, showing: true), status: 201)
    }

    mutating func addDeployToken(
        to owner: GitLabOwner, name: String, username: String?, scopes: [String], expiresAt: SandboxInstant?
    ) -> GitLabDeployToken {
        let id = nextID()
        let token = GitLabDeployToken(
            id: id, secret: mint.gitlabToken(prefix: "gldt-"), owner: owner, name: name,
            username: username ?? "gitlab+deploy-token-\(id)", scopes: scopes, expiresAt: expiresAt)
        gitlab.deployTokens[id] = token
        return token
    }

    private func deployToken(_ call: Call, _ owner: GitLabOwner) throws -> GitLabDeployToken {
        guard let token = Int(call.capture("id")).flatMap({ gitlab.deployTokens[$0] }), token.owner == owner else {
            throw Refusal("gitlab.notFoundMessage")
        }
        return token
    }

    private mutating func inspectDeployToken(_ call: Call, _ place: String) throws -> Answer {
        let (_, owner) = try managed(call, place)
        return .json(deployTokenJSON(try deployToken(call, owner), showing: false))
    }

    private mutating func deleteDeployToken(_ call: Call, _ place: String) throws -> Answer {
        let (_, owner) = try managed(call, place)
        let token = try deployToken(call, owner)
        gitlab.deployTokens[token.id]?.revoked = true
        return .fact("gitlab.noContent")
    }

    private func moment(_ call: Call) throws -> SandboxInstant? {
        guard let text = call.text("expires_at"), !text.isEmpty else { return nil }
        guard let moment = SandboxInstant(text) else { throw Refusal("gitlab.param.invalid", ["name": "expires_at"]) }
        return moment
    }

    private func deployKeyJSON(_ key: GitLabDeployKey, canPush: Bool) -> JSON {
        let blob = key.key.split(separator: " ").dropFirst().first.flatMap { base64Decoded(String($0)) } ?? []
        let md5 = digest("MD5", blob).map { hex([$0]) }.joined(separator: ":")
        let short = base64Encoded(sha256(blob)).split(separator: "=").first.map(String.init) ?? ""
        return factJSON(
            "gitlab.deployKey",
            [
                "id": .int(key.id), "title": .string(key.title), "created_at": .string(key.createdAt.milliText),
                "expires_at": JSON(key.expiresAt?.milliText), "key": .string(key.key), "fingerprint": .string(md5),
                "fingerprint_sha256": .string("SHA256:" + short), "can_push": .bool(canPush),
            ])
    }

    private mutating func listDeployKeys(_ call: Call) throws -> Answer {
        let (_, owner) = try managed(call, "projects")
        let linked = (gitlab.projects[owner.id]?.deployKeyIDs ?? [:]).sorted { $0.key < $1.key }
        let shown = page(linked.compactMap { pair in gitlab.deployKeys[pair.key].map { ($0, pair.value) } }, call)
        var answer = Answer.json(.array(shown.elements.map { deployKeyJSON($0.0, canPush: $0.1) }))
        answer.headers += shown.headers
        return answer
    }

    /// The same key twice is answered with the first record; a key of another project that the caller maintains is linked,
    /// and any other one is taken.
    private mutating func createDeployKey(_ call: Call) throws -> Answer {
        let (caller, owner) = try managed(call, "projects")
        guard let title = call.text("title") else { throw Refusal("gitlab.param.missing", ["name": "title"]) }
        guard let text = call.text("key") else { throw Refusal("gitlab.param.missing", ["name": "key"]) }
        let words = text.split(separator: " ").map(String.init)
        guard words.count >= 2, words[0].hasPrefix("ssh-") || words[0].hasPrefix("ecdsa-") else {
            throw Refusal("gitlab.deployKey.invalid")
        }
        let canPush = call.parameter("can_push")?.bool ?? false
        if let known = gitlab.deployKeys.values.first(where: { $0.key.hasPrefix(words[0] + " " + words[1]) }) {
            guard sees(caller, known, from: owner) else { throw Refusal("gitlab.deployKey.taken") }
            let push = gitlab.projects[owner.id]?.deployKeyIDs[known.id] ?? canPush
            gitlab.projects[owner.id]?.deployKeyIDs[known.id] = push
            return .json(deployKeyJSON(known, canPush: push), status: 201)
        }
        let end = try moment(call)
        try checkKeyLife(end)
        let key = GitLabDeployKey(
            id: nextID(), title: title, key: text, createdAt: now,
            expiresAt: gitlab.rules.olderDeployKeys ? nil : end, creatorID: caller.userID)
        gitlab.deployKeys[key.id] = key
        gitlab.projects[owner.id]?.deployKeyIDs[key.id] = canPush
        return .json(deployKeyJSON(key, canPush: canPush), status: 201)
    }

    /// Whether a key is on this project, or on another one that the caller maintains.
    private func sees(_ caller: GitLabCaller, _ key: GitLabDeployKey, from owner: GitLabOwner) -> Bool {
        gitlab.projects.values.contains { project in
            project.deployKeyIDs[key.id] != nil
                && (project.id == owner.id || gitlab.role(of: caller.userID, in: project) >= 40)
        }
    }

    /// The bound that an administrator can set on the life of SSH keys.
    private func checkKeyLife(_ end: SandboxInstant?) throws {
        if let end, end <= now { throw Refusal("gitlab.deployKey.over") }
        guard let days = gitlab.rules.sshKeyDays else { return }
        guard let end else { throw Refusal("gitlab.deployKey.noEnd") }
        if now + days * 86_400 < end { throw Refusal("gitlab.deployKey.tooLate") }
    }

    private func linkedKey(_ call: Call, _ owner: GitLabOwner) throws -> (GitLabDeployKey, Bool) {
        guard let id = Int(call.capture("id")), let key = gitlab.deployKeys[id],
            let canPush = gitlab.projects[owner.id]?.deployKeyIDs[id]
        else { throw Refusal("gitlab.deployKey.notFound") }
        return (key, canPush)
    }

    private mutating func inspectDeployKey(_ call: Call) throws -> Answer {
        let (_, owner) = try managed(call, "projects")
        let (key, canPush) = try linkedKey(call, owner)
        return .json(deployKeyJSON(key, canPush: canPush))
    }

    private mutating func updateDeployKey(_ call: Call) throws -> Answer {
        let (_, owner) = try managed(call, "projects")
        var (key, canPush) = try linkedKey(call, owner)
        key.title = call.text("title") ?? key.title
        canPush = call.parameter("can_push")?.bool ?? canPush
        gitlab.deployKeys[key.id] = key
        gitlab.projects[owner.id]?.deployKeyIDs[key.id] = canPush
        return .json(deployKeyJSON(key, canPush: canPush))
    }

    /// Takes the key off the project; its record goes when no project uses it any more.
    private mutating func deleteDeployKey(_ call: Call) throws -> Answer {
        let (_, owner) = try managed(call, "projects")
        let (key, _) = try linkedKey(call, owner)
        gitlab.projects[owner.id]?.deployKeyIDs[key.id] = nil
        if !gitlab.projects.values.contains(where: { $0.deployKeyIDs[key.id] != nil }) {
            gitlab.deployKeys[key.id] = nil
        }
        return .fact("gitlab.noContent")
    }

    private mutating func enableDeployKey(_ call: Call) throws -> Answer {
        let (_, owner) = try managed(call, "projects")
        guard let key = Int(call.capture("id")).flatMap({ gitlab.deployKeys[$0] }) else {
            throw Refusal("gitlab.deployKey.notFound")
        }
        gitlab.projects[owner.id]?.deployKeyIDs[key.id] = false
        return .json(deployKeyJSON(key, canPush: false), status: 201)
    }
}
