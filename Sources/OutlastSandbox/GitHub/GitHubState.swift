// The GitHub double's tables.

struct GitHubState: Sendable {
    var rules = GitHubRules()
    var accounts: [String: GitHubAccount] = [:]
    var repositories: [Int: GitHubRepository] = [:]
    var apps: [Int: GitHubApp] = [:]
    var installations: [Int: GitHubInstallation] = [:]
    var tokens: [String: GitHubToken] = [:]
    var refreshTokens: [String: GitHubRefreshToken] = [:]
    var deployKeys: [Int: GitHubDeployKey] = [:]
    /// Keys of users, type and base64, that no repository can have.
    var userKeys: Set<String> = []
    /// What `/meta` names instead of GitHub's own host keys; lines without host.
    var hostKeys: [String]?
    var secrets: [String: [String: GitHubSecret]] = [:]
    var runs: [GitHubJob] = []
    var boxes: [String: SealedBoxKey] = [:]
    var primary: [String: RequestWindow] = [:]
    var secondary: [String: RequestWindow] = [:]
    var failures: [String: FailureWindow] = [:]

    func repository(_ owner: String, _ name: String) -> GitHubRepository? {
        repositories.values.first {
            $0.owner.lowercased() == owner.lowercased() && $0.name.lowercased() == name.lowercased()
        }
    }

    func repository(_ path: String) -> GitHubRepository? {
        let parts = path.split(separator: "/").map(String.init)
        return parts.count == 2 ? repository(parts[0], parts[1]) : nil
    }

    /// The repositories an installation reaches.
    func repositories(of installation: GitHubInstallation) -> [GitHubRepository] {
        repositories.values.filter { repository in
            repository.owner == installation.account
                && (installation.repositoryIDs.map { $0.contains(repository.id) } ?? true)
        }.sorted { $0.id < $1.id }
    }
}

struct GitHubAccount: Sendable {
    var id: Int
    var login: String
    var isOrganization: Bool
    /// Classic and fine-grained tokens must have been authorised for single sign-on.
    var ssoRequired = false
    /// Deploy keys are switched off by policy.
    var deployKeysDisabled = false
}

struct GitHubRepository: Sendable {
    var id: Int
    var owner: String
    var name: String
    var isPublic = false
    var archived = false
    /// `read`, `write` or `admin` by login; the owner is an admin.
    var collaborators: [String: String] = [:]

    var path: String { "\(owner)/\(name)" }

    func role(of login: String) -> Int {
        login == owner ? 3 : gitHubLevel(collaborators[login])
    }
}

/// `read` 1, `write` 2, `admin` 3, anything else 0.
func gitHubLevel(_ name: String?) -> Int {
    switch name {
    case "read": 1
    case "write": 2
    case "admin": 3
    default: 0
    }
}

struct GitHubApp: Sendable {
    var id: Int
    var clientID: String
    var clientSecret: String
    var slug: String
    var publicKey: String
}

struct GitHubInstallation: Sendable {
    var id: Int
    var appID: Int
    var account: String
    /// `nil` for all repositories of the account.
    var repositoryIDs: Set<Int>?
    var permissions: [String: String]
    var suspendedAt: SandboxInstant?
}

struct GitHubToken: Sendable {
    enum Kind: String, Sendable {
        case classic
        case fineGrained = "fine_grained"
        case oauth
        case installation
        case appUser = "app_user"
        /// The token that a job is given: an installation token that ends with its job.
        case actions
    }

    var secret: String
    var kind: Kind
    var login: String?
    var installationID: Int?
    var scopes: [String] = []
    var permissions: [String: String] = [:]
    /// `nil` for all that its owner reaches.
    var repositoryIDs: Set<Int>?
    var createdAt: SandboxInstant
    var expiresAt: SandboxInstant?
    var revoked = false
    var ssoAuthorized = true
    var diesAfterAdvertisement = false

    func isAlive(_ now: SandboxInstant) -> Bool { !revoked && (expiresAt.map { now < $0 } ?? true) }

    var isInstallation: Bool { kind == .installation || kind == .actions }
}

struct GitHubRefreshToken: Sendable {
    var secret: String
    var accessToken: String
    var clientID: String
    var login: String
    var expiresAt: SandboxInstant
    var spent = false
}

struct GitHubDeployKey: Sendable {
    var id: Int
    var repositoryID: Int
    var title: String
    var key: String
    var readOnly: Bool
    var addedBy: String?
    var createdAt: SandboxInstant
    /// The token that made it: when that is deleted, the key goes too. `nil` for keys made by an App.
    var tokenSecret: String?
}

struct GitHubSecret: Sendable {
    var name: String
    var sealed: [UInt8]
    /// What was inside, when it opened.
    var value: [UInt8]?
    var visibility: String?
    /// What an organisation chose, with the visibility `selected`.
    var repositoryIDs: [Int] = []
    var createdAt: SandboxInstant
    var updatedAt: SandboxInstant
}

struct GitHubJob: Sendable {
    var id: Int
    var repository: String
    var runID: Int
    var attempt: Int
    var name: String
    var status: String
    var conclusion: String?
    var startedAt: SandboxInstant
    var completedAt: SandboxInstant?
    var runnerName: String
}
