// Asking GitHub about one token. Both questions need authentication, so an answer of 200 is one: `/rate_limit`, which
// would be cheaper, also answers people whose credential a proxy has dropped.
import OutlastModel

/// One question to GitHub.
struct GitHubInspection {
    let question: TokenQuestion
    let client: APIClient

    func run() async throws(Failure) -> TokenReading {
        switch question.kind {
        case GitHub.installation, GitHub.actions: try await asInstallation()
        default: try await asUser()
        }
    }

    private func get(_ path: String, query: String? = nil) async throws(Failure) -> APIAnswer {
        try await client.get(
            path, query: query, credential: ("Authorization", .secret(prefix: "Bearer ", question.token)))
    }

    /// `GET /user`, for tokens that act as a user. An installation's token is recognised, but may not ask this.
    private func asUser() async throws(Failure) -> TokenReading {
        let answer = try await get("/user")
        let json = try answer.object()
        if answer.status == 200 {
            guard json["login"]?.text != nil, json["id"]?.integer != nil else {
                throw answer.notTheAPI("an object that is no user")
            }
            return GitHubAnswers.alive(answer, kind: question.kind)
        }
        if GitHubRefusal.isOfAnIntegration(answer) { return try await asInstallation() }
        return try refused(answer)
    }

    /// `GET /installation/repositories`, for tokens that act as an App (`GITHUB_TOKEN` is one of an App, too).
    private func asInstallation() async throws(Failure) -> TokenReading {
        let answer = try await get("/installation/repositories", query: "per_page=1")
        let json = try answer.object()
        let kind = question.kind == GitHub.actions ? GitHub.actions : GitHub.installation
        if answer.status == 200 {
            guard json["total_count"]?.integer != nil, json["repositories"]?.elements != nil else {
                throw answer.notTheAPI("an object that is no list of repositories")
            }
            let detail = kind == GitHub.actions ? "dies with its job" : "GitHub does not tell when it was minted"
            return answer.reading(.alive, kind: kind, detail: detail)
        }
        if GitHubRefusal.isOfAnIntegration(answer) {
            return answer.reading(.alive, kind: kind, detail: "alive, with hardly any permission")
        }
        return try refused(answer)
    }

    private func refused(_ answer: APIAnswer) throws(Failure) -> TokenReading {
        if let reading = GitHubRefusal.reading(answer) { return reading }
        throw answer.notTheAPI(answer.nature)
    }
}
