// GitLab, gitlab.com or one's own.
public import OutlastModel

/// GitLab's REST API, version 4.
public struct GitLab: Forge {
    /// Makes the forge.
    public init() {}

    /// `gitlab`.
    public let id = "gitlab"
    /// Access tokens of people, projects, groups and service accounts; OAuth, job and deploy tokens.
    public var kinds: [TokenKind] { Self.allKinds }
    /// GitLab.com.
    public let publicAPI: String? = "https://gitlab.com/api/v4"

    /// Scopes by GitLab's own inclusions (`api` includes `read_api`, …).
    public func missing(of needed: [String], in granted: [String]) -> [String] {
        Self.missing(of: needed, in: granted)
    }

    /// Deploy tokens cannot call the API, so nobody can ask about them (facts section 1.13 [doc]).
    public func obstacle(toInspecting kind: TokenKind) -> String? {
        kind == Self.deploy ? "a deploy token cannot call GitLab's API, which therefore tells nothing about it" : nil
    }

    /// Asks by GET requests alone; at most three, for a token of which nothing is known.
    public func inspect(
        _ question: TokenQuestion, over transport: any HTTPTransport, clock: any WallClock
    ) async throws(Failure) -> TokenReading {
        if let obstacle = obstacle(toInspecting: question.kind) { throw Failure(.lifetimeUnknown, obstacle) }
        let client = APIClient(
            Self.dialect, api: question.api, over: transport, clock: clock, timeout: question.timeout)
        return try await GitLabInspection(question: question, client: client).run()
    }

    /// `GET /metadata`, which takes any access token that may read.
    public func version(
        _ question: TokenQuestion, over transport: any HTTPTransport, clock: any WallClock
    ) async throws(Failure) -> ServerVersion? {
        let client = APIClient(
            Self.dialect, api: question.api, over: transport, clock: clock, timeout: question.timeout)
        let token: HeaderValue = .secret(prefix: "Bearer ", question.token)
        let answer = try await client.get("/metadata", credential: ("Authorization", token))
        guard answer.status == 200, let text = answer.json?["version"]?.text else { return nil }
        let numbers = text.split(whereSeparator: { $0 == "." || $0 == "-" }).prefix(2).compactMap { Int($0) }
        guard numbers.count == 2 else { return ServerVersion(text: text) }
        // Rotation came with 16.0, of a token by itself with 16.10 (facts section 1.9).
        let lack: String? =
            numbers[0] < 16
            ? "older than 16.0, which brought the rotation of tokens"
            : (numbers[0], numbers[1]) < (16, 10) ? "older than 16.10: no token can rotate itself there" : nil
        return ServerVersion(text: text, lack: lack)
    }

    /// Limits and bans by facts section 1.6; the wait of a ban is the default of GitLab's own setting, since it sends no
    /// header.
    static let dialect = APIDialect(
        name: "GitLab", accept: "application/json", reset: "RateLimit-Reset",
        bans: [
            APIDialect.Ban(
                text: "too many failed authentication attempts from this ip",
                meaning: "it has banned this address for too many failed logins", wait: .seconds(3600)),
            // Older Rack::Attack wording [mem]; the JSON refusals of the API are longer.
            APIDialect.Ban(
                text: "forbidden", isWholeBody: true,
                meaning: "a bare `Forbidden`, which older versions send to a banned address", wait: .seconds(3600)),
            APIDialect.Ban(text: "retry later", meaning: "it asks us to retry later"),
        ],
        whereabouts: "GitLab's API is at https://HOST/api/v4; check --api-url or api_url")
}
