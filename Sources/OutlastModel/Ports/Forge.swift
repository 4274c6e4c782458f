// How a forge is asked about a token.

/// A question about one token.
public struct TokenQuestion: Sendable {
    /// The token.
    public let token: Secret
    /// The base of the forge's API, as configured.
    public let api: ServerURL
    /// What is known of the kind before asking: from the environment, the prefix or the token itself.
    public let kind: TokenKind
    /// Bound on each request.
    public let timeout: Duration

    /// Makes a question.
    public init(token: Secret, api: ServerURL, kind: TokenKind, timeout: Duration) {
        self.token = token
        self.api = api
        self.kind = kind
        self.timeout = timeout
    }
}

/// Which version a server has, and what it is too old for.
public struct ServerVersion: Hashable, Sendable {
    /// As the server told it; to be shown through `SafeText`.
    public let text: String
    /// What cannot be done there, as a part of a sentence; nil when it can do everything that we ask for.
    public let lack: String?

    /// Makes a version.
    public init(text: String, lack: String? = nil) {
        self.text = text
        self.lack = lack
    }
}

/// A forge, as far as tokens are concerned. Implementations live in `OutlastForges`, one file each.
public protocol Forge: Sendable {
    /// The name in the configuration and in `--forge`.
    var id: String { get }
    /// The kinds of tokens that it has.
    var kinds: [TokenKind] { get }
    /// The API of the public instance; nil for forges that have none.
    var publicAPI: String? { get }
    /// Whether there is a request that tells something about tokens of this kind.
    func canInspect(_ kind: TokenKind) -> Bool
    /// Why this forge cannot be asked about tokens of a kind (no endpoint tells, or it wants a client of its own), as a
    /// part of a sentence for reports; nil when it can be asked.
    func obstacle(toInspecting kind: TokenKind) -> String?
    /// What scopes a token needs beyond those it has, for each one that was asked for (`api` includes `read_api` …).
    /// Scopes in a form that the forge does not know are missing.
    func missing(of needed: [String], in granted: [String]) -> [String]
    /// The host that git is served from, where it is another than the API's (as with public instances whose API has a name
    /// of its own); nil where it is the same, or this is not the forge's API.
    func gitHost(ofAPI host: String) -> String?
    /// Asks by a harmless request; never one that changes anything.
    ///
    /// The reading holds what the forge said and nothing else, so a token's own `exp` is not in it. Its kind is nil when
    /// the answer does not narrow what the question supposed.
    ///
    /// - Throws: `Failure` `unreachable` (69) for servers that don't answer or don't speak this forge's API, `slowDown`
    ///   (75) for rate limits and bans; `lifetimeUnknown` (13), without any request, for a kind with an `obstacle`.
    func inspect(
        _ question: TokenQuestion, over transport: any HTTPTransport, clock: any WallClock
    ) async throws(Failure) -> TokenReading

    /// Asks which version the server has; nil where it does not tell this token.
    func version(
        _ question: TokenQuestion, over transport: any HTTPTransport, clock: any WallClock
    ) async throws(Failure) -> ServerVersion?

    /// Reads the forge's lists of living tokens, as far as a credential may see them; by requests that only read.
    ///
    /// - Throws: `usage` where the forge has no such lists; else as `inspect`, and `rejected` (12), `expired` (11) or
    ///   `insufficientScope` (14) for a credential that may not read them.
    func list(
        _ question: TokenListQuestion, over transport: any HTTPTransport, clock: any WallClock
    ) async throws(Failure) -> TokenList
}

extension Forge {
    /// Most have one version, today's.
    public func version(
        _ question: TokenQuestion, over transport: any HTTPTransport, clock: any WallClock
    ) async throws(Failure) -> ServerVersion? { nil }

    /// Most kinds can be asked about.
    public func obstacle(toInspecting kind: TokenKind) -> String? { nil }

    /// Most forges tell nobody which tokens there are.
    public func list(
        _ question: TokenListQuestion, over transport: any HTTPTransport, clock: any WallClock
    ) async throws(Failure) -> TokenList {
        throw .usage(
            "no lists of tokens can be read from \(id)", hint: "tokens are then known from the jobs that use them")
    }

    /// The API's own.
    public func gitHost(ofAPI host: String) -> String? { nil }

    /// Whether the forge can be asked about tokens of a kind.
    public func canInspect(_ kind: TokenKind) -> Bool { obstacle(toInspecting: kind) == nil }
}
