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
        guard let endpoint = await introspectionURL(), let asking = try await Introspection(context, at: endpoint)
        else {
            return .unknown(Self.noQuestion(context))
        }
        let access = { () async throws(Failure) in try await asking.reading(bundle.access, hint: "access_token") }
        guard let refresh = bundle.refresh else {
            let reading = try await access()
            return reading.standing.isDead ? .dead(reading) : .alive(reading)
        }
        let grant = try await asking.reading(refresh, hint: "refresh_token")
        var reading = try await access()
        switch (grant.standing.isDead, reading.standing.isDead) {
        case (false, false): return .alive(reading)
        case (false, true):
            // What renews it is there, so it is as good as alive; when it ends nobody needs to know any more.
            (reading.standing, reading.expiry, reading.detail) = (.alive, .unknown, nil)
            return .alive(reading)
        case (true, false): return .finished(reading, grant: grant)
        case (true, true):
            reading.detail = "the server calls the access token inactive, and the refresh token too"
            return .dead(reading)
        }
    }

    /// Asks about an access token alone; nil where this client has no way to ask.
    ///
    /// - Throws: what keeps an answer from being had, discovery's failures among it unless the settings name the token
    ///   endpoint: then there may be no issuer at all.
    func inspect(_ access: Secret) async throws(Failure) -> TokenReading? {
        guard !isGitLab else { return nil }
        let hasTokenURL = context.settings.url("token_url") != nil
        let endpoint = hasTokenURL ? await introspectionURL() : try await OAuth2Client.discover(context)?.introspection
        guard let endpoint, let asking = try await Introspection(context, at: endpoint) else { return nil }
        return try await asking.reading(access, hint: "access_token")
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
