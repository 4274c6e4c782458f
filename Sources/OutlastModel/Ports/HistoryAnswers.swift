// What history is asked beyond its lists: around one job, around ends of tokens, in figures, and in the asker's own words.

/// Which tokens a question about ends is about. Tokens that a forge no longer accepts and those that have been replaced
/// never are.
public struct TokenScope: Hashable, Sendable {
    /// Kinds that are left out, by their ids.
    public var withoutKinds: [String]
    /// The most tokens.
    public var limit: Int

    /// Makes a scope.
    public init(withoutKinds: [String] = [], limit: Int = 1000) {
        self.withoutKinds = withoutKinds
        self.limit = limit
    }
}

/// How many tokens end on a day.
public struct DayOfEnds: Hashable, Sendable {
    /// The day in UTC.
    public var day: CivilDate
    /// Numbers by kind, in order of the kinds' ids.
    public var kinds: [(kind: String, count: Int)]

    /// Makes a day.
    public init(day: CivilDate, kinds: [(kind: String, count: Int)]) {
        self.day = day
        self.kinds = kinds
    }

    /// All of them.
    public var count: Int { kinds.map(\.count).reduce(0, +) }

    /// Equal days with equal numbers.
    public static func == (left: DayOfEnds, right: DayOfEnds) -> Bool {
        left.day == right.day && left.kinds.elementsEqual(right.kinds) { $0 == $1 }
    }

    /// Hashes the day.
    public func hash(into hasher: inout Hasher) { hasher.combine(day) }
}

/// Numbers of things, each by a word.
public struct HistoryCounts: Hashable, Sendable {
    /// A word with its number.
    public struct Count: Hashable, Sendable {
        /// The word.
        public let word: String
        /// The number.
        public let count: Int

        /// Makes a count.
        public init(_ word: String, _ count: Int) {
            self.word = word
            self.count = count
        }
    }

    /// Jobs by status.
    public var jobs: [Count]
    /// Jobs by what their last preflight decided.
    public var decisions: [Count]
    /// Failures by class.
    public var failures: [Count]
    /// Renewals by state.
    public var renewals: [Count]
    /// Tokens met, by kind.
    public var tokens: [Count]
    /// Events.
    public var events: Int

    /// Makes counts; words are in alphabetical order.
    public init(
        jobs: [Count] = [], decisions: [Count] = [], failures: [Count] = [], renewals: [Count] = [],
        tokens: [Count] = [], events: Int = 0
    ) {
        self.jobs = jobs
        self.decisions = decisions
        self.failures = failures
        self.renewals = renewals
        self.tokens = tokens
        self.events = events
    }
}

/// A statement in the asker's own words.
public struct FreeQuestion: Sendable {
    /// The SQL text: one statement that reads the public views, or none of them.
    public var statement: String
    /// The most rows that are given.
    public var rowLimit: Int
    /// Asked now and then while the statement runs: whether its time is over.
    public var isOverdue: @Sendable () -> Bool

    /// Makes a question.
    public init(statement: String, rowLimit: Int, isOverdue: @escaping @Sendable () -> Bool) {
        self.statement = statement
        self.rowLimit = rowLimit
        self.isOverdue = isOverdue
    }
}

/// What a forge's list says of one token.
public struct ListedToken: Hashable, Sendable {
    /// The forge's name.
    public var forge: String
    /// The origin of its API.
    public var api: String
    /// The forge's id of it.
    public var tokenID: String
    /// Its kind's id.
    public var kind: String
    /// The name that its owner gave it, safe to store.
    public var name: String?
    /// Whose it is: a user, project or group, safe to store.
    public var owner: String?
    /// Its scopes.
    public var scopes: [String]?
    /// Its end as listed.
    public var expiry: Expiry
    /// Whether the forge still accepts it, and why not.
    public var standing: TokenStanding
    /// When the list was read.
    public var listedAt: Instant

    /// Describes a token.
    public init(
        forge: String, api: String, tokenID: String, kind: String, name: String?, owner: String?, scopes: [String]?,
        expiry: Expiry, standing: TokenStanding, listedAt: Instant
    ) {
        self.forge = forge
        self.api = api
        self.tokenID = tokenID
        self.kind = kind
        self.name = name
        self.owner = owner
        self.scopes = scopes
        self.expiry = expiry
        self.standing = standing
        self.listedAt = listedAt
    }

    /// What stands for a fingerprint, which nobody can know of a token that was never presented: `id:HOST/ID`. The colon
    /// keeps it apart from every fingerprint.
    public var mark: String { Self.mark(api: api, tokenID: tokenID) }

    /// The mark of a token with this id at an API's origin.
    public static func mark(api: String, tokenID: String) -> String {
        let bytes = Array(api.utf8)
        let slashes = Array("://".utf8)
        let start = bytes.indices.first { bytes[$0...].starts(with: slashes) }.map { $0 + slashes.count } ?? 0
        return "id:\(String(decoding: bytes[start...], as: UTF8.self))/\(tokenID)"
    }
}

/// The questions. Each is answered from an index and bounded by its limit, however long the history is.
public protocol HistoryAnswers: Sendable {
    /// A job; nil when there is none.
    func job(_ choice: JobChoice) throws(Failure) -> KnownJob?
    /// What happened in a job, oldest first; of very many events the newest.
    func events(ofJob id: String, limit: Int) throws(Failure) -> [KnownEvent]
    /// The tokens that a job used, the first met first.
    func tokens(ofJob id: String, limit: Int) throws(Failure) -> [KnownToken]
    /// Renewals that a job began or whose old or new token is one of these, oldest first; of very many the newest.
    func renewals(ofJob id: String, tokens: [Fingerprint], limit: Int) throws(Failure) -> [KnownRenewal]
    /// Failures of these tokens that were told outside of any job, from a moment up to another, oldest first.
    func failuresOutsideJobs(
        of tokens: [Fingerprint], from: Instant, to: Instant, limit: Int
    ) throws(Failure) -> [KnownEvent]
    /// Failures of a class before a moment in a series, or of a credential, the newest first. Of a class with very many
    /// failures the newest 5,000 are looked through.
    func failures(
        of class: FailureClass, before moment: Instant, series: JobSeries?, credential: String?, limit: Int
    ) throws(Failure) -> [PastFailure]
    /// Tokens that end within a span of time, the first end first.
    func tokens(endingFrom start: Instant, to end: Instant, _ scope: TokenScope) throws(Failure) -> [KnownToken]
    /// Tokens whose forge says that they have no end, the last met first.
    func tokensWithoutEnd(_ scope: TokenScope) throws(Failure) -> [KnownToken]
    /// Numbers of tokens by the day that they end on, in order of the days.
    func daysOfEnds(from start: Instant, to end: Instant, _ scope: TokenScope) throws(Failure) -> [DayOfEnds]
    /// Figures on what happened from a moment up to another.
    func counts(from start: Instant, to end: Instant) throws(Failure) -> HistoryCounts
    /// Job attempts that fit a filter, newest first; its token is not asked.
    func jobs(_ filter: HistoryFilter) throws(Failure) -> [KnownJob]
    /// The tokens that these jobs used, kinds left out aside, and which job used which. Who else uses them is not told.
    func uses(by jobs: [KnownJob], withoutKinds: [String]) throws(Failure) -> (tokens: [KnownToken], uses: [TokenUse])
    /// Numbers of failures by day and class, of one project or job where one is named; in order of the days.
    func failuresByDay(
        from start: Instant, to end: Instant, project: String?, job: String?
    ) throws(Failure) -> [FailureDay]
    /// The same over the whole history, but for decisions and tokens, which are left out: asked for often.
    func totals() throws(Failure) -> HistoryCounts
    /// The answer to a statement, and whether rows beyond the limit were left out.
    ///
    /// - Throws: `usage` for anything but one statement that reads the public views alone, or none of them, and for one
    ///   that takes too long.
    func answer(_ question: FreeQuestion) throws(Failure) -> (table: HistoryTable, isCut: Bool)
    /// Takes in what a forge's lists say. A token that is known from jobs learns its end and its standing from them.
    ///
    /// - Parameter api: The origin of an API whose lists were read whole: what they no longer have is forgotten.
    func write(_ listed: [ListedToken], wholeOf api: String?) throws(Failure)
}

// Stores that do not tell know of none.
extension HistoryAnswers {
    /// None.
    public func jobs(_ filter: HistoryFilter) throws(Failure) -> [KnownJob] { [] }
    /// None.
    public func uses(
        by jobs: [KnownJob], withoutKinds: [String]
    ) throws(Failure) -> (tokens: [KnownToken], uses: [TokenUse]) { ([], []) }
    /// None.
    public func failuresByDay(
        from start: Instant, to end: Instant, project: String?, job: String?
    ) throws(Failure) -> [FailureDay] { [] }
}
