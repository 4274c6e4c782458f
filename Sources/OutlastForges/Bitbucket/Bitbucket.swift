// Bitbucket Cloud. It has no endpoint that tells an access token's end (facts section 6 [mem]).
public import OutlastModel

/// Bitbucket's REST API, version 2.0.
public struct Bitbucket: Forge {
    /// Makes the forge.
    public init() {}

    /// `bitbucket`.
    public let id = "bitbucket"
    /// Access tokens of repositories, projects and workspaces.
    public var kinds: [TokenKind] { [Self.accessToken] }
    /// Bitbucket Cloud.
    public let publicAPI: String? = "https://api.bitbucket.org/2.0"

    /// `bitbucket.org` for its API's own host.
    public func gitHost(ofAPI host: String) -> String? { host == "api.bitbucket.org" ? "bitbucket.org" : nil }

    /// An access token. The prefix is from memory.
    static let accessToken = TokenKind(
        id: "bitbucket-access-token", forge: "bitbucket", prefixes: ["ATCTT3"], expiry: .untold,
        renewal: TokenKind.Renewal(method: nil, reason: "Bitbucket has no endpoint that rotates an access token"),
        username: "x-token-auth", source: "facts section 6 [mem]")

    /// What a scope grants besides itself ([mem]).
    private static let included: [String: Set<String>] = [
        "repository:write": ["repository"],
        "pullrequest": ["repository"],
        "pullrequest:write": ["pullrequest", "repository", "repository:write"],
        "pipeline:write": ["pipeline"],
        "pipeline:variable": ["pipeline", "pipeline:write"],
        "account:write": ["account"],
    ]

    /// Scopes by Bitbucket's own inclusions.
    public func missing(of needed: [String], in granted: [String]) -> [String] {
        let held = granted.reduce(into: Set(granted)) { $0.formUnion(Self.included[$1] ?? []) }
        var seen: Set<String> = []
        return needed.filter { !held.contains($0) && seen.insert($0).inserted }
    }

    /// Asks by one GET.
    public func inspect(
        _ question: TokenQuestion, over transport: any HTTPTransport, clock: any WallClock
    ) async throws(Failure) -> TokenReading {
        let client = APIClient(
            Self.dialect, api: question.api, over: transport, clock: clock, timeout: question.timeout)
        let answer = try await client.get(
            "/user", credential: ("Authorization", .secret(prefix: "Bearer ", question.token)))
        return try Self.reading(answer)
    }

    /// A token of a repository may well lack the scope for this question; being told so, it is alive all the same.
    private static func reading(_ answer: APIAnswer) throws(Failure) -> TokenReading {
        let json = try answer.object()
        let error = json["type"]?.text == "error" ? json["error"] : nil
        switch answer.status {
        case 200:
            guard json["type"]?.text != nil, json["uuid"]?.text != nil else {
                throw answer.notTheAPI("an object that is no account")
            }
            let scopes = answer.response.header("X-OAuth-Scopes")?.split(separator: ",").map { $0.filter { $0 != " " } }
            return answer.reading(.alive, scopes: scopes, detail: silence)
        case 401 where error?["message"]?.text != nil:
            return answer.refusal(
                .rejected, "Bitbucket does not tell expired from revoked, unknown or not meant for its API")
        case 403 where error?["message"]?.text != nil:
            let granted = error?["detail"]?["granted"]?.elements?.compactMap(\.text)
            return answer.reading(.alive, scopes: granted, detail: silence)
        default: throw answer.notTheAPI(answer.nature)
        }
    }

    private static let silence = "Bitbucket tells nobody when an access token ends"

    static let dialect = APIDialect(
        name: "Bitbucket", accept: "application/json",
        bans: [
            APIDialect.Ban(
                text: "rate limit for this resource has been exceeded", meaning: "the rate limit is used up")
        ],
        whereabouts: "Bitbucket's API is at https://api.bitbucket.org/2.0; check --api-url or api_url")
}
