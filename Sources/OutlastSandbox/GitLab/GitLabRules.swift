// What an administrator of a GitLab can set, as far as a token's life depends on it.

/// Instance settings of the GitLab double.
public struct GitLabRules: Sendable, Hashable {
    /// Whether every token must have a date; then the longest life below holds too.
    public var expiryRequired = true
    /// The longest life of a token in days, counted from today in UTC.
    public var maximumLifeDays = 365
    /// The life in days that a rotation gives when nothing is asked for.
    public var rotationDays = 7
    /// The prefix of access tokens; an administrator may change or empty it.
    public var tokenPrefix = "glpat-"
    /// Whether impersonation tokens are switched off.
    public var impersonationDisabled = false
    /// Whether rotation of legacy (not fine-grained) tokens is switched off.
    public var legacyRotationDisabled = false
    /// Which of the two known dialects `/oauth/token/info` speaks for a dead token: 400 (true) or 401.
    public var olderTokenInfo = false
    /// Whether git over HTTP says the older sentence for a refused credential.
    public var olderGitText = false
    /// The version that `/version` reports.
    public var version = "18.5.1"
    /// The longest life of SSH and deploy keys in days, which then must have an end; `nil` for no bound.
    public var sshKeyDays: Int?
    /// Whether deploy keys have no end yet, as before 15.11: what is asked for is ignored.
    public var olderDeployKeys = false
    /// API requests per token and period; `nil` for no limit.
    public var rateLimit: RateLimit?
    /// The ban of addresses that fail to sign in to git too often; `nil` when off, as by default.
    public var gitBan: GitBan?

    /// The settings of a fresh instance.
    public init() {}

    /// So many requests in so many seconds.
    public struct RateLimit: Sendable, Hashable {
        /// Requests in one period.
        public var requests: Int
        /// Length of a period in seconds.
        public var seconds: Int

        /// A limit of `requests` in `seconds`.
        public init(requests: Int, seconds: Int = 60) {
            self.requests = requests
            self.seconds = seconds
        }
    }

    /// So many failures in a window, and how long the door then stays shut.
    public struct GitBan: Sendable, Hashable {
        /// Failures that are one too many.
        public var failures: Int
        /// The window in which they are counted, seconds.
        public var window: Int
        /// How long the ban holds, seconds.
        public var duration: Int

        /// A ban after `failures` within `window` seconds, for `duration` seconds.
        public init(failures: Int = 30, window: Int = 180, duration: Int = 3600) {
            self.failures = failures
            self.window = window
            self.duration = duration
        }
    }
}
