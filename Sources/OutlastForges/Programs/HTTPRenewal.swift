// `http`: a service answers a GET with the token, bare or in JSON. Redirects to another server are not followed: the headers
// carry secrets.
import OutlastModel

/// Minting by a service.
struct HTTPRenewal: RenewalMethod {
    let isDestructive = false

    var schema: SettingsSchema { RenewalSchemas.http }

    /// What a source hands out to one job is not meant for all (contract, section 11).
    let isSharedByToken = false

    func identity(_ context: RenewalContext) throws(Failure) -> [(name: String, value: String)] {
        let settings = context.settings
        let headers = (settings.map("headers") ?? []).map { entry in
            if case .text(let text) = entry.value {
                "\(entry.name.lowercased())=\(text)"
            } else {
                entry.name.lowercased()
            }
        }
        return [
            ("url", try url(context).text),
            ("headers", headers.sorted().map { "\($0.utf8.count):\($0)" }.joined()),
            ("token_pointer", settings.text("token_pointer") ?? ""),
        ]
    }

    func root(_ context: RenewalContext) throws(Failure) -> (secret: Secret, purpose: SecretPurpose)? {
        try ProgramToken.root(context)
    }

    func firstBundle(presented: Secret?, _ context: RenewalContext) throws(Failure) -> TokenBundle? {
        presented.map { token in
            TokenBundle(access: token, expiry: JWTReader.expiry(of: token).map(Expiry.at) ?? .unknown)
        }
    }

    /// There is no harmless question to a service that answers each one with a new token.
    func check(_ current: TokenBundle?, _ context: RenewalContext) async throws(Failure) {
        _ = try url(context)
        _ = try pointer("token_pointer", context)
        _ = try pointer("expires_pointer", context)
    }

    func renew(_ current: TokenBundle?, _ context: RenewalContext) async -> RenewalAnswer {
        do throws(Failure) {
            let url = try url(context)
            let sentAt = context.clock.now()
            let client = APIClient(
                Self.dialect, api: url, over: context.transport, clock: context.clock, timeout: context.timeout)
            let request = HTTPRequest("GET", url, headers: headers(context), timeout: context.timeout)
            let answer = try await client.ask(request)
            guard answer.status < 300 else {
                throw context.refused("\(answer.host) answered \(answer.status) with \(said(answer))")
            }
            guard let bundle = try bundle(answer, sentAt, context) else {
                return .inDoubt(
                    Failure(
                        .renewalInDoubt, "the answer of \(answer.host) holds no token: \(said(answer))",
                        hint: "check token_pointer: `/token` is where it is looked for without one"))
            }
            return .renewed(bundle)
        } catch {
            return error.code == .unreachable ? .inDoubt(error) : .refused(error)
        }
    }

    func probe(_ bundle: TokenBundle, _ context: RenewalContext) async -> ProbeAnswer {
        await ProgramToken.probe(bundle, context)
    }

    /// Whether old tokens end is the service's business.
    func retire(_ old: TokenBundle, _ context: RenewalContext) async throws(Failure) {}

    func rescueAdvice(_ context: RenewalContext) -> String {
        "the service can be asked again: run `outlast refresh`; if it hands out each token once, look into its own records"
    }

    static let dialect = APIDialect(
        name: "a token service", accept: "application/json", whereabouts: "check the `url` of renew")

    /// What came, without a byte of it: it may be the token.
    private func said(_ answer: APIAnswer) -> String {
        switch answer.content {
        case .html: "an HTML page"
        case .empty: "an empty body"
        case .json: "JSON"
        case .text, .broken: "something else"
        }
    }

    private func bundle(
        _ answer: APIAnswer, _ sentAt: Instant, _ context: RenewalContext
    ) throws(Failure) -> TokenBundle? {
        let token = try pointer("token_pointer", context)
        if case .text = answer.content, token == nil {
            return ProgramToken.read(Secret(bytes: answer.response.body), at: sentAt)
        }
        guard let json = answer.json else { return nil }
        if token == nil, let bare = TokenText.token(json) { return ProgramToken.read(bare, at: sentAt) }
        let end = try pointer("expires_pointer", context) ?? JSONPointer(["expires_at"])
        return ProgramToken.read(json, token: token?.steps ?? ["token"], end: end.steps, at: sentAt)
    }

    private func headers(_ context: RenewalContext) -> [(name: String, value: HeaderValue)] {
        var headers: [(name: String, value: HeaderValue)] = []
        for entry in context.settings.map("headers") ?? [] {
            switch entry.value {
            case .text(let text): headers.append((entry.name, .text(text)))
            case .secret:
                guard let secret = context.secrets["headers.\(entry.name)"] else { continue }
                headers.append((entry.name, .secret(prefix: "", secret)))
            default: continue
            }
        }
        let hasAccept = headers.contains { $0.name.lowercased() == "accept" }
        return hasAccept ? headers : [("Accept", .text(Self.dialect.accept))] + headers
    }

    private func url(_ context: RenewalContext) throws(Failure) -> ServerURL {
        guard let url = context.settings.url("url") else {
            throw .configuration("credential \(context.credential) has no url to ask", hint: "add `url`")
        }
        return url
    }

    private func pointer(_ name: String, _ context: RenewalContext) throws(Failure) -> JSONPointer? {
        guard let text = context.settings.text(name) else { return nil }
        guard let pointer = JSONPointer(text: text) else {
            throw .configuration(
                "the \(name) of \(context.credential) is no JSON pointer", hint: "write `\(name): /data/token`")
        }
        return pointer
    }
}
