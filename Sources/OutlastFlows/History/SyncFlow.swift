// `history sync`: what a forge's lists say of tokens, so that ends are known of tokens that no job has presented yet.

public import OutlastModel

/// What came of it.
public struct SyncOutcome: Sendable {
    /// The forge's name.
    public var forge: String
    /// The origin of its API.
    public var api: String
    /// What its lists say.
    public var list: TokenList
    /// Things to tell about the store.
    public var warnings: [String]
}

/// Reads lists.
public struct SyncFlow: Sendable {
    private let world: World

    /// Runs through these ports.
    public init(_ world: World) { self.world = world }

    /// Reads all lists that a credential may see, and keeps what they say.
    ///
    /// - Parameter timeout: Bound on each request.
    /// - Throws: `usage` for a forge without such lists, `rejected` (12), `insufficientScope` (14), `unreachable` (69),
    ///   `slowDown` (75), and `state` when there is no store that can be written.
    public func run(_ request: CredentialRequest, timeout: Duration) async throws(Failure) -> SyncOutcome {
        let store = try world.openStore(.readWrite).get()
        let token = try await TokenReader(world).read(request)
        let identified = TokenIdentification(
            token: token, chosenForge: request.forge, kindFromCI: nil, forgeOfCI: world.job?.forge,
            forges: world.forges)
        guard let forge = identified.forge.flatMap({ world.forge($0) }) else {
            throw .usage("it cannot be told which forge \(request.name) belongs to", hint: "give --forge")
        }
        guard let api = try APIRule.api(of: forge.id, request.apiURL, world) else {
            throw .usage("the API of \(forge.id) is not known", hint: "give --api-url")
        }
        let list = try await forge.list(
            TokenListQuestion(token: token, api: api, timeout: timeout),
            over: world.budgeted(by: store).transport, clock: world.clock)
        try store.write(list.tokens, wholeOf: list.isWhole ? api.origin.text : nil)
        return SyncOutcome(forge: forge.id, api: api.origin.text, list: list, warnings: store.warnings)
    }
}
