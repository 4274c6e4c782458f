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
}
