// One credential's conversation with GitLab: harmless questions about itself and, for a managing one, about others.
import OutlastModel

/// A credential that asks.
struct GitLabSession: Sendable {
    /// What GitLab made of a token.
    enum Look: Sendable {
        case token(GitLabTokenRecord)
        /// Not accepted.
        case dead(TokenReading)
        /// Alive, but an OAuth or a job's token.
        case otherKind(TokenReading)
    }

    let client: APIClient
    let token: Secret

    /// As bearer, GitLab takes access tokens and OAuth tokens alike.
    var credential: (name: String, value: HeaderValue) {
        ("Authorization", .secret(prefix: "Bearer ", token))
    }

    /// Asks about the token itself: any scope may, and it never counts as reuse (facts section 1.8).
    ///
    /// - Throws: `unreachable` or `slowDown` when nothing was learnt.
    func look() async throws(Failure) -> Look {
        let answer = try await client.get("/personal_access_tokens/self", credential: credential)
        if GitLabRefusal.isNoAccessToken(answer) {
            return .otherKind(answer.reading(.alive, detail: "an OAuth or a job's token"))
        }
        let json = try answer.object()
        guard answer.status == 200 else {
            if let reading = GitLabRefusal.reading(answer) { return .dead(reading) }
            throw answer.notTheAPI(answer.nature)
        }
        let reading = try GitLabAnswers.accessToken(answer, json)
        if reading.standing.isDead { return .dead(reading) }
        return .token(GitLabTokenRecord(json, reading, at: answer.forgeNow))
    }

    /// What is known of the token, for the flow.
    func probe() async -> ProbeAnswer {
        do throws(Failure) {
            switch try await look() {
            case .token(let record): return .alive(record.reading)
            case .otherKind(let reading): return .alive(reading)
            case .dead(let reading): return reading.standing.isDead ? .dead(reading) : .alive(reading)
            }
        } catch { return .unknown(error) }
    }
}

/// The managing credential that `with` names.
struct GitLabKeeper: Sendable {
    let session: GitLabSession
    private let context: RenewalContext

    /// Nil when none is configured.
    init?(_ context: RenewalContext) throws(Failure) {
        guard let token = context.word("with") else { return nil }
        let api = if let managing = context.managingAPI { managing } else { try context.neededAPI() }
        session = GitLabSession(client: context.client(GitLab.dialect, at: api), token: token)
        self.context = context
    }

    var client: APIClient { session.client }

    /// Checks that it lives and has the scope `api`; OAuth tokens tell no scopes here and are believed.
    func check() async throws(Failure) {
        switch try await session.look() {
        case .otherKind: return
        case .dead(let reading): throw failure("is not accepted\(reading.detail.map { ": \($0)" } ?? "")")
        case .token(let record):
            guard let scopes = record.scopes, !scopes.contains("api") else { return }
            throw Failure(
                .insufficientScope, "the managing credential of \(context.credential) lacks the scope api",
                hint: "give `with` a token with scope api")
        }
    }

    /// Where a token lives.
    func place(of record: GitLabTokenRecord) async throws(Failure) -> GitLabPlace {
        guard let user = record.userID else { return .user(0) }
        let answer = try await client.get("/users/\(user)", credential: session.credential)
        guard answer.status == 200, let name = try answer.object()["username"]?.text else {
            throw failure("may not see user \(user), whose token it is")
        }
        return GitLabPlace(username: name, userID: user)
    }

    /// The token as its project or group describes it, with the role that only they tell.
    func described(_ record: GitLabTokenRecord, in place: GitLabPlace) async throws(Failure) -> GitLabTokenRecord {
        guard place.hasBots else { return record }
        let answer = try await client.get("\(place.tokens)/\(record.id)", credential: session.credential)
        guard answer.status == 200 else {
            throw failure("may not see the token: \(GitLabRefusal.words(answer) ?? "\(answer.status)")")
        }
        let json = try answer.object()
        return GitLabTokenRecord(json, try GitLabAnswers.accessToken(answer, json), at: answer.forgeNow)
    }

    /// The other living tokens of this name in a place, the newest first.
    func siblings(of record: GitLabTokenRecord, in place: GitLabPlace) async throws(Failure) -> [GitLabTokenRecord] {
        let answer = try await client.get(place.tokens, query: place.listing, credential: session.credential)
        guard answer.status == 200, let list = answer.json?.elements else {
            throw failure("may not list the tokens: \(GitLabRefusal.words(answer) ?? answer.nature)")
        }
        let records = list.compactMap { json in
            json["id"]?.integer == nil ? nil : GitLabTokenRecord(json, answer.reading(.alive), at: answer.forgeNow)
        }
        return records.filter { $0.name == record.name && $0.id != record.id }
    }

    /// Revokes a token; one that is gone already is fine.
    func revoke(_ record: GitLabTokenRecord, in place: GitLabPlace) async throws(Failure) {
        let url = client.api.appending("\(place.tokens)/\(record.id)")
        let answer = try await client.ask(client.request("DELETE", url, credential: session.credential))
        guard (200..<300).contains(answer.status) || answer.status == 404 else {
            throw failure("could not revoke the old token: \(GitLabRefusal.words(answer) ?? "\(answer.status)")")
        }
    }

    private func failure(_ what: String) -> Failure {
        context.refused(
            "the managing credential \(what)",
            hint: "`with` needs an owner's or an administrator's token with scope api"
        )
    }
}
