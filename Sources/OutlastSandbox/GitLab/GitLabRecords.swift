// The rows of the GitLab double's tables. Expiry of an access token is a date, of everything else a moment.

/// Why GitLab refuses a user whose token is fine.
public enum GitLabUserState: String, Sendable, Hashable, CaseIterable {
    /// Nothing is wrong.
    case active
    /// Blocked by an administrator.
    case blocked
    /// Deactivated for want of use.
    case deactivated
    /// The password has expired.
    case passwordExpired = "password_expired"
    /// The terms of service have not been accepted.
    case termsNotAccepted = "terms_not_accepted"
    /// The mail address has not been confirmed.
    case unconfirmed
    /// An administrator has yet to approve the account.
    case pendingApproval = "pending_approval"
}

struct GitLabUser: Sendable {
    enum Kind: Sendable, Equatable {
        case human
        case projectBot(Int)
        case groupBot(Int)
        case serviceAccount(group: Int?)
    }

    var id: Int
    var username: String
    var name: String
    var kind: Kind = .human
    var isAdmin = false
    var state: GitLabUserState = .active
    /// A password, for the answers that git gets; never accepted when `requiresToken`.
    var password: String?
    var requiresToken = true

    var isBot: Bool { kind != .human }
}

struct GitLabGroup: Sendable {
    var id: Int
    var path: String
    var members: [Int: Int] = [:]
}

struct GitLabProject: Sendable {
    var id: Int
    var path: String
    var isPublic = false
    var members: [Int: Int] = [:]
    var archived = false
    var readOnly = false
    var httpDisabled = false
    var pushForJobToken = false
    /// Project paths whose job tokens may come in.
    var jobTokenAllowlist: Set<String> = []
    var deployKeyIDs: [Int: Bool] = [:]

    var name: String { path.split(separator: "/").last.map(String.init) ?? path }
}

struct GitLabToken: Sendable {
    var id: Int
    var secret: String
    var previousID: Int?
    var userID: Int
    var name: String
    var description: String?
    var scopes: [String]
    var expiresOn: SandboxDay?
    var revoked = false
    var impersonation = false
    var accessLevel: Int?
    var createdAt: SandboxInstant
    var lastUsedAt: SandboxInstant?
    /// Dies once it has been shown to git for the advertisement of references.
    var diesAfterAdvertisement = false

    /// Dead at 00:00 UTC of its date, not at the end of it.
    func isExpired(_ now: SandboxInstant) -> Bool { expiresOn.map { $0.midnight <= now } ?? false }

    func isActive(_ now: SandboxInstant) -> Bool { !revoked && !isExpired(now) }
}

struct GitLabDeployToken: Sendable {
    var id: Int
    var secret: String
    var owner: GitLabOwner
    var name: String
    var username: String
    var scopes: [String]
    var expiresAt: SandboxInstant?
    var revoked = false

    func isExpired(_ now: SandboxInstant) -> Bool { expiresAt.map { $0 <= now } ?? false }
    func isActive(_ now: SandboxInstant) -> Bool { !revoked && !isExpired(now) }
}

struct GitLabDeployKey: Sendable {
    var id: Int
    var title: String
    var key: String
    var createdAt: SandboxInstant
    var expiresAt: SandboxInstant?
    var creatorID: Int
}

struct GitLabJob: Sendable {
    var id: Int
    var secret: String
    var name: String
    var projectID: Int
    var userID: Int
    var status = "running"
    var startedAt: SandboxInstant
    var finishedAt: SandboxInstant?
    var timeoutSeconds: Int?

    /// A job token lives as long as its job executes.
    var isRunning: Bool { status == "running" || status == "canceling" }
}

struct GitLabApplication: Sendable {
    var clientID: String
    var secret: String?
    var name: String
}

/// One row of an OAuth grant: access and refresh token live and die together.
struct GitLabGrant: Sendable {
    var id: Int
    var clientID: String
    var userID: Int
    var accessToken: String
    var refreshToken: String
    var scopes: [String]
    var createdAt: SandboxInstant
    var expiresIn: Int
    var revoked = false

    func isExpired(_ now: SandboxInstant) -> Bool { createdAt + expiresIn <= now }
}

struct GitLabVariable: Sendable {
    var key: String
    var value: String
    var type = "env_var"
    var isProtected = false
    var masked = false
    var hidden = false
    var raw = false
    var scope = "*"
    var description: String?
}
