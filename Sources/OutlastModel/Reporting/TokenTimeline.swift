// Tokens' generations against the jobs that used them: which came after which, when each began and stopped to count, and
// who used it. Pure: tokens, jobs and the moment come in as values, which a store of somebody else's may have made up.

/// One generation of a token.
public struct TokenGeneration: Hashable, Sendable {
    /// Why it no longer counts, or that it does.
    public enum Ending: String, CaseIterable, Sendable {
        /// A newer generation took its place.
        case replaced
        /// Its time was over.
        case ended
        /// Its forge said no.
        case refused
        /// It still counts, as far as anybody knows.
        case current
    }

    /// What reports call it by.
    public var mark: String
    /// Its number in its family; nil for a token that was never renewed.
    public var number: Int?
    /// When it was first met.
    public var from: Instant
    /// When it stopped to count; for one that still does, the moment of the report.
    public var to: Instant
    /// How.
    public var ending: Ending
    /// Its end, on our clock; nil where it has none or nobody told.
    public var endsAt: Instant?
    /// The end as its forge told it.
    public var expiry: Expiry
    /// Jobs of the report that used it.
    public var jobs: Int
    /// Those of them that failed.
    public var failed: Int

    /// Describes a generation.
    public init(
        mark: String, number: Int?, from: Instant, to: Instant, ending: Ending, endsAt: Instant?, expiry: Expiry,
        jobs: Int, failed: Int
    ) {
        self.mark = mark
        self.number = number
        self.from = from
        self.to = to
        self.ending = ending
        self.endsAt = endsAt
        self.expiry = expiry
        self.jobs = jobs
        self.failed = failed
    }

    /// What a token has become by a moment.
    init(_ token: KnownToken, now: Instant, users: [KnownJob]) {
        let end = token.lifetime.expiry.instant?.advanced(by: .zero - (token.clockSkew ?? .zero))
        var stops: [(at: Instant, how: Ending)] = []
        if let replaced = token.replacedAt { stops.append((replaced, .replaced)) }
        if let end, end <= now { stops.append((end, .ended)) }
        // A forge that says "expired" tells nothing that its end does not.
        if let standing = token.standing, standing.isDead, let told = token.standingAt,
            standing != .expired || end == nil
        {
            stops.append((told, standing == .expired ? .ended : .refused))
        }
        let first = stops.min { $0.at < $1.at }
        self.init(
            mark: token.mark, number: token.generation, from: token.firstSeenAt,
            to: max(token.firstSeenAt, min(first?.at ?? now, now)), ending: first?.how ?? .current, endsAt: end,
            expiry: token.lifetime.expiry, jobs: users.count, failed: users.filter { $0.status == .failed }.count)
    }
}

/// A job attempt that used a token.
public struct TokenUse: Hashable, Sendable {
    /// The attempt.
    public var job: KnownJob
    /// The mark of the token.
    public var mark: String

    /// Describes a use.
    public init(job: KnownJob, mark: String) {
        self.job = job
        self.mark = mark
    }
}

/// A token through its generations.
public struct TokenLane: Hashable, Sendable {
    /// What people call it.
    public var name: String
    /// Its kind's id.
    public var kind: String
    /// Its generations, the first met first.
    public var generations: [TokenGeneration]
    /// Who used it, in order of time.
    public var uses: [TokenUse]

    /// Describes a lane.
    public init(name: String, kind: String, generations: [TokenGeneration], uses: [TokenUse]) {
        self.name = name
        self.kind = kind
        self.generations = generations
        self.uses = uses
    }

    /// When a job last used it; the last sight of it where none did.
    var lastAt: Instant { uses.last?.job.begunAt ?? generations.last?.from ?? Instant(milliseconds: .min) }
}

/// Brings tokens and jobs together.
public enum TokenTimeline {
    /// The most that is shown.
    public struct Bounds: Hashable, Sendable {
        /// Lanes; those used last stay.
        public var lanes: Int
        /// Generations of a lane; the newest stay.
        public var generations: Int
        /// Uses of a lane; the newest stay.
        public var uses: Int

        /// Sets bounds.
        public init(lanes: Int = 40, generations: Int = 60, uses: Int = 400) {
            self.lanes = lanes
            self.generations = generations
            self.uses = uses
        }
    }

    /// What was made, and how much of it was left out.
    public struct Result: Sendable {
        /// The lanes, the one used last first.
        public var lanes: [TokenLane]
        /// Lanes beyond the bound.
        public var lanesLeftOut: Int
        /// Generations beyond the bound, of lanes that are shown.
        public var generationsLeftOut: Int
        /// Uses beyond the bound, of lanes that are shown.
        public var usesLeftOut: Int
    }

    /// The lanes. Tokens of one family are generations of one another; a token without a family is a lane of its own.
    ///
    /// - Parameters:
    ///   - tokens: What is known of them; twice the same is once.
    ///   - uses: Which job used which of them; those of tokens that are not there are left out.
    ///   - now: The moment of the report.
    public static func lanes(
        tokens: [KnownToken], uses: [TokenUse], now: Instant, bounds: Bounds = Bounds()
    ) -> Result {
        var users: [String: [KnownJob]] = [:]
        for use in Set(uses) { users[use.mark, default: []].append(use.job) }
        var families: [String: [KnownToken]] = [:]
        var seen: Set<String> = []
        for token in tokens where seen.insert(token.mark).inserted {
            families[token.family.map { "family \($0)" } ?? "token \(token.mark)", default: []].append(token)
        }
        var result = Result(lanes: [], lanesLeftOut: 0, generationsLeftOut: 0, usesLeftOut: 0)
        var lanes = families.values.compactMap { lane($0, users, now: now, bounds) }
        lanes.sort { one, other in
            (other.0.lastAt, one.0.name, one.0.mark) < (one.0.lastAt, other.0.name, other.0.mark)
        }
        for (_, left) in lanes.prefix(bounds.lanes) {
            result.generationsLeftOut += left.generations
            result.usesLeftOut += left.uses
        }
        result.lanesLeftOut = max(0, lanes.count - bounds.lanes)
        result.lanes = lanes.prefix(bounds.lanes).map(\.0)
        return result
    }

    private static func lane(
        _ tokens: [KnownToken], _ users: [String: [KnownJob]], now: Instant, _ bounds: Bounds
    ) -> (TokenLane, (generations: Int, uses: Int))? {
        let ordered = tokens.sorted {
            ($0.generation ?? 0, $0.firstSeenAt, $0.mark) < ($1.generation ?? 0, $1.firstSeenAt, $1.mark)
        }
        guard let newest = ordered.last else { return nil }
        let kept = ordered.suffix(bounds.generations)
        let uses = kept.flatMap { token in (users[token.mark] ?? []).map { TokenUse(job: $0, mark: token.mark) } }
            .sorted { ($0.job.begunAt, $0.job.id, $0.mark) < ($1.job.begunAt, $1.job.id, $1.mark) }
        let lane = TokenLane(
            name: newest.calling, kind: newest.kind,
            generations: kept.map { TokenGeneration($0, now: now, users: users[$0.mark] ?? []) },
            uses: Array(uses.suffix(bounds.uses)))
        return (lane, (ordered.count - kept.count, max(0, uses.count - bounds.uses)))
    }
}

extension TokenLane {
    fileprivate var mark: String { generations.last?.mark ?? "" }
}
