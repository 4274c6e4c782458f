// `history report`: facts from the store, by the questions and the estimates of its siblings, as the content of a page.

public import OutlastModel

/// Which page.
public struct ReportRequest: Sendable {
    /// What happened from here on; nil for the last 90 days.
    public var since: Instant?
    /// Only this project.
    public var project: String?
    /// Only this job.
    public var job: String?
    /// The quantile of the bounds.
    public var quantile: Double

    /// Makes a request.
    public init(since: Instant? = nil, project: String? = nil, job: String? = nil, quantile: Double = 0.95) {
        self.since = since
        self.project = project
        self.job = job
        self.quantile = quantile
    }
}

/// What came of it.
public struct ReportOutcome: Sendable {
    /// What the page shows.
    public var report: HistoryReport
    /// The page, as UTF-8.
    public var page: [UInt8]
    /// Things to tell on stderr.
    public var warnings: [String]
}

/// Makes the page.
public struct ReportFlow: Sendable {
    private let world: World
    /// Days that are looked back and ahead.
    static let (back, ahead): (Duration, Duration) = (.seconds(90 * 86_400), .seconds(366 * 86_400))
    /// Jobs, the newest; jobs with a chart of their own; runs of each; tokens to look after, of each reason.
    private static let (jobs, tracks, runs, care) = (2000, 12, 120, 50)

    /// What every page ends with.
    private static let end = "</html>\n"

    /// Runs through these ports.
    public init(_ world: World) { self.world = world }

    /// Reads the store and makes the page.
    ///
    /// - Throws: `usage` for a beginning that is not in the past, `state` when there is no store that can be read.
    public func run(_ request: ReportRequest) throws(Failure) -> ReportOutcome {
        guard let pages = world.pages else { throw Failure(.unexpected, "there is nothing that makes pages") }
        let now = world.clock.now()
        let since = request.since ?? now.advanced(by: .zero - Self.back)
        guard since < now else { throw .usage("--since must lie in the past") }
        let store = try world.openStore(.readOnly).get()
        var report = HistoryReport(
            madeAt: now, since: since, horizon: now.advanced(by: Self.ahead), project: request.project,
            job: request.job)
        // What happens at this very moment counts.
        let end = now.advanced(by: .seconds(1))
        let jobs = try store.jobs(
            HistoryFilter(
                since: since, until: end, project: request.project, job: request.job, limit: Self.jobs + 1))
        let isCut = jobs.count > Self.jobs
        let shown = Array(jobs.prefix(Self.jobs))
        if isCut { report.note(.tokens, "Only the newest \(Self.jobs) jobs are looked at.") }
        try count(shown, isCut: isCut, from: since, to: end, request, store, &report)
        try timeline(shown, store, &report)
        try durations(shown, isCut: isCut, since: since, request.quantile, store, &report)
        report.failures = FailureTrend(
            try store.failuresByDay(from: since, to: end, project: request.project, job: request.job), since: since,
            now: now)
        try ends(request, store, &report)
        return ReportOutcome(report: report, page: try pages.page(of: report), warnings: store.warnings)
    }

    /// Writes the page: whole or not at all.
    ///
    /// - Throws: `usage` for a place that cannot be written or where something other than a file lies.
    public func write(_ page: [UInt8], to path: String) throws(Failure) {
        do throws(Failure) {
            // A slip of the hand must not cost the state store.
            if let there = try world.files.statusFollowingLinks(of: path) {
                let end = there.sort == .file ? try world.files.readTail(path, count: Self.end.utf8.count) : []
                let isPage = there.sort == .file && (there.size == 0 || end == Array(Self.end.utf8))
                if !isPage { throw .usage("something other than a page lies in its place") }
            }
            try world.files.writeAtomically(path, page, permissions: 0o644)
        } catch {
            throw .usage(
                "--html: \(error.message)", hint: "name a file in a folder that can be written, or - for stdout")
        }
    }

    /// Writes the page to stdout.
    ///
    /// - Throws: `unexpected` where it cannot be written.
    public func send(_ page: [UInt8]) throws(Failure) {
        guard let stream = world.stream else { throw Failure(.unexpected, "there is no stdout to write to") }
        _ = try stream(page)
    }

    private func count(
        _ jobs: [KnownJob], isCut: Bool, from start: Instant, to end: Instant, _ request: ReportRequest,
        _ store: any HistoryStore, _ report: inout HistoryReport
    ) throws(Failure) {
        if request.project == nil, request.job == nil {
            let counts = try store.counts(from: start, to: end)
            (report.jobs, report.renewals) = (counts.jobs, counts.renewals)
            return
        }
        var numbers: [String: Int] = [:]
        for job in jobs { numbers[job.status.rawValue, default: 0] += 1 }
        report.jobs = numbers.sorted { $0.key < $1.key }.map { HistoryCounts.Count($0.key, $0.value) }
        if isCut { report.note(.durations, "Of the jobs, the newest \(Self.jobs) are counted.") }
    }

    private func timeline(
        _ jobs: [KnownJob], _ store: any HistoryStore, _ report: inout HistoryReport
    ) throws(Failure) {
        // A token that is made for one job has one user and dies with it.
        let ofOneJob = world.forges.flatMap(\.kinds).filter { if case .job = $0.expiry { true } else { false } }
        let (tokens, uses) = try store.uses(by: jobs, withoutKinds: ofOneJob.map(\.id))
        let made = TokenTimeline.lanes(tokens: tokens, uses: uses, now: report.madeAt)
        report.lanes = made.lanes
        report.note(.tokens, made.lanesLeftOut, "token", "tokens", "whose last use is longest ago")
        report.note(.tokens, made.generationsLeftOut, "older generation", "older generations", "")
        report.note(.tokens, made.usesLeftOut, "older use by a job", "older uses by jobs", "")
    }

    private func durations(
        _ jobs: [KnownJob], isCut: Bool, since: Instant, _ quantile: Double, _ store: any HistoryStore,
        _ report: inout HistoryReport
    ) throws(Failure) {
        var numbers: [JobSeries: Int] = [:]
        for job in jobs { numbers[job.series, default: 0] += 1 }
        let ordered = numbers.sorted { one, other in
            let (left, right) = (one.key, other.key)
            return (other.value, left.project, left.job, left.leg, left.server)
                < (one.value, right.project, right.job, right.leg, right.server)
        }
        for (series, _) in ordered {
            if report.durations.count == Self.tracks { break }
            let attempts = try store.attempts(
                of: series, endedBefore: report.madeAt, limit: Self.runs + DurationEstimator.window)
            let track = DurationTrack(
                of: series, attempts: attempts, since: since, limit: Self.runs, now: report.madeAt, quantile: quantile)
            if !track.runs.isEmpty { report.durations.append(track) }
        }
        let rest = ordered.count - Self.tracks
        if report.durations.count == Self.tracks {
            report.note(.durations, rest, "job", "jobs", "that ran less often")
        }
    }

    private func ends(
        _ request: ReportRequest, _ store: any HistoryStore, _ report: inout HistoryReport
    ) throws(Failure) {
        let flow = EndsFlow(world)
        let scope = TokenScope(withoutKinds: flow.shortLived, limit: 100_000)
        if request.project == nil, request.job == nil {
            report.calendar = try store.daysOfEnds(from: report.madeAt, to: report.horizon, scope)
        }
        let care = ReportCare(now: report.madeAt, project: request.project, job: request.job, limit: Self.care)
        let soon = try flow.ending(
            in: store, within: ReportCare.soon, TokenScope(withoutKinds: scope.withoutKinds, limit: 1000),
            now: report.madeAt, quantile: request.quantile)
        let endless = try store.tokensWithoutEnd(TokenScope(limit: 1000))
        var renewals: [CareItem] = []
        for state in [RenewalState.lost, .inDoubt] {
            let filter = HistoryFilter(
                project: request.project, job: request.job, status: state.rawValue, limit: Self.care + 1)
            renewals += care.renewals(try store.rows(of: .rotations, filter: filter), state)
        }
        let (items, leftOut) = care.items(ending: soon, endless: endless, lanes: report.lanes, renewals: renewals)
        report.care = items
        report.note(.care, leftOut, "further token", "further tokens", "for the same reasons")
    }
}

extension HistoryReport {
    fileprivate mutating func note(_ part: Part, _ sentence: String) { remarks[part, default: []].append(sentence) }

    fileprivate mutating func note(_ part: Part, _ count: Int, _ one: String, _ many: String, _ which: String) {
        guard count > 0 else { return }
        let words = "\(count) \(count == 1 ? one : many)\(which.isEmpty ? "" : " \(which)")"
        note(part, "Left out: \(words).")
    }
}
