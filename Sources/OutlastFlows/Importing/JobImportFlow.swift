// `record import`: ended jobs from the lists of a CI's own interface, so that durations are known on the first day. A job
// that recorded itself too is the same job.

public import OutlastModel

/// Which lists, and how to read them.
public struct JobImportRequest: Sendable {
    /// The CI's name.
    public var ci: String
    /// The files, in order.
    public var origins: [ByteOrigin]
    /// How to read what a list does not tell itself.
    public var reading: JobListReading
    /// Keys of jobs by the names that a list shows, whole or without what it adds.
    public var keys: [String: String]
    /// Whether a state store that can't be used is a failure.
    public var isStrict: Bool

    /// Makes a request.
    public init(
        ci: String, origins: [ByteOrigin], reading: JobListReading = JobListReading(), keys: [String: String] = [:],
        isStrict: Bool = false
    ) {
        self.ci = ci
        self.origins = origins
        self.reading = reading
        self.keys = keys
        self.isStrict = isStrict
    }
}

/// What came of it.
public struct JobImportOutcome: Sendable {
    /// Ended jobs in all files.
    public var jobs = 0
    /// What became of them.
    public var count = ImportCount()
    /// Jobs that never ran or have not ended.
    public var unfinished = 0
    /// Things that are no jobs.
    public var malformed = 0
    /// Names that could not be matched, as they are shown; at most `mostUnmatched`.
    public var unmatched: [String] = []
    /// Why there is no state store; nil when all is stored.
    public var stateFailure: Failure?
    /// Things to tell on stderr.
    public var warnings: [String] = []

    /// The most names that are listed.
    public static let mostUnmatched = 100
}

/// Imports lists of jobs.
public struct JobImportFlow: Sendable {
    private let world: World

    /// Runs through these ports.
    public init(_ world: World) { self.world = world }

    /// Reads all files into the store.
    ///
    /// - Throws: `usage` for a file that cannot be read, `malformedInput` for one that is no such list or is damaged (what
    ///   came before is stored), `state` only with `isStrict`.
    public func run(_ request: JobImportRequest) throws(Failure) -> JobImportOutcome {
        guard let sources = world.sources, let list = world.jobLists.first(where: { $0.ci == request.ci }) else {
            throw Failure(.unexpected, "there is no reader for the lists of this CI")
        }
        var work = JobImport(list: list, request: request, state: try State(in: world, strict: request.isStrict))
        defer { world.progress?.clear() }
        for origin in request.origins {
            let source = try sources.open(origin)
            do throws(Failure) { try work.run(source, of: origin, progress: world.progress) } catch {
                try work.store()
                throw Failure(
                    error.code, "\(error.message) (\(work.outcome.count.added) new jobs stored)", hint: error.hint)
            }
        }
        try work.store()
        if work.outcome.jobs == 0, work.outcome.malformed > 0 {
            throw Failure(.malformedInput, "there is not one job of this CI in what was named", hint: list.hint)
        }
        return try work.settled()
    }
}

/// The work on all files.
private struct JobImport {
    let list: any JobList
    let request: JobImportRequest
    var state: State
    var outcome = JobImportOutcome()
    private var waiting: [JobUpdate] = []
    private var knownNames: [JobSeries: [String]] = [:]
    /// The list's number of the first job of each identity.
    private var numbers: [String: String] = [:]

    /// Rows that one transaction takes.
    private static let batch = 2000

    init(list: any JobList, request: JobImportRequest, state: State) {
        self.list = list
        self.request = request
        self.state = state
    }

    mutating func run(
        _ source: any ByteSource, of origin: ByteOrigin, progress: (any ProgressDisplay)?
    ) throws(Failure) {
        var pieces = JSONPieces()
        while let bytes = try source.next() {
            let problem = try pieces.feed(bytes) { piece throws(Failure) in try take(piece) }
            if let problem { throw flaw(problem, origin) }
            progress?.show(source.share, "\(outcome.jobs) jobs")
        }
        if let problem = pieces.finish() { throw flaw(problem, origin) }
    }

    private func flaw(_ problem: JSONPieces.Problem, _ origin: ByteOrigin) -> Failure {
        Failure(.malformedInput, "\(origin.shown): \(problem.text)", hint: list.hint)
    }

    private mutating func take(_ piece: [UInt8]) throws(Failure) {
        guard let answer = try? JSONValue(parsing: piece) else {
            outcome.malformed += 1
            return
        }
        let listed = list.read(answer, request.reading)
        outcome.jobs += listed.ended.count
        outcome.unfinished += listed.unfinished
        outcome.malformed += listed.malformed
        for job in listed.ended { waiting.append(try update(job)) }
        if waiting.count >= Self.batch { try store() }
    }

    private mutating func update(_ job: ListedJob) throws(Failure) -> JobUpdate {
        var identity = job.identity
        if let display = job.display { identity.job = try name(display, of: identity) }
        tellApart(&identity, job.number)
        let isRenamed = identity.job != job.identity.job
        return JobUpdate(
            identity: identity, startedAt: job.startedAt, finishedAt: job.finishedAt, status: job.status,
            seenAt: job.finishedAt, formerID: isRenamed ? job.identity.id : nil)
    }

    /// Legs of a matrix that one runner ran one after another have all but the list's number in common: the first is as it
    /// would have recorded itself, the others have that number in their leg.
    private mutating func tellApart(_ identity: inout JobIdentity, _ number: String?) {
        guard let number else { return }
        let first = numbers[identity.id]
        if first == nil { numbers[identity.id] = number }
        guard let first, first != number else { return }
        identity.leg += identity.leg.isEmpty ? number : " \(number)"
    }

    /// The name that the job's own variables would have given: what the user said, else one that the store knows by jobs
    /// that recorded themselves, else what the shown name tells. Where nothing tells, the name stays as it is shown.
    private mutating func name(_ display: DisplayName, of identity: JobIdentity) throws(Failure) -> String {
        if let key = request.keys[display.shown] ?? request.keys[display.bare] { return display.prefix + key }
        let known = try names(of: identity)
        if let key = display.key, known.contains(display.prefix + key) { return display.prefix + key }
        let alike = known.filter { Self.isAlike($0, display) }
        if alike.count == 1, let name = alike.first { return name }
        guard let key = display.key else {
            let shown = SafeText.line(display.shown, limit: 200)
            if outcome.unmatched.count < JobImportOutcome.mostUnmatched, !outcome.unmatched.contains(shown) {
                outcome.unmatched.append(shown)
            }
            return identity.job
        }
        return display.prefix + key
    }

    /// Whether a name of the store is the shown one but for case and what stands between words: `Unit tests` and
    /// `unit-tests`. Names with blanks are none that variables have; they were imported, and kept as they were shown.
    private static func isAlike(_ name: String, _ display: DisplayName) -> Bool {
        guard name.hasPrefix(display.prefix) else { return false }
        let key = name.dropFirst(display.prefix.count)
        return !key.contains(" ") && !key.isEmpty && bones(key) == bones(display.bare[...])
    }

    private static func bones(_ name: Substring) -> String { name.lowercased().filter { $0.isLetter || $0.isNumber } }

    private mutating func names(of identity: JobIdentity) throws(Failure) -> [String] {
        let project = JobSeries(
            forge: identity.forge, server: identity.server, project: identity.project, job: "")
        if let known = knownNames[project] { return known }
        let found = try state.attempt(strict: request.isStrict) { store throws(Failure) in
            try store.jobNames(inProjectOf: project)
        }
        knownNames[project] = found ?? []
        return found ?? []
    }

    mutating func store() throws(Failure) {
        guard !waiting.isEmpty else { return }
        let updates = waiting
        waiting.removeAll(keepingCapacity: true)
        let count = try state.attempt(strict: request.isStrict) { store throws(Failure) in
            try store.write(updates)
        }
        if let count { outcome.count += count }
    }

    mutating func settled() throws(Failure) -> JobImportOutcome {
        try state.attempt(strict: request.isStrict) { store throws(Failure) in try store.settle() }
        outcome.stateFailure = state.failure
        outcome.warnings = state.warnings
        return outcome
    }
}
