// The tester's hand in the GitLab double: what a test sets up and looks at without going over HTTP.

/// Sets up and inspects the GitLab double.
public struct SandboxGitLab: Sendable {
    let sandbox: Sandbox

    /// Adds a user.
    /// - Returns: its number.
    @discardableResult
    public func addUser(
        _ username: String, admin: Bool = false, password: String? = nil, requiresToken: Bool = true
    ) -> Int {
        sandbox.update { world in
            let id = world.nextID()
            world.gitlab.users[id] = GitLabUser(
                id: id, username: username, name: username, isAdmin: admin, password: password,
                requiresToken: requiresToken)
            return id
        }
    }

    /// Adds a group with members by user name and role (10 guest to 50 owner).
    /// - Returns: its number.
    @discardableResult
    public func addGroup(_ path: String, members: [String: Int] = [:]) throws -> Int {
        try sandbox.update { world in
            let id = world.nextID()
            world.gitlab.groups[id] = GitLabGroup(id: id, path: path, members: try world.memberIDs(members))
            return id
        }
    }

    /// Adds a project with an empty repository.
    /// - Returns: its number.
    @discardableResult
    public func addProject(_ path: String, members: [String: Int] = [:], isPublic: Bool = false) throws -> Int {
        try sandbox.store.makeRepository("gitlab/\(path).git")
        return try sandbox.update { world in
            let id = world.nextID()
            world.gitlab.projects[id] = GitLabProject(
                id: id, path: path, isPublic: isPublic, members: try world.memberIDs(members))
            return id
        }
    }

    /// Changes a project's settings.
    public func changeProject(
        _ path: String, archived: Bool? = nil, readOnly: Bool? = nil, httpDisabled: Bool? = nil,
        pushForJobToken: Bool? = nil, allowJobTokensOf allowed: [String]? = nil
    ) throws {
        try sandbox.update { world in
            guard var project = world.gitlab.project(path) else { throw SandboxFailure.invalid("no project \(path)") }
            project.archived = archived ?? project.archived
            project.readOnly = readOnly ?? project.readOnly
            project.httpDisabled = httpDisabled ?? project.httpDisabled
            project.pushForJobToken = pushForJobToken ?? project.pushForJobToken
            if let allowed { project.jobTokenAllowlist = Set(allowed) }
            world.gitlab.projects[project.id] = project
        }
    }

    /// Sets why (or that no longer) a user is refused.
    public func setUserState(_ username: String, _ state: GitLabUserState) throws {
        try sandbox.update { world in
            let id = try world.userID(username)
            world.gitlab.users[id]?.state = state
        }
    }

    /// Changes the instance's settings.
    public func changeRules(_ change: @Sendable (inout GitLabRules) -> Void) {
        sandbox.update { change(&$0.gitlab.rules) }
    }

    /// Starts a running job with a token of its own.
    @discardableResult
    public func addJob(
        project: String = StarterWorld.projectPath, user: String = StarterWorld.user, name: String = "build",
        timeoutSeconds: Int? = 3600
    ) throws -> SandboxCredential {
        try sandbox.update { world in
            guard let place = world.gitlab.project(project) else {
                throw SandboxFailure.invalid("no project \(project)")
            }
            let secret = "glcbt-\(world.mint.hexDigits(2))_\(world.mint.alphanumeric(20))"
            let job = GitLabJob(
                id: world.nextID(), secret: secret, name: name, projectID: place.id,
                userID: try world.userID(user), startedAt: world.now, timeoutSeconds: timeoutSeconds)
            world.gitlab.jobs[job.id] = job
            return SandboxCredential(id: job.id, secret: secret, userID: job.userID)
        }
    }

    /// Ends a job, and with it its token.
    public func finishJob(_ id: Int, status: String = "success") {
        sandbox.update { world in
            let now = world.now
            world.gitlab.jobs[id]?.status = status
            world.gitlab.jobs[id]?.finishedAt = now
        }
    }

    /// Registers an OAuth application; without a secret it is a public one.
    public func addApplication(clientID: String, secret: String?, name: String = "app") {
        sandbox.update {
            $0.gitlab.applications[clientID] = GitLabApplication(clientID: clientID, secret: secret, name: name)
        }
    }

    /// Gives an application a grant of a user: an access token and its refresh token.
    @discardableResult
    public func addGrant(
        clientID: String, user: String = StarterWorld.user, scopes: [String] = ["api"], expiresIn: Int = 7200
    ) throws -> SandboxGrant {
        try sandbox.update { world in
            let user = try world.userID(user)
            let grant = world.addGrant(clientID: clientID, userID: user, scopes: scopes, expiresIn: expiresIn)
            return SandboxGrant(accessToken: grant.accessToken, refreshToken: grant.refreshToken)
        }
    }

    /// Whether an OAuth access token would be taken now.
    public func isAlive(_ accessToken: String) -> Bool {
        sandbox.update { world in
            world.gitlab.grant(accessToken: accessToken).map { !$0.revoked && !$0.isExpired(world.now) } ?? false
        }
    }

    /// The value of a project's or group's CI variable, hidden ones too; `nil` when there is none.
    public func variable(_ key: String, project: String? = nil, group: String? = nil, scope: String = "*") -> String? {
        sandbox.update { world in
            let owner = world.owner(project: project, group: group)
            return owner.flatMap { world.gitlab.variables[$0] }?.first { $0.key == key && $0.scope == scope }?.value
        }
    }

    /// Puts a CI variable in place, whatever was there before.
    public func setVariable(
        _ key: String, _ value: String, project: String? = nil, group: String? = nil, scope: String = "*",
        isProtected: Bool = false, masked: Bool = false, hidden: Bool = false, raw: Bool = false
    ) throws {
        try sandbox.update { world in
            guard let owner = world.owner(project: project, group: group) else {
                throw SandboxFailure.invalid("no project \(project ?? "") or group \(group ?? "")")
            }
            world.gitlab.variables[owner, default: []].removeAll { $0.key == key && $0.scope == scope }
            world.gitlab.variables[owner, default: []].append(
                GitLabVariable(
                    key: key, value: value, isProtected: isProtected, masked: masked, hidden: hidden, raw: raw,
                    scope: scope))
        }
    }
}

extension Sandbox {
    /// The GitLab double.
    public var gitlab: SandboxGitLab { SandboxGitLab(sandbox: self) }
}

extension World {
    func userID(_ username: String) throws -> Int {
        guard let user = gitlab.users.values.first(where: { $0.username == username }) else {
            throw SandboxFailure.invalid("no user \(username)")
        }
        return user.id
    }

    func memberIDs(_ members: [String: Int]) throws -> [Int: Int] {
        var found: [Int: Int] = [:]
        for (name, role) in members { found[try userID(name)] = role }
        return found
    }

    func owner(project: String?, group: String?) -> GitLabOwner? {
        if let group { return gitlab.group(group).map { .group($0.id) } }
        return gitlab.project(project ?? StarterWorld.projectPath).map { .project($0.id) }
    }
}
