// A history that lives as long as the test: the simplest thing that keeps all rules of `HistoryStoreConformance`.

public import OutlastModel
internal import Synchronization

/// A history in memory.
public final class RememberingHistory: HistoryStore {
    /// 32 fixed bytes, so that fingerprints in golden texts stay the same.
    public let salt: [UInt8]
    /// What it was made with.
    public let warnings: [String]

    /// The renewals that it was given; their journal is what the list of rotations shows.
    public var renewals: (any RenewalStore)? { journal }

    let memory = Mutex(Memory())
    let journal: RememberingRenewals?
    private let failure: Failure?
    private let kinds: @Sendable (String) -> TokenKind?

    /// Makes an empty history. With a `failure` every call ends with it, as with a store that broke after opening. Of
    /// `renewals` it takes the history of their steps.
    public init(
        salt: [UInt8] = [UInt8](0..<32), warnings: [String] = [], failure: Failure? = nil,
        renewals: RememberingRenewals? = nil, kinds: @escaping @Sendable (String) -> TokenKind? = { _ in nil }
    ) {
        self.salt = salt
        self.warnings = warnings
        self.failure = failure
        self.kinds = kinds
        journal = renewals
        renewals?.attach { [weak self] record in self?.memory.withLock { $0.write(record) } }
    }

    /// All records that were written, in order.
    public var records: [RunRecord] { memory.withLock { $0.records } }

    /// How often `settle` was called.
    public var settlements: Int { memory.withLock { $0.settlements } }

    /// Attempts of a series; see `HistoryStore`.
    public func attempts(of series: JobSeries, endedBefore instant: Instant, limit: Int) throws(Failure)
        -> [PastAttempt]
    {
        try check()
        return memory.withLock { $0.attempts(endedBefore: instant, limit: limit) { $0 == series } }
    }

    /// Attempts of the project's other series; see `HistoryStore`.
    public func attemptsOfOtherJobs(of series: JobSeries, endedBefore instant: Instant, limit: Int) throws(Failure)
        -> [PastAttempt]
    {
        try check()
        return memory.withLock { memory in
            memory.attempts(endedBefore: instant, limit: limit) { other in
                other != series && other.forge == series.forge && other.server == series.server
                    && other.project == series.project
            }
        }
    }

    /// Series by name, the one that ran last first; see `HistoryStore`.
    public func series(project: String, job: String) throws(Failure) -> [JobSeries] {
        try check()
        return memory.withLock { memory in
            let fitting = memory.jobs.filter { $0.identity.project == project && $0.identity.job == job }
            let newest = fitting.sorted {
                ($0.startedAt ?? Instant(milliseconds: 0)) > ($1.startedAt ?? Instant(milliseconds: 0))
            }
            return newest.map(\.identity.series).reduce(into: []) { found, next in
                if !found.contains(next) { found.append(next) }
            }
        }
    }

    /// The start of an attempt; see `HistoryStore`.
    public func startOfJob(_ identity: JobIdentity) throws(Failure) -> Instant? {
        try check()
        return memory.withLock { memory in memory.jobs.first { $0.identity.id == identity.id }?.startedAt }
    }

    /// A forge's last answer; see `HistoryStore`.
    public func remembered(_ fingerprint: Fingerprint, api: String?) throws(Failure) -> RememberedToken? {
        try check()
        var found = memory.withLock { memory in
            memory.tokens.first { $0.sighting.fingerprint == fingerprint }?.answers[api ?? ""]
        }
        if let kind = found?.kindID { found?.reading.kind = kinds(kind) }
        return found
    }

    /// A doubt that nobody has settled; see `HistoryStore`.
    public func doubt(about fingerprint: Fingerprint) throws(Failure) -> TokenDoubt? {
        try check()
        return memory.withLock { $0.doubts[fingerprint] }
    }

    /// The tokens of the last preflight; see `HistoryStore`.
    public func tokensOfLastPreflight(_ identity: JobIdentity) throws(Failure) -> [JudgedToken] {
        try check()
        let journal = journal?.contents.journal ?? []
        return memory.withLock { memory in
            guard let job = memory.jobs.firstIndex(where: { $0.identity.id == identity.id }) else { return [] }
            let judged = memory.occurrences.filter { $0.job == job && $0.event.event == "preflight" }
            let last = judged.map(\.event.at).max()
            return judged.filter { $0.event.at == last }.compactMap(\.token).sorted().map { place in
                let token = memory.tokens[place]
                let answer = token.answers[token.sighting.api ?? ""]?.reading
                let rotations = journal.map(\.entry).filter {
                    $0.oldFingerprint == token.sighting.fingerprint && $0.state == .retired
                }
                return JudgedToken(
                    fingerprint: token.sighting.fingerprint, credential: token.sighting.credential,
                    api: token.sighting.api,
                    facts: TokenFacts(
                        endsAt: token.sighting.lifetime.expiry.instant, rotatedAt: rotations.map(\.changedAt).min(),
                        standing: answer?.standing, standingAt: answer?.readAt),
                    clockSkew: token.sighting.clockSkew)
            }
        }
    }

    /// Takes in a record; see `HistoryStore`.
    public func write(_ record: RunRecord) throws(Failure) {
        try check()
        memory.withLock { $0.write(record) }
    }

    /// A public list; see `HistoryStore`.
    public func rows(of list: HistoryList, filter: HistoryFilter) throws(Failure) -> HistoryTable {
        try check()
        let renewals = journal?.contents.journal ?? []
        return memory.withLock { $0.table(of: list, filter, renewals) }
    }

    /// Counts.
    public func settle() throws(Failure) {
        try check()
        memory.withLock { $0.settlements += 1 }
    }

    func check() throws(Failure) { if let failure { throw failure } }
}
