// What the history in memory takes in from elsewhere.

public import OutlastModel
internal import Synchronization

extension RememberingHistory {
    /// Stores refusals that a log tells; see `HistoryExchange`.
    public func write(_ failures: [LoggedFailure], from source: String) throws(Failure) -> ImportCount {
        try check()
        return memory.withLock { memory in
            failures.reduce(into: ImportCount()) { memory.tell($1, source, &$0) }
        }
    }

    /// Stores what is told of many attempts; see `HistoryExchange`.
    public func write(_ jobs: [JobUpdate]) throws(Failure) -> ImportCount {
        try check()
        return memory.withLock { memory in
            jobs.reduce(into: ImportCount()) { count, job in
                memory.takeInFormer(of: job)
                let before = memory.jobs.first { $0.identity.id == job.identity.id }?.facts
                memory.write(RunRecord(job: job))
                let after = memory.jobs.first { $0.identity.id == job.identity.id }?.facts
                if before == after { count.known += 1 } else { count.added += 1 }
            }
        }
    }

    /// The names of a project's jobs; see `HistoryExchange`.
    public func jobNames(inProjectOf series: JobSeries) throws(Failure) -> [String] {
        try check()
        return memory.withLock { memory in
            let found = memory.jobs.map(\.identity.series).filter {
                $0.project == series.project && $0.forge == series.forge && $0.server == series.server
            }
            return Set(found.map(\.job)).sorted()
        }
    }

    /// Hands out every row; see `HistoryExchange`.
    public func export(_ take: (String, [JSONValue.Member]) throws(Failure) -> Bool) throws(Failure) {
        try check()
        for list in HistoryList.allCases {
            let table = try rows(of: list, filter: HistoryFilter(limit: .max))
            for row in table.rows.reversed() {
                let members = zip(table.columns, row).map { JSONValue.Member($0, $1) }
                guard try take(list.rawValue, members) else { return }
            }
        }
    }

    /// Removes what is old; see `HistoryExchange`.
    public func prune(before moment: Instant, now: Instant) throws(Failure) -> HistoryCount {
        try check()
        return memory.withLock { $0.prune(before: moment, now: now) }
    }
}

extension Memory {
    /// Rows are known by their places, so what stays is put together anew.
    fileprivate mutating func prune(before moment: Instant, now: Instant) -> HistoryCount {
        let events = occurrences.filter { $0.event.at >= moment }
        let isPast = { (job: Job) in
            job.begunAt < moment && (job.endedAt ?? job.lastSeenAt) < moment
                && (job.status != .running || (job.deadline ?? job.begunAt.advanced(by: .seconds(3_024_000))) <= now)
        }
        let keptJobs = jobs.indices.filter { place in !isPast(jobs[place]) || events.contains { $0.job == place } }
        let keptTokens = tokens.indices.filter { place in
            let token = tokens[place]
            let lives =
                switch token.sighting.lifetime.expiry {
                case .at(let end): end > now
                case .never: true
                case .unknown: false
                }
            return token.lastSeenAt >= moment || lives || events.contains { $0.token == place }
                || token.jobs.contains { keptJobs.contains($0) } || doubts[token.sighting.fingerprint] != nil
        }
        let keptListed = listed.filter { _, one in
            if let end = one.token.expiry.instant, end < moment { return false }
            return one.token.listedAt >= moment
                || !listed.values.contains { $0.token.api == one.token.api && $0.token.listedAt >= moment }
        }
        let count = HistoryCount(
            jobs: jobs.count - keptJobs.count, tokens: tokens.count - keptTokens.count,
            events: occurrences.count - events.count, listedTokens: listed.count - keptListed.count)
        listed = keptListed
        let lines = logLines.compactMapValues { old in events.firstIndex(of: occurrences[old]) }
        occurrences = events.map { old in
            Occurrence(
                event: old.event, job: old.job.flatMap { keptJobs.firstIndex(of: $0) },
                token: old.token.flatMap { keptTokens.firstIndex(of: $0) })
        }
        tokens = keptTokens.map { place in
            var token = tokens[place]
            token.jobs = token.jobs.compactMap { keptJobs.firstIndex(of: $0) }
            return token
        }
        jobs = keptJobs.map { jobs[$0] }
        logLines = lines
        return count
    }
}

extension Memory.Job {
    /// What is known, but for when it was last seen.
    fileprivate var facts: [JSONValue] {
        [
            JSONValue(startedAt), JSONValue(finishedAt), .string(status.rawValue), JSONValue(decision?.rawValue),
            JSONValue(seconds: timeout), JSONValue(slot),
        ]
    }
}

extension Memory {
    fileprivate mutating func tell(_ failure: LoggedFailure, _ source: String, _ count: inout ImportCount) {
        let token = tokens.indices.filter { place in
            let sighting = tokens[place].sighting
            let host = sighting.api.flatMap { ServerURL($0) }?.origin.host
            return sighting.forge == failure.forge && sighting.tokenID != nil && sighting.tokenID == failure.tokenID
                && host != nil && host == failure.host && failure.kinds.contains(sighting.kind)
        }.max { tokens[$0].lastSeenAt < tokens[$1].lastSeenAt }
        if token != nil { count.joined += 1 }
        if let place = logLines[failure.key] {
            count.known += 1
            let old = occurrences[place]
            guard let token, old.token == nil else { return }
            var event = old.event
            event.fingerprint = tokens[token].sighting.fingerprint
            occurrences[place] = Occurrence(event: event, job: nil, token: token)
            return
        }
        var event = Event(
            at: failure.at, event: "failure", outcome: failure.class.rawValue,
            fingerprint: token.map { tokens[$0].sighting.fingerprint }, detail: failure.line)
        while occurrences.contains(where: { Occurrence(event: event, job: nil, token: token).isSame(as: $0) }) {
            event.at = event.at.advanced(by: .milliseconds(1))
        }
        logLines[failure.key] = occurrences.count
        occurrences.append(Occurrence(event: event, job: nil, token: token))
        count.added += 1
    }
}
