// `github-user`: a GitHub App's user token (`ghu_`) by its single-use refresh token (`ghr_`). GitHub says no with HTTP 200.
import OutlastModel

/// The refresh of a GitHub App's user token.
struct GitHubUser: RenewalMethod {
    let isDestructive = true

    var schema: SettingsSchema { RenewalSchemas.githubUser }

    func identity(_ context: RenewalContext) throws(Failure) -> [(name: String, value: String)] {
        [("client_id", context.settings.text("client_id") ?? "")]
    }

    func root(_ context: RenewalContext) throws(Failure) -> (secret: Secret, purpose: SecretPurpose)? {
        (try refreshToken(nil, context), .refresh)
    }

    func firstBundle(presented: Secret?, _ context: RenewalContext) throws(Failure) -> TokenBundle? {
        guard let presented else { return nil }
        return TokenBundle(access: presented, refresh: try refreshToken(nil, context))
    }

    func check(_ current: TokenBundle?, _ context: RenewalContext) async throws(Failure) {
        let refresh = try refreshToken(current, context)
        let isRefreshToken = refresh.withBytes { $0.starts(with: Array("ghr_".utf8)) }
        guard isRefreshToken else {
            throw .configuration(
                "the refresh_token of \(context.credential) does not begin with `ghr_`",
                hint: "it comes beside the `ghu_` token when the App has user token expiration switched on")
        }
        guard let current, case .dead(let reading) = await probe(current, context) else { return }
        throw context.dead(reading)
    }

    func renew(_ current: TokenBundle?, _ context: RenewalContext) async -> RenewalAnswer {
        let window = RequestWindow(context.timeout, from: context.clock)
        let refresh: Secret
        var request: HTTPRequest
        let client: APIClient
        do throws(Failure) {
            refresh = try refreshToken(current, context)
            client = context.client(Self.dialect, at: Self.tokenURL(try context.neededAPI()))
            let form = SecretForm()
            form.add("client_id", context.settings.text("client_id") ?? "")
            if let secret = context.word("client_secret") { form.add("client_secret", secret: secret) }
            form.add("grant_type", "refresh_token")
            form.add("refresh_token", secret: refresh)
            request = client.request("POST", client.api, credential: nil, body: form.body())
            request.timeout = try window.rest()
        } catch { return .refused(error) }
        let sentAt = context.clock.now()
        switch await DecisiveRequest(client: client).send(request) {
        case .verdict(let verdict): return verdict
        case .answer(let answer):
            return OAuth2Answer(answer, sentAt: sentAt, refresh: refresh, context: context).verdict
        }
    }

    /// `GET /user`. GitHub does not tell expired from revoked, so a token past its end says nothing about its refresh
    /// token.
    func probe(_ bundle: TokenBundle, _ context: RenewalContext) async -> ProbeAnswer {
        do throws(Failure) {
            let question = TokenQuestion(
                token: bundle.access, api: try context.neededAPI(), kind: GitHub.appUser,
                timeout: context.questionTimeout)
            let reading = try await GitHub().inspect(question, over: context.transport, clock: context.clock)
            guard reading.standing.isDead else { return .alive(reading) }
            let now = reading.readAt.advanced(by: reading.clockSkew ?? .zero)
            guard LifetimeRules.isOver(bundle.expiry, at: now) == true else { return .dead(reading) }
            throw Failure(
                .renewalInDoubt,
                "the token of \(context.credential) is past its end, which says nothing about its refresh token",
                hint: "authorize the App anew if no newer pair turns up")
        } catch { return .unknown(error) }
    }

    /// The old pair stops working with the refresh.
    func retire(_ old: TokenBundle, _ context: RenewalContext) async throws(Failure) {}

    func rescueAdvice(_ context: RenewalContext) -> String {
        "the refresh token is spent and its successor was never seen: authorize the App anew (its web flow, or the device "
            + "flow), and give the job the new `ghu_` and `ghr_` tokens"
    }

    /// Tokens are refreshed at the web host, not at the API's (facts section 2.6). Only GitHub's own two domains have a
    /// host of its own for the API; everywhere else both are one server, and no secret leaves it.
    static func tokenURL(_ api: ServerURL) -> ServerURL {
        let path = "/login/oauth/access_token"
        let host = api.origin.host
        let isGitHubs = host == "api.github.com" || (host.hasPrefix("api.") && host.hasSuffix(".ghe.com"))
        guard isGitHubs, let web = ServerURL("\(api.origin.scheme)://\(host.dropFirst(4))\(path)") else {
            return ServerURL(origin: api.origin, path: path)
        }
        return web
    }

    private func refreshToken(_ current: TokenBundle?, _ context: RenewalContext) throws(Failure) -> Secret {
        if let refresh = current?.refresh ?? context.word("refresh_token") { return refresh }
        throw .configuration(
            "credential \(context.credential) has no refresh token", hint: "add `refresh_token: {env: NAME}`")
    }

    private static let dialect = APIDialect(
        name: "GitHub's token endpoint", accept: "application/json",
        requestIDs: GitHub.dialect.requestIDs, remaining: GitHub.dialect.remaining, reset: GitHub.dialect.reset,
        bans: GitHub.dialect.bans, whereabouts: GitHub.dialect.whereabouts)
}
