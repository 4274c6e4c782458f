// `github-app`: an installation's token, minted anew with the App's key. Earlier ones stay valid for their hour.
import OutlastModel

/// Minting of a GitHub App's installation token.
struct GitHubApp: RenewalMethod {
    let isDestructive = false

    var schema: SettingsSchema { RenewalSchemas.githubApp }

    func longestLife(_ context: RenewalContext, at now: Instant) -> Duration? { GitHub.installationLife }

    func identity(_ context: RenewalContext) throws(Failure) -> [(name: String, value: String)] {
        let app = context.settings.text("client_id") ?? context.settings.text("app_id") ?? ""
        return [("app", app)] + (try GitHubAppTarget(context.settings, credential: context.credential)).identity
    }

    func root(_ context: RenewalContext) throws(Failure) -> (secret: Secret, purpose: SecretPurpose)? {
        (try GitHubAppAssertion.key(context), .minting)
    }

    /// None: whatever the job was started with, a token is minted as soon as one is wanted.
    func firstBundle(presented: Secret?, _ context: RenewalContext) throws(Failure) -> TokenBundle? { nil }

    func check(_ current: TokenBundle?, _ context: RenewalContext) async throws(Failure) {
        var session = try GitHubAppSession(context)
        _ = try await session.findInstallation()
    }

    func renew(_ current: TokenBundle?, _ context: RenewalContext) async -> RenewalAnswer {
        let window = RequestWindow(context.timeout, from: context.clock)
        do throws(Failure) {
            var session = try GitHubAppSession(context)
            let id: Int64 =
                if case .id(let id) = session.target.installation { id } else { try await session.findInstallation() }
            let path = "/app/installations/\(id)/access_tokens"
            let first = try await mint(session, path, window)
            // A refused assertion has minted nothing; with GitHub's clock it is tried once more.
            if case .answer(let answer) = first, session.mendClock(by: answer) {
                return verdict(try await mint(session, path, window), session)
            }
            return verdict(first, session)
        } catch { return .refused(error) }
    }

    func probe(_ bundle: TokenBundle, _ context: RenewalContext) async -> ProbeAnswer {
        do throws(Failure) {
            let question = TokenQuestion(
                token: bundle.access, api: try context.neededAPI(), kind: GitHub.installation,
                timeout: context.questionTimeout)
            let reading = try await GitHub().inspect(question, over: context.transport, clock: context.clock)
            return reading.standing.isDead ? .dead(reading) : .alive(reading)
        } catch { return .unknown(error) }
    }

    /// The old one ends by itself within the hour; jobs that use it are left alone.
    func retire(_ old: TokenBundle, _ context: RenewalContext) async throws(Failure) {}

    func rescueAdvice(_ context: RenewalContext) -> String {
        "nothing is lost: the App's key mints another token; run `outlast refresh` again"
    }

    private func mint(
        _ session: GitHubAppSession, _ path: String, _ window: RequestWindow
    ) async throws(Failure) -> DecisiveRequest.Outcome {
        var request = try session.request("POST", path, body: session.target.body)
        request.timeout = try window.rest()
        return await DecisiveRequest(client: session.client).send(request)
    }

    private func verdict(_ outcome: DecisiveRequest.Outcome, _ session: GitHubAppSession) -> RenewalAnswer {
        guard case .answer(let answer) = outcome else {
            if case .verdict(let verdict) = outcome { return verdict }
            return .refused(session.context.refused("no answer"))
        }
        guard answer.status < 300 else {
            return session.refusal(answer).map(RenewalAnswer.refused) ?? .inDoubt(DecisiveRequest.doubt(answer))
        }
        guard let token = TokenText.find("token", in: answer) else {
            return .inDoubt(DecisiveRequest.doubt(answer))
        }
        let scopes = answer.json?["permissions"]?.members?.compactMap { member in
            member.value.text.map { "\(member.key)=\($0)" }
        }
        var expiry = TokenText.end(answer.json?["expires_at"], from: answer.forgeNow)
        if expiry == .unknown, let end = JWTReader.expiry(of: token) { expiry = .at(end) }
        return .renewed(TokenBundle(access: token, expiry: expiry, scopes: scopes))
    }
}
