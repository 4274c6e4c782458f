// What a page about the history says. Values only: how they came about is the flows' business, how they look the page's.

/// All that a page about the history shows. Texts are as they were told; whoever shows them makes them safe.
public struct HistoryReport: Sendable {
    /// A part of the page.
    public enum Part: String, CaseIterable, Sendable {
        /// Tokens that somebody should look after.
        case care
        /// Tokens' generations against the jobs that used them.
        case tokens
        /// Durations of jobs and what the estimate had said.
        case durations
        /// Failures by class over time.
        case failures
        /// Days on which tokens end.
        case calendar
    }

    /// When it was made.
    public var madeAt: Instant
    /// What happened from here on counts, up to when it was made.
    public var since: Instant
    /// The project it is about; nil for all.
    public var project: String?
    /// The job it is about; nil for all.
    public var job: String?
    /// Jobs by status, the words in alphabetical order.
    public var jobs: [HistoryCounts.Count] = []
    /// Renewals by state; empty where the page is about one project or job.
    public var renewals: [HistoryCounts.Count] = []
    /// What somebody should look after, the most urgent first.
    public var care: [CareItem] = []
    /// Tokens and their users.
    public var lanes: [TokenLane] = []
    /// Jobs and their durations.
    public var durations: [DurationTrack] = []
    /// Failures.
    public var failures = FailureTrend()
    /// Days on which tokens end, in their order.
    public var calendar: [DayOfEnds] = []
    /// How far the calendar looks ahead.
    public var horizon: Instant
    /// What was left out of a part, each as a sentence.
    public var remarks: [Part: [String]] = [:]

    /// Begins a report without content.
    public init(
        madeAt: Instant, since: Instant, horizon: Instant, project: String? = nil, job: String? = nil
    ) {
        self.madeAt = madeAt
        self.since = since
        self.horizon = horizon
        self.project = project
        self.job = job
    }
}

/// Something about a token that somebody should look after.
public struct CareItem: Hashable, Sendable {
    /// Why, the most urgent first.
    public enum Reason: Int, CaseIterable, Comparable, Sendable {
        /// A renewal's answer is gone: the old token may be dead, and nobody has the new one.
        case lost
        /// Nobody knows whether a renewal was done.
        case inDoubt
        /// The forge no longer accepts it, and a job met it lately.
        case refused
        /// It ends, and a job is expected to meet the end.
        case willFail
        /// It ends soon.
        case endsSoon
        /// It has no end.
        case noEnd

        /// Orders by urgency.
        public static func < (left: Self, right: Self) -> Bool { left.rawValue < right.rawValue }
    }

    /// Why.
    public var reason: Reason
    /// What the token is called: a credential, its owner's name for it, or its mark.
    public var name: String
    /// What reports call it by: a fingerprint or `id:HOST/ID`.
    public var mark: String
    /// Its kind's id; empty where nobody told.
    public var kind: String
    /// The moment that the reason is about: its end, the refusal, the renewal; nil without one.
    public var at: Instant?
    /// What is left of it at the report's moment; nil without an end.
    public var remaining: Duration?
    /// Who uses it, the last user first.
    public var usedBy: [JobSeries]
    /// The job that is expected to meet its end.
    public var failing: JobSeries?
    /// When that job is expected to begin.
    public var failingAt: Instant?
    /// More in a few words: a forge's standing, a method's name.
    public var detail: String?

    /// Describes what somebody should do something about.
    public init(
        reason: Reason, name: String, mark: String, kind: String, at: Instant? = nil, remaining: Duration? = nil,
        usedBy: [JobSeries] = [], failing: JobSeries? = nil, failingAt: Instant? = nil, detail: String? = nil
    ) {
        self.reason = reason
        self.name = name
        self.mark = mark
        self.kind = kind
        self.at = at
        self.remaining = remaining
        self.usedBy = usedBy
        self.failing = failing
        self.failingAt = failingAt
        self.detail = detail
    }

    /// The most urgent first; of the same reason the earliest, then by name.
    public static func inOrder(_ items: [CareItem]) -> [CareItem] {
        items.enumerated().sorted { left, right in
            let (one, other) = (left.element, right.element)
            if one.reason != other.reason { return one.reason < other.reason }
            let (first, second) = (one.failingAt ?? one.at, other.failingAt ?? other.at)
            if first != second { return (first ?? .latest) < (second ?? .latest) }
            return one.name == other.name ? left.offset < right.offset : one.name < other.name
        }.map(\.element)
    }
}

extension KnownToken {
    /// What people call it: its credential, its owner's name for it, or its mark.
    public var calling: String {
        if let credential, !credential.isEmpty { return credential }
        if let name, !name.isEmpty { return name }
        return mark
    }
}

extension Instant {
    fileprivate static let latest = Instant(milliseconds: .max)
}
