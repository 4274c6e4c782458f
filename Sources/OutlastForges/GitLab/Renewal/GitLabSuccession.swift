// Make before break: a managing credential creates a successor with the same name, scopes and role. The old token lives on.
import OutlastModel

/// A successor that is ready to be made.
struct GitLabSuccession: Sendable {
    private let keeper: GitLabKeeper
    private let record: GitLabTokenRecord
    private let scopes: [String]
    private let place: GitLabPlace
    private let old: Secret
    private let context: RenewalContext

    /// Asks what the successor has to be like.
    ///
    /// - Throws: 11, 12 for a token that is no longer accepted, 14, 20, 69, 75, 78 without a managing credential.
    init(of token: Secret, _ context: RenewalContext) async throws(Failure) {
        guard let keeper = try GitLabKeeper(context) else {
            throw .configuration(
                "a successor for the token of \(context.credential) needs a managing credential",
                hint: "name one with scope api: `renew: {with: NAME}`")
        }
        let found = try await Self.find(token, keeper, context)
        guard let scopes = found.record.scopes, !scopes.isEmpty else {
            throw context.refused("GitLab does not tell its scopes, so no successor can be made", hint: nil)
        }
        self.keeper = keeper
        record = found.record
        place = found.place
        self.scopes = scopes
        old = token
        self.context = context
    }

    /// The living token, described, with its place.
    static func find(
        _ token: Secret, _ keeper: GitLabKeeper, _ context: RenewalContext
    ) async throws(Failure) -> (record: GitLabTokenRecord, place: GitLabPlace) {
        let session = GitLabSession(
            client: context.client(GitLab.dialect, at: try context.neededAPI()), token: token)
        switch try await session.look() {
        case .dead(let reading): throw context.dead(reading)
        case .otherKind:
            throw context.refused("its token is an OAuth or a job's token, of which no successor can be made")
        case .token(let record):
            try await keeper.check()
            let place = try await keeper.place(of: record)
            return (try await keeper.described(record, in: place), place)
        }
    }

    /// Makes it.
    func send(within window: RequestWindow) async -> RenewalAnswer {
        let client = keeper.client
        var request = client.request(
            "POST", client.api.appending(place.creation), credential: keeper.session.credential)
        do throws(Failure) { request.timeout = try window.rest() } catch { return .refused(error) }
        let date = GitLabLifetime.date(for: context.settings.duration("lifetime"), today: record.forgeNow.day)
        var body = SecretJSON()
        body.add("name", .string(record.name))
        body.add("scopes", .array(scopes.map { .string($0) }))
        if let level = record.accessLevel { body.add("access_level", .integer(level)) }
        if let text = record.description { body.add("description", .string(text)) }
        body.add("expires_at", .string(date.text))
        request.body = body.body()
        switch await DecisiveRequest(client: client).send(request) {
        case .verdict(let verdict): return verdict
        case .answer(let answer): return GitLabRenewalAnswer(answer, old: old, context: context).verdict
        }
    }
}
