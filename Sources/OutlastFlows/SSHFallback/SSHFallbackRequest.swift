// What was asked of the SSH fallback, and what came of it.

public import OutlastModel

/// A key and where it is read from.
public struct SSHKeySource: Sendable {
    /// The place.
    public var source: SecretSource
    /// Who named it.
    public var origin: TokenReader.Origin

    /// Names a key.
    public init(source: SecretSource, origin: TokenReader.Origin) {
        self.source = source
        self.origin = origin
    }
}

/// A fallback to activate.
public struct SSHFallbackRequest: Sendable {
    /// How the key is kept.
    public enum KeyPlace: Hashable, Sendable {
        /// An agent where OpenSSH's is there, else a file.
        case best
        case agent
        case file
    }

    /// The credentials with an `ssh` block; empty for a fallback that the command line describes alone.
    public var credentials: [CredentialConfiguration]
    /// `--key-env`, `--key-file`.
    public var key: SSHKeySource?
    /// `--host`
    public var host: String?
    /// `--port`
    public var port: Int?
    /// `--repo`
    public var repositories: [GitRemote]
    /// `--known-hosts`
    public var knownHosts: String?
    /// `--host-key`
    public var hostKeys: [String]
    /// `--user`
    public var user: String?
    /// `--for`
    public var hosts: [HostPattern]
    /// `--need-push`; the configuration can ask for it, too.
    public var needPush: Bool
    /// Where the key is kept.
    public var keyPlace: KeyPlace
    /// `--lifetime`; nil for what the job may still run, else 6 h.
    public var lifetime: Duration?
    /// Whether repositories' own configuration is written.
    public var isLocal: Bool
    /// Whether a key is made and registered at the forge.
    public var provisions: Bool
    /// Whether it ends with this process instead of the job.
    public var isOfProcess: Bool
    /// Whether it is proved only, and taken away again.
    public var isRehearsal: Bool
    /// Whether somebody is given the variables, so that they have to be taken back.
    public var handsOnEnvironment: Bool
    /// The working folder.
    public var folder: String
    /// Bound on each question to the server.
    public var timeout: Duration

    /// Makes a request; everything that is not given is as the contract says.
    public init(
        credentials: [CredentialConfiguration] = [], key: SSHKeySource? = nil, host: String? = nil, port: Int? = nil,
        repositories: [GitRemote] = [], knownHosts: String? = nil, hostKeys: [String] = [], user: String? = nil,
        hosts: [HostPattern] = [], needPush: Bool = false, keyPlace: KeyPlace = .best, lifetime: Duration? = nil,
        isLocal: Bool = false, provisions: Bool = false, isOfProcess: Bool = false, isRehearsal: Bool = false,
        folder: String, timeout: Duration = .seconds(60), handsOnEnvironment: Bool = true
    ) {
        self.handsOnEnvironment = handsOnEnvironment
        self.credentials = credentials
        self.key = key
        self.host = host
        self.port = port
        self.repositories = repositories
        self.knownHosts = knownHosts
        self.hostKeys = hostKeys
        self.user = user
        self.hosts = hosts
        self.needPush = needPush
        self.keyPlace = keyPlace
        self.lifetime = lifetime
        self.isLocal = isLocal
        self.provisions = provisions
        self.isOfProcess = isOfProcess
        self.isRehearsal = isRehearsal
        self.folder = folder
        self.timeout = timeout
    }
}

/// What came of it.
public struct SSHFallbackOutcome: Sendable {
    /// Whether git goes over SSH now.
    public var isActive: Bool
    /// The ways out, proved.
    public var ways: [FallbackManifest.Way] = []
    /// When its life is over.
    public var endsAt: Instant?
    /// Whether `off` has found anything to take back.
    public var wasThere = false
    /// Whether an agent holds the keys.
    public var hasAgent = false
    /// The repositories' configurations that were written, or restored.
    public var files: [String] = []
    /// Variables for git.
    public var environment: [GitVariable] = []
    /// Variables that have to go.
    public var unset: [String] = []
    /// The names of the variables, for reports.
    public var names: [String] = []
    /// Things to tell.
    public var notes: [String] = []
    /// The folder that holds all of it; what `deactivate` takes.
    public var folder: String?

    /// Begins an outcome.
    public init(isActive: Bool) { self.isActive = isActive }
}
