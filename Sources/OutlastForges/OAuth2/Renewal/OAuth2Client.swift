// The client's side of a refresh: where the endpoints are, and how the client proves itself. Both are settled before the
// request: trying one way after the other would send a single-use token twice.
import OutlastModel

/// A registered client at its server.
struct OAuth2Client: Sendable {
    /// How a client proves itself (RFC 6749, section 2.3.1).
    enum Proof: Hashable, Sendable {
        /// A public client has nothing to prove.
        case none
        case basic
        case body
    }

    let id: String
    let secret: Secret?
    let proof: Proof
    let tokenURL: ServerURL
    /// Where the server tells registered clients about tokens; nil where it does not.
    let introspectionURL: ServerURL?

    /// Reads the settings and, where they leave it open, the issuer's document.
    ///
    /// - Throws: `configuration` without an address or client, `unreachable` or `slowDown` by discovery.
    init(_ context: RenewalContext) async throws(Failure) {
        guard let id = context.settings.text("client_id") else {
            throw .configuration("credential \(context.credential) has no client_id", hint: "add `client_id`")
        }
        self.id = id
        secret = context.word("client_secret")
        let configured = context.settings.url("token_url")
        var found: OAuth2Endpoints?
        if configured == nil { found = try await Self.discover(context) }
        guard let url = configured ?? found?.token else {
            throw .configuration(
                "credential \(context.credential) has neither token_url nor an issuer to ask for it",
                hint: "add `token_url`, or `api_url` with the issuer's address")
        }
        tokenURL = url
        introspectionURL = found?.introspection
        proof = Self.proof(
            hasSecret: secret != nil, chosen: context.settings.text("client_auth"),
            offered: found?.clientAuthentication)
    }

    /// What was chosen, else what the server offers, else Basic, which every server has to take.
    static func proof(hasSecret: Bool, chosen: String?, offered: [String]?) -> Proof {
        guard hasSecret else { return .none }
        if let chosen { return chosen == "body" ? .body : .basic }
        guard let offered, !offered.contains("client_secret_basic") else { return .basic }
        return offered.contains("client_secret_post") ? .body : .basic
    }

    /// What to do about a client that its server does not take.
    static let checkAdvice =
        "check renew.client_id and renew.client_secret, and by renew.client_auth (basic or body) how the server wants them"

    /// A form request of this client.
    func request(_ url: ServerURL, _ form: SecretForm, over client: APIClient) -> HTTPRequest {
        var header: (name: String, value: HeaderValue)?
        switch (proof, secret) {
        case (.basic, let secret?):
            header = ("Authorization", .basic(user: ServerURL.encoded(id), SecretForm.encoded(secret)))
        case (.body, let secret?):
            form.add("client_id", id)
            form.add("client_secret", secret: secret)
        default: form.add("client_id", id)
        }
        return client.request("POST", url, credential: header, body: form.body())
    }

    /// The issuer's endpoints; nil without an issuer. GitLab's issuer is its root, not its API.
    static func discover(_ context: RenewalContext) async throws(Failure) -> OAuth2Endpoints? {
        guard let api = context.api else { return nil }
        return try await OAuth2Discovery.endpoints(
            of: issuer(api), over: context.transport, clock: context.clock, timeout: context.questionTimeout)
    }

    private static func issuer(_ api: ServerURL) -> ServerURL {
        let suffix = "/api/v4"
        guard api.path.hasSuffix(suffix) else { return api }
        return ServerURL(origin: api.origin, path: String(api.path.dropLast(suffix.count)))
    }
}
