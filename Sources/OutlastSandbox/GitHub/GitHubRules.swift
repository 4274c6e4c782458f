// What can be set about the GitHub double.

/// Settings of the GitHub double.
public struct GitHubRules: Sendable, Hashable {
    /// Whether installation tokens are minted in the stateless form of about 520 characters.
    public var statelessTokens = false
    /// Requests per token and hour; beyond them the primary limit answers.
    public var hourlyLimit = 5000
    /// Requests per address and hour without a token.
    public var anonymousHourlyLimit = 60
    /// Whether a limit is answered with 429 rather than 403; both are in use.
    public var limitsAnswer429 = false
    /// The secondary limit; `nil` when off.
    public var secondaryLimit: SecondaryLimit?
    /// Failed sign-ins from an address after which even good credentials are refused; 0 when off.
    public var failedAttempts = 0
    /// How long that lasts, seconds.
    public var failedAttemptsDuration = 600
    /// Seconds for which git does not know a newly minted token yet.
    public var propagationSeconds = 0
    /// Minutes east of UTC in which the expiry header is printed; 0 prints `UTC`.
    public var expiryHeaderOffset = 0

    /// The settings of a quiet day.
    public init() {}

    /// So many requests in so many seconds.
    public struct SecondaryLimit: Sendable, Hashable {
        /// Requests in one window.
        public var requests: Int
        /// The window in seconds.
        public var seconds: Int
        /// What `retry-after` says; `nil` for an answer without it.
        public var retryAfter: Int?

        /// A limit of `requests` in `seconds`.
        public init(requests: Int, seconds: Int = 60, retryAfter: Int? = nil) {
            self.requests = requests
            self.seconds = seconds
            self.retryAfter = retryAfter
        }
    }
}
