// What every method asks of its context: a client, the API, secrets in the form in which they are sent.
import OutlastModel

extension RenewalContext {
    /// Bound on each harmless question.
    var questionTimeout: Duration { Swift.min(timeout, .seconds(10)) }

    /// A client for harmless questions.
    func client(_ dialect: APIDialect, at api: ServerURL) -> APIClient {
        APIClient(dialect, api: api, over: transport, clock: clock, timeout: questionTimeout)
    }

    /// The API, which this method cannot do without.
    ///
    /// - Throws: `configuration` (78) when there is none.
    func neededAPI() throws(Failure) -> ServerURL {
        guard let api else {
            throw .configuration(
                "credential \(credential) has no API address to renew at", hint: "give it `api_url`, or `forge`")
        }
        return api
    }

    /// A secret that is a token or a word, without the white space that files and variables have around it; nil when
    /// there is none.
    func word(_ name: String) -> Secret? {
        secrets[name].flatMap { $0.withBytes { Secret.token(trimming: $0) } }
    }

    /// The current token.
    ///
    /// - Throws: `configuration` (78) when the credential has none.
    func neededToken(_ bundle: TokenBundle?) throws(Failure) -> Secret {
        guard let bundle else {
            throw .configuration(
                "credential \(credential) has no token to renew", hint: "give it `token: {env: NAME}`")
        }
        return bundle.access
    }

    /// The failure for a token that the forge does not accept, by how it stands.
    func dead(_ reading: TokenReading, _ whose: String = "the token") -> Failure {
        let detail = reading.detail.map { ": \($0)" } ?? ""
        let subject = CredentialName.token(of: credential, whose)
        return switch reading.standing {
        case .expired:
            Failure(
                .expired, "\(subject) has expired\(detail)",
                hint: "an expired token cannot be renewed: give the job a new one")
        case .insufficientScope:
            Failure(.insufficientScope, "\(subject) lacks a permission\(detail)")
        default:
            Failure(
                .rejected, "\(subject) is not accepted\(detail)",
                hint: "it was revoked, rotated elsewhere, or never right: give the job the current one")
        }
    }

    /// A refusal before or instead of a renewal; the old token is as it was.
    func refused(_ why: String, hint: String? = nil) -> Failure {
        Failure(.renewalFailed, "\(credential) was not renewed: \(why)", hint: hint)
    }
}
