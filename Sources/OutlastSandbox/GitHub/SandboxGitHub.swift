// The tester's hand in the GitHub double.

/// Sets up and inspects the GitHub double.
public struct SandboxGitHub: Sendable {
    let sandbox: Sandbox

    /// Adds a user or an organisation.
    @discardableResult
    public func addAccount(
        _ login: String, organization: Bool = false, ssoRequired: Bool = false, deployKeysDisabled: Bool = false
    ) -> Int {
        sandbox.update { world in
            let account = GitHubAccount(
                id: world.nextID(), login: login, isOrganization: organization, ssoRequired: ssoRequired,
                deployKeysDisabled: deployKeysDisabled)
            world.github.accounts[login] = account
            return account.id
        }
    }

    /// Adds a repository `owner/name` with an empty git repository; `collaborators` are `read`, `write` or `admin`.
    @discardableResult
    public func addRepository(
        _ path: String, isPublic: Bool = false, archived: Bool = false, collaborators: [String: String] = [:]
    ) throws -> Int {
        let parts = path.split(separator: "/").map(String.init)
        guard parts.count == 2 else { throw SandboxFailure.invalid("\(path) is not owner/name") }
        try sandbox.store.makeRepository("github/\(path).git")
        return sandbox.update { world in
            let repository = GitHubRepository(
                id: world.nextID(), owner: parts[0], name: parts[1], isPublic: isPublic, archived: archived,
                collaborators: collaborators)
            world.github.repositories[repository.id] = repository
            return repository.id
        }
    }

    /// Changes the settings of the double.
    public func changeRules(_ change: @Sendable (inout GitHubRules) -> Void) {
        sandbox.update { change(&$0.github.rules) }
    }

    /// Registers an App; without `key` (a public or private key in PEM) one is made and its private half returned.
    public func addApp(slug: String = "outlast-app", key: String? = nil) throws -> SandboxApp {
        let made = try key == nil ? AppKeyPair() : nil
        let publicKey = try made?.publicKey ?? AppKeyPair.publicPEM(of: key ?? "")
        return sandbox.update { world in
            let app = GitHubApp(
                id: world.nextID(), clientID: "Iv23li" + world.mint.alphanumeric(14),
                clientSecret: world.mint.hexDigits(40), slug: slug, publicKey: publicKey)
            world.github.apps[app.id] = app
            return SandboxApp(
                id: app.id, clientID: app.clientID, clientSecret: app.clientSecret,
                privateKey: made?.privatePKCS1 ?? key ?? "", privateKeyPKCS8: made?.privatePKCS8 ?? key ?? "")
        }
    }

    /// Installs an App on an account, on all of its repositories or on the named ones (without the owner).
    @discardableResult
    public func install(
        _ app: SandboxApp, on account: String = StarterWorld.organization, repositories: [String]? = nil,
        permissions: [String: String] = [
            "contents": "write", "metadata": "read", "secrets": "write", "actions": "read",
        ]
    ) throws -> Int {
        try sandbox.update { world in
            let ids = try repositories.map { names in
                try Set(
                    names.map { name in
                        guard let repository = world.github.repository(account, name) else {
                            throw SandboxFailure.invalid("no repository \(account)/\(name)")
                        }
                        return repository.id
                    })
            }
            let installation = GitHubInstallation(
                id: world.nextID(), appID: app.id, account: account, repositoryIDs: ids, permissions: permissions)
            world.github.installations[installation.id] = installation
            return installation.id
        }
    }

    /// Suspends an installation, or lets it go on.
    public func suspend(_ installation: Int, _ suspended: Bool = true) {
        sandbox.update { world in
            let moment = suspended ? world.now : nil
            world.github.installations[installation]?.suspendedAt = moment
        }
    }

    /// Gives a running job's `GITHUB_TOKEN`, an installation token, to the caller.
    public func addActionsToken(installation: Int, permissions: [String: String] = ["contents": "read"]) throws
        -> String
    {
        try sandbox.update { world in
            guard let found = world.github.installations[installation] else {
                throw SandboxFailure.invalid("no installation \(installation)")
            }
            return world.addInstallationToken(found, repositories: nil, permissions: permissions, kind: .actions).secret
        }
    }

    /// What was sealed into a secret, when it opened: `shelf` is `repos/o/r/actions`, `repos/o/r/environments/prod`
    /// or `orgs/o/actions`.
    public func secret(_ name: String, on shelf: String) -> String? {
        sandbox.update { $0.github.secrets[shelf]?[name]?.value.map { String(decoding: $0, as: UTF8.self) } }
    }

    /// The sealed bytes of a secret as they came.
    public func sealedSecret(_ name: String, on shelf: String) -> [UInt8]? {
        sandbox.update { $0.github.secrets[shelf]?[name]?.sealed }
    }

    /// The numbers of the deploy keys of a repository.
    public func deployKeys(of repository: String) -> [Int] {
        sandbox.update { world in
            let id = world.github.repository(repository)?.id
            return world.github.deployKeys.values.filter { $0.repositoryID == id }.map(\.id).sorted()
        }
    }

    /// Switches deploy keys off or on by an organisation's policy; keys that are there stay, and show it.
    public func setDeployKeys(of account: String, disabled: Bool) {
        sandbox.update { $0.github.accounts[account]?.deployKeysDisabled = disabled }
    }

    /// Gives a key, type and base64, to some user, so that no repository can have it.
    public func addUserKey(_ key: String) {
        sandbox.update { _ = $0.github.userKeys.insert(key) }
    }

    /// Lets `/meta` name these host keys (type and base64) instead of GitHub's own; `nil` gives those back.
    public func setHostKeys(_ keys: [String]?) {
        sandbox.update { $0.github.hostKeys = keys }
    }

    /// Adds a job to a run's attempt.
    @discardableResult
    public func addJob(
        repository: String = StarterWorld.repositoryPath, run: Int = 1, attempt: Int = 1, name: String = "build",
        status: String = "in_progress", conclusion: String? = nil, startedAt: SandboxInstant? = nil,
        completedAt: SandboxInstant? = nil, runnerName: String = "runner-1"
    ) -> Int {
        sandbox.update { world in
            let job = GitHubJob(
                id: world.nextID(), repository: repository, runID: run, attempt: attempt, name: name, status: status,
                conclusion: conclusion, startedAt: startedAt ?? world.now, completedAt: completedAt,
                runnerName: runnerName)
            world.github.runs.append(job)
            return job.id
        }
    }
}

extension Sandbox {
    /// The GitHub double.
    public var github: SandboxGitHub { SandboxGitHub(sandbox: self) }
}
