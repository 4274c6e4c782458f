// The GitLab double's tables, and the questions that more than one endpoint asks of them.

struct GitLabState: Sendable {
    var rules: GitLabRules
    var users: [Int: GitLabUser] = [:]
    var groups: [Int: GitLabGroup] = [:]
    var projects: [Int: GitLabProject] = [:]
    var tokens: [Int: GitLabToken] = [:]
    var deployTokens: [Int: GitLabDeployToken] = [:]
    var deployKeys: [Int: GitLabDeployKey] = [:]
    var jobs: [Int: GitLabJob] = [:]
    var applications: [String: GitLabApplication] = [:]
    var grants: [Int: GitLabGrant] = [:]
    /// Variables by their owner.
    var variables: [GitLabOwner: [GitLabVariable]] = [:]
    var throttle: [String: RequestWindow] = [:]
    var gitFailures: [String: FailureWindow] = [:]

    init(rules: GitLabRules) {
        self.rules = rules
    }

    func token(secret: String) -> GitLabToken? {
        tokens.values.first { $0.secret == secret }
    }

    func grant(accessToken: String) -> GitLabGrant? {
        grants.values.first { $0.accessToken == accessToken }
    }

    func grant(refreshToken: String) -> GitLabGrant? {
        grants.values.first { $0.refreshToken == refreshToken }
    }

    func job(secret: String) -> GitLabJob? {
        jobs.values.first { $0.secret == secret }
    }

    /// A project by number or by full path.
    func project(_ key: String) -> GitLabProject? {
        Int(key).flatMap { projects[$0] } ?? projects.values.first { $0.path.lowercased() == key.lowercased() }
    }

    /// A group by number or by full path.
    func group(_ key: String) -> GitLabGroup? {
        Int(key).flatMap { groups[$0] } ?? groups.values.first { $0.path.lowercased() == key.lowercased() }
    }

    /// The role of a user in a group: its own or one of the groups above; 0 without one. Admins own everything.
    func role(of userID: Int, inGroupPath path: String) -> Int {
        if users[userID]?.isAdmin == true { return 50 }
        let above = groups.values.filter { path == $0.path || path.hasPrefix($0.path + "/") }
        return above.compactMap { $0.members[userID] }.max() ?? 0
    }

    /// The role of a user in a project; 0 without one.
    func role(of userID: Int, in project: GitLabProject) -> Int {
        max(project.members[userID] ?? 0, role(of: userID, inGroupPath: project.path))
    }

    /// The role in a project or group.
    func role(of userID: Int, in owner: GitLabOwner) -> Int {
        switch owner {
        case .project(let id): projects[id].map { role(of: userID, in: $0) } ?? 0
        case .group(let id): groups[id].map { role(of: userID, inGroupPath: $0.path) } ?? 0
        }
    }

    /// All descendants of a token that are still active, found over `previousID`.
    func activeDescendants(of id: Int, now: SandboxInstant) -> [Int] {
        var found: [Int] = []
        var front = [id]
        while let current = front.popLast() {
            let children = tokens.values.filter { $0.previousID == current }
            front += children.map(\.id)
            found += children.filter { $0.isActive(now) }.map(\.id)
        }
        return found.sorted()
    }
}

/// A project or a group, whichever owns tokens or variables.
enum GitLabOwner: Hashable, Sendable {
    case project(Int)
    case group(Int)

    var word: String {
        switch self {
        case .project: "project"
        case .group: "group"
        }
    }

    var id: Int {
        switch self {
        case .project(let id), .group(let id): id
        }
    }
}

/// Requests counted in one period.
struct RequestWindow: Sendable {
    var start: SandboxInstant
    var count: Int
}

/// Failures of one address.
struct FailureWindow: Sendable {
    var failures: [SandboxInstant] = []
    var bannedUntil: SandboxInstant?
}
