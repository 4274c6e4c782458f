// Azure DevOps Services and Server. It tells no token's end: the API that would wants a Microsoft Entra token (facts
// section 5 [doc]).
public import OutlastModel

/// Azure DevOps' REST API; its base names the organization (`https://dev.azure.com/ORGANIZATION`).
public struct AzureDevOps: Forge {
    /// Makes the forge.
    public init() {}

    /// `azure-devops`.
    public let id = "azure-devops"
    /// Personal access tokens and the pipeline's job token.
    public var kinds: [TokenKind] { [Self.personal, Self.job] }
    /// None: every base names an organization.
    public let publicAPI: String? = nil

    /// A personal access token. The newer form carries `AZDO` near its end, which is no prefix.
    static let personal = TokenKind(
        id: "azure-devops-pat", forge: "azure-devops", expiry: .untold,
        renewal: TokenKind.Renewal(
            method: nil, reason: "extending a personal access token wants a Microsoft Entra token of its owner"),
        username: "pat", source: "facts section 5 [doc, mem]")

    /// `System.AccessToken`: dies with its job, 48 hours after its making where the job has no time-out.
    static let job = TokenKind(
        id: "azure-devops-job", forge: "azure-devops", expiry: .job(atMost: .seconds(172_800)),
        renewal: TokenKind.Renewal(method: nil, reason: "the pipeline's token lives as long as its job"),
        username: "build", source: "facts section 5 [iss, mem]")

    /// What a scope grants besides itself ([mem]).
    private static let included: [String: Set<String>] = [
        "vso.code_write": ["vso.code"],
        "vso.code_manage": ["vso.code", "vso.code_write"],
        "vso.code_full": ["vso.code", "vso.code_write", "vso.code_manage"],
        "vso.build_execute": ["vso.build"],
        "vso.packaging_write": ["vso.packaging"],
        "vso.packaging_manage": ["vso.packaging", "vso.packaging_write"],
    ]

    /// Scopes with their levels for code, builds and packages; all others include themselves alone.
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
        // The pipeline's token is a bearer token; of a JSON web token nobody has to be told that it is one.
        let isJob = question.kind == Self.job || JWTReader.claims(of: question.token) != nil
        let credential: HeaderValue =
            isJob ? .secret(prefix: "Bearer ", question.token) : .basic(user: "", question.token)
        let answer = try await client.get(
            "/_apis/connectionData", query: "connectOptions=0", credential: ("Authorization", credential))
        return try AzureDevOpsAnswers.reading(answer, kind: isJob ? Self.job : Self.personal)
    }

    static let dialect = APIDialect(
        name: "Azure DevOps", accept: "application/json", requestIDs: ["X-VSS-E2EID", "ActivityId", "X-Request-Id"],
        reset: "X-RateLimit-Reset", signInPaths: ["/_signin"],
        whereabouts: "Azure DevOps' API is at https://dev.azure.com/ORGANIZATION; check --api-url or api_url")
}
