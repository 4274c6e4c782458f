// `oauth2`: the refresh grant of RFC 6749, section 6. A refresh token is treated as usable once, whatever the server says.
import OutlastModel

/// The refresh grant.
struct OAuth2Renewal: RenewalMethod {
    let isDestructive = true

    var schema: SettingsSchema { RenewalSchemas.oauth2 }

    /// GitLab's is fixed (facts section 1.17); others tell theirs with each token alone.
    func longestLife(_ context: RenewalContext, at now: Instant) -> Duration? {
        OAuth2Question(context: context).isGitLab ? GitLab.oauthLife : nil
    }

    func identity(_ context: RenewalContext) throws(Failure) -> [(name: String, value: String)] {
        [
            ("client_id", context.settings.text("client_id") ?? ""),
            ("token_url", context.settings.url("token_url")?.text ?? ""),
            ("scope", context.settings.text("scope") ?? ""),
        ]
    }

    func root(_ context: RenewalContext) throws(Failure) -> (secret: Secret, purpose: SecretPurpose)? {
        (try refreshToken(nil, context), .refresh)
    }

    func firstBundle(presented: Secret?, _ context: RenewalContext) throws(Failure) -> TokenBundle? {
        guard let presented else { return nil }
        let expiry = JWTReader.expiry(of: presented).map(Expiry.at) ?? .unknown
        return TokenBundle(access: presented, refresh: try refreshToken(nil, context), expiry: expiry)
    }

    /// Settles where and how to send the grant, and that it is not known to be used up.
    func check(_ current: TokenBundle?, _ context: RenewalContext) async throws(Failure) {
        _ = try refreshToken(current, context)
        _ = try await OAuth2Client(context)
        guard let current else { return }
        switch await OAuth2Question(context: context).ask(current) {
        case .dead(let reading): throw context.dead(reading, "the grant")
        case .finished(_, let grant): throw finished(grant, context)
        // The client is not taken where the question was asked, so it is not taken where the grant is used either.
        case .unknown(let failure) where failure.code == .renewalFailed: throw failure
        case .alive, .unknown: return
        }
    }

    private func finished(_ grant: TokenReading, _ context: RenewalContext) -> Failure {
        let detail = grant.detail.map { ": \($0)" } ?? ""
        return Failure(
            .renewalFailed,
            "the refresh token of \(context.credential) is finished\(detail); its access token still works",
            hint:
                "somebody else has used it, it was taken back, or renew.refresh_token holds another value: authorize anew and give the job the new pair before the access token ends"
        )
    }

    var canInspect: Bool { true }

    func inspect(_ token: Secret, _ context: RenewalContext) async throws(Failure) -> TokenReading? {
        try await OAuth2Question(context: context).inspect(token)
    }

    func renew(_ current: TokenBundle?, _ context: RenewalContext) async -> RenewalAnswer {
        let window = RequestWindow(context.timeout, from: context.clock)
        let client: OAuth2Client
        let refresh: Secret
        var request: HTTPRequest
        do throws(Failure) {
            client = try await OAuth2Client(context)
            refresh = try refreshToken(current, context)
            let form = SecretForm()
            form.add("grant_type", "refresh_token")
            form.add("refresh_token", secret: refresh)
            if let scope = context.settings.text("scope") { form.add("scope", scope) }
            request = client.request(client.tokenURL, form, over: context.client(Self.dialect, at: client.tokenURL))
            request.timeout = try window.rest()
        } catch { return .refused(error) }
        let sentAt = context.clock.now()
        let sender = DecisiveRequest(client: context.client(Self.dialect, at: client.tokenURL))
        switch await sender.send(request) {
        case .verdict(let verdict): return verdict
        case .answer(let answer):
            return OAuth2Answer(answer, sentAt: sentAt, refresh: refresh, context: context).verdict
        }
    }

    func probe(_ bundle: TokenBundle, _ context: RenewalContext) async -> ProbeAnswer {
        await OAuth2Question(context: context).ask(bundle)
    }

    /// The old pair died with the refresh.
    func retire(_ old: TokenBundle, _ context: RenewalContext) async throws(Failure) {}

    func rescueAdvice(_ context: RenewalContext) -> String {
        let id = context.settings.text("client_id").map { SafeText.line($0, limit: 80) } ?? "CLIENT_ID"
        return
            "the grant is spent and its successor was never seen: authorize client \(id) anew in a browser or by the "
            + "device flow, and give the job the new token and refresh_token"
    }

    private func refreshToken(_ current: TokenBundle?, _ context: RenewalContext) throws(Failure) -> Secret {
        if let refresh = current?.refresh ?? context.word("refresh_token") { return refresh }
        throw .configuration(
            "credential \(context.credential) has no refresh token", hint: "add `refresh_token: {env: NAME}`")
    }

    static let dialect = APIDialect(
        name: "an OAuth 2 token endpoint", accept: "application/json",
        whereabouts: "check token_url: it is the address that the server calls token_endpoint")
}
