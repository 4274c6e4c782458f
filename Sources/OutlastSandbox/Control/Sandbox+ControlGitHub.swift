// The control API's doors to the GitHub double.

extension Sandbox {
    /// Makes what `/_sandbox/github/…` asks for; `nil` when the path is not one of these.
    func writeGitHub(_ path: String, _ body: JSON) throws -> JSON? {
        switch path {
        case "github/accounts":
            let id = github.addAccount(
                try needed(body, "login"), organization: body["organization"]?.bool ?? false,
                ssoRequired: body["sso_required"]?.bool ?? false,
                deployKeysDisabled: body["deploy_keys_disabled"]?.bool ?? false)
            return ["id": .int(id)]
        case "github/repositories":
            let id = try github.addRepository(
                needed(body, "path"), isPublic: body["public"]?.bool ?? false,
                archived: body["archived"]?.bool ?? false, collaborators: texts(body["collaborators"]))
            return ["id": .int(id)]
        case "github/apps": return try makeApp(body)
        case "github/installations": return try install(body)
        case "github/suspend":
            github.suspend(body["id"]?.int ?? 0, body["suspended"]?.bool ?? true)
            return ["ok": true]
        case "github/tokens": return try makeGitHubToken(body)
        case "github/user-grants": return try makeUserGrant(body)
        case "github/revoke":
            github.revokeToken(try needed(body, "token"))
            return ["ok": true]
        case "github/delete":
            github.deleteToken(try needed(body, "token"))
            return ["ok": true]
        case "github/deploy-key-policies":
            github.setDeployKeys(of: try needed(body, "account"), disabled: body["disabled"]?.bool ?? true)
            return ["ok": true]
        case "github/host-keys":
            github.setHostKeys(body["keys"]?.strings)
            return ["ok": true]
        case "github/jobs": return makeGitHubJob(body)
        case "github/rules":
            github.changeRules { $0.apply(body) }
            return ["ok": true]
        default: return nil
        }
    }

    private func texts(_ json: JSON?) -> [String: String] {
        var texts: [String: String] = [:]
        for member in json?.members ?? [] { texts[member.key] = member.value.string }
        return texts
    }

    private func makeApp(_ body: JSON) throws -> JSON {
        let app = try github.addApp(slug: body["slug"]?.string ?? "outlast-app", key: body["key"]?.string)
        return [
            "id": .int(app.id), "client_id": .string(app.clientID), "client_secret": .string(app.clientSecret),
            "private_key": .string(app.privateKey), "private_key_pkcs8": .string(app.privateKeyPKCS8),
        ]
    }

    private func app(_ body: JSON) throws -> SandboxApp {
        let id = body["app_id"]?.int ?? 0
        guard let app = update({ $0.github.apps[id] }) else { throw SandboxFailure.invalid("no App \(id)") }
        return SandboxApp(
            id: app.id, clientID: app.clientID, clientSecret: app.clientSecret, privateKey: "", privateKeyPKCS8: "")
    }

    private func install(_ body: JSON) throws -> JSON {
        let account = body["account"]?.string ?? StarterWorld.organization
        let id: Int
        if body["permissions"] != nil {
            id = try github.install(
                app(body), on: account, repositories: body["repositories"]?.strings,
                permissions: texts(body["permissions"]))
        } else {
            id = try github.install(app(body), on: account, repositories: body["repositories"]?.strings)
        }
        return ["id": .int(id)]
    }

    private func makeGitHubToken(_ body: JSON) throws -> JSON {
        let secret: String
        if body["kind"]?.string == "actions" {
            secret = try github.addActionsToken(
                installation: body["installation_id"]?.int ?? 0,
                permissions: body["permissions"].map { texts($0) } ?? ["contents": "read"])
        } else {
            secret = github.addToken(
                try choice(body, "kind", SandboxGitHubTokenKind.self) ?? .classic,
                login: body["login"]?.string ?? StarterWorld.login, scopes: body["scopes"]?.strings ?? ["repo"],
                permissions: body["permissions"].map { texts($0) } ?? ["contents": "write", "secrets": "write"],
                repositories: body["repositories"]?.strings,
                expiresAt: body["expires_at"]?.string.flatMap { SandboxInstant($0) },
                ssoAuthorized: body["sso_authorized"]?.bool ?? true,
                diesAfterAdvertisement: body["dies_after_advertisement"]?.bool ?? false)
        }
        return ["token": .string(secret), "fingerprint": .string(sandboxFingerprint(secret))]
    }

    private func makeUserGrant(_ body: JSON) throws -> JSON {
        let grant = github.addUserGrant(try app(body), login: body["login"]?.string ?? StarterWorld.login)
        return ["access_token": .string(grant.accessToken), "refresh_token": .string(grant.refreshToken)]
    }

    private func makeGitHubJob(_ body: JSON) -> JSON {
        let id = github.addJob(
            repository: body["repository"]?.string ?? StarterWorld.repositoryPath, run: body["run"]?.int ?? 1,
            attempt: body["attempt"]?.int ?? 1, name: body["name"]?.string ?? "build",
            status: body["status"]?.string ?? "in_progress", conclusion: body["conclusion"]?.string,
            startedAt: body["started_at"]?.string.flatMap { SandboxInstant($0) },
            completedAt: body["completed_at"]?.string.flatMap { SandboxInstant($0) },
            runnerName: body["runner_name"]?.string ?? "runner-1")
        return ["id": .int(id)]
    }
}

extension GitHubRules {
    /// Takes over the settings that are named, leaves the others.
    mutating func apply(_ body: JSON) {
        statelessTokens = body["stateless_tokens"]?.bool ?? statelessTokens
        anonymousHourlyLimit = body["anonymous_hourly_limit"]?.int ?? anonymousHourlyLimit
        hourlyLimit = body["hourly_limit"]?.int ?? hourlyLimit
        limitsAnswer429 = body["limits_answer_429"]?.bool ?? limitsAnswer429
        failedAttempts = body["failed_attempts"]?.int ?? failedAttempts
        failedAttemptsDuration = body["failed_attempts_duration"]?.int ?? failedAttemptsDuration
        propagationSeconds = body["propagation_seconds"]?.int ?? propagationSeconds
        expiryHeaderOffset = body["expiry_header_offset"]?.int ?? expiryHeaderOffset
        if let limit = body["secondary_limit"] {
            secondaryLimit = limit["requests"]?.int.map {
                SecondaryLimit(
                    requests: $0, seconds: limit["seconds"]?.int ?? 60, retryAfter: limit["retry_after"]?.int)
            }
        }
    }
}
