// Actions secrets of repositories, environments and organisations: sealed on the way in, never read back.

extension World {
    static let gitHubSecretRoutes: [Route] =
        [
            "repos/:o/:r/actions/secrets", "repos/:o/:r/environments/:env/secrets", "orgs/:o/actions/secrets",
            "repos/:o/:r/dependabot/secrets",
        ].flatMap { place in
            [
                .get("github/\(place)/:name/repositories", "github.secretRepositories") {
                    try $0.listSecretRepositories($1)
                },
                .get("github/\(place)/public-key", "github.secretKey") { try $0.showSecretKey($1) },
                .get("github/\(place)/:name", "github.secretMetadata") { try $0.showSecret($1) },
                .get("github/\(place)", "github.secrets") { try $0.listSecrets($1) },
                Route("PUT", "github/\(place)/:name", "github.secret.put") { try $0.putSecret($1) },
                Route("DELETE", "github/\(place)/:name", "github.secret.delete") { try $0.deleteSecret($1) },
            ]
        }

    /// The shelf that a call means (`repos/o/r/actions`, `repos/o/r/environments/prod`, `orgs/o/actions`), once the
    /// caller may use it.
    private mutating func shelf(_ call: Call, _ level: Int) throws -> String {
        guard call.segments[1] == "orgs" else {
            let repository = try gitHubRepository(call, "secrets", level)
            let rest = call.segments.dropFirst(4).prefix(while: { $0 != "secrets" }).joined(separator: "/")
            return "repos/\(repository.path)/\(rest)"
        }
        let token = try neededGitHubToken(call)
        guard let account = github.accounts[call.capture("o")], account.isOrganization else {
            throw Refusal("github.notFound")
        }
        try checkSSO(token, account.login)
        if token.isInstallation {
            let own = token.installationID.flatMap { github.installations[$0] }?.account
            guard own == account.login else { throw Refusal("github.notFound") }
            try check(token, "organization_secrets", level, role: 3)
        } else {
            guard token.scopes.contains("admin:org") || token.permissions["organization_secrets"] != nil else {
                throw Refusal("github.notFound")
            }
        }
        return "orgs/\(account.login)/actions"
    }

    /// Each shelf has a key pair of its own, made when it is first asked for.
    private mutating func boxKey(_ shelf: String) -> SealedBoxKey? {
        if let known = github.boxes[shelf] { return known }
        let id = "5682501672425497" + padded(nextID(), 2)
        let made = SealedBoxKey(id: id, secretKey: mint.bytes(32))
        github.boxes[shelf] = made
        return made
    }

    private mutating func showSecretKey(_ call: Call) throws -> Answer {
        guard let key = boxKey(try shelf(call, 1)) else { throw Refusal("github.notFound") }
        return .fact(
            "github.secretKey", ["key_id": .string(key.id), "key": .string(base64Encoded(key.publicKey))])
    }

    private func secretJSON(_ secret: GitHubSecret) -> JSON {
        var bindings: [String: JSON] = [
            "name": .string(secret.name), "created_at": .string(secret.createdAt.text),
            "updated_at": .string(secret.updatedAt.text),
        ]
        bindings["visibility"] = secret.visibility.map { .string($0) }
        return factJSON("github.secret", bindings)
    }

    private mutating func showSecret(_ call: Call) throws -> Answer {
        let shelf = try shelf(call, 1)
        guard let secret = github.secrets[shelf]?[call.capture("name").uppercased()] else {
            throw Refusal("github.notFound")
        }
        return .json(secretJSON(secret))
    }

    private mutating func listSecrets(_ call: Call) throws -> Answer {
        let all = (github.secrets[try shelf(call, 1)] ?? [:]).values.sorted { $0.name < $1.name }
        let shown = page(all, call, defaultSize: 30)
        return .json(["total_count": .int(all.count), "secrets": .array(shown.elements.map(secretJSON))])
    }

    /// The repositories that an organisation has chosen for a secret.
    private mutating func listSecretRepositories(_ call: Call) throws -> Answer {
        let shelf = try shelf(call, 1)
        guard shelf.hasPrefix("orgs/"), let secret = github.secrets[shelf]?[call.capture("name").uppercased()] else {
            throw Refusal("github.notFound")
        }
        let chosen = secret.repositoryIDs.compactMap { github.repositories[$0] }.sorted { $0.id < $1.id }
        let shown = page(chosen, call, defaultSize: 30)
        var answer = Answer.json([
            "total_count": .int(chosen.count), "repositories": .array(shown.elements.map(repositoryJSON)),
        ])
        answer.headers += shown.headers.filter { $0.name == "Link" }
        return answer
    }

    private mutating func putSecret(_ call: Call) throws -> Answer {
        let shelf = try shelf(call, 2)
        let name = call.capture("name").uppercased()
        guard isSecretName(name) else { throw Refusal("github.secret.badName") }
        guard let text = call.text("encrypted_value") else { throw Refusal("github.secret.noValue") }
        guard let keyID = call.text("key_id") else { throw Refusal("github.secret.noKeyID") }
        guard let key = boxKey(shelf), key.id == keyID else { throw Refusal("github.secret.wrongKey") }
        guard let sealed = base64Decoded(text), sealed.count >= 48 else { throw Refusal("github.secret.notSealed") }
        let visibility = call.text("visibility")
        if shelf.hasPrefix("orgs/"), !["all", "private", "selected"].contains(visibility ?? "") {
            throw Refusal("github.secret.noVisibility")
        }
        let old = github.secrets[shelf]?[name]
        github.secrets[shelf, default: [:]][name] = GitHubSecret(
            name: name, sealed: sealed, value: key.open(sealed), visibility: visibility,
            repositoryIDs: visibility == "selected"
                ? (call.list("selected_repository_ids") ?? []).compactMap { Int($0) } : [],
            createdAt: old?.createdAt ?? now, updatedAt: now)
        return .fact(old == nil ? "github.secret.created" : "github.noContent")
    }

    private mutating func deleteSecret(_ call: Call) throws -> Answer {
        let shelf = try shelf(call, 2)
        guard github.secrets[shelf]?.removeValue(forKey: call.capture("name").uppercased()) != nil else {
            throw Refusal("github.notFound")
        }
        return .fact("github.noContent")
    }

    private func isSecretName(_ name: String) -> Bool {
        guard let first = name.utf8.first, !(0x30...0x39).contains(first), !name.hasPrefix("GITHUB_") else {
            return false
        }
        return name.utf8.allSatisfy {
            (0x30...0x39).contains($0) || (0x41...0x5A).contains($0) || $0 == UInt8(ascii: "_")
        }
    }
}
