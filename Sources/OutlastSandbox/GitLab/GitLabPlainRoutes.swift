// The small questions: who am I, what version is this, which project, which job.

extension World {
    static let gitLabPlainRoutes: [Route] = [
        .get("api/v4/user", "gitlab.user") { try $0.currentUser($1) },
        .get("api/v4/users/:id", "gitlab.users") { try $0.showUser($1) },
        .get("api/v4/version", "gitlab.version") { try $0.versionOf($1, "gitlab.version") },
        .get("api/v4/metadata", "gitlab.metadata") { try $0.versionOf($1, "gitlab.metadata") },
        .get("api/v4/projects/:owner", "gitlab.project") { try $0.showProject($1) },
        .get("api/v4/groups/:owner", "gitlab.group") { try $0.showGroup($1) },
        .get("api/v4/job", "gitlab.job") { try $0.currentJob($1) },
    ]

    private mutating func currentUser(_ call: Call) throws -> Answer {
        let caller = try gitLabCaller(call, scopes: ["api", "read_api", "read_user"])
        guard let user = gitlab.users[caller.userID] else { throw Refusal("gitlab.auth.unknown") }
        return userAnswer(user, call)
    }

    /// Anybody who is signed in may look at anybody.
    private mutating func showUser(_ call: Call) throws -> Answer {
        _ = try gitLabCaller(call, scopes: ["api", "read_api", "read_user"])
        guard let user = Int(call.capture("id")).flatMap({ gitlab.users[$0] }) else {
            throw Refusal("gitlab.userNotFound")
        }
        return userAnswer(user, call)
    }

    private func userAnswer(_ user: GitLabUser, _ call: Call) -> Answer {
        .fact(
            "gitlab.user",
            [
                "id": .int(user.id), "username": .string(user.username), "name": .string(user.name),
                "bot": .bool(user.isBot), "web_url": .string("\(call.origin)/\(user.username)"),
            ])
    }

    private mutating func versionOf(_ call: Call, _ fact: String) throws -> Answer {
        _ = try gitLabCaller(call, scopes: ["api", "read_api", "read_user", "ai_features"])
        return .fact(fact, ["version": .string(gitlab.rules.version)])
    }

    func projectJSON(_ project: GitLabProject) -> JSON {
        factJSON(
            "gitlab.project",
            [
                "id": .int(project.id), "name": .string(project.name), "path": .string(project.name),
                "path_with_namespace": .string(project.path),
                "visibility": .string(project.isPublic ? "public" : "private"), "archived": .bool(project.archived),
            ])
    }

    func groupJSON(_ group: GitLabGroup) -> JSON {
        let name = group.path.split(separator: "/").last.map(String.init) ?? group.path
        return factJSON(
            "gitlab.group",
            ["id": .int(group.id), "name": .string(name), "path": .string(name), "full_path": .string(group.path)])
    }

    /// A public project can be read by nobody in particular, but a dead token is still refused.
    private mutating func showProject(_ call: Call) throws -> Answer {
        if note.fingerprint == nil {
            guard let project = gitlab.project(call.capture("owner")), project.isPublic else {
                throw Refusal("gitlab.projectNotFound")
            }
            return .json(projectJSON(project))
        }
        let caller = try gitLabCaller(call, scopes: ["api", "read_api"])
        let owner = try gitLabOwner(call, "projects", caller)
        return .json(gitlab.projects[owner.id].map(projectJSON) ?? .null)
    }

    private mutating func showGroup(_ call: Call) throws -> Answer {
        let caller = try gitLabCaller(call, scopes: ["api", "read_api"])
        let owner = try gitLabOwner(call, "groups", caller)
        return .json(gitlab.groups[owner.id].map(groupJSON) ?? .null)
    }

    private mutating func currentJob(_ call: Call) throws -> Answer {
        guard case .job(let job) = try gitLabCaller(call, scopes: ["api", "read_api"], jobToken: true) else {
            throw Refusal("gitlab.job.notFound")
        }
        let project = gitlab.projects[job.projectID]
        let user = gitlab.users[job.userID]
        return .fact(
            "gitlab.job",
            [
                "id": .int(job.id), "name": .string(job.name), "status": .string(job.status),
                "created_at": .string(job.startedAt.milliText), "started_at": .string(job.startedAt.milliText),
                "finished_at": JSON(job.finishedAt?.milliText),
                "duration": .int((job.finishedAt ?? now).seconds - job.startedAt.seconds),
                "web_url": .string("\(call.origin)/\(project?.path ?? "")/-/jobs/\(job.id)"),
                "project_id": .int(job.projectID), "user_id": .int(job.userID), "username": JSON(user?.username),
            ])
    }
}
