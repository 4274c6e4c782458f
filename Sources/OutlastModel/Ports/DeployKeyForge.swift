// How a forge is asked to let a key of ours in, and about the keys that its own SSH server shows.

/// One repository of one forge, with what it takes to change its deploy keys.
public struct DeployKeyContext: Sendable {
    /// The credential's name, for messages.
    public let credential: String
    /// The token that administers the repository.
    public let token: Secret
    /// The base of the forge's API, as configured.
    public let api: ServerURL
    /// The repository's path (`group/app`), or its number where the forge takes one. A `/` before it, and a `/` or `.git`
    /// after it, as addresses have them, are dropped.
    public let repository: String
    /// Bound on each request.
    public let timeout: Duration
    /// Requests.
    public let transport: any HTTPTransport
    /// Time.
    public let clock: any WallClock

    /// Collects them.
    public init(
        credential: String, token: Secret, api: ServerURL, repository: String, timeout: Duration,
        transport: any HTTPTransport, clock: any WallClock
    ) {
        self.credential = credential
        self.token = token
        self.api = api
        var path = repository.hasPrefix("/") ? repository.dropFirst() : repository[...]
        if path.hasSuffix("/") { path = path.dropLast() }
        if path.hasSuffix(".git") { path = path.dropLast(4) }
        self.repository = String(path)
        self.timeout = timeout
        self.transport = transport
        self.clock = clock
    }
}

/// A key to be let in.
public struct DeployKeyRequest: Hashable, Sendable {
    /// What the repository's owners see, as it is sent: one safe line of at most 255 bytes.
    public let title: String
    /// The public half. It has to be a key made for this request: whatever the forge has under it is taken for ours, and
    /// removed where it is not as asked.
    public let key: PublicKeyText
    /// Whether it may push.
    public let canPush: Bool
    /// When it is to end; nil for never. A forge that keeps no ends (`keepsEnds`) ignores it.
    public let expiresAt: Instant?

    /// Describes a key.
    public init(title: String, key: PublicKeyText, canPush: Bool, expiresAt: Instant?) {
        self.title = SafeText.line(title, limit: 255)
        self.key = key
        self.canPush = canPush
        self.expiresAt = expiresAt
    }
}

/// A deploy key as the forge shows it.
public struct DeployKey: Hashable, Sendable {
    /// The forge's own id, by which it is removed.
    public let id: String
    /// Its title; text from elsewhere.
    public let title: String
    /// The public half; nil where the forge shows one in a form that we do not read.
    public let key: PublicKeyText?
    /// Whether it may push.
    public let canPush: Bool
    /// When the forge ends it.
    public let expiry: Expiry
    /// False where a policy has switched it off.
    public let isEnabled: Bool

    /// Describes a key.
    public init(id: String, title: String, key: PublicKeyText?, canPush: Bool, expiry: Expiry, isEnabled: Bool) {
        self.id = id
        self.title = title
        self.key = key
        self.canPush = canPush
        self.expiry = expiry
        self.isEnabled = isEnabled
    }
}

/// What became of a key that was to be let in.
public enum DeployKeyAnswer: Sendable {
    /// It is there, as asked but for an end where the forge keeps none: `expiry` tells.
    case registered(DeployKey)
    /// It is not there.
    case refused(Failure)
    /// It cannot be told whether it is there: remove it by its public half before it is forgotten.
    case inDoubt(Failure)
}

/// A question about the keys of a host.
public struct HostKeyQuestion: Sendable {
    /// The host that SSH goes to.
    public let host: String
    /// The port that SSH goes to.
    public let port: Int
    /// The base of the forge's API, as configured.
    public let api: ServerURL
    /// A token, for instances that tell nothing to strangers; nil to ask without one.
    public let token: Secret?
    /// Bound on the request.
    public let timeout: Duration

    /// Makes a question.
    public init(host: String, port: Int, api: ServerURL, token: Secret?, timeout: Duration) {
        self.host = host
        self.port = port
        self.api = api
        self.token = token
        self.timeout = timeout
    }
}

/// A forge, as far as deploy keys and host keys are concerned. Implementations live beside their forge.
public protocol DeployKeyForge: Sendable {
    /// The forge's name in the configuration and in `--forge`.
    var id: String { get }
    /// Whether the forge itself ends a key at its time. Where it does not, whoever registers has to remove.
    var keepsEnds: Bool { get }
    /// What makes a key of this forge die or fail before its time, as a sentence for operators; nil when there is nothing.
    var caution: String? { get }
    /// Lets a key in, once: a key that is there already as asked is given back, one that is otherwise is made anew. After
    /// an answer that was lost, the repository's keys are looked through before it is asked again.
    ///
    /// The failures are `expired` (11) and `rejected` (12) for the token, `insufficientScope` (14) for a scope, a role or
    /// a repository that it cannot see, `sshUnproved` (30) where a policy or the forge's own rules forbid the key,
    /// `unreachable` (69), `slowDown` (75), `configuration` (78) for a repository or a title that cannot be one, and
    /// `usage` (64) for an end that is over.
    func register(_ request: DeployKeyRequest, _ context: DeployKeyContext) async -> DeployKeyAnswer
    /// The repository's keys, those that ended included.
    ///
    /// - Throws: as `register` fails.
    func list(_ context: DeployKeyContext) async throws(Failure) -> [DeployKey]
    /// Removes a key from the repository; one that is not there any more counts as removed.
    ///
    /// - Throws: as `register` fails; the key may then still be there.
    func remove(_ id: String, _ context: DeployKeyContext) async throws(Failure)
    /// The keys that the host's SSH server shows, by the forge's own API over HTTPS; nil when that API says nothing about
    /// this host.
    ///
    /// - Throws: `unreachable` (69), `slowDown` (75); `sshUnproved` (30) for an API without TLS on another machine, whose
    ///   word anybody on the way could have changed, and for an answer that contradicts itself or names a key that is
    ///   known to be in the wrong hands.
    func hostKeys(
        _ question: HostKeyQuestion, over transport: any HTTPTransport, clock: any WallClock
    ) async throws(Failure) -> [HostKeyBook.Key]?
}

extension DeployKeyForge {
    /// Nothing.
    public var caution: String? { nil }

    /// This API says nothing about host keys.
    public func hostKeys(
        _ question: HostKeyQuestion, over transport: any HTTPTransport, clock: any WallClock
    ) async throws(Failure) -> [HostKeyBook.Key]? { nil }

    /// The repository's keys with this public half.
    public func find(_ key: PublicKeyText, _ context: DeployKeyContext) async throws(Failure) -> [DeployKey] {
        try await list(context).filter { $0.key == key }
    }

    /// The repository's keys with exactly this title.
    public func find(title: String, _ context: DeployKeyContext) async throws(Failure) -> [DeployKey] {
        try await list(context).filter { $0.title == title }
    }

    /// Removes every key with exactly this title, for callers whose titles are unique. None at all counts as removed.
    public func remove(title: String, _ context: DeployKeyContext) async throws(Failure) {
        for found in try await find(title: title, context) { try await remove(found.id, context) }
    }

    /// Removes a key by its public half: for one whose number nobody learnt. One that is not there counts as removed.
    public func remove(_ key: PublicKeyText, _ context: DeployKeyContext) async throws(Failure) {
        for found in try await find(key, context) { try await remove(found.id, context) }
    }
}
