// What the history in memory keeps, and how a record changes it.

internal import OutlastModel

/// All that was told.
struct Memory {
    /// A job attempt.
    struct Job {
        var identity: JobIdentity
        let begunAt: Instant
        var startedAt: Instant?
        var finishedAt: Instant?
        var status = JobStatus.running
        var decision: Decision?
        var timeout: Duration?
        var slot: String?
        var lastSeenAt: Instant

        var endedAt: Instant? { status == .running ? nil : finishedAt ?? lastSeenAt }
        var deadline: Instant? { timeout.map { (startedAt ?? begunAt).advanced(by: $0) } }
    }

    /// A token, with what forges said of it by API.
    struct Token {
        var sighting: TokenSighting
        var firstSeenAt: Instant
        var lastSeenAt: Instant
        var jobs: [Int] = []
        var answers: [String: RememberedToken] = [:]
    }

    /// An event with the places of its job and its token.
    struct Occurrence: Hashable {
        let event: Event
        let job: Int?
        let token: Int?

        func isSame(as other: Occurrence) -> Bool {
            (event.at == other.event.at || event.isOnce && event.detail == other.event.detail)
                && event.event == other.event.event && event.outcome == other.event.outcome && job == other.job
                && token == other.token
        }
    }

    var jobs: [Job] = []
    var tokens: [Token] = []
    var occurrences: [Occurrence] = []
    var doubts: [Fingerprint: TokenDoubt] = [:]
    var logLines: [[UInt8]: Int] = [:]
    var records: [RunRecord] = []
    var settlements = 0
    /// What forges' lists said, by mark, with when it was said first.
    var listed: [String: (token: ListedToken, since: Instant)] = [:]

    mutating func write(_ record: RunRecord) {
        records.append(record)
        for doubt in record.doubts { doubts[doubt.fingerprint] = doubt }
        for fingerprint in record.settledDoubts { doubts[fingerprint] = nil }
        let moment =
            record.job?.seenAt ?? record.events.map(\.at).max() ?? record.sightings.compactMap(\.lifetime.checkedAt)
            .max()
            ?? Instant(milliseconds: 0)
        let job = record.job.map { tell($0) }
        for index in jobs.indices where index != job && jobs[index].status == .running {
            if let deadline = jobs[index].deadline, deadline <= moment { jobs[index].status = .abandoned }
        }
        for sighting in record.sightings { use(see(sighting, at: moment), by: job) }
        for event in record.events {
            let token = event.fingerprint.map { fingerprint in
                tokens.firstIndex { $0.sighting.fingerprint == fingerprint } ?? see(.bare(fingerprint), at: moment)
            }
            if let token { use(token, by: job) }
            let occurrence = Occurrence(event: event, job: job, token: token)
            if !occurrences.contains(where: occurrence.isSame) { occurrences.append(occurrence) }
        }
    }

    private mutating func tell(_ update: JobUpdate) -> Int {
        let place =
            jobs.firstIndex { $0.identity.id == update.identity.id }
            ?? {
                jobs.append(
                    Job(
                        identity: update.identity, begunAt: update.startedAt ?? update.seenAt, lastSeenAt: update.seenAt
                    ))
                return jobs.count - 1
            }()
        var job = jobs[place]
        job.startedAt = job.startedAt ?? update.startedAt
        job.lastSeenAt = max(job.lastSeenAt, update.seenAt)
        job.timeout = update.timeout ?? job.timeout
        job.slot = job.slot ?? update.slot
        job.decision = update.decision ?? job.decision
        if [.running, .abandoned].contains(job.status) {
            if let status = update.status, status != .running, status != .abandoned {
                job.status = status
                job.finishedAt = job.finishedAt ?? update.finishedAt ?? update.seenAt
            } else if update.finishedAt != nil || update.status == .abandoned {
                job.status = .abandoned
                job.finishedAt = job.finishedAt ?? update.finishedAt
            }
        }
        jobs[place] = job
        if let slot = update.slot, !slot.isEmpty { settle(slot, of: place) }
        return place
    }

    /// An attempt that an import has kept under another name becomes this one, or goes where this one is there already.
    mutating func takeInFormer(of update: JobUpdate) {
        guard let former = update.formerID, former != update.identity.id,
            let place = jobs.firstIndex(where: { $0.identity.id == former }),
            !occurrences.contains(where: { $0.job == place }), !tokens.contains(where: { $0.jobs.contains(place) })
        else { return }
        guard jobs.contains(where: { $0.identity.id == update.identity.id }) else {
            jobs[place].identity = update.identity
            return
        }
        jobs.remove(at: place)
        let moved = { (old: Int) in old > place ? old - 1 : old }
        occurrences = occurrences.map { Occurrence(event: $0.event, job: $0.job.map(moved), token: $0.token) }
        for index in tokens.indices { tokens[index].jobs = tokens[index].jobs.map(moved) }
    }

    private mutating func settle(_ slot: String, of place: Int) {
        let job = jobs[place]
        for index in jobs.indices where index != place && jobs[index].slot == slot && jobs[index].status == .running {
            let other = jobs[index]
            guard other.identity.forge == job.identity.forge, other.identity.server == job.identity.server else {
                continue
            }
            if other.begunAt <= job.begunAt {
                jobs[index].status = .abandoned
            } else if jobs[place].status == .running {
                jobs[place].status = .abandoned
            }
        }
    }

    private mutating func see(_ new: TokenSighting, at moment: Instant) -> Int {
        let place =
            tokens.firstIndex { $0.sighting.fingerprint == new.fingerprint }
            ?? {
                tokens.append(Token(sighting: new, firstSeenAt: moment, lastSeenAt: moment))
                return tokens.count - 1
            }()
        tokens[place].sighting.learn(from: new)
        tokens[place].firstSeenAt = min(tokens[place].firstSeenAt, moment)
        tokens[place].lastSeenAt = max(tokens[place].lastSeenAt, moment)
        guard let standing = new.standing else { return place }
        let isTold = new.lifetime.source == .forge
        let reading = TokenReading(
            standing: standing, tokenID: new.tokenID, name: new.name, scopes: new.scopes,
            expiry: isTold ? new.lifetime.expiry : .unknown, readAt: (isTold ? new.lifetime.checkedAt : nil) ?? moment,
            clockSkew: new.clockSkew)
        let known = tokens[place].answers[new.api ?? ""]?.reading.readAt
        if known.map({ $0 <= reading.readAt }) ?? true {
            tokens[place].answers[new.api ?? ""] = RememberedToken(reading: reading, kindID: new.kind)
        }
        return place
    }

    private mutating func use(_ token: Int, by job: Int?) {
        if let job, !tokens[token].jobs.contains(job) { tokens[token].jobs.append(job) }
    }

    func attempts(endedBefore instant: Instant, limit: Int, where fits: (JobSeries) -> Bool) -> [PastAttempt] {
        let found = jobs.compactMap { job -> PastAttempt? in
            var job = job
            if job.status == .running, let deadline = job.deadline, deadline <= instant { job.status = .abandoned }
            guard fits(job.identity.series), let start = job.startedAt, let end = job.endedAt, end < instant,
                start <= end
            else { return nil }
            return PastAttempt(startedAt: start, duration: start.duration(to: end), status: job.status)
        }
        return Array(found.sorted { $0.startedAt > $1.startedAt }.prefix(max(0, limit)))
    }
}

extension TokenSighting {
    fileprivate static func bare(_ fingerprint: Fingerprint) -> TokenSighting {
        TokenSighting(
            fingerprint: fingerprint, credential: nil, kind: TokenKind.opaque.id, forge: "generic", api: nil,
            tokenID: nil, name: nil, scopes: nil, lifetime: .unknown, standing: nil, clockSkew: nil)
    }

    /// Takes over what the other knows.
    fileprivate mutating func learn(from new: TokenSighting) {
        credential = new.credential ?? credential
        kind = new.kind == TokenKind.opaque.id ? kind : new.kind
        forge = new.forge == "generic" ? forge : new.forge
        api = new.api ?? api
        tokenID = new.tokenID ?? tokenID
        name = new.name ?? name
        scopes = new.scopes ?? scopes
        standing = new.standing ?? standing
        clockSkew = new.clockSkew ?? clockSkew
        if new.family != nil { (family, generation) = (new.family, new.generation) }
        let isNews =
            new.lifetime.expiry != .unknown
            && (new.lifetime.source != .cache || lifetime.expiry == .unknown)
        if isNews { lifetime = new.lifetime }
    }
}
