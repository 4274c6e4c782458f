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
