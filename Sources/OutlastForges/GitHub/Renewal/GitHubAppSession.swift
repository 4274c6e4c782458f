// An App's conversation with GitHub. A clock that is off is noticed by GitHub's own refusal and put right once, by the
// `Date` of that answer.
import OutlastModel

/// One App that asks.
struct GitHubAppSession: Sendable {
    let context: RenewalContext
    let target: GitHubAppTarget
    let client: APIClient
    private let assertion: GitHubAppAssertion
    /// GitHub's clock minus ours, once a refusal has shown that it matters.
    private var skew = Duration.zero

    init(_ context: RenewalContext) throws(Failure) {
        self.context = context
        target = try GitHubAppTarget(context.settings, credential: context.credential)
        assertion = try GitHubAppAssertion(context)
        client = context.client(GitHub.dialect, at: try context.neededAPI())
    }

    /// A request as the App.
    func request(
        _ method: String, _ path: String, body: HTTPRequest.Body? = nil
    ) throws(Failure) -> HTTPRequest {
        let now = context.clock.now().advanced(by: skew)
        let token = try assertion.signed(at: now, by: context.cryptography)
        return client.request(
            method, client.api.appending(path), credential: ("Authorization", .secret(prefix: "Bearer ", token)),
            body: body)
    }

    /// Takes over GitHub's clock when an answer complains about the assertion's times; false when it does not, or tells
    /// no time.
    mutating func mendClock(by answer: APIAnswer) -> Bool {
        guard Self.isAboutTime(answer), skew == .zero, let told = answer.clockSkew, told != .zero else { return false }
        skew = told
        return true
    }

    /// Finds the installation; with its number it is only looked at.
    ///
    /// - Throws: `renewalFailed` (20) in words for everything that GitHub refuses, 69, 75.
    mutating func findInstallation() async throws(Failure) -> Int64 {
        var answer = try await client.ask(try request("GET", target.installation.path))
        if mendClock(by: answer) { answer = try await client.ask(try request("GET", target.installation.path)) }
        guard answer.status == 200 else { throw refusal(answer) ?? answer.notTheAPI(answer.nature) }
        let json = try answer.object()
        guard let id = json["id"]?.integer else { throw answer.notTheAPI("an object that is no installation") }
        if json["suspended_at"]?.text != nil {
            throw context.refused(
                "the App's installation (\(target.installation.text)) is suspended",
                hint: "its owner can lift that in the settings of installed Apps")
        }
        return id
    }

    /// What GitHub's refusal means for an App; nil for answers that are none.
    func refusal(_ answer: APIAnswer) -> Failure? {
        guard let message = answer.json?["message"]?.text else { return nil }
        let said = "GitHub answered \(answer.status), \(SafeText.line(message, limit: 240))\(answer.trace)"
        let words = message.lowercased()
        switch answer.status {
        case 401 where Self.isAboutTime(answer):
            return context.refused(
                said, hint: "set this machine's clock: GitHub takes assertions of ten minutes at most")
        case 401,
            404 where words.contains("integration not found"):
            return context.refused(said, hint: "check that app_id or client_id and private_key belong to one App")
        case 403: return context.refused(said)
        case 404:
            return context.refused(
                "\(said): the App is not installed there (\(target.installation.text)), or it is another App",
                hint: "install it from the App's public page, or check repository, organization or installation_id")
        case 422:
            return context.refused(
                said, hint: "ask for no more than the installation has: check `repositories` and `permissions`")
        default: return nil
        }
    }

    private static func isAboutTime(_ answer: APIAnswer) -> Bool {
        guard answer.status == 401, let words = answer.json?["message"]?.text?.lowercased() else { return false }
        return words.contains("'issued at' claim") || words.contains("'expiration time' claim")
    }
}
