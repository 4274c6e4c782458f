// Asking GitLab about one token, by GET alone. Prefixes never prove a kind: a token of which nothing is known is asked
// about as an access token first, then as the others, and the first definite answer ends the questions.
import OutlastModel

/// One question to GitLab.
struct GitLabInspection {
    let question: TokenQuestion
    let client: APIClient

    func run() async throws(Failure) -> TokenReading {
        switch question.kind {
        case GitLab.accessToken, GitLab.personal, GitLab.project, GitLab.group, GitLab.serviceAccount:
            try await asAccessToken()
        case GitLab.job: try await asJobToken()
        case GitLab.oauth: try await asOAuthToken()
        default: try await asAnything()
        }
    }

    // MARK: - Who asks

    private var bearer: (name: String, value: HeaderValue) {
        ("Authorization", .secret(prefix: "Bearer ", question.token))
    }

    private var privateToken: (name: String, value: HeaderValue) {
        ("PRIVATE-TOKEN", .secret(prefix: "", question.token))
    }

    /// The server's root, where its OAuth endpoints are: the API's base without `/api/v4`.
    private var root: ServerURL {
        let suffix = "/api/v4"
        guard client.api.path.hasSuffix(suffix) else { return client.api }
        return ServerURL(origin: client.api.origin, path: String(client.api.path.dropLast(suffix.count)))
    }

    private func askSelf(_ credential: (name: String, value: HeaderValue)) async throws(Failure) -> APIAnswer {
        try await client.get("/personal_access_tokens/self", credential: credential)
    }

    private func askTokenInfo() async throws(Failure) -> APIAnswer {
        try await client.get("/oauth/token/info", at: root, credential: bearer)
    }

    private func askJob() async throws(Failure) -> APIAnswer {
        try await client.get("/job", credential: ("JOB-TOKEN", .secret(prefix: "", question.token)))
    }

    // MARK: - The three questions

    private func asAccessToken() async throws(Failure) -> TokenReading {
        let answer = try await askSelf(privateToken)
        if GitLabRefusal.isNoAccessToken(answer) { return try await asAnythingElse(acceptedBy: answer) }
        return try await described(answer)
    }

    /// `GET /job` answers while the job runs and not after (facts section 1.16 [src, doc]).
    private func asJobToken() async throws(Failure) -> TokenReading {
        let answer = try await askJob()
        let json = try answer.object()
        switch answer.status {
        case 200: return try GitLabAnswers.job(answer, json)
        case 404 where json["message"]?.text == "404 Job Not Found":
            return answer.reading(.alive, detail: "a living credential, but not a job's")
        case 401 where json["message"]?.text?.hasPrefix("401 Unauthorized") == true:
            return answer.refusal(
                .rejected, "GitLab does not tell whether its job is over or it never was a job's token")
        default: return try refused(answer)
        }
    }

    /// `GET /oauth/token/info`. Older versions answer 400 to a dead token without saying why (facts section 1.17 [src]);
    /// then the API's own check, which every bearer token passes first, tells.
    private func asOAuthToken() async throws(Failure) -> TokenReading {
        let answer = try await askTokenInfo()
        let json = try answer.object()
        switch answer.status {
        case 200: return try GitLabAnswers.oauth(answer, json)
        case 400 where json["error"]?.text == "invalid_request", 401:
            if let reading = GitLabRefusal.reading(answer), reading.standing != .rejected { return reading }
            let second = try await askSelf(bearer)
            if GitLabRefusal.isNoAccessToken(second) { return second.reading(.alive, kind: GitLab.oauth) }
            return try await described(second)
        default: return try refused(answer)
        }
    }

    /// A token that GitLab has just accepted and that is no access token: an OAuth token or a job's. Answers that do not
    /// tell which take nothing from that.
    private func asAnythingElse(acceptedBy proof: APIAnswer) async throws(Failure) -> TokenReading {
        let info = try await askTokenInfo()
        if info.status == 200, let json = info.json, let reading = try? GitLabAnswers.oauth(info, json) {
            return reading
        }
        let job = try await askJob()
        if job.status == 200, let json = job.json, let reading = try? GitLabAnswers.job(job, json) { return reading }
        return proof.reading(.alive, detail: "alive and no access token; GitLab did not tell its end")
    }

    /// As bearer, GitLab looks among all sorts where a route allows them; where it does not take job tokens, they are
    /// refused like unknown ones.
    private func asAnything() async throws(Failure) -> TokenReading {
        let answer = try await askSelf(bearer)
        if GitLabRefusal.isNoAccessToken(answer) { return try await asAnythingElse(acceptedBy: answer) }
        let reading = try await described(answer)
        guard reading.standing == .rejected, answer.json?["error"] == nil else { return reading }
        let second = try await asJobToken()
        return second.standing == .alive ? second : reading
    }

    // MARK: - Answers

    private func refused(_ answer: APIAnswer) throws(Failure) -> TokenReading {
        if let reading = GitLabRefusal.reading(answer) { return reading }
        throw answer.notTheAPI(answer.nature)
    }

    /// The reading of an answer about an access token; one more harmless request tells whose it is, where its scopes
    /// allow that and nobody told before.
    private func described(_ answer: APIAnswer) async throws(Failure) -> TokenReading {
        let json = try answer.object()
        guard answer.status == 200 else {
            if answer.status == 404 {
                throw answer.notTheAPI("no such endpoint: older than GitLab 15.5, or not the API's base")
            }
            return try refused(answer)
        }
        var reading = try GitLabAnswers.accessToken(answer, json)
        guard reading.standing == .alive, reading.kind == nil else { return reading }
        reading.kind = await owner(scopes: reading.scopes ?? [])
        return reading
    }

    /// Whose token it is; `gitlab-access-token` where that cannot be told. A failure here takes nothing from what is
    /// known already.
    private func owner(scopes: [String]) async -> TokenKind {
        let told = [GitLab.personal, GitLab.project, GitLab.group, GitLab.serviceAccount]
        if told.contains(question.kind) { return question.kind }
        guard GitLab.missing(of: ["read_user"], in: scopes).isEmpty else { return GitLab.accessToken }
        guard let answer = try? await client.get("/user", credential: privateToken), answer.status == 200,
            let json = answer.json
        else { return GitLab.accessToken }
        return GitLabAnswers.owner(json)
    }
}
