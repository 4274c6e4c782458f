// Deploy keys of a GitLab project (facts section 1.14). GitLab ends them itself, at the moment that was asked for.
import OutlastModel

/// GitLab's deploy keys.
struct GitLabDeployKeys: DeployKeyForge {
    let id = "gitlab"
    let keepsEnds = true

    var caution: String? { "pushing with the key ends when the user whose token registered it loses access" }

    func register(_ request: DeployKeyRequest, _ context: DeployKeyContext) async -> DeployKeyAnswer {
        do throws(Failure) {
            return await (try DeployKeyShelf(GitLabKeySpeech(), context)).register(request)
        } catch { return .refused(error) }
    }

    func list(_ context: DeployKeyContext) async throws(Failure) -> [DeployKey] {
        try await DeployKeyShelf(GitLabKeySpeech(), context).list().keys
    }

    func remove(_ id: String, _ context: DeployKeyContext) async throws(Failure) {
        try await DeployKeyShelf(GitLabKeySpeech(), context).remove(id)
    }
}

/// How GitLab speaks of them.
struct GitLabKeySpeech: DeployKeySpeech {
    let dialect = GitLab.dialect
    let keepsEnds = true

    func credential(_ token: Secret) -> (name: String, value: HeaderValue) {
        ("Authorization", .secret(prefix: "Bearer ", token))
    }

    func shelf(_ context: DeployKeyContext) throws(Failure) -> String {
        guard context.segments != nil else {
            throw context.oddRepository("the project's path with its groups, or its number")
        }
        return "/projects/\(ServerURL.encoded(context.repository))/deploy_keys"
    }

    func body(_ request: DeployKeyRequest) -> HTTPRequest.Body {
        var body = SecretJSON()
        body.add("title", .string(request.title))
        body.add("key", .string(request.key.text))
        body.add("can_push", .bool(request.canPush))
        if let end = request.expiresAt { body.add("expires_at", .string(end.text)) }
        return body.body()
    }

    /// Without `expires_at` (before 15.11) nobody knows of an end.
    func key(_ json: JSONValue, _ answer: APIAnswer) throws(Failure) -> DeployKey {
        guard let id = json["id"]?.integer, id > 0, let text = json["key"]?.text,
            let canPush = json["can_push"]?.truth
        else { throw answer.notTheAPI("an object that is no deploy key") }
        let expiry: Expiry
        switch json["expires_at"] {
        case nil: expiry = .unknown
        case .null?: expiry = .never
        case let value?:
            guard let moment = value.text.flatMap({ Instant(text: $0) }) else {
                throw answer.notTheAPI("a deploy key with an `expires_at` that is no moment")
            }
            expiry = .at(moment)
        }
        return DeployKey(
            id: String(id), title: json["title"]?.text ?? "", key: PublicKeyText(text), canPush: canPush,
            expiry: expiry, isEnabled: true)
    }

    /// `{"message":{"fingerprint_sha256":["has already been taken"]}}`, by other names for the fingerprint too.
    func isTaken(_ answer: APIAnswer) -> Bool {
        guard answer.status == 400, let words = GitLabRefusal.words(answer) else { return false }
        return words.contains("already been taken")
    }

    func refusal(_ answer: APIAnswer, _ context: DeployKeyContext) -> Failure {
        guard let words = GitLabRefusal.words(answer) else { return answer.notTheAPI(answer.nature) }
        let said = "GitLab answered \(answer.status), \(words)\(answer.trace)"
        switch answer.status {
        case 401, 403:
            guard let reading = GitLabRefusal.reading(answer) else { return answer.notTheAPI(answer.nature) }
            if reading.standing.isDead {
                return context.dead(
                    reading.standing, said,
                    hint: "give the credential a living token; a job's own token cannot manage deploy keys")
            }
            return context.forbidden(
                said, hint: "it takes a token with scope api whose user or bot is a Maintainer of the project")
        case 404:
            return context.forbidden(
                said,
                hint: "the project is not there, or not for this token: it takes a Maintainer's token with scope api")
        case 400 where words.contains("already been taken"):
            return context.unwanted(
                said, hint: "another project has this key where this token does not see it: make a new one")
        case 400 where words.contains("expiration date"):
            return context.unwanted(
                said, hint: "this instance bounds the life of SSH keys: ask for a shorter one by --lifetime")
        case 400: return context.unwanted(said, hint: nil)
        default: return answer.notTheAPI(answer.nature)
        }
    }
}
