// Failures by class over time: days from the store, in steps that a page has room for.

/// How many failures of a class were told on a day.
public struct FailureDay: Hashable, Sendable {
    /// The day in UTC.
    public var day: CivilDate
    /// The class as it was kept: a newer version may know more of them.
    public var `class`: String
    /// How many.
    public var count: Int

    /// Describes a day.
    public init(day: CivilDate, class: String, count: Int) {
        self.day = day
        self.class = `class`
        self.count = count
    }
}

/// Failures by class in equal steps of time.
public struct FailureTrend: Hashable, Sendable {
    /// A class.
    public struct Row: Hashable, Sendable {
        /// Its word; nil for the rarer ones taken together.
        public var `class`: String?
        /// Numbers, one for each step.
        public var counts: [Int]

        /// Describes a row.
        public init(class: String?, counts: [Int]) {
            self.class = `class`
            self.counts = counts
        }

        /// All of them.
        public var total: Int { counts.reduce(0, +) }

        /// Whether a credential is to blame; nil where the class does not tell.
        public var credentialAtFault: Bool? { `class`.flatMap(FailureClass.init(rawValue:))?.credentialAtFault }
    }

    /// The first day.
    public var first: CivilDate
    /// Days in a step.
    public var stepDays: Int
    /// Number of steps.
    public var steps: Int
    /// The classes, those with most failures first.
    public var rows: [Row]

    /// Nothing failed.
    public init() {
        first = CivilDate(daysSinceEpoch: 0)
        (stepDays, steps, rows) = (1, 0, [])
    }

    /// All failures.
    public var total: Int { rows.map(\.total).reduce(0, +) }

    /// The first day of a step.
    public func start(of step: Int) -> CivilDate { first.adding(days: Int64(step * stepDays)) }

    /// Sums days up. Up to seven weeks a step is a day, up to a year and some a week, beyond that four weeks or more.
    ///
    /// - Parameters:
    ///   - days: Numbers in any order; days outside the span are left out.
    ///   - since: The first moment.
    ///   - now: The last one.
    ///   - classes: The most classes; the rarer ones are taken together.
    public init(_ days: [FailureDay], since: Instant, now: Instant, classes: Int = 12) {
        let (begin, end) = (since.day, max(since.day, now.day))
        let span = Int(min(end.daysSinceEpoch - begin.daysSinceEpoch, 4_000_000)) + 1
        let step = span <= 49 ? 1 : span <= 420 ? 7 : max(28, (span + 83) / 84)
        (first, stepDays, steps) = (begin, step, (span + step - 1) / step)
        var counts: [String: [Int]] = [:]
        for one in days where one.day >= begin && one.day <= end && one.count > 0 {
            let place = Int(one.day.daysSinceEpoch - begin.daysSinceEpoch) / step
            guard place < steps else { continue }
            counts[one.class, default: Array(repeating: 0, count: steps)][place] += one.count
        }
        let all = counts.map { Row(class: $0.key, counts: $0.value) }.sorted { one, other in
            (other.total, one.class ?? "") < (one.total, other.class ?? "")
        }
        rows = all
        guard all.count > classes else { return }
        var rest = Row(class: nil, counts: Array(repeating: 0, count: steps))
        for row in all.dropFirst(classes - 1) {
            for (place, count) in row.counts.enumerated() { rest.counts[place] += count }
        }
        rows = all.prefix(classes - 1) + [rest]
    }
}
