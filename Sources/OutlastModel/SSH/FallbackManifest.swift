// What a run has made, written down before it is made, so that whoever comes later can take away exactly that.

/// Who makes things: which slot of which runner, and which job in it.
public struct FallbackPlace: Hashable, Sendable {
    /// The place that runs one job at a time; outside a CI the user's working tree.
    public var slot: String
    /// The job; empty outside a CI.
    public var job: String

    /// Names a place.
    public init(slot: String, job: String) {
        self.slot = slot
        self.job = job
    }
}

/// The list of what a run has made.
public struct FallbackManifest: Hashable, Sendable {
    /// How far the run has come.
    public enum Stage: String, Hashable, Sendable {
        /// Being made by its maker; without that one it is a leftover.
        case making
        case active
        /// Being taken away.
        case ending
    }

    /// A file that was changed.
    public struct ChangedFile: Hashable, Sendable {
        /// Its absolute path.
        public var path: String
        /// Digests of the lines that were added: some hold a token that the file holds anyway.
        public var lines: [String]

        /// Names a file.
        public init(path: String, lines: [String]) {
            self.path = path
            self.lines = lines
        }
    }

    /// A way out, for reports.
    public struct Way: Hashable, Sendable {
        /// The credential's name.
        public var name: String
        /// Where sshd listens.
        public var server: SSHServer
        /// The user there.
        public var user: String
        /// Patterns of the repositories.
        public var patterns: [String]
        /// `read`, `push`.
        public var proved: [String]
        /// The fingerprint of the key.
        public var keyFingerprint: String?
        /// The fingerprint of the host key that the server showed.
        public var hostKeyFingerprint: String?

        /// What decides where it leads, without what came of it.
        public var route: Way {
            Way(name: name, server: server, user: user, patterns: patterns)
        }

        /// Describes a way.
        public init(
            name: String, server: SSHServer, user: String, patterns: [String], proved: [String] = [],
            keyFingerprint: String? = nil, hostKeyFingerprint: String? = nil
        ) {
            self.name = name
            self.server = server
            self.user = user
            self.patterns = patterns
            self.proved = proved
            self.keyFingerprint = keyFingerprint
            self.hostKeyFingerprint = hostKeyFingerprint
        }
    }

    /// How far it has come.
    public var stage: Stage
    /// Where it belongs.
    public var place: FallbackPlace
    /// Whether it belongs to one process alone and ends with it; else to the whole job.
    public var isOfProcess: Bool
    /// Who made it; nil where the system does not tell.
    public var maker: KeptProcess?
    /// When it was made.
    public var madeAt: Instant
    /// When its life is over.
    public var endsAt: Instant
    /// Whether an agent was started.
    public var hasAgent: Bool
    /// Files that were changed.
    public var files: [ChangedFile]
    /// Deploy keys at forges.
    public var deployKeys: [RegisteredKey]
    /// The ways out.
    public var ways: [Way]
    /// The variables that were set before, to be put back.
    public var previous: [String: String]
    /// The names of the variables that were set.
    public var environment: [String]

    /// Begins a list.
    public init(
        stage: Stage, place: FallbackPlace, isOfProcess: Bool, maker: KeptProcess?, madeAt: Instant, endsAt: Instant,
        hasAgent: Bool = false, files: [ChangedFile] = [], deployKeys: [RegisteredKey] = [], ways: [Way] = [],
        previous: [String: String] = [:], environment: [String] = []
    ) {
        self.stage = stage
        self.place = place
        self.isOfProcess = isOfProcess
        self.maker = maker
        self.madeAt = madeAt
        self.endsAt = endsAt
        self.hasAgent = hasAgent
        self.files = files
        self.deployKeys = deployKeys
        self.ways = ways
        self.previous = previous
        self.environment = environment
    }

    /// Whether it may be taken away: its life is over, its slot has begun another job, or whoever needed it is gone.
    ///
    /// - Parameters:
    ///   - here: Where the one who asks runs.
    ///   - isMakerAlive: Whether the maker is; nil when that cannot be seen.
    public func isLeftover(at now: Instant, here: FallbackPlace, isMakerAlive: Bool?) -> Bool {
        if endsAt <= now { return true }
        if place.slot == here.slot && place.job != here.job { return true }
        switch stage {
        case .making, .ending: return isMakerAlive == false
        case .active: return isOfProcess && isMakerAlive == false
        }
    }

    /// Whether it is what `--off` and `--status` of this job are about.
    public func belongs(to here: FallbackPlace) -> Bool { place == here && !isOfProcess }
}
