// Installations and their tokens. Minting again leaves earlier tokens alive; each lives one hour and not longer.

extension World {
    static let gitHubAppRoutes: [Route] = [
        .get("github/app/installations", "github.installations") { try $0.listInstallations($1) },
        .get("github/app/installations/:id", "github.installation") { try $0.showInstallation($1) },
        .get("github/repos/:o/:r/installation", "github.installation") { try $0.findInstallation($1, "repository") },
        .get("github/orgs/:o/installation", "github.installation") { try $0.findInstallation($1, "organization") },
        .get("github/users/:o/installation", "github.installation") { try $0.findInstallation($1, "user") },
        Route("POST", "github/app/installations/:id/access_tokens", "github.mint") { try $0.mintInstallationToken($1) },
        Route("DELETE", "github/installation/token", "github.revoke") { try $0.revokeInstallationToken($1) },
        .get("github/installation/repositories", "github.installationRepositories") {
            try $0.listInstallationRepositories($1)
        },
    ]

    private func installationJSON(_ installation: GitHubInstallation) -> JSON {
        let account = github.accounts[installation.account]
        return factJSON(
            "github.installation",
            [
                "id": .int(installation.id), "account_id": JSON(account?.id), "login": .string(installation.account),
                "type": .string(account?.isOrganization == true ? "Organization" : "User"),
                "app_id": .int(installation.appID), "app_slug": JSON(github.apps[installation.appID]?.slug),
                "suspended_at": JSON(installation.suspendedAt?.text),
                "selection": .string(installation.repositoryIDs == nil ? "all" : "selected"),
                "permissions": permissionsJSON(installation.permissions),
            ])
    }

    private func permissionsJSON(_ permissions: [String: String]) -> JSON {
        .object(permissions.sorted { $0.key < $1.key }.map { JSON.Member($0.key, .string($0.value)) })
    }

    private mutating func listInstallations(_ call: Call) throws -> Answer {
        let app = try gitHubApp(call)
        let own = github.installations.values.filter { $0.appID == app.id }.sorted { $0.id < $1.id }
        let shown = page(own, call, defaultSize: 30)
        var answer = Answer.json(.array(shown.elements.map(installationJSON)))
        answer.headers += shown.headers.filter { $0.name == "Link" }
        return answer
    }

    private mutating func ownInstallation(_ call: Call) throws -> GitHubInstallation {
        let app = try gitHubApp(call)
        guard let installation = Int(call.capture("id")).flatMap({ github.installations[$0] }),
            installation.appID == app.id
        else { throw Refusal("github.notFound") }
        return installation
    }

    private mutating func showInstallation(_ call: Call) throws -> Answer {
        .json(installationJSON(try ownInstallation(call)))
    }

    private mutating func findInstallation(_ call: Call, _ place: String) throws -> Answer {
        let app = try gitHubApp(call)
        let owner = call.capture("o").lowercased()
        let repository = place == "repository" ? github.repository(owner, call.capture("r")) : nil
        let found = github.installations.values.first { installation in
            guard installation.appID == app.id, installation.account.lowercased() == owner else { return false }
            guard place == "repository" else { return true }
            return github.repositories(of: installation).contains { $0.id == repository?.id }
        }
        guard let found, place != "organization" || github.accounts[found.account]?.isOrganization == true else {
            throw Refusal("github.notFound")
        }
        return .json(installationJSON(found))
    }

    private mutating func mintInstallationToken(_ call: Call) throws -> Answer {
        let installation = try ownInstallation(call)
        if installation.suspendedAt != nil { throw Refusal("github.suspended") }
        let repositories = try narrowedRepositories(call, installation)
        let permissions = try narrowedPermissions(call, installation)
        let token = addInstallationToken(installation, repositories: repositories, permissions: permissions)
        var answer: [JSON.Member] =
            factJSON(
                "github.installationToken",
                [
                    "token": .string(token.secret), "expires_at": JSON(token.expiresAt?.text),
                    "permissions": permissionsJSON(permissions),
                    "selection": .string(repositories == nil && installation.repositoryIDs == nil ? "all" : "selected"),
                ]
            ).members ?? []
        if let repositories {
            answer.append(.init("repositories", .array(repositories.map(repositoryJSON))))
        }
        return .json(.object(answer), status: 201)
    }

    /// A token of an installation that lives one hour from now.
    mutating func addInstallationToken(
        _ installation: GitHubInstallation, repositories: [GitHubRepository]?, permissions: [String: String],
        kind: GitHubToken.Kind = .installation
    ) -> GitHubToken {
        let end = now + 3600
        let secret =
            github.rules.statelessTokens
            ? mint.githubStateless(appID: installation.appID, expires: end) : mint.githubClassic(prefix: "ghs_")
        var token = GitHubToken(secret: secret, kind: kind, createdAt: now)
        token.installationID = installation.id
        token.permissions = permissions
        token.repositoryIDs = repositories.map { Set($0.map(\.id)) }
        token.expiresAt = end
        github.tokens[secret] = token
        return token
    }

    private func narrowedRepositories(_ call: Call, _ installation: GitHubInstallation) throws -> [GitHubRepository]? {
        let reachable = github.repositories(of: installation)
        let names = call.document?["repositories"]?.strings
        let ids = call.document?["repository_ids"]?.array?.compactMap(\.int)
        guard names != nil || ids != nil else { return nil }
        guard (names ?? []).count + (ids ?? []).count <= 500 else { throw Refusal("github.tooManyRepositories") }
        let named = (names ?? []).map { name in reachable.first { $0.name.lowercased() == name.lowercased() } }
        let numbered = (ids ?? []).map { id in reachable.first { $0.id == id } }
        let found = (named + numbered).compactMap { $0 }
        guard found.count == named.count + numbered.count else { throw Refusal("github.repositoryNotAccessible") }
        return found
    }

    private func narrowedPermissions(_ call: Call, _ installation: GitHubInstallation) throws -> [String: String] {
        guard let wanted = call.document?["permissions"]?.members, !wanted.isEmpty else {
            return installation.permissions
        }
        var permissions: [String: String] = ["metadata": "read"]
        for member in wanted {
            let level = member.value.string
            guard gitHubLevel(level) > 0, gitHubLevel(level) <= gitHubLevel(installation.permissions[member.key]) else {
                throw Refusal("github.permissionsNotGranted")
            }
            permissions[member.key] = level
        }
        return permissions
    }

    private mutating func revokeInstallationToken(_ call: Call) throws -> Answer {
        let token = try neededGitHubToken(call)
        guard token.isInstallation else { throw Refusal("github.notForFineGrained", ["accepted": ""]) }
        github.tokens[token.secret]?.revoked = true
        return .fact("github.noContent")
    }

    private mutating func listInstallationRepositories(_ call: Call) throws -> Answer {
        let token = try neededGitHubToken(call)
        guard token.isInstallation, let installation = token.installationID.flatMap({ github.installations[$0] }) else {
            throw Refusal("github.notForFineGrained", ["accepted": ""])
        }
        let reached = github.repositories(of: installation).filter { token.repositoryIDs?.contains($0.id) ?? true }
        let shown = page(reached, call, defaultSize: 30)
        var answer = Answer.json([
            "total_count": .int(reached.count),
            "repository_selection": .string(
                token.repositoryIDs == nil && installation.repositoryIDs == nil ? "all" : "selected"),
            "repositories": .array(shown.elements.map(repositoryJSON)),
        ])
        answer.headers += shown.headers.filter { $0.name == "Link" }
        return answer
    }

    func repositoryJSON(_ repository: GitHubRepository) -> JSON {
        factJSON(
            "github.repository",
            [
                "id": .int(repository.id), "name": .string(repository.name), "full_name": .string(repository.path),
                "private": .bool(!repository.isPublic), "login": .string(repository.owner),
                "owner_id": JSON(github.accounts[repository.owner]?.id), "archived": .bool(repository.archived),
            ])
    }
}
