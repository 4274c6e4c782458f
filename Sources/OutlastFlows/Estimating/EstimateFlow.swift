// `history estimate`: how long a job will take at most, from which runs, and why.

public import OutlastModel

/// What was asked.
public struct EstimateRequest: Sendable {
    /// `--project`; nil for the CI's.
    public var project: String?
    /// `--job`; nil for the CI's.
    public var job: String?
    /// The quantile, 0.5 to 0.999.
    public var quantile: Double
    /// How long the job has been running; nil for what the CI or the store say.
    public var elapsed: Duration?
    /// The duration where nothing else tells.
    public var defaultDuration: Duration

    /// Makes a request.
    public init(
        project: String? = nil, job: String? = nil, quantile: Double, elapsed: Duration? = nil,
        defaultDuration: Duration
    ) {
        self.project = project
        self.job = job
        self.quantile = quantile
        self.elapsed = elapsed
        self.defaultDuration = defaultDuration
    }
}

/// What came of it.
public struct EstimateOutcome: Sendable {
    /// Which project.
    public var project: String
    /// Which job.
    public var job: String
    /// The bound on the whole duration.
    public var estimate: Duration
    /// The quantile it was asked for.
    public var quantile: Double
    /// Number of successful runs of this job behind it.
    public var samples: Int
    /// `history`, `pool`, `ci-timeout` or `default`.
    public var source: String
    /// Whether the series has changed its level lately.
    public var isUnsettled: Bool
    /// Why.
    public var reason: String
    /// The runs it was learnt from, newest first.
    public var attempts: [PastAttempt]
    /// Things to tell on stderr.
    public var warnings: [String]
}

/// Estimates.
public struct EstimateFlow: Sendable {
    private let world: World

    /// Runs through these ports.
    public init(_ world: World) { self.world = world }

    /// The estimate for a job that is about to start, or that runs.
    ///
    /// - Throws: `usage` when no job is named and no CI is recognised; `state` when there is no store that can be read.
    public func run(_ request: EstimateRequest) throws(Failure) -> EstimateOutcome {
        let store = try world.openStore(.readOnly).get()
        let context = world.job
        let isNamed = request.project != nil || request.job != nil
        guard let project = request.project ?? context?.identity?.project,
            let job = request.job ?? context?.identity?.job
        else {
            throw .usage("no CI was recognised, so the job must be named", hint: "give --project and --job")
        }
        let series = isNamed ? try store.series(project: project, job: job).first : context?.identity?.series
        let now = world.clock.now()
        var elapsed = request.elapsed
        if elapsed == nil, !isNamed, let identity = context?.identity {
            let started: Instant? = if let told = context?.startedAt { told } else { try store.startOfJob(identity) }
            elapsed = started.map { max(.zero, $0.duration(to: now)) }
        }
        let named = JobSeries(
            forge: series?.forge ?? context?.identity?.forge ?? "generic",
            server: series?.server ?? context?.identity?.server ?? "", project: project, job: job,
            leg: series?.leg ?? "")
        let found = try SeriesEstimate(
            of: named, in: store, now: now, elapsed: elapsed ?? .zero, quantile: request.quantile)
        let timeout = isNamed ? nil : context?.timeout
        let needed = NeededTime(
            NeededFacts(
                history: found?.estimate, timeout: timeout, defaultDuration: request.defaultDuration, elapsed: elapsed,
                margin: .zero, quantile: request.quantile))
        let isLearnt = needed.source == .history
        return EstimateOutcome(
            project: project, job: job, estimate: needed.estimate ?? .zero, quantile: request.quantile,
            samples: found?.estimate.samples ?? 0,
            source: isLearnt ? found?.ground.rawValue ?? "history" : needed.source.rawValue,
            isUnsettled: found?.estimate.isUnsettled ?? false, reason: needed.reason, attempts: found?.attempts ?? [],
            warnings: store.warnings)
    }
}
