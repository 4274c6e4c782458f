// Deploy keys of a GitHub repository (facts section 2.8). GitHub keeps no end: what is not removed stays. What it says
// of its own host keys is section 2.10.
import OutlastModel

/// GitHub's deploy keys.
struct GitHubDeployKeys: DeployKeyForge {
    let id = "github"
    let keepsEnds = false

    var caution: String? {
        "the key is deleted with the personal access token that registered it, and not when that is regenerated"
    }

    func register(_ request: DeployKeyRequest, _ context: DeployKeyContext) async -> DeployKeyAnswer {
        do throws(Failure) {
            return await (try DeployKeyShelf(GitHubKeySpeech(), context)).register(request)
        } catch { return .refused(error) }
    }

    func list(_ context: DeployKeyContext) async throws(Failure) -> [DeployKey] {
        try await DeployKeyShelf(GitHubKeySpeech(), context).list().keys
    }

    func remove(_ id: String, _ context: DeployKeyContext) async throws(Failure) {
        try await DeployKeyShelf(GitHubKeySpeech(), context).remove(id)
    }

    func hostKeys(
        _ question: HostKeyQuestion, over transport: any HTTPTransport, clock: any WallClock
    ) async throws(Failure) -> [HostKeyBook.Key]? {
        try await GitHubHostKeyQuestion(question, over: transport, clock: clock).ask()
    }
}

/// How GitHub speaks of them.
struct GitHubKeySpeech: DeployKeySpeech {
    let dialect = GitHub.dialect
    let keepsEnds = false

    func credential(_ token: Secret) -> (name: String, value: HeaderValue) {
        ("Authorization", .secret(prefix: "Bearer ", token))
    }

    func shelf(_ context: DeployKeyContext) throws(Failure) -> String {
        guard let parts = context.segments, parts.count == 2 else {
            throw context.oddRepository("the form owner/name")
        }
        return "/repos/" + parts.map { ServerURL.encoded($0) }.joined(separator: "/") + "/keys"
    }

    func body(_ request: DeployKeyRequest) -> HTTPRequest.Body {
        var body = SecretJSON()
        body.add("title", .string(request.title))
        body.add("key", .string(request.key.text))
        body.add("read_only", .bool(!request.canPush))
        return body.body()
    }

    func key(_ json: JSONValue, _ answer: APIAnswer) throws(Failure) -> DeployKey {
        guard let id = json["id"]?.integer, id > 0, let text = json["key"]?.text,
            let readOnly = json["read_only"]?.truth
        else { throw answer.notTheAPI("an object that is no deploy key") }
        return DeployKey(
            id: String(id), title: json["title"]?.text ?? "", key: PublicKeyText(text), canPush: !readOnly,
            expiry: .never, isEnabled: json["enabled"]?.truth ?? true)
    }

    func isTaken(_ answer: APIAnswer) -> Bool {
        answer.status == 422 && Self.words(answer)?.contains("already in use") == true
    }

    /// `message` with what `errors` adds; nil for anything that GitHub's API does not send.
    private static func words(_ answer: APIAnswer) -> String? {
        guard let json = answer.json, let message = json["message"]?.text else { return nil }
        let details = (json["errors"]?.elements ?? []).prefix(5).compactMap { $0["message"]?.text ?? $0.text }
        return SafeText.line(([message] + details).joined(separator: ": "), limit: 240)
    }

    func refusal(_ answer: APIAnswer, _ context: DeployKeyContext) -> Failure {
        guard let words = Self.words(answer) else { return answer.notTheAPI(answer.nature) }
        let said = "GitHub answered \(answer.status), \(words)\(answer.trace)"
        let lowered = words.lowercased()
        switch answer.status {
        case 401: return context.dead(.rejected, said, hint: "give the credential a living token")
        case 403 where lowered.contains("archived"):
            return context.unwanted(said, hint: "an archived repository takes no keys")
        case 403:
            if let reading = GitHubRefusal.reading(answer), reading.standing.isDead {
                return context.dead(reading.standing, said, hint: reading.detail ?? "")
            }
            return context.forbidden(said, hint: Self.rights(answer))
        case 404:
            return context.forbidden(
                said, hint: "the repository is not there, or not for this token: \(Self.rights(answer))")
        case 422 where lowered.contains("disabled"):
            return context.unwanted(
                said,
                hint: "the organization or enterprise forbids deploy keys: ask an owner to allow them (organization "
                    + "settings, Member privileges), or fall back to a machine user's key by `ssh: {key: …}`")
        case 422 where lowered.contains("already in use"):
            return context.unwanted(
                said, hint: "each key opens one repository in all of GitHub, and is no user's key: make a new one")
        case 422: return context.unwanted(said, hint: nil)
        default: return answer.notTheAPI(answer.nature)
        }
    }

    /// What it takes, by kind of token.
    private static func rights(_ answer: APIAnswer) -> String {
        if answer.response.header("X-GitHub-SSO")?.lowercased().hasPrefix("required") == true {
            return "the token's owner has to authorize it for the organization's single sign-on"
        }
        return "it takes an administrator of the repository: a GitHub App or fine-grained token with the permission "
            + "administration: write, or a classic token with scope repo; GITHUB_TOKEN never has it"
    }
}
