// Deploy keys: one key, one repository, known once in all of GitHub, and gone with the personal token that made it.

extension World {
    static let gitHubRepositoryRoutes: [Route] = [
        .get("github/repos/:o/:r/keys", "github.keys") { try $0.listGitHubKeys($1) },
        .get("github/repos/:o/:r/keys/:id", "github.key") { try $0.showGitHubKey($1) },
        Route("POST", "github/repos/:o/:r/keys", "github.key.create") { try $0.createGitHubKey($1) },
        Route("DELETE", "github/repos/:o/:r/keys/:id", "github.key.delete") { try $0.deleteGitHubKey($1) },
    ]

    private func keyJSON(_ key: GitHubDeployKey, _ call: Call) -> JSON {
        let repository = github.repositories[key.repositoryID]
        return factJSON(
            "github.key",
            [
                "id": .int(key.id), "key": .string(key.key), "title": .string(key.title),
                "url": .string("\(call.origin)/github/repos/\(repository?.path ?? "")/keys/\(key.id)"),
                "created_at": .string(key.createdAt.text), "read_only": .bool(key.readOnly),
                "added_by": JSON(key.addedBy),
                "enabled": .bool(github.accounts[repository?.owner ?? ""]?.deployKeysDisabled != true),
            ])
    }

    private mutating func listGitHubKeys(_ call: Call) throws -> Answer {
        let repository = try gitHubRepository(call, "administration", 1)
        let keys = github.deployKeys.values.filter { $0.repositoryID == repository.id }.sorted { $0.id < $1.id }
        let shown = page(keys, call, defaultSize: 30)
        var answer = Answer.json(.array(shown.elements.map { keyJSON($0, call) }))
        answer.headers += shown.headers.filter { $0.name == "Link" }
        return answer
    }

    private mutating func foundKey(_ call: Call, _ level: Int) throws -> GitHubDeployKey {
        let repository = try gitHubRepository(call, "administration", level)
        guard let key = Int(call.capture("id")).flatMap({ github.deployKeys[$0] }), key.repositoryID == repository.id
        else { throw Refusal("github.notFound") }
        return key
    }

    private mutating func showGitHubKey(_ call: Call) throws -> Answer {
        .json(keyJSON(try foundKey(call, 1), call))
    }

    private mutating func createGitHubKey(_ call: Call) throws -> Answer {
        let repository = try gitHubRepository(call, "administration", 2)
        let words = (call.text("key") ?? "").split(separator: " ").map(String.init)
        guard words.count >= 2, words[0].hasPrefix("ssh-") || words[0].hasPrefix("ecdsa-"),
            base64Decoded(words[1]) != nil
        else { throw Refusal("github.key.invalid") }
        guard github.accounts[repository.owner]?.deployKeysDisabled != true else {
            throw Refusal("github.key.disabled")
        }
        let bare = words[0] + " " + words[1]
        guard !github.userKeys.contains(bare) else { throw Refusal("github.key.inUse") }
        guard !github.deployKeys.values.contains(where: { $0.key == bare }) else { throw Refusal("github.key.inUse") }
        let token = note.gitHubToken
        let isPersonal = token?.kind == .classic || token?.kind == .fineGrained || token?.kind == .oauth
        let key = GitHubDeployKey(
            id: nextID(), repositoryID: repository.id, title: call.text("title") ?? "", key: bare,
            readOnly: call.parameter("read_only")?.bool ?? false, addedBy: token?.login, createdAt: now,
            tokenSecret: isPersonal ? token?.secret : nil)
        github.deployKeys[key.id] = key
        return .json(keyJSON(key, call), status: 201)
    }

    private mutating func deleteGitHubKey(_ call: Call) throws -> Answer {
        let key = try foundKey(call, 2)
        github.deployKeys[key.id] = nil
        return .fact("github.noContent")
    }

    /// A deleted (not regenerated) token takes along the deploy keys it made.
    mutating func deleteGitHubToken(_ secret: String) {
        github.tokens[secret] = nil
        for key in github.deployKeys.values where key.tokenSecret == secret { github.deployKeys[key.id] = nil }
    }
}
