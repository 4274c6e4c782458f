// Whether a grant still lives, asked without using it. Only two servers' answers are worth anything: GitLab's, whose access
// and refresh tokens die together, and that of an introspection endpoint (RFC 7662), which knows refresh tokens.
import OutlastModel

/// The harmless question about a pair of OAuth tokens.
struct OAuth2Question: Sendable {
    let context: RenewalContext

    /// Asks.
    ///
    /// An access token whose time is over says nothing about the refresh token: `unknown`, never dead.
    func ask(_ bundle: TokenBundle) async -> ProbeAnswer {
        do throws(Failure) {
            if let api = gitLabAPI { return try await askGitLab(bundle, api) }
            return try await introspect(bundle)
        } catch { return .unknown(error) }
    }

    /// Whether the tokens are GitLab's own.
    var isGitLab: Bool { gitLabAPI != nil }

    /// GitLab's API, when the token endpoint is GitLab's own.
    private var gitLabAPI: ServerURL? {
        guard let api = context.api, api.path.hasSuffix("/api/v4") else { return nil }
        guard let url = context.settings.url("token_url") else { return api }
        return url.origin == api.origin && url.path.hasSuffix("/oauth/token") ? api : nil
    }

    private func askGitLab(_ bundle: TokenBundle, _ api: ServerURL) async throws(Failure) -> ProbeAnswer {
        let question = TokenQuestion(
            token: bundle.access, api: api, kind: GitLab.oauth, timeout: context.questionTimeout)
        let reading = try await GitLab().inspect(question, over: context.transport, clock: context.clock)
        guard reading.standing.isDead else { return .alive(reading) }
        return hasRunOut(bundle, reading) ? .unknown(Self.silent(context)) : .dead(reading)
    }

    private func hasRunOut(_ bundle: TokenBundle, _ reading: TokenReading) -> Bool {
        if reading.standing == .expired { return true }
        let now = reading.readAt.advanced(by: reading.clockSkew ?? .zero)
        return LifetimeRules.isOver(bundle.expiry, at: now) == true
    }

    private func introspect(_ bundle: TokenBundle) async throws(Failure) -> ProbeAnswer {
        guard let endpoint = await introspectionURL() else { return .unknown(Self.noQuestion(context)) }
        let client = try await OAuth2Client(context)
        guard client.secret != nil else { return .unknown(Self.noQuestion(context)) }
        let subject = bundle.refresh ?? bundle.access
        let asked = try await active(subject, isRefresh: bundle.refresh != nil, client, endpoint)
        guard asked.json["active"]?.truth == true else {
            guard asked.json["active"]?.truth == false else { throw asked.answer.notTheAPI(asked.answer.nature) }
            return .dead(asked.answer.reading(.revoked, detail: "the server calls it inactive"))
        }
        var told = asked
        if bundle.refresh != nil { told = try await active(bundle.access, isRefresh: false, client, endpoint) }
        let end = told.json["exp"]?.wholeNumber.map { Expiry.at(Instant(seconds: $0)) } ?? .unknown
        return .alive(told.answer.reading(.alive, expiry: end))
    }

    private func active(
        _ token: Secret, isRefresh: Bool, _ client: OAuth2Client, _ endpoint: ServerURL
    ) async throws(Failure) -> (answer: APIAnswer, json: JSONValue) {
        let form = SecretForm()
        form.add("token", secret: token)
        form.add("token_type_hint", isRefresh ? "refresh_token" : "access_token")
        let asking = context.client(OAuth2.dialect, at: endpoint)
        let answer = try await asking.ask(client.request(endpoint, form, over: asking))
        guard answer.status == 200 else { throw answer.notTheAPI(answer.nature) }
        return (answer, try answer.object())
    }

    /// By discovery; where that fails there is no question.
    private func introspectionURL() async -> ServerURL? {
        do throws(Failure) { return try await OAuth2Client.discover(context)?.introspection } catch { return nil }
    }

    static func noQuestion(_ context: RenewalContext) -> Failure {
        Failure(
            .lifetimeUnknown, "the server of \(context.credential) offers no way to ask about a token without using it",
            hint: "with `api_url` set to its issuer, an introspection endpoint is used where there is one")
    }

    private static func silent(_ context: RenewalContext) -> Failure {
        Failure(
            .renewalInDoubt,
            "the access token of \(context.credential) is past its end, which says nothing about its refresh token",
            hint: "authorize anew if no newer pair turns up")
    }
}
