// Lists of living access tokens. An administrator sees all of them in one list; anybody else the own ones, and those of the
// groups and projects that the credential's owner maintains. Only GET requests, all pages, never another server.
public import OutlastModel

/// One reading of GitLab's lists.
struct GitLabLists: Sendable {
    /// The most tokens that are read, the most groups and projects that are looked into, and the most users asked for
    /// their names.
    static let (mostTokens, mostPlaces, mostUsers) = (100_000, 1000, 1000)

    private let session: GitLabSession
    /// One moment for all: what is older in the store is then what the lists no longer have.
    private let now: Instant
    private var client: APIClient { session.client }
    private var found: [Int64: ListedToken] = [:]
    private var users: [Int64: GitLabPlace] = [:]
    private var names: [Int64: String] = [:]
    private var notes: [String] = []

    init(_ question: TokenListQuestion, over transport: any HTTPTransport, clock: any WallClock) {
        session = GitLabSession(
            client: APIClient(
                GitLab.dialect, api: question.api, over: transport, clock: clock, timeout: question.timeout),
            token: question.token)
        now = clock.now()
    }

    /// All that the credential may see.
    ///
    /// - Throws: `rejected` (12) for a credential that GitLab does not accept, `insufficientScope` (14) for one that may not
    ///   read lists, `unreachable` (69), `slowDown` (75).
    mutating func read() async throws(Failure) -> TokenList {
        var own: Int64?
        switch try await session.look() {
        case .token(let record): own = record.userID
        case .otherKind: break
        case .dead(let reading): throw Self.refused(reading)
        }
        let listed = try await records("/personal_access_tokens", query: Self.living, isNeeded: true)
        let isWhole =
            listed.contains { record in record.userID.map { $0 != own } ?? false } && found.count < Self.mostTokens
        for record in listed { try await add(record, in: try await place(of: record, own: own)) }
        if !isWhole { try await readPlaces() }
        let tokens = found.sorted { $0.key < $1.key }.map(\.value)
        return TokenList(tokens: tokens, isWhole: isWhole, notes: notes)
    }

    /// Groups first: their service accounts are theirs as well.
    private mutating func readPlaces() async throws(Failure) {
        notes.append(
            "this credential sees its owner's tokens, and those of groups and projects that the owner maintains")
        guard let (groups, projects) = try await associations() else { return }
        for id in groups {
            try await addAll(of: .group(id))
            for account in try await accounts(of: id) {
                try await addAll(of: .serviceAccount(group: id, user: account))
            }
        }
        for id in projects { try await addAll(of: .project(id)) }
    }

    private mutating func addAll(of place: GitLabPlace) async throws(Failure) {
        for record in try await records(place.tokens, query: Self.living, isNeeded: false) {
            try await add(record, in: place)
        }
    }

    private static let living = "state=active&per_page=100"

    /// All pages of a list of tokens; what may not be seen is noted where it is not what was asked for.
    private mutating func records(
        _ path: String, query: String, isNeeded: Bool
    ) async throws(Failure) -> [GitLabTokenRecord] {
        var records: [GitLabTokenRecord] = []
        try await pages(path, query: query, isNeeded: isNeeded) { answer throws(Failure) in
            guard let list = answer.json?.elements else { throw answer.notTheAPI(answer.nature) }
            for json in list {
                records.append(
                    GitLabTokenRecord(json, try GitLabAnswers.accessToken(answer, json), at: answer.forgeNow))
            }
            return records.count < Self.mostTokens
        }
        if records.count >= Self.mostTokens { notes.append("only the first \(Self.mostTokens) tokens were read") }
        return records
    }

    /// Reads page after page until there is no more, or the body has enough.
    private mutating func pages(
        _ path: String, query: String, isNeeded: Bool, _ body: (APIAnswer) throws(Failure) -> Bool
    ) async throws(Failure) {
        var answer = try await client.get(path, query: query, credential: session.credential)
        // No list is longer than its pages: a server that always names a next one is not followed for ever.
        for _ in 0...(Self.mostTokens / 20) {
            guard answer.status == 200 else {
                if let reading = GitLabRefusal.reading(answer), isNeeded { throw Self.refused(reading) }
                guard !isNeeded, [401, 403, 404, 405].contains(answer.status) else {
                    throw answer.notTheAPI(answer.nature)
                }
                notes.append("\(path) may not be read: \(GitLabRefusal.words(answer) ?? "\(answer.status)")")
                return
            }
            guard try body(answer), let next = try client.pageAfter(answer) else { return }
            answer = try await client.ask(client.request("GET", next, credential: session.credential))
        }
    }

    private static func refused(_ reading: TokenReading) -> Failure {
        let why = reading.detail.map { ": \($0)" } ?? ""
        if case .insufficientScope = reading.standing {
            return Failure(
                .insufficientScope, "the credential may not read lists of tokens\(why)",
                hint: "give it the scope read_api or api")
        }
        let code: ExitCode = reading.standing == .expired ? .expired : .rejected
        return Failure(code, "GitLab does not accept the credential\(why)", hint: "give a token that lives")
    }

    /// Groups and projects that the credential's owner maintains; nil where an older GitLab does not tell.
    private mutating func associations() async throws(Failure) -> (groups: [Int64], projects: [Int64])? {
        var groups: [Int64] = [], projects: [Int64] = []
        try await pages(
            "/personal_access_tokens/self/associations", query: "min_access_level=40&per_page=100", isNeeded: false
        ) { answer throws(Failure) in
            let json = try answer.object()
            let (more, further) = (Self.ids(json["groups"]), Self.ids(json["projects"]))
            groups += more.filter { !groups.contains($0) }
            projects += further.filter { !projects.contains($0) }
            return groups.count + projects.count < Self.mostPlaces
        }
        if groups.count + projects.count >= Self.mostPlaces {
            notes.append("only the first \(Self.mostPlaces) groups and projects were looked into")
        }
        return (groups, projects)
    }

    private mutating func accounts(of group: Int64) async throws(Failure) -> [Int64] {
        var accounts: [Int64] = []
        try await pages("/groups/\(group)/service_accounts", query: "per_page=100", isNeeded: false) {
            answer throws(Failure) in
            guard let list = answer.json else { throw answer.notTheAPI(answer.nature) }
            accounts += Self.ids(list)
            return accounts.count < Self.mostPlaces
        }
        return accounts
    }

    private static func ids(_ list: JSONValue?) -> [Int64] { (list?.elements ?? []).compactMap { $0["id"]?.integer } }

    /// Where a token lives, by the name of its user, who is asked for once.
    private mutating func place(of record: GitLabTokenRecord, own: Int64?) async throws(Failure) -> GitLabPlace? {
        guard let user = record.userID else { return nil }
        if user == own { return .user(user) }
        if let known = users[user] { return known }
        guard users.count < Self.mostUsers else {
            let note =
                "only the first \(Self.mostUsers) users were asked for, so the kinds of further tokens are not told apart"
            if !notes.contains(note) { notes.append(note) }
            return nil
        }
        let answer = try await client.get("/users/\(user)", credential: session.credential)
        guard answer.status == 200, let name = answer.json?["username"]?.text else { return nil }
        let place = GitLabPlace(username: name, userID: user)
        users[user] = place
        names[user] = SafeText.line(name, limit: 120)
        return place
    }

    private mutating func add(_ record: GitLabTokenRecord, in place: GitLabPlace?) async throws(Failure) {
        guard !record.reading.standing.isDead else { return }
        let kind =
            switch place {
            case .project?: GitLab.project
            case .group?: GitLab.group
            case .serviceAccount?: GitLab.serviceAccount
            case .user?: GitLab.personal
            case nil: GitLab.accessToken
            }
        var owner = record.userID.flatMap { names[$0] }
        switch place {
        case .project(let id)?: owner = owner ?? "project \(id)"
        case .group(let id)?: owner = owner ?? "group \(id)"
        default: break
        }
        found[record.id] = ListedToken(
            forge: "gitlab", api: client.api.origin.text, tokenID: String(record.id), kind: kind.id,
            name: SafeText.line(record.name, limit: 200), owner: owner,
            scopes: record.scopes.map { $0.map { SafeText.line($0, limit: 100) } }, expiry: record.reading.expiry,
            standing: record.reading.standing, listedAt: now)
    }
}

extension GitLab {
    /// Lists by GET requests alone.
    public func list(
        _ question: TokenListQuestion, over transport: any HTTPTransport, clock: any WallClock
    ) async throws(Failure) -> TokenList {
        var lists = GitLabLists(question, over: transport, clock: clock)
        return try await lists.read()
    }
}
