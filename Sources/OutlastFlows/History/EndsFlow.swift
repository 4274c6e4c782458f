// `history expiring`, `no-expiry` and `calendar`: which tokens end when, who uses them, and which job meets the end first.

public import OutlastModel

/// A token with what its end means.
public struct EndingToken: Sendable {
    /// The token.
    public var token: KnownToken
    /// What is left of it; nil without an end.
    public var remaining: Duration?
    /// The start of the first run that would not end before it, and whose; nil where that cannot be told.
    public var nextFailure: (at: Instant, series: JobSeries)?
}

/// Asks about ends.
public struct EndsFlow: Sendable {
    private let world: World
    /// How many of a token's users are looked at for a prediction, and how many tokens.
    private static let (users, predicted) = (5, 100)

    /// Runs through these ports.
    public init(_ world: World) { self.world = world }

    /// Tokens that end from now on within a span of time, the first end first.
    ///
    /// - Parameters:
    ///   - includesShortLived: Whether tokens count that live for one job or are minted anew for each.
    ///   - limit: The most tokens.
    /// - Throws: `state` when there is no store that can be read.
    public func ending(
        within span: Duration, includesShortLived: Bool, quantile: Double, limit: Int
    ) throws(Failure) -> ([EndingToken], [String]) {
        let store = try world.openStore(.readOnly).get()
        // One more tells whether there are more.
        let scope = TokenScope(withoutKinds: includesShortLived ? [] : shortLived, limit: limit + 1)
        let found = try ending(in: store, within: span, scope, now: world.clock.now(), quantile: quantile)
        return (Array(found.prefix(limit)), store.warnings + Self.notes(found.count, limit))
    }

    /// That not all are shown: what is not seen here is not missed until it has ended.
    private static func notes(_ found: Int, _ limit: Int) -> [String] {
        found > limit ? ["only the first \(limit) tokens are shown: --limit gives more"] : []
    }

    /// The same from a store that is open already.
    func ending(
        in store: any HistoryStore, within span: Duration, _ scope: TokenScope, now: Instant, quantile: Double
    ) throws(Failure) -> [EndingToken] {
        let found = try store.tokens(endingFrom: now, to: now.advanced(by: span), scope)
        var ending: [EndingToken] = []
        var paces = Paces(store: store, now: now, quantile: quantile)
        for token in found {
            guard let end = token.lifetime.expiry.instant else { continue }
            let skew = token.clockSkew ?? .zero
            var next: (at: Instant, series: JobSeries)?
            if ending.count < Self.predicted {
                next = try failure(of: token, at: end.advanced(by: .zero - skew), &paces)
            }
            ending.append(
                EndingToken(token: token, remaining: now.advanced(by: skew).duration(to: end), nextFailure: next))
        }
        return ending
    }

    /// Tokens whose forge says that they have no end, the last met first.
    ///
    /// - Throws: `state` when there is no store that can be read.
    public func endless(limit: Int) throws(Failure) -> ([EndingToken], [String]) {
        let store = try world.openStore(.readOnly).get()
        let found = try store.tokensWithoutEnd(TokenScope(withoutKinds: [], limit: limit + 1))
        return (found.prefix(limit).map { EndingToken(token: $0) }, store.warnings + Self.notes(found.count, limit))
    }

    /// Days on which tokens end, those with most ends first, earlier days before later ones.
    ///
    /// - Throws: `state` when there is no store that can be read.
    public func calendar(
        within span: Duration, includesShortLived: Bool, limit: Int
    ) throws(Failure) -> ([DayOfEnds], [String]) {
        let store = try world.openStore(.readOnly).get()
        let now = world.clock.now()
        let scope = TokenScope(withoutKinds: includesShortLived ? [] : shortLived, limit: 100_000)
        let days = try store.daysOfEnds(from: now, to: now.advanced(by: span), scope)
        return (Array(days.sorted { ($1.count, $0.day) < ($0.count, $1.day) }.prefix(limit)), store.warnings)
    }

    /// Kinds whose tokens are made for one job and end with it, or soon after: their ends are no news.
    var shortLived: [String] {
        world.forges.flatMap(\.kinds).filter { kind in
            switch kind.expiry {
            case .job, .life: true
            case .date, .moment, .untold: false
            }
        }.map(\.id)
    }

    /// The first start at which one of the token's users would outlast it.
    private func failure(
        of token: KnownToken, at end: Instant, _ paces: inout Paces
    ) throws(Failure) -> (at: Instant, series: JobSeries)? {
        var first: (at: Instant, series: JobSeries)?
        for series in token.usedBy.prefix(Self.users) {
            guard let pace = try paces.pace(of: series),
                let start = pace.nextStart(missing: end, before: first?.at)
            else { continue }
            first = (start, series)
        }
        return first
    }
}

/// How often jobs start and how long they take; many tokens share their users, so each is asked for once.
private struct Paces {
    let store: any HistoryStore
    let now: Instant
    let quantile: Double
    private var known: [JobSeries: Pace] = [:]

    init(store: any HistoryStore, now: Instant, quantile: Double) {
        self.store = store
        self.now = now
        self.quantile = quantile
    }

    mutating func pace(of series: JobSeries) throws(Failure) -> Pace? {
        if let found = known[series] { return found }
        var attempts = try store.attempts(of: series, endedBefore: now, limit: DurationEstimator.shortWindow)
        if attempts.count == DurationEstimator.shortWindow, !DurationEstimator.suffice(attempts) {
            attempts = try store.attempts(of: series, endedBefore: now, limit: DurationEstimator.window)
        }
        let pace = Pace(attempts, now: now, quantile: quantile)
        known[series] = pace
        return pace
    }
}

/// The past of a job. What it says of the next run is worked out for the first who needs it.
private final class Pace {
    private let attempts: [PastAttempt]
    private let limit: Duration
    private let now: Instant
    private let quantile: Double
    private lazy var outlook = DurationOutlook(attempts: attempts, now: now, quantile: quantile)

    init(_ attempts: [PastAttempt], now: Instant, quantile: Double) {
        self.attempts = attempts
        self.now = now
        self.quantile = quantile
        limit = DurationOutlook.limit(attempts)
    }

    /// The first start that misses an end, if it comes before another; nil for a job without a successful run.
    func nextStart(missing end: Instant, before best: Instant?) -> Instant? {
        guard attempts.contains(where: { $0.status == .success && $0.duration > .zero }) else { return nil }
        return FailurePrediction.nextStart(after: attempts, missing: end, limit: limit, before: best, now: now) {
            outlook?.mayLast(longerThan: $0) ?? false
        }
    }
}
