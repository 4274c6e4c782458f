// Where an issuer says that its endpoints are (OpenID Connect Discovery, RFC 8414). Endpoints on another server than the
// issuer's are not used: whoever wants that writes it into the configuration.
import OutlastModel

/// An issuer's endpoints, all on the issuer's own origin.
struct OAuth2Endpoints: Hashable, Sendable {
    /// Where tokens are issued and refreshed.
    let token: ServerURL
    /// Where they are taken back; nil when there is none.
    let revocation: ServerURL?
    /// Where registered clients ask about them; nil when there is none.
    let introspection: ServerURL?
    /// The grants that are offered; nil when the document does not say.
    let grants: [String]?
    /// How clients may prove themselves at the token endpoint; nil when the document does not say.
    let clientAuthentication: [String]?
}

/// Reads discovery documents.
enum OAuth2Discovery {
    /// Asks for the two well-known documents in turn, without any credential.
    ///
    /// - Throws: `unreachable` when neither is there, the document is for another issuer, or an endpoint lies on another
    ///   server; `slowDown` as every request.
    static func endpoints(
        of issuer: ServerURL, over transport: any HTTPTransport, clock: any WallClock, timeout: Duration
    ) async throws(Failure) -> OAuth2Endpoints {
        let client = APIClient(OAuth2.dialect, api: issuer, over: transport, clock: clock, timeout: timeout)
        let first = try await client.get("/.well-known/openid-configuration", credential: nil)
        if first.status == 200 { return try endpoints(first, issuer: issuer) }
        // RFC 8414 puts the well-known part before the issuer's path.
        let root = ServerURL(origin: issuer.origin, path: "")
        let second = try await client.get(
            "/.well-known/oauth-authorization-server" + issuer.path, at: root, credential: nil)
        guard second.status == 200 else { throw second.notTheAPI("no discovery document") }
        return try endpoints(second, issuer: issuer)
    }

    private static func endpoints(_ answer: APIAnswer, issuer: ServerURL) throws(Failure) -> OAuth2Endpoints {
        let json = try answer.object()
        guard let named = json["issuer"]?.text.flatMap({ ServerURL($0) }), named == issuer else {
            throw answer.notTheAPI("the document of another issuer")
        }
        guard let token = try endpoint("token_endpoint", json, answer) else {
            throw answer.notTheAPI("a document without a token endpoint")
        }
        return OAuth2Endpoints(
            token: token, revocation: try endpoint("revocation_endpoint", json, answer),
            introspection: try endpoint("introspection_endpoint", json, answer),
            grants: json["grant_types_supported"]?.elements?.compactMap(\.text),
            clientAuthentication: json["token_endpoint_auth_methods_supported"]?.elements?.compactMap(\.text))
    }

    private static func endpoint(
        _ key: String, _ json: JSONValue, _ answer: APIAnswer
    ) throws(Failure) -> ServerURL? {
        guard let value = json[key], value != .null else { return nil }
        guard let url = value.text.flatMap({ ServerURL($0) }) else {
            throw answer.notTheAPI("a `\(key)` that is no address")
        }
        guard url.origin == answer.url.origin else {
            throw Failure.unreachable(
                "\(answer.host) names \(url.origin.text) as its \(key), another server than "
                    + "\(answer.url.origin.text): nothing was sent there",
                hint: "if that is right, write it into the configuration as renew.token_url")
        }
        return url
    }
}
