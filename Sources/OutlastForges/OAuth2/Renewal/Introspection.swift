// The harmless question about one token of an OAuth 2 server (RFC 7662), which only a registered client may ask.
import OutlastModel

/// A client at an introspection endpoint.
struct Introspection: Sendable {
    private let context: RenewalContext
    private let client: OAuth2Client
    private let endpoint: ServerURL

    /// - Returns: nil for a public client: it cannot prove itself, so it is told nothing.
    /// - Throws: as `OAuth2Client`.
    init?(_ context: RenewalContext, at endpoint: ServerURL) async throws(Failure) {
        let client = try await OAuth2Client(context)
        guard client.secret != nil else { return nil }
        self.context = context
        self.client = client
        self.endpoint = endpoint
    }

    /// How a token stands. The server does not tell an end that has passed from a revocation.
    ///
    /// - Throws: `renewalFailed` (20) when the client is not taken, `unreachable` for any other answer that is none.
    func reading(_ token: Secret, hint: String) async throws(Failure) -> TokenReading {
        let form = SecretForm()
        form.add("token", secret: token)
        form.add("token_type_hint", hint)
        let asking = context.client(Self.dialect, at: endpoint)
        let answer = try await asking.ask(client.request(endpoint, form, over: asking))
        if let refusal = refusal(answer) { throw refusal }
        guard answer.status == 200 else { throw answer.notTheAPI(answer.nature) }
        let json = try answer.object()
        switch json["active"]?.truth {
        case true?:
            let end = json["exp"]?.wholeNumber.map { Expiry.at(Instant(seconds: $0)) } ?? .unknown
            let scopes = json["scope"]?.text.map { $0.split(separator: " ").map(String.init) }
            return answer.reading(.alive, scopes: scopes, expiry: end)
        case false?: return answer.reading(.revoked, detail: "the server calls it inactive")
        case nil: throw answer.notTheAPI(answer.nature)
        }
    }

    /// The failure when the client itself was refused (RFC 6749, section 5.2): that says nothing about the token.
    private func refusal(_ answer: APIAnswer) -> Failure? {
        if case .html = answer.content { return nil }
        let error = answer.json?["error"]?.text
        guard answer.status == 401 || (answer.status == 400 && error == "invalid_client") else { return nil }
        let said = error.map { "says \(SafeText.line($0, limit: 80))" } ?? "answered \(answer.status)"
        return Failure(
            .renewalFailed,
            "\(answer.host) does not take the client's id and secret of \(context.credential): it \(said)\(answer.trace)",
            hint: OAuth2Client.checkAdvice)
    }

    private static let dialect = APIDialect(
        name: "OAuth 2 introspection", accept: "application/json",
        whereabouts: "check api_url: it is the issuer, whose document names its introspection endpoint")
}
