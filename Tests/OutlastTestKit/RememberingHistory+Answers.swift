// The questions of `HistoryAnswers` to the history in memory; all but statements in SQL.

public import OutlastModel
internal import Synchronization

extension RememberingHistory {
    /// A job; see `HistoryAnswers`.
    public func job(_ choice: JobChoice) throws(Failure) -> KnownJob? {
        try check()
        return memory.withLock { memory in
            let places = memory.jobs.indices.sorted { (memory.jobs[$0].begunAt, $0) > (memory.jobs[$1].begunAt, $1) }
            let found = places.first { place in
                let job = memory.jobs[place]
                switch choice {
                case .id(let id): return job.identity.id == id
                case .last: return true
                case .lastFailed:
                    let isTold = memory.occurrences.contains { $0.job == place && $0.event.diagnosis != nil }
                    return job.status == .failed || (isTold && job.status != .success)
                }
            }
            return found.map { memory.known(memory.jobs[$0]) }
        }
    }

    /// Events of a job; see `HistoryAnswers`.
    public func events(ofJob id: String, limit: Int) throws(Failure) -> [KnownEvent] {
        try check()
        return memory.withLock { memory in
            let own = memory.occurrences.indices.filter { place in
                memory.occurrences[place].job.map { memory.jobs[$0].identity.id == id } ?? false
            }
            let sorted = own.sorted { (memory.occurrences[$0].event.at, $0) < (memory.occurrences[$1].event.at, $1) }
            return sorted.suffix(limit).map { memory.known(memory.occurrences[$0]) }
        }
    }

    /// Tokens of a job; see `HistoryAnswers`.
    public func tokens(ofJob id: String, limit: Int) throws(Failure) -> [KnownToken] {
        try check()
        let journal = journal?.contents.journal ?? []
        return memory.withLock { memory in
            let own = memory.tokens.filter { token in token.jobs.contains { memory.jobs[$0].identity.id == id } }
            return own.prefix(limit).map { memory.known($0, journal) }
        }
    }

    /// Renewals around a job; see `HistoryAnswers`.
    public func renewals(ofJob id: String, tokens: [Fingerprint], limit: Int) throws(Failure) -> [KnownRenewal] {
        try check()
        let entries = (journal?.contents.journal ?? []).map(\.entry).filter { entry in
            entry.jobID == id || tokens.contains(entry.oldFingerprint)
                || (entry.newFingerprint.map { tokens.contains($0) } ?? false)
        }
        let sorted = entries.sorted { ($0.sentAt ?? $0.intendedAt, $0.id) < ($1.sentAt ?? $1.intendedAt, $1.id) }
        return memory.withLock { memory in
            sorted.suffix(limit).map { entry in
                let job = memory.jobs.first { $0.identity.id == entry.jobID }
                return KnownRenewal(
                    at: entry.sentAt ?? entry.intendedAt, changedAt: entry.changedAt, credential: entry.credential,
                    method: entry.method, state: entry.state, old: entry.oldFingerprint.text,
                    new: entry.newFingerprint?.text, jobID: entry.jobID, job: job.map { memory.known($0) },
                    detail: entry.detail)
            }
        }
    }

    /// Failures outside of jobs; see `HistoryAnswers`.
    public func failuresOutsideJobs(
        of tokens: [Fingerprint], from: Instant, to: Instant, limit: Int
    ) throws(Failure) -> [KnownEvent] {
        try check()
        return memory.withLock { memory in
            let found = memory.occurrences.filter { occurrence in
                let event = occurrence.event
                return occurrence.job == nil && event.diagnosis != nil && from <= event.at && event.at < to
                    && (event.fingerprint.map { tokens.contains($0) } ?? false)
            }
            return found.sorted { $0.event.at < $1.event.at }.prefix(limit).map { memory.known($0) }
        }
    }

    /// Failures like one; see `HistoryAnswers`.
    public func failures(
        of class: FailureClass, before moment: Instant, series: JobSeries?, credential: String?, limit: Int
    ) throws(Failure) -> [PastFailure] {
        try check()
        return memory.withLock { memory in
            let found = memory.occurrences.filter { occurrence in
                let event = occurrence.event
                guard event.diagnosis?.class == `class`, event.at < moment else { return false }
                let isOfSeries = occurrence.job.map { memory.jobs[$0].identity.series == series } ?? false
                let name = occurrence.token.flatMap { memory.tokens[$0].sighting.credential }
                return isOfSeries || (name != nil && name == credential)
            }
            return found.sorted { $0.event.at > $1.event.at }.prefix(limit).map { occurrence in
                let event = memory.known(occurrence)
                return PastFailure(
                    at: event.at, job: occurrence.job.map { memory.known(memory.jobs[$0]) }, class: `class`,
                    token: event.token, credential: event.credential)
            }
        }
    }

    /// Tokens by their end; see `HistoryAnswers`.
    public func tokens(endingFrom start: Instant, to end: Instant, _ scope: TokenScope) throws(Failure) -> [KnownToken]
    {
        let living = try living(scope).compactMap { token in token.lifetime.expiry.instant.map { ($0, token) } }
        let found = living.filter { start <= $0.0 && $0.0 < end }.sorted { $0.0 < $1.0 }
        return found.prefix(scope.limit).map(\.1)
    }

    /// Tokens without an end; see `HistoryAnswers`.
    public func tokensWithoutEnd(_ scope: TokenScope) throws(Failure) -> [KnownToken] {
        let found = try living(scope).filter { $0.lifetime.expiry == .never }.sorted { $0.lastSeenAt > $1.lastSeenAt }
        return Array(found.prefix(scope.limit))
    }

    /// Days with ends; see `HistoryAnswers`.
    public func daysOfEnds(from start: Instant, to end: Instant, _ scope: TokenScope) throws(Failure) -> [DayOfEnds] {
        var scope = scope
        let limit = scope.limit
        scope.limit = .max
        var counts: [CivilDate: [String: Int]] = [:]
        for token in try tokens(endingFrom: start, to: end, scope) {
            guard let day = token.lifetime.expiry.instant?.day else { continue }
            counts[day, default: [:]][token.kind, default: 0] += 1
        }
        let days = counts.sorted { $0.key < $1.key }.map { day, kinds in
            DayOfEnds(day: day, kinds: kinds.sorted { $0.key < $1.key }.map { (kind: $0.key, count: $0.value) })
        }
        return Array(days.prefix(limit))
    }

    /// Figures; see `HistoryAnswers`.
    public func counts(from start: Instant, to end: Instant) throws(Failure) -> HistoryCounts {
        try check()
        let entries = (journal?.contents.journal ?? []).map(\.entry)
        func words(_ words: [String]) -> [HistoryCounts.Count] {
            Dictionary(grouping: words) { $0 }.sorted { $0.key < $1.key }.map { .init($0.key, $0.value.count) }
        }
        func isWithin(_ moment: Instant) -> Bool { start <= moment && moment < end }
        return memory.withLock { memory in
            let jobs = memory.jobs.filter { isWithin($0.begunAt) }
            let events = memory.occurrences.filter { isWithin($0.event.at) }
            return HistoryCounts(
                jobs: words(jobs.map(\.status.rawValue)), decisions: words(jobs.compactMap(\.decision?.rawValue)),
                failures: words(events.compactMap { $0.event.diagnosis?.class.rawValue }),
                renewals: words(entries.filter { isWithin($0.changedAt) }.map(\.state.rawValue)),
                tokens: words(memory.tokens.filter { isWithin($0.lastSeenAt) }.map(\.sighting.kind)),
                events: events.count)
        }
    }

    /// Figures of all there is; see `HistoryAnswers`.
    public func totals() throws(Failure) -> HistoryCounts {
        var counts = try counts(from: Instant(milliseconds: .min), to: Instant(milliseconds: .max))
        (counts.decisions, counts.tokens) = ([], [])
        return counts
    }

    /// Knows no SQL.
    public func answer(_ question: FreeQuestion) throws(Failure) -> (table: HistoryTable, isCut: Bool) {
        throw Failure(.unexpected, "nobody expected a statement in SQL")
    }

    /// Takes in lists; see `HistoryAnswers`.
    public func write(_ listed: [ListedToken], wholeOf api: String?) throws(Failure) {
        try check()
        memory.withLock { memory in
            for token in listed {
                memory.listed[token.mark] = (token, memory.listed[token.mark]?.since ?? token.listedAt)
                for place in memory.tokens.indices {
                    let known = memory.tokens[place].sighting
                    guard known.tokenID == token.tokenID, known.api == token.api, token.expiry != .unknown else {
                        continue
                    }
                    memory.tokens[place].sighting.lifetime = Lifetime(
                        expiry: token.expiry, source: .forge, checkedAt: token.listedAt)
                    memory.tokens[place].sighting.name = token.name ?? known.name
                    memory.tokens[place].sighting.scopes = token.scopes ?? known.scopes
                }
            }
            let moment = listed.map(\.listedAt).min()
            guard let api, let moment else { return }
            memory.listed = memory.listed.filter { $0.value.token.api != api || $0.value.token.listedAt >= moment }
        }
    }

    private func living(_ scope: TokenScope) throws(Failure) -> [KnownToken] {
        try check()
        let journal = journal?.contents.journal ?? []
        return memory.withLock { memory in
            let met = memory.tokens.map { memory.known($0, journal) }
            let listed = memory.listed.values.filter { one in
                !met.contains { $0.tokenID == one.token.tokenID && $0.api == one.token.api }
            }
            let all =
                met + listed.sorted { $0.token.mark < $1.token.mark }.map { KnownToken($0.token, since: $0.since) }
            return all.filter { token in
                !(token.standing?.isDead ?? false) && token.replacedAt == nil
                    && !scope.withoutKinds.contains(token.kind)
            }
        }
    }
}

extension KnownToken {
    fileprivate init(_ token: ListedToken, since: Instant) {
        self.init(
            mark: token.mark, fingerprint: nil, kind: token.kind, forge: token.forge, api: token.api,
            tokenID: token.tokenID, name: token.name, scopes: token.scopes,
            lifetime: Lifetime(expiry: token.expiry, source: .forge, checkedAt: token.listedAt),
            standing: token.standing, standingAt: token.listedAt, firstSeenAt: since, lastSeenAt: token.listedAt)
    }
}

extension Memory {
    func known(_ job: Job) -> KnownJob {
        KnownJob(
            id: job.identity.id, series: job.identity.series, run: job.identity.run, attempt: job.identity.attempt,
            status: job.status, begunAt: job.begunAt, startedAt: job.startedAt, finishedAt: job.finishedAt,
            lastSeenAt: job.lastSeenAt, timeout: job.timeout, decision: job.decision?.rawValue)
    }

    func known(_ occurrence: Occurrence) -> KnownEvent {
        let event = occurrence.event
        let diagnosis = event.diagnosis.map {
            KnownDiagnosis(
                class: $0.class, confidence: $0.confidence, line: $0.line, operation: $0.operation?.rawValue,
                source: event.source.rawValue, credentialAtFault: $0.credentialAtFault)
        }
        return KnownEvent(
            at: event.at, event: event.event, outcome: event.outcome, token: event.fingerprint?.text,
            credential: occurrence.token.flatMap { tokens[$0].sighting.credential }, detail: event.detail,
            code: Int(event.code.rawValue), jobID: occurrence.job.map { jobs[$0].identity.id }, diagnosis: diagnosis)
    }

    func known(_ token: Token, _ journal: [JournalRow]) -> KnownToken {
        let sighting = token.sighting
        let answer = token.answers[sighting.api ?? ""]?.reading
        let replaced = journal.map(\.entry).filter {
            $0.oldFingerprint == sighting.fingerprint && $0.state == .retired
        }
        return KnownToken(
            mark: sighting.fingerprint.text, fingerprint: sighting.fingerprint, credential: sighting.credential,
            kind: sighting.kind, forge: sighting.forge, api: sighting.api, tokenID: sighting.tokenID,
            name: sighting.name, scopes: sighting.scopes, lifetime: sighting.lifetime,
            standing: answer?.standing ?? sighting.standing, standingAt: answer?.readAt,
            clockSkew: sighting.clockSkew, family: sighting.family, generation: sighting.generation,
            firstSeenAt: token.firstSeenAt, lastSeenAt: token.lastSeenAt, replacedAt: replaced.map(\.changedAt).min(),
            usedBy: token.jobs.reversed().map { jobs[$0].identity.series }.reduce(into: []) { found, next in
                if !found.contains(next) { found.append(next) }
            })
    }
}
