// Which double a control path belongs to, and the doors to the small ones.

extension Sandbox {
    func writeForge(_ path: String, _ body: JSON) throws -> JSON {
        if let made = try writeGitLab(path, body) ?? writeGitHub(path, body) ?? writeOther(path, body) { return made }
        throw SandboxFailure.invalid("nothing to write at /_sandbox/\(path)")
    }

    /// What tests look at beside tokens: variables, opened secrets and Jenkins credentials.
    func inspectForge(_ path: String, _ call: Call) throws -> JSON? {
        let name = call.text("name") ?? call.text("key") ?? ""
        switch path {
        case "gitlab/variables":
            let value = gitlab.variable(
                name, project: call.text("project"), group: call.text("group"),
                scope: call.text("environment_scope") ?? "*")
            return ["value": JSON(value)]
        case "github/secrets":
            let shelf = call.text("shelf") ?? "repos/\(StarterWorld.repositoryPath)/actions"
            let sealed = github.sealedSecret(name, on: shelf).map { base64Encoded($0) }
            return ["value": JSON(github.secret(name, on: shelf)), "sealed": JSON(sealed)]
        case "jenkins/credentials":
            let value = others.jenkinsCredential(
                name, element: call.text("element") ?? "secret", folder: call.text("folder") ?? "",
                domain: call.text("domain") ?? "_")
            return ["value": JSON(value)]
        default: return nil
        }
    }

    private func writeOther(_ path: String, _ body: JSON) throws -> JSON? {
        let end = body["expires_at"]?.string.flatMap { SandboxInstant($0) }
        switch path {
        case "oauth/clients":
            oauth.addClient(try needed(body, "client_id"), secret: body["client_secret"]?.string)
            return ["ok": true]
        case "oauth/grants":
            let grant = oauth.addGrant(
                client: try needed(body, "client_id"), subject: body["subject"]?.string ?? "dev",
                scope: body["scope"]?.string ?? "read write")
            return ["access_token": .string(grant.accessToken), "refresh_token": .string(grant.refreshToken)]
        case "oauth/rules":
            oauth.changeRules { $0.apply(body) }
            return ["ok": true]
        case "azure/tokens": return ["token": .string(others.addAzureToken(expiresAt: end))]
        case "azure/rules":
            others.setAzureRefusal(try choice(body, "refusal", AzureRefusal.self) ?? .unauthorized)
            return ["ok": true]
        case "bitbucket/tokens": return ["token": .string(others.addBitbucketToken(expiresAt: end))]
        case "jenkins/users":
            let token = others.addJenkinsUser(
                try needed(body, "name"), password: body["password"]?.string,
                mayWrite: body["may_write"]?.bool ?? true)
            return ["token": .string(token)]
        case "jenkins/credentials":
            others.setJenkinsCredential(
                try needed(body, "id"), xml: try needed(body, "xml"), folder: body["folder"]?.string ?? "",
                domain: body["domain"]?.string ?? "_")
            return ["ok": true]
        default: return nil
        }
    }
}

extension OAuthRules {
    /// Takes over the settings that are named, leaves the others.
    mutating func apply(_ body: JSON) {
        rotates = body["rotates"]?.bool ?? rotates
        reuseRevokesFamily = body["reuse_revokes_family"]?.bool ?? reuseRevokesFamily
        graceSeconds = body["grace_s"]?.int ?? graceSeconds
        accessLife = body["access_life_s"]?.int ?? accessLife
        omitsExpiresIn = body["omits_expires_in"]?.bool ?? omitsExpiresIn
        formEncoded = body["form_encoded"]?.bool ?? formEncoded
    }
}
