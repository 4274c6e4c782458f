// GitHub, github.com or an Enterprise Server.
public import OutlastModel

/// GitHub's REST API.
public struct GitHub: Forge {
    /// Makes the forge.
    public init() {}

    /// `github`.
    public let id = "github"
    /// Installation tokens, `GITHUB_TOKEN`, both sorts of personal access tokens, OAuth and App user tokens.
    public var kinds: [TokenKind] { Self.allKinds }
    /// GitHub.com.
    public let publicAPI: String? = "https://api.github.com"

    /// `github.com` for its API's own host.
    public func gitHost(ofAPI host: String) -> String? { host == "api.github.com" ? "github.com" : nil }

    /// Classic scopes by their table, permissions by their levels.
    public func missing(of needed: [String], in granted: [String]) -> [String] {
        Self.missing(of: needed, in: granted)
    }

    /// Asks by GET requests alone; at most two.
    public func inspect(
        _ question: TokenQuestion, over transport: any HTTPTransport, clock: any WallClock
    ) async throws(Failure) -> TokenReading {
        let client = APIClient(
            Self.dialect, api: question.api, over: transport, clock: clock, timeout: question.timeout)
        return try await GitHubInspection(question: question, client: client).run()
    }

    /// Limits by facts section 2.7: a secondary limit without `retry-after` wants a minute at least.
    static let dialect = APIDialect(
        name: "GitHub", accept: "application/vnd.github+json",
        headers: [(name: "X-GitHub-Api-Version", value: "2022-11-28")],
        requestIDs: ["X-GitHub-Request-Id", "X-Request-Id"], remaining: "X-RateLimit-Remaining",
        reset: "X-RateLimit-Reset",
        bans: [
            APIDialect.Ban(
                text: "secondary rate limit", meaning: "the secondary rate limit is reached", wait: .seconds(60)),
            APIDialect.Ban(
                text: "maximum number of login attempts exceeded",
                meaning: "too many failed logins, now it refuses good tokens too"),
            APIDialect.Ban(text: "api rate limit exceeded", meaning: "the rate limit is used up"),
        ],
        whereabouts: "GitHub's API is at https://api.github.com, an Enterprise Server's at https://HOST/api/v3; "
            + "check --api-url or api_url")
}
