// How history comes in from elsewhere and goes out again.

/// What became of rows that were told.
public struct ImportCount: Hashable, Sendable {
    /// Rows that were new.
    public var added: Int
    /// Rows that the store had already.
    public var known: Int
    /// Of all of them, those that belong to a token that the store knows.
    public var joined: Int

    /// Makes a count.
    public init(added: Int = 0, known: Int = 0, joined: Int = 0) {
        self.added = added
        self.known = known
        self.joined = joined
    }

    /// Adds two counts.
    public static func += (left: inout ImportCount, right: ImportCount) {
        left.added += right.added
        left.known += right.known
        left.joined += right.joined
    }
}

/// Rows of a history, by sort.
public struct HistoryCount: Hashable, Sendable {
    /// Attempts of jobs.
    public var jobs: Int
    /// Tokens.
    public var tokens: Int
    /// Events.
    public var events: Int
    /// What forges' lists told of tokens.
    public var listedTokens: Int

    /// Makes a count.
    public init(jobs: Int = 0, tokens: Int = 0, events: Int = 0, listedTokens: Int = 0) {
        self.jobs = jobs
        self.tokens = tokens
        self.events = events
        self.listedTokens = listedTokens
    }

    /// Adds two counts.
    public static func += (left: inout HistoryCount, right: HistoryCount) {
        left.jobs += right.jobs
        left.tokens += right.tokens
        left.events += right.events
        left.listedTokens += right.listedTokens
    }
}

/// What became of the rows of another store.
public struct MergeCount: Hashable, Sendable {
    /// Attempts of jobs.
    public var jobs = ImportCount()
    /// Tokens.
    public var tokens = ImportCount()
    /// Events.
    public var events = ImportCount()
    /// What forges' lists told of tokens.
    public var listedTokens = ImportCount()
    /// Rows that contradict themselves, or belong to such.
    public var refused = 0

    /// Nothing.
    public init() {}

    /// Adds two counts.
    public static func += (left: inout MergeCount, right: MergeCount) {
        left.jobs += right.jobs
        left.tokens += right.tokens
        left.events += right.events
        left.listedTokens += right.listedTokens
        left.refused += right.refused
    }
}

/// The part of a state store's history that takes in what others wrote down, and hands out what it has.
public protocol HistoryExchange: Sendable {
    /// Stores refusals that a forge's log tells, in one transaction; `source` is the log's name. A line whose key is
    /// stored is not stored again. A refusal belongs to the token with its forge, id, host and one of its kinds; one that
    /// became known after the line was stored is joined to it now.
    func write(_ failures: [LoggedFailure], from source: String) throws(Failure) -> ImportCount
    /// Stores what is told of many attempts, in one transaction. An attempt about which nothing new is told is known.
    func write(_ jobs: [JobUpdate]) throws(Failure) -> ImportCount
    /// The names of jobs that the store knows in the project of this series, on its server; at most 1000.
    func jobNames(inProjectOf series: JobSeries) throws(Failure) -> [String]
    /// Hands out every row of the public lists, oldest first, and then of the failures (`auth_failures`), by the list's
    /// name, until `take` wants no more.
    func export(_ take: (String, [JSONValue.Member]) throws(Failure) -> Bool) throws(Failure)
    /// Removes events before a moment, jobs that were over before it, tokens that were last seen before it and have
    /// ended, and those of a forge's lists that ended before it or that a list of the same API has left out since. Renewals
    /// and what they keep are never touched. Others may write meanwhile; what stops half way is gone on with by the next.
    func prune(before moment: Instant, now: Instant) throws(Failure) -> HistoryCount
    /// Writes the history alone into a file, which takes the place of a pack that was there.
    func pack(to path: String, now: Instant) throws(Failure) -> HistoryCount
    /// Takes in the history of the store in a file, which is only read. Rows that say the same are one; merging again
    /// changes nothing. What contradicts itself is left out and counted, and nothing but history is looked at.
    func merge(_ path: String, now: Instant) throws(Failure) -> MergeCount
}

extension HistoryExchange {
    /// Stores that are no files.
    public func pack(to path: String, now: Instant) throws(Failure) -> HistoryCount {
        throw .state("this state store cannot be packed", hint: "use a store in a file (--state PATH)")
    }

    /// Stores that are no files.
    public func merge(_ path: String, now: Instant) throws(Failure) -> MergeCount {
        throw .state("nothing can be merged into this state store", hint: "use a store in a file (--state PATH)")
    }
}
