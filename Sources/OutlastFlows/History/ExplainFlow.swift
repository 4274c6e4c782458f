// `history explain`: gathers what history knows around a job, and concludes.

public import OutlastModel

/// What came of it.
public struct ExplainOutcome: Sendable {
    /// The job; nil when no job has failed.
    public var job: KnownJob?
    /// Why it failed.
    public var explanation: Explanation
    /// Failures like it before, newest first; the newest ten.
    public var similar: [PastFailure]
    /// Things to tell on stderr.
    public var warnings: [String]

    /// Collects it.
    public init(job: KnownJob?, explanation: Explanation, similar: [PastFailure], warnings: [String]) {
        self.job = job
        self.explanation = explanation
        self.similar = similar
        self.warnings = warnings
    }
}

/// Explains.
public struct ExplainFlow: Sendable {
    private let world: World
    /// The most failures before that are told.
    private static let mostSimilar = 10

    /// Runs through these ports.
    public init(_ world: World) { self.world = world }

    /// Explains a job; without a choice the one that this process runs in, else the last one that failed.
    ///
    /// - Throws: `state` when there is no store that can be read, `usage` for a job that it does not know.
    public func run(_ choice: JobChoice?) throws(Failure) -> ExplainOutcome {
        let store = try world.openStore(.readOnly).get()
        guard let job = try job(choice, in: store) else {
            guard case .id? = choice else {
                return ExplainOutcome(
                    job: nil, explanation: Self.nothing(choice), similar: [], warnings: store.warnings)
            }
            throw JobReader.unknown
        }
        let the = try JobReader(world, store).read(job)
        let explainer = Explainer(the)
        let explanation = explainer.explanation
        var similar: [PastFailure] = []
        if let kind = explanation.cause.class {
            similar = try store.failures(
                of: kind, before: explainer.moment, series: job.series, credential: explainer.token?.credential,
                limit: 2 * Self.mostSimilar)
            similar.removeAll { $0.job?.id == job.id }
            similar = Array(similar.prefix(Self.mostSimilar))
        }
        return ExplainOutcome(job: job, explanation: explanation, similar: similar, warnings: store.warnings)
    }

    private func job(_ choice: JobChoice?, in store: any HistoryStore) throws(Failure) -> KnownJob? {
        if let choice { return try store.job(choice) }
        if let own = world.job?.identity, let job = try store.job(.id(own.id)) { return job }
        return try store.job(.lastFailed)
    }

    private static func nothing(_ choice: JobChoice?) -> Explanation {
        let sentence = choice == .last ? "history knows no job" : "no job that history knows has failed"
        return Explanation(
            cause: .init(class: nil, sentence: sentence, confidence: .high, credentialAtFault: false), evidence: [],
            wouldHaveSaved: [])
    }
}

/// Gathers what history knows around a job.
struct JobReader: Sendable {
    private let world: World
    private let store: any HistoryStore
    /// The most events that are looked at.
    private static let most = 1000
    /// How long after a job's end a server's log may still tell of it.
    private static let echo: Duration = .seconds(300)

    static let unknown = Failure.usage(
        "the history knows no such job", hint: "`outlast history jobs` lists them with their ids (job_id)")

    init(_ world: World, _ store: any HistoryStore) {
        self.world = world
        self.store = store
    }

    func read(_ job: KnownJob) throws(Failure) -> JobCase {
        let tokens = try store.tokens(ofJob: job.id, limit: 100)
        let fingerprints = tokens.compactMap(\.fingerprint)
        let end = (job.finishedAt ?? job.lastSeenAt).advanced(by: Self.echo)
        return JobCase(
            job: job, events: try store.events(ofJob: job.id, limit: Self.most), tokens: tokens,
            renewals: try store.renewals(ofJob: job.id, tokens: fingerprints, limit: 100).filter { $0.at < end },
            heard: try store.failuresOutsideJobs(of: fingerprints, from: job.begunAt, to: end, limit: 100),
            methods: methods, shortLived: shortLived)
    }

    /// The kinds that can be renewed and do not end on a date.
    private var shortLived: Set<String> {
        Set(
            world.forges.flatMap(\.kinds).filter { kind in
                if case .date = kind.expiry { return false }
                return kind.renewal.method != nil
            }.map(\.id))
    }

    /// How tokens of each kind are renewed.
    private var methods: [String: String] {
        let kinds = world.forges.flatMap(\.kinds).compactMap { kind in kind.renewal.method.map { (kind.id, $0) } }
        return Dictionary(kinds, uniquingKeysWith: { first, _ in first })
    }
}
