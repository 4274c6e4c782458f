// The control API's doors to the GitLab double. Each POST makes one thing and returns what is needed to use it.

extension Sandbox {
    /// Makes what `/_sandbox/gitlab/…` asks for; `nil` when the path is not one of these.
    func writeGitLab(_ path: String, _ body: JSON) throws -> JSON? {
        switch path {
        case "gitlab/users":
            let id = gitlab.addUser(
                try needed(body, "username"), admin: body["admin"]?.bool ?? false, password: body["password"]?.string,
                requiresToken: body["requires_token"]?.bool ?? true)
            return ["id": .int(id)]
        case "gitlab/user-states":
            try gitlab.setUserState(
                needed(body, "username"), choice(body, "state", GitLabUserState.self) ?? .blocked)
            return ["ok": true]
        case "gitlab/groups":
            return ["id": .int(try gitlab.addGroup(needed(body, "path"), members: roles(body)))]
        case "gitlab/projects":
            let id = try gitlab.addProject(
                needed(body, "path"), members: roles(body), isPublic: body["public"]?.bool ?? false)
            return ["id": .int(id)]
        case "gitlab/project-settings":
            try gitlab.changeProject(
                needed(body, "path"), archived: body["archived"]?.bool, readOnly: body["read_only"]?.bool,
                httpDisabled: body["http_disabled"]?.bool, pushForJobToken: body["push_for_job_token"]?.bool,
                allowJobTokensOf: body["job_token_allowlist"]?.strings)
            return ["ok": true]
        case "gitlab/tokens": return try makeGitLabToken(body)
        case "gitlab/deploy-tokens":
            let token = try gitlab.addDeployToken(
                project: body["project"]?.string ?? StarterWorld.projectPath,
                scopes: body["scopes"]?.strings ?? ["read_repository"],
                expiresAt: body["expires_at"]?.string.flatMap { SandboxInstant($0) })
            return credentialJSON(token)
        case "gitlab/revoke":
            gitlab.revokeToken(body["id"]?.int ?? 0)
            return ["ok": true]
        default: return try writeGitLabRest(path, body)
        }
    }

    private func writeGitLabRest(_ path: String, _ body: JSON) throws -> JSON? {
        switch path {
        case "gitlab/jobs":
            let job = try gitlab.addJob(
                project: body["project"]?.string ?? StarterWorld.projectPath,
                user: body["user"]?.string ?? StarterWorld.user, name: body["name"]?.string ?? "build")
            return credentialJSON(job)
        case "gitlab/job-states":
            gitlab.finishJob(body["id"]?.int ?? 0, status: body["status"]?.string ?? "success")
            return ["ok": true]
        case "gitlab/oauth-clients":
            try gitlab.addApplication(clientID: needed(body, "client_id"), secret: body["client_secret"]?.string)
            return ["ok": true]
        case "gitlab/oauth-grants":
            let grant = try gitlab.addGrant(
                clientID: needed(body, "client_id"), user: body["user"]?.string ?? StarterWorld.user,
                scopes: body["scopes"]?.strings ?? ["api"], expiresIn: body["expires_in"]?.int ?? 7200)
            return ["access_token": .string(grant.accessToken), "refresh_token": .string(grant.refreshToken)]
        case "gitlab/variables":
            try gitlab.setVariable(
                needed(body, "key"), needed(body, "value"), project: body["project"]?.string,
                group: body["group"]?.string, scope: body["environment_scope"]?.string ?? "*",
                isProtected: body["protected"]?.bool ?? false, masked: body["masked"]?.bool ?? false,
                hidden: body["hidden"]?.bool ?? false, raw: body["raw"]?.bool ?? false)
            return ["ok": true]
        case "gitlab/rules":
            gitlab.changeRules { $0.apply(body) }
            return ["ok": true]
        default: return nil
        }
    }

    private func makeGitLabToken(_ body: JSON) throws -> JSON {
        let user = body["user"]?.string ?? StarterWorld.user
        let project = body["project"]?.string ?? StarterWorld.projectPath
        let group = body["group"]?.string ?? StarterWorld.group
        let level = body["access_level"]?.int ?? 40
        let kind: SandboxTokenKind
        switch body["kind"]?.string ?? "personal" {
        case "personal": kind = .personal(user: user)
        case "impersonation": kind = .impersonation(user: user)
        case "project": kind = .project(project, level: level)
        case "group": kind = .group(group, level: level)
        case "service_account": kind = .serviceAccount(group: group)
        case let other: throw SandboxFailure.invalid("no token kind named \(other)")
        }
        let token = try gitlab.addToken(
            kind, name: body["name"]?.string ?? "ci", scopes: body["scopes"]?.strings ?? ["api"],
            expiresOn: body["expires_at"]?.string, secret: body["secret"]?.string,
            diesAfterAdvertisement: body["dies_after_advertisement"]?.bool ?? false)
        return credentialJSON(token)
    }

    func credentialJSON(_ credential: SandboxCredential) -> JSON {
        [
            "id": .int(credential.id), "token": .string(credential.secret),
            "fingerprint": .string(credential.fingerprint), "user_id": .int(credential.userID),
        ]
    }

    /// A text that must be there.
    func needed(_ body: JSON, _ name: String) throws -> String {
        guard let text = body[name]?.string else { throw SandboxFailure.invalid("\(name) is missing") }
        return text
    }

    /// One of an enumeration's values by name.
    func choice<Choice: RawRepresentable>(_ body: JSON, _ name: String, _ type: Choice.Type) throws -> Choice?
    where Choice.RawValue == String {
        guard let text = body[name]?.string else { return nil }
        guard let value = Choice(rawValue: text) else { throw SandboxFailure.invalid("\(name) cannot be \(text)") }
        return value
    }

    private func roles(_ body: JSON) -> [String: Int] {
        var roles: [String: Int] = [:]
        for member in body["members"]?.members ?? [] { roles[member.key] = member.value.int }
        return roles
    }
}

extension GitLabRules {
    /// Takes over the settings that are named, leaves the others.
    mutating func apply(_ body: JSON) {
        expiryRequired = body["expiry_required"]?.bool ?? expiryRequired
        maximumLifeDays = body["maximum_life_days"]?.int ?? maximumLifeDays
        rotationDays = body["rotation_days"]?.int ?? rotationDays
        tokenPrefix = body["token_prefix"]?.string ?? tokenPrefix
        impersonationDisabled = body["impersonation_disabled"]?.bool ?? impersonationDisabled
        legacyRotationDisabled = body["legacy_rotation_disabled"]?.bool ?? legacyRotationDisabled
        olderTokenInfo = body["older_token_info"]?.bool ?? olderTokenInfo
        olderGitText = body["older_git_text"]?.bool ?? olderGitText
        sshKeyDays = body["ssh_key_days"]?.int ?? sshKeyDays
        olderDeployKeys = body["older_deploy_keys"]?.bool ?? olderDeployKeys
        version = body["version"]?.string ?? version
        if let limit = body["rate_limit"] {
            rateLimit = limit["requests"]?.int.map { RateLimit(requests: $0, seconds: limit["seconds"]?.int ?? 60) }
        }
        if let ban = body["git_ban"] {
            gitBan = ban["failures"]?.int.map {
                GitBan(failures: $0, window: ban["window"]?.int ?? 180, duration: ban["duration"]?.int ?? 3600)
            }
        }
    }
}
