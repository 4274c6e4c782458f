// Whether GitLab lets git in, and with which words it says no. Git cannot tell expired from revoked from wrong:
// all three are the same 401.

extension World {
    /// Somebody who came with a credential that GitLab knows.
    private enum GitVisitor {
        case user(id: Int, scopes: [String]?)
        case deploy(GitLabDeployToken)
        case job(GitLabJob)
    }

    /// Passes a git request or throws GitLab's refusal.
    mutating func admitToGitLab(_ target: GitTarget, _ call: Call) throws {
        let isJobLogin = call.basic?.user == "gitlab-ci-token"
        if !isJobLogin { try checkBan(call.remote) }
        guard call.method != "HEAD" else { throw Refusal("gitlab.git.head") }
        let project = gitlab.projects.values.first { $0.path.lowercased() == target.repository.lowercased() }
        guard let basic = call.basic else {
            if let project, project.isPublic, !target.isPush { return try checkSettings(project, target) }
            throw Refusal(deniedFact, helpBinding(call))
        }
        guard let visitor = try gitVisitor(basic, call, project) else {
            if !isJobLogin { countFailure(call.remote) }
            throw Refusal(deniedFact, helpBinding(call))
        }
        gitlab.gitFailures[call.remote]?.failures = []
        switch visitor {
        case .user(let id, let scopes): try admitUser(id, scopes, project, target)
        case .deploy(let token): try admitDeploy(token, project, target)
        case .job(let job): try admitJob(job, project, target)
        }
    }

    private var deniedFact: String { gitlab.rules.olderGitText ? "gitlab.git.denied.older" : "gitlab.git.denied" }

    private func helpBinding(_ call: Call) -> [String: JSON] {
        [
            "help": .string(
                "\(call.origin)/help/topics/git/troubleshooting_git#error-on-git-fetch-http-basic-access-denied")
        ]
    }

    /// The login of a job token is tried as nothing else; a deploy token needs its own user name, all others none.
    private func gitVisitor(
        _ basic: (user: String, password: String), _ call: Call, _ project: GitLabProject?
    ) throws -> GitVisitor? {
        if basic.user == "gitlab-ci-token" {
            return gitlab.job(secret: basic.password).flatMap { $0.isRunning ? .job($0) : nil }
        }
        if let token = gitlab.deployTokens.values.first(where: {
            $0.secret == basic.password && $0.username == basic.user
        }) {
            return token.isActive(now) ? .deploy(token) : nil
        }
        let secret = basic.password.isEmpty ? basic.user : basic.password
        if let token = gitlab.token(secret: secret) {
            guard token.isActive(now), !(token.impersonation && gitlab.rules.impersonationDisabled) else { return nil }
            let isBot = gitlab.users[token.userID]?.isBot == true
            if isBot, project.map({ gitlab.role(of: token.userID, in: $0) > 0 }) != true { return nil }
            return .user(id: token.userID, scopes: token.scopes)
        }
        if let grant = gitlab.grant(accessToken: secret), !grant.revoked, !grant.isExpired(now) {
            return .user(id: grant.userID, scopes: grant.scopes)
        }
        return try passwordVisitor(basic, call)
    }

    private func passwordVisitor(_ basic: (user: String, password: String), _ call: Call) throws -> GitVisitor? {
        guard let user = gitlab.users.values.first(where: { $0.username == basic.user }),
            let password = user.password, password == basic.password
        else { return nil }
        guard !user.requiresToken else { throw Refusal("gitlab.git.denied.tokenRequired", helpBinding(call)) }
        return .user(id: user.id, scopes: nil)
    }

    private func admitUser(_ id: Int, _ scopes: [String]?, _ project: GitLabProject?, _ target: GitTarget) throws {
        if let user = gitlab.users[id], let reason = gitLabUserRefusal(user) {
            throw Refusal("gitlab.git.userRefused", ["reason": .string(reason)])
        }
        guard let project, project.isPublic || gitlab.role(of: id, in: project) > 0 else {
            throw Refusal("gitlab.git.notFound")
        }
        if let scopes { try checkAbility(scopes, target) }
        try checkSettings(project, target)
        let role = gitlab.role(of: id, in: project)
        if target.isPush, role < 30 { throw Refusal("gitlab.git.noPushRole") }
        if !target.isPush, role < 15, !project.isPublic { throw Refusal("gitlab.git.noDownloadRole") }
    }

    private func checkAbility(_ scopes: [String], _ target: GitTarget) throws {
        let pushing = ["api", "write_repository", "ai_workflows"]
        let pulling = pushing + ["read_api", "read_repository"]
        if target.isPush, !scopes.contains(where: pushing.contains) { throw Refusal("gitlab.git.noUploadScope") }
        if !target.isPush, !scopes.contains(where: pulling.contains) { throw Refusal("gitlab.git.noDownloadScope") }
    }

    private func admitDeploy(_ token: GitLabDeployToken, _ project: GitLabProject?, _ target: GitTarget) throws {
        guard let project, covers(token.owner, project) else { throw Refusal("gitlab.git.notFound") }
        if target.isPush { throw Refusal("gitlab.git.deployTokenReadOnly") }
        guard token.scopes.contains("read_repository") else { throw Refusal("gitlab.git.noDownloadScope") }
        try checkSettings(project, target)
    }

    private func covers(_ owner: GitLabOwner, _ project: GitLabProject) -> Bool {
        switch owner {
        case .project(let id): id == project.id
        case .group(let id): gitlab.groups[id].map { project.path.hasPrefix($0.path + "/") } ?? false
        }
    }

    private func admitJob(_ job: GitLabJob, _ project: GitLabProject?, _ target: GitTarget) throws {
        try admitUser(job.userID, nil, project, GitTarget(reading: target))
        guard let project, let own = gitlab.projects[job.projectID] else { throw Refusal("gitlab.git.notFound") }
        if project.id != own.id, !project.isPublic, !project.jobTokenAllowlist.contains(own.path) {
            throw Refusal("gitlab.git.jobTokenNotAllowed", ["from": .string(own.path), "to": .string(project.path)])
        }
        if target.isPush {
            guard project.id == own.id, project.pushForJobToken else { throw Refusal("gitlab.git.deployTokenReadOnly") }
        }
        try checkSettings(project, target)
    }

    private func checkSettings(_ project: GitLabProject, _ target: GitTarget) throws {
        if project.httpDisabled { throw Refusal("gitlab.git.httpDisabled") }
        guard target.isPush else { return }
        if project.archived { throw Refusal("gitlab.git.archived") }
        if project.readOnly { throw Refusal("gitlab.git.readOnly") }
    }

    private func checkBan(_ address: String) throws {
        guard gitlab.rules.gitBan != nil, let until = gitlab.gitFailures[address]?.bannedUntil, now < until else {
            return
        }
        throw Refusal("gitlab.git.banned")
    }

    private mutating func countFailure(_ address: String) {
        guard let ban = gitlab.rules.gitBan else { return }
        var window = gitlab.gitFailures[address] ?? FailureWindow()
        window.failures = window.failures.filter { $0.seconds > now.seconds - ban.window } + [now]
        if window.failures.count >= ban.failures { window.bannedUntil = now + ban.duration }
        gitlab.gitFailures[address] = window
    }

    /// A token that is to die between advertisement and pack dies now.
    mutating func spendAfterAdvertisement(_ call: Call) {
        guard let basic = call.basic else { return }
        let secret = basic.password.isEmpty ? basic.user : basic.password
        if let token = gitlab.token(secret: secret), token.diesAfterAdvertisement {
            gitlab.tokens[token.id]?.revoked = true
        }
        spendGitHubTokenAfterAdvertisement(secret)
    }
}

extension GitTarget {
    /// The same repository, only to be read.
    init(reading target: GitTarget) {
        self = target
        isPush = false
    }
}
