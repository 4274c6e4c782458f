// Tokens of the GitLab double as a tester makes and sees them. A test may see secrets; the log may not.

/// Whose an access token is.
public enum SandboxTokenKind: Sendable, Hashable {
    /// A person's own.
    case personal(user: String)
    /// Made by an administrator to act as a person.
    case impersonation(user: String)
    /// A new bot's in a project, with this role.
    case project(String, level: Int = 40)
    /// A new bot's in a group, with this role.
    case group(String, level: Int = 50)
    /// A new service account's in a group.
    case serviceAccount(group: String)
}

/// A secret and what it belongs to.
public struct SandboxCredential: Sendable, Hashable {
    /// The number of the token (or job) at the forge.
    public let id: Int
    /// The secret itself.
    public let secret: String
    /// The user it acts as.
    public let userID: Int

    /// The name by which the log knows it.
    public var fingerprint: String { sandboxFingerprint(secret) }
}

/// The two tokens of an OAuth grant.
public struct SandboxGrant: Sendable, Hashable {
    /// What requests are made with.
    public let accessToken: String
    /// What the next pair is bought with, once.
    public let refreshToken: String
}

/// What the forge knows of an access token now.
public struct SandboxTokenState: Sendable, Hashable {
    /// The number of the token.
    public let id: Int
    /// The secret.
    public let secret: String
    /// The number of the token it was rotated from.
    public let previousID: Int?
    /// The user it acts as.
    public let userID: Int
    /// Its name.
    public let name: String
    /// Its scopes.
    public let scopes: [String]
    /// Whether it has been revoked or rotated away.
    public let revoked: Bool
    /// Whether it is neither revoked nor past its date.
    public let active: Bool
    /// The date on which it is dead.
    public let expiresOn: SandboxDay?
}

extension SandboxGitLab {
    /// Makes an access token; `expiresOn` is `YYYY-MM-DD`, `nil` for one that never ends.
    @discardableResult
    public func addToken(
        _ kind: SandboxTokenKind = .personal(user: StarterWorld.user), name: String = "ci",
        scopes: [String] = ["api"], expiresOn: String? = "2026-12-20", secret: String? = nil,
        diesAfterAdvertisement: Bool = false
    ) throws -> SandboxCredential {
        let date = expiresOn.flatMap { SandboxDay($0) }
        if let expiresOn, date == nil { throw SandboxFailure.invalid("\(expiresOn) is no date") }
        return try sandbox.update { world in
            var token = try world.newToken(kind, name, scopes, date, secret)
            token.diesAfterAdvertisement = diesAfterAdvertisement
            world.gitlab.tokens[token.id] = token
            return SandboxCredential(id: token.id, secret: token.secret, userID: token.userID)
        }
    }

    /// Makes a deploy token. Its `userID` is 0; git needs its user name, `gitlab+deploy-token-<id>`.
    @discardableResult
    public func addDeployToken(
        project: String = StarterWorld.projectPath, scopes: [String] = ["read_repository"],
        expiresAt: SandboxInstant? = nil
    ) throws -> SandboxCredential {
        try sandbox.update { world in
            guard let owner = world.owner(project: project, group: nil) else {
                throw SandboxFailure.invalid("no project \(project)")
            }
            let token = world.addDeployToken(
                to: owner, name: "deploy", username: nil, scopes: scopes, expiresAt: expiresAt)
            return SandboxCredential(id: token.id, secret: token.secret, userID: 0)
        }
    }

    /// Revokes an access token as an administrator would.
    public func revokeToken(_ id: Int) {
        sandbox.update { $0.gitlab.tokens[id]?.revoked = true }
    }

    /// Takes an access token out of the database: afterwards it is unknown, not revoked.
    public func forgetToken(_ id: Int) {
        sandbox.update { $0.gitlab.tokens[id] = nil }
    }

    /// What is known of the token with this number.
    public func token(_ id: Int) -> SandboxTokenState? {
        sandbox.update { world in world.gitlab.tokens[id].map { world.state($0) } }
    }

    /// What is known of the token with this fingerprint.
    public func token(fingerprint: String) -> SandboxTokenState? {
        tokens.first { sandboxFingerprint($0.secret) == fingerprint }
    }

    /// All access tokens, oldest first.
    public var tokens: [SandboxTokenState] {
        sandbox.update { world in world.gitlab.tokens.values.sorted { $0.id < $1.id }.map { world.state($0) } }
    }
}

extension World {
    func state(_ token: GitLabToken) -> SandboxTokenState {
        SandboxTokenState(
            id: token.id, secret: token.secret, previousID: token.previousID, userID: token.userID, name: token.name,
            scopes: token.scopes, revoked: token.revoked, active: token.isActive(now), expiresOn: token.expiresOn)
    }

    mutating func newToken(
        _ kind: SandboxTokenKind, _ name: String, _ scopes: [String], _ date: SandboxDay?, _ secret: String?
    ) throws -> GitLabToken {
        switch kind {
        case .personal(let user):
            return addToken(userID: try userID(user), name: name, scopes: scopes, expiresOn: date, secret: secret)
        case .impersonation(let user):
            var token = addToken(userID: try userID(user), name: name, scopes: scopes, expiresOn: date, secret: secret)
            token.impersonation = true
            return token
        case .project(let path, let level):
            guard let project = gitlab.project(path) else { throw SandboxFailure.invalid("no project \(path)") }
            return addResourceToken(
                to: .project(project.id), name: name, scopes: scopes, expiresOn: date, level: level, secret: secret)
        case .group(let path, let level):
            guard let group = gitlab.group(path) else { throw SandboxFailure.invalid("no group \(path)") }
            return addResourceToken(
                to: .group(group.id), name: name, scopes: scopes, expiresOn: date, level: level, secret: secret)
        case .serviceAccount(let path):
            guard let group = gitlab.group(path) else { throw SandboxFailure.invalid("no group \(path)") }
            let user = addServiceAccount(group: group.id, username: nil, name: name)
            gitlab.groups[group.id]?.members[user.id] = 40
            return addToken(userID: user.id, name: name, scopes: scopes, expiresOn: date, secret: secret)
        }
    }
}
