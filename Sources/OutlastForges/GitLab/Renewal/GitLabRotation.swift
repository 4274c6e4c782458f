// Rotation: revoke and create in one step of GitLab's, with no way back. Everything that can be asked is asked first; the
// request itself is sent once, and only with a token that was alive a moment ago.
import OutlastModel

/// The legal end of a new token.
enum GitLabLifetime {
    /// What an instance allows at most by default (facts section 1.2).
    static let longest: Int64 = 365
    static let standard = RenewalSchemas.datedLife
    /// Renewed when less than this is left, where nobody has said otherwise: a night and a day off to notice.
    static let standardLimit = Duration.seconds(2 * 86_400)

    /// The date to ask for: whole days in UTC from GitLab's today on, at least the day after tomorrow: a token is dead from
    /// 00:00 of its date on, and until tomorrow's that may be a minute.
    static func date(for lifetime: Duration?, today: CivilDate) -> CivilDate { today.adding(days: days(lifetime)) }

    /// What is left of a new token at the most: it is made in the course of the first day, and ends with its date's
    /// beginning.
    static func longestLife(_ context: RenewalContext, at now: Instant) -> Duration {
        let end = date(for: context.settings.duration("lifetime"), today: now.day)
        return now.duration(to: Instant(seconds: end.daysSinceEpoch * 86_400))
    }

    private static func days(_ lifetime: Duration?) -> Int64 {
        let seconds = (lifetime ?? standard).wholeSeconds
        let days = (Swift.max(0, seconds) + 86_399) / 86_400
        return Swift.min(Swift.max(days, 2), longest)
    }
}

/// A rotation that is ready to be sent.
struct GitLabRotation: Sendable {
    private let client: APIClient
    private let credential: (name: String, value: HeaderValue)
    private let path: String
    private let date: CivilDate
    private let old: Secret
    private let context: RenewalContext

    /// Asks everything that can be asked about a token before it is rotated.
    ///
    /// - Throws: 11, 12, 14 for a token that cannot be, 20 for one that must not be now, 69, 75.
    init(of token: Secret, _ context: RenewalContext) async throws(Failure) {
        let session = GitLabSession(
            client: context.client(GitLab.dialect, at: try context.neededAPI()), token: token)
        let record = try await Self.record(session, context)
        if let keeper = try GitLabKeeper(context) {
            try await keeper.check()
            let place = try await keeper.place(of: record)
            client = keeper.client
            credential = keeper.session.credential
            path = "\(place.tokens)/\(record.id)/rotate"
        } else {
            try Self.checkScopes(record, context)
            client = session.client
            credential = session.credential
            path = "/personal_access_tokens/self/rotate"
        }
        date = GitLabLifetime.date(for: context.settings.duration("lifetime"), today: record.forgeNow.day)
        old = token
        self.context = context
    }

    /// Sends it, once.
    func send(within window: RequestWindow) async -> RenewalAnswer {
        var request = client.request("POST", client.api.appending(path), credential: credential)
        do throws(Failure) { request.timeout = try window.rest() } catch { return .refused(error) }
        var body = SecretJSON()
        body.add("expires_at", .string(date.text))
        request.body = body.body()
        switch await DecisiveRequest(client: client).send(request) {
        case .verdict(let verdict): return verdict
        case .answer(let answer): return GitLabRenewalAnswer(answer, old: old, context: context).verdict
        }
    }

    private static func record(
        _ session: GitLabSession, _ context: RenewalContext
    ) async throws(Failure) -> GitLabTokenRecord {
        switch try await session.look() {
        case .dead(let reading): throw context.dead(reading)
        case .otherKind:
            throw context.refused(
                "its token is an OAuth or a job's token, which cannot be rotated",
                hint: "renew an OAuth token by `method: oauth2`; a job's token lives as long as its job")
        case .token(let record):
            guard let end = record.reading.expiry.instant, record.forgeNow.duration(to: end) < context.timeout else {
                return record
            }
            throw context.refused(
                "its token ends at \(end.text), while the request may still be travelling: after a lost answer "
                    + "nobody could tell what had happened",
                hint: "give the job a new token")
        }
    }

    private static func checkScopes(_ record: GitLabTokenRecord, _ context: RenewalContext) throws(Failure) {
        guard let scopes = record.scopes, !GitLab.missing(of: ["self_rotate"], in: scopes).isEmpty else { return }
        let held = SafeText.line(scopes.joined(separator: ", "), limit: 120)
        throw Failure(
            .insufficientScope,
            "\(CredentialName.token(of: context.credential)) may not rotate itself: it needs the scope api or self_rotate and has "
                + (held.isEmpty ? "none" : held),
            hint: "make one with self_rotate besides, or name a managing credential: `renew: {with: NAME}`")
    }
}
