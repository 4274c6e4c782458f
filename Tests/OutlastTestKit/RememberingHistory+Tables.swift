// The public lists of the history in memory.

internal import OutlastModel

extension Memory {
    func table(of list: HistoryList, _ filter: HistoryFilter, _ renewals: [JournalRow]) -> HistoryTable {
        switch list {
        case .jobs: jobTable(filter)
        case .tokens: tokenTable(filter)
        case .events: eventTable(filter)
        case .rotations: rotationTable(filter, renewals.map(\.entry))
        }
    }

    private func jobTable(_ filter: HistoryFilter) -> HistoryTable {
        let found = jobs.indices.filter { place in
            filter.fits(time: jobs[place].begunAt) && filter.fits(jobs[place].identity)
                && filter.fits(status: jobs[place].status.rawValue)
                && (filter.token == nil || tokens.contains { $0.jobs.contains(place) && filter.fits($0) })
        }
        let rows = found.sorted { (jobs[$0].begunAt, $0) > (jobs[$1].begunAt, $1) }.map { row(of: jobs[$0]) }
        return Self.table(
            "job_id forge project job run attempt status started_at finished_at duration_s decision", rows, filter)
    }

    private func row(of job: Job) -> [JSONValue] {
        let identity = job.identity
        let start = job.startedAt
        let duration = job.endedAt.flatMap { end in start.flatMap { $0 <= end ? $0.duration(to: end) : nil } }
        return [
            .string(identity.id), .string(identity.forge), .string(identity.project), .string(identity.job),
            .string(identity.run), .integer(Int64(identity.attempt)), .string(job.status.rawValue),
            JSONValue(job.startedAt), JSONValue(job.finishedAt), JSONValue(seconds: duration),
            JSONValue(job.decision?.rawValue),
        ]
    }

    private func tokenTable(_ filter: HistoryFilter) -> HistoryTable {
        let found = tokens.indices.filter { place in
            let token = tokens[place]
            return filter.fits(time: token.lastSeenAt) && filter.fits(token)
                && filter.fits(status: token.sighting.standing?.name)
                && ((filter.project == nil && filter.job == nil)
                    || token.jobs.contains { filter.fits(jobs[$0].identity) })
        }
        var rows = found.map { (tokens[$0].lastSeenAt, $0, row(of: tokens[$0])) }
        if filter.project == nil, filter.job == nil {
            // What only a forge's list has told of.
            for one in listed.values.sorted(by: { $0.token.mark < $1.token.mark }) where isListedOnly(one.token) {
                let token = one.token
                guard filter.fits(time: token.listedAt), filter.fits(status: token.standing.name),
                    filter.token.map({ $0 == token.mark }) ?? true
                else { continue }
                rows.append((token.listedAt, -1, row(of: token, since: one.since)))
            }
        }
        let order = rows.sorted { ($0.0, $0.1) > ($1.0, $1.1) }
        return Self.table(
            "fingerprint family generation credential kind forge token_id name scopes expires_at first_seen_at "
                + "last_seen_at", order.map(\.2), filter)
    }

    func isListedOnly(_ token: ListedToken) -> Bool {
        !tokens.contains { $0.sighting.tokenID == token.tokenID && $0.sighting.api == token.api }
    }

    private func row(of token: ListedToken, since: Instant) -> [JSONValue] {
        [
            .string(token.mark), .null, .null, .null, .string(token.kind), .string(token.forge),
            .string(token.tokenID), JSONValue(token.name),
            token.scopes.map { .array($0.map(JSONValue.string)) } ?? .null, JSONValue(token.expiry.instant),
            JSONValue(since), JSONValue(token.listedAt),
        ]
    }

    private func row(of token: Token) -> [JSONValue] {
        let sighting = token.sighting
        return [
            .string(sighting.fingerprint.text), JSONValue(sighting.family),
            JSONValue(sighting.generation.map(Int64.init)), JSONValue(sighting.credential), .string(sighting.kind),
            .string(sighting.forge), JSONValue(sighting.tokenID), JSONValue(sighting.name),
            sighting.scopes.map { .array($0.map(JSONValue.string)) } ?? .null,
            JSONValue(sighting.lifetime.expiry.instant), JSONValue(token.firstSeenAt), JSONValue(token.lastSeenAt),
        ]
    }

    private func eventTable(_ filter: HistoryFilter) -> HistoryTable {
        let found = occurrences.indices.filter { place in
            let occurrence = occurrences[place]
            return filter.fits(time: occurrence.event.at) && filter.fits(status: occurrence.event.outcome)
                && (filter.token == nil || occurrence.token.map { filter.fits(tokens[$0]) } ?? false)
                && ((filter.project == nil && filter.job == nil)
                    || occurrence.job.map { filter.fits(jobs[$0].identity) } ?? false)
        }
        let order = found.sorted { (occurrences[$0].event.at, $0) > (occurrences[$1].event.at, $1) }
        let rows = order.map { place -> [JSONValue] in
            let occurrence = occurrences[place]
            return [
                JSONValue(occurrence.event.at), JSONValue(occurrence.event.fingerprint?.text),
                JSONValue(occurrence.job.map { jobs[$0].identity.id }), .string(occurrence.event.event),
                .string(occurrence.event.outcome), JSONValue(occurrence.event.detail),
            ]
        }
        return Self.table("at fingerprint job_id event outcome detail", rows, filter)
    }

    private func rotationTable(_ filter: HistoryFilter, _ entries: [JournalEntry]) -> HistoryTable {
        let found = entries.filter { entry in
            let job = entry.jobID.flatMap { id in jobs.first { $0.identity.id == id } }
            return filter.fits(time: entry.changedAt) && filter.fits(status: entry.state.rawValue)
                && filter.fits(entry)
                && ((filter.project == nil && filter.job == nil) || job.map { filter.fits($0.identity) } ?? false)
        }
        let rows = found.sorted { ($0.changedAt, $0.id) > ($1.changedAt, $1.id) }.map { entry -> [JSONValue] in
            [
                JSONValue(entry.changedAt), .string(entry.credential), .string(entry.method),
                .string(entry.state.rawValue), .string(entry.oldFingerprint.text),
                JSONValue(entry.newFingerprint?.text), JSONValue(entry.jobID),
            ]
        }
        return Self.table("at credential method state old_fingerprint new_fingerprint job_id", rows, filter)
    }

    private static func table(_ columns: String, _ rows: [[JSONValue]], _ filter: HistoryFilter) -> HistoryTable {
        HistoryTable(
            columns: columns.split(separator: " ").map(String.init), rows: Array(rows.prefix(max(1, filter.limit))))
    }
}

extension HistoryFilter {
    fileprivate func fits(time: Instant) -> Bool {
        (since.map { $0 <= time } ?? true) && (until.map { time < $0 } ?? true)
    }

    fileprivate func fits(_ identity: JobIdentity) -> Bool {
        (project.map { $0 == identity.project } ?? true) && (job.map { $0 == identity.job } ?? true)
    }

    fileprivate func fits(status other: String?) -> Bool { status.map { $0 == other } ?? true }

    fileprivate func fits(_ entry: JournalEntry) -> Bool {
        guard let token, !token.isEmpty else { return token == nil }
        return entry.credential == token || entry.oldFingerprint.text.hasPrefix(token)
            || entry.newFingerprint?.text.hasPrefix(token) ?? false
    }

    fileprivate func fits(_ found: Memory.Token) -> Bool {
        guard let token else { return true }
        return found.sighting.credential == token
            || (!token.isEmpty && found.sighting.fingerprint.text.hasPrefix(token))
    }
}
