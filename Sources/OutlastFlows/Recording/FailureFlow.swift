// `record usage` and `record failure`: what a token was used for, and why a command failed, in its own words and in those
// of history.

public import OutlastModel

/// What a job has to tell.
public struct FailureRequest: Sendable {
    /// How a token's use went.
    public enum Outcome: String, CaseIterable, Sendable { case ok, denied, error }

    /// Where the command's stderr is kept.
    public enum Text: Hashable, Sendable {
        case file(String)
        case stdin
    }

    /// What was told.
    public enum Report: Sendable {
        case failure(Text)
        case usage(operation: String, outcome: Outcome, text: Text?)
    }

    /// What was told.
    public var report: Report
    /// The parts of the job's identity that were given, as for `record start`.
    public var job: RecordRequest
    /// The credential that was used, by its name; nil leaves it to the last preflight.
    public var credential: String?
    /// The credentials of the configuration, by their names.
    public var configured: [String]

    /// Makes a request.
    public init(report: Report, job: RecordRequest, credential: String? = nil, configured: [String] = []) {
        self.configured = configured
        self.report = report
        self.job = job
        self.credential = credential
    }

    var text: Text? {
        switch report {
        case .failure(let text): text
        case .usage(_, _, let text): text
        }
    }
}

/// What came of it.
public struct FailureOutcome: Sendable {
    /// Why the command failed; nil when no output was handed in.
    public var diagnosis: Diagnosis?
    /// What was being done.
    public var operation: String?
    /// Which attempt; nil outside a CI.
    public var identity: JobIdentity?
    /// The token that it was about, where that is known.
    public var fingerprint: Fingerprint?
    /// Why there is no state store; nil when it is stored.
    public var stateFailure: Failure?
    /// Things to tell on stderr.
    public var warnings: [String]
}

/// Diagnoses and records.
public struct FailureFlow: Sendable {
    private let world: World

    /// Runs through these ports.
    public init(_ world: World) { self.world = world }

    /// Diagnoses what was handed in, with what history knows of the job's token, and stores it once.
    ///
    /// - Throws: `usage` when the job is named in part only, or the text cannot be read; `state` only with `isStrict`.
    public func run(_ request: FailureRequest) async throws(Failure) -> FailureOutcome {
        let known = world.job?.identity
        let names = request.job.names
        // A person may ask what a text means without being a job.
        let identity: JobIdentity? = names.isEmpty && known == nil ? nil : try names.identity(besides: known)
        var diagnosis: Diagnosis?
        if let text = request.text { diagnosis = world.diagnostician.diagnose(try read(text)) }
        let now = world.clock.now()
        let isStrict = request.job.isStrict
        var state = try State(in: world, strict: isStrict)
        var tokens: [JudgedToken]?
        if let identity {
            tokens = try state.attempt(strict: isStrict) { store throws(Failure) in
                try store.tokensOfLastPreflight(identity)
            }
        }
        let note = try Self.check(
            request, judged: (tokens ?? []).compactMap(\.credential), isTold: state.failure == nil)
        let token = Self.token(among: tokens ?? [], for: diagnosis, named: request.credential)
        if let token, let plain = diagnosis {
            // Both moments are of our clock: the forge's answer as well as the failure.
            let skew = token.clockSkew ?? .zero
            var facts = token.facts
            facts.standingAt = facts.standingAt?.advanced(by: skew)
            facts.rotatedAt = facts.rotatedAt?.advanced(by: skew)
            diagnosis = plain.sharpened(by: facts, failedAt: now.advanced(by: skew))
        }
        let event = Self.event(request, diagnosis, of: token, at: now, inJob: identity != nil)
        try state.attempt(strict: isStrict) { store throws(Failure) in
            try store.write(
                RunRecord(job: identity.map { JobUpdate(identity: $0, seenAt: now) }, events: [event]))
        }
        return FailureOutcome(
            diagnosis: diagnosis, operation: Self.operation(request, diagnosis), identity: identity,
            fingerprint: token?.fingerprint, stateFailure: state.failure,
            warnings: state.warnings + [note].compactMap { $0 })
    }

    /// Whether there is a credential of the name that was given, and what to tell where its token cannot be found by it.
    ///
    /// - Parameter isTold: whether history could be asked which credentials the job has.
    /// - Throws: `usage` (64) for a name that is none.
    private static func check(
        _ request: FailureRequest, judged: [String], isTold: Bool
    ) throws(Failure) -> String? {
        guard let name = request.credential, !judged.contains(name) else { return nil }
        let known = request.configured + judged.filter { !request.configured.contains($0) }
        guard request.configured.contains(name) || !isTold else {
            throw .usage(
                "--credential names no credential of the configuration, and none that this job's preflight has judged",
                hint: known.isEmpty
                    ? "leave it, or name the configuration by --config or OUTLAST_CONFIG"
                    : "there is \(known.map { SafeText.line($0) }.text(joinedBy: ", "))")
        }
        guard isTold else { return nil }
        return "no preflight of this job has judged \(SafeText.line(name)): kept without its token"
    }

    /// One byte more than is looked at tells that there was more.
    private func read(_ text: FailureRequest.Text) throws(Failure) -> [UInt8] {
        let count = world.diagnostician.window + 1
        switch text {
        case .stdin: return try world.readInputTail(count)
        case .file(let path):
            do throws(Failure) { return try world.files.readTail(path, count: count) } catch {
                throw .usage(
                    "--stderr-file: \(error.message)", hint: "name a file that holds the command's stderr, or -")
            }
        }
    }

    /// The token that a failure is about: the one that was named, else the only one that its host could have been sent.
    private static func token(
        among tokens: [JudgedToken], for diagnosis: Diagnosis?, named name: String?
    ) -> JudgedToken? {
        if let diagnosis, diagnosis.credentialAtFault == false { return nil }
        var fitting = tokens
        if let name { fitting = tokens.filter { $0.credential == name } }
        if let host = diagnosis?.host, name == nil {
            fitting = tokens.filter { token in
                guard let api = token.api.flatMap({ ServerURL($0) })?.origin.host.lowercased() else { return true }
                // A forge's interface may have a host below that of its repositories.
                return api == host || api.hasSuffix(".\(host)")
            }
        }
        return fitting.count == 1 ? fitting.first : nil
    }

    private static func operation(_ request: FailureRequest, _ diagnosis: Diagnosis?) -> String? {
        if case .usage(let operation, _, _) = request.report { return SafeText.line(operation) }
        return diagnosis?.operation?.rawValue
    }

    private static func event(
        _ request: FailureRequest, _ diagnosis: Diagnosis?, of token: JudgedToken?, at now: Instant, inJob: Bool
    ) -> Event {
        switch request.report {
        case .failure:
            return Event(
                at: now, event: "failure", outcome: (diagnosis?.class ?? .unknown).rawValue,
                fingerprint: token?.fingerprint, detail: diagnosis?.line, isOnce: true, diagnosis: diagnosis)
        case .usage(let operation, let outcome, _):
            let parts = [SafeText.line(operation), diagnosis?.line].compactMap { $0 }
            return Event(
                at: now, event: "usage", outcome: outcome.rawValue, fingerprint: token?.fingerprint,
                detail: parts.text(joinedBy: ": "), isOnce: inJob, diagnosis: diagnosis)
        }
    }
}
