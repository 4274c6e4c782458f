// The configuration as the program means it (contract, section 11). Reading it from YAML is another target's work.

/// Where a secret comes from.
public enum SecretSource: Hashable, Sendable {
    case env(String)
    case file(String)
    /// Program and arguments; the secret is its stdout.
    case command([String])
    case stdin

    /// How to name it in messages: `environment variable RELEASE_TOKEN`.
    public var label: String {
        switch self {
        case .env(let name): "environment variable \(SafeText.line(name))"
        case .file(let path): "file \(SafeText.line(path))"
        case .command(let words): "command \(SafeText.line(words.first ?? ""))"
        case .stdin: "stdin"
        }
    }
}

/// What preflight does when a credential does not outlast the job.
public enum OnInsufficient: String, CaseIterable, Sendable {
    case fail, warn, refresh, auto
    case sshFallback = "ssh-fallback"
}

/// One pattern of `hosts`: `host[:port][/path]`.
public struct HostPattern: Hashable, Sendable {
    /// Lower case.
    public let host: String
    /// Nil for the scheme's own.
    public let port: Int?
    /// Path segments; empty for every path.
    public let path: [String]

    /// Makes a pattern.
    public init(host: String, port: Int?, path: [String]) {
        self.host = host
        self.port = port
        self.path = path
    }
}

/// A named credential.
public struct CredentialConfiguration: Sendable {
    /// Its name.
    public var name: String
    /// The forge's name; nil leaves it to the CI and the token's prefix.
    public var forge: String?
    /// The API; nil leaves it to the CI or the forge's public instance.
    public var apiURL: ServerURL?
    /// What the job was started with.
    public var token: SecretSource?
    /// Where the file says so: `FILE:LINE`; nil when it was not read from a file.
    public var tokenPlace: String?
    /// The end, for tokens the forge says nothing about.
    public var expiresAt: Instant?
    /// What the helper and SSH fallback answer for.
    public var hosts: [HostPattern]
    /// The user name for git.
    public var username: String?
    /// Renew below this.
    public var minRemaining: Duration?
    /// How it is renewed.
    public var renew: RenewConfiguration?
    /// Where new tokens are written.
    public var publish: [PublishConfiguration]
    /// The way out over SSH.
    public var ssh: SSHConfiguration?

    /// Makes a credential.
    public init(
        name: String, forge: String? = nil, apiURL: ServerURL? = nil, token: SecretSource? = nil,
        tokenPlace: String? = nil, expiresAt: Instant? = nil, hosts: [HostPattern] = [], username: String? = nil,
        minRemaining: Duration? = nil,
        renew: RenewConfiguration? = nil, publish: [PublishConfiguration] = [], ssh: SSHConfiguration? = nil
    ) {
        self.name = name
        self.forge = forge
        self.apiURL = apiURL
        self.token = token
        self.tokenPlace = tokenPlace
        self.expiresAt = expiresAt
        self.hosts = hosts
        self.username = username
        self.minRemaining = minRemaining
        self.renew = renew
        self.publish = publish
        self.ssh = ssh
    }
}

/// How a credential is renewed: the method's name and its settings, which the method itself has described.
public struct RenewConfiguration: Sendable {
    /// Who may renew.
    public enum Actor: String, CaseIterable, Sendable { case jobs, `operator` }

    /// The method's name; `none` switches renewal off.
    public var method: String
    /// Who may renew.
    public var by: Actor
    /// Checked against the method's `SettingsSchema`.
    public var settings: Settings

    /// Makes a plan.
    public init(method: String, by: Actor = .jobs, settings: Settings = Settings()) {
        self.method = method
        self.by = by
        self.settings = settings
    }
}

/// One publish target: its kind and its settings, which the target itself has described.
public struct PublishConfiguration: Sendable {
    /// The target's name, such as `gitlab-variable`.
    public var target: String
    /// Checked against the target's `SettingsSchema`.
    public var settings: Settings

    /// Makes a target.
    public init(target: String, settings: Settings) {
        self.target = target
        self.settings = settings
    }
}

/// The SSH fallback of a credential.
public struct SSHConfiguration: Sendable {
    /// The SSH server's host.
    public var host: String
    /// Its port.
    public var port: Int
    /// The user.
    public var user: String
    /// The private key.
    public var key: SecretSource?
    /// A known_hosts file.
    public var knownHosts: String?
    /// Pinned keys, `ssh-ed25519 AAAA…`.
    public var hostKeys: [String]
    /// Whether pushing must be proved too.
    public var needPush: Bool

    /// Makes a fallback.
    public init(
        host: String, port: Int = 22, user: String = "git", key: SecretSource? = nil, knownHosts: String? = nil,
        hostKeys: [String] = [], needPush: Bool = false
    ) {
        self.host = host
        self.port = port
        self.user = user
        self.key = key
        self.knownHosts = knownHosts
        self.hostKeys = hostKeys
        self.needPush = needPush
    }
}

/// The whole configuration.
public struct Configuration: Sendable {
    /// The file it was read from; nil when there was none.
    public var path: String?
    /// Whether it was found in the working tree rather than named, and so not trusted with renewals and secrets.
    public var isFound: Bool
    /// The job's duration where nothing else tells.
    public var defaultDuration: Duration
    /// Reserve on top of the estimate.
    public var margin: Duration
    /// Quantile of the estimate, 0.5 to 0.999.
    public var quantile: Double
    /// How long a forge's answer serves.
    public var recheckAfter: Duration
    /// What preflight does when a credential does not outlast the job.
    public var onInsufficient: OnInsufficient
    /// The credentials in the file's order.
    public var credentials: [CredentialConfiguration]

    /// Makes a configuration; without anything, the defaults.
    public init(
        path: String? = nil, isFound: Bool = false, defaultDuration: Duration = .seconds(3600),
        margin: Duration = .seconds(300), quantile: Double = 0.95, recheckAfter: Duration = .seconds(600),
        onInsufficient: OnInsufficient = .fail, credentials: [CredentialConfiguration] = []
    ) {
        self.path = path
        self.isFound = isFound
        self.defaultDuration = defaultDuration
        self.margin = margin
        self.quantile = quantile
        self.recheckAfter = recheckAfter
        self.onInsufficient = onInsufficient
        self.credentials = credentials
    }
}
