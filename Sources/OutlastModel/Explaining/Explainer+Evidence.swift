// What was known when, and by whom, in order of time. Repetitions are told once.

extension Explainer {
    /// The most pieces of evidence.
    private static let most = 100

    var evidence: [Explanation.Evidence] {
        var found = ofJob + findings.the.tokens.flatMap(of) + findings.the.renewals.map(of)
        found += Self.folded(findings.the.events).compactMap(of) + findings.the.heard.compactMap(of)
        let sorted = found.enumerated().sorted { ($0.element.at, $0.offset) < ($1.element.at, $1.offset) }
        let all = sorted.map(\.element)
        guard all.count > Self.most else { return all }
        // The beginning says what was known, the end what happened.
        let left = all.count - Self.most + 1
        var cut = Array(all.prefix(Self.most / 2))
        cut.append(Explanation.Evidence(at: all[Self.most / 2].at, what: "\(left) more of the kind", source: "history"))
        return cut + all.suffix(Self.most - Self.most / 2 - 1)
    }

    private var ofJob: [Explanation.Evidence] {
        var found: [Explanation.Evidence] = []
        let place = SafeText.line(job.series.project, limit: 160)
        found.append(.init(at: job.startedAt ?? job.begunAt, what: "job \(job.shown) of \(place) began", source: "ci"))
        switch job.status {
        case .running: break
        case .abandoned:
            found.append(.init(at: job.lastSeenAt, what: "the job was last heard of", source: "history"))
        default:
            let end = job.finishedAt ?? job.lastSeenAt
            found.append(.init(at: end, what: "the job ended: \(job.status.rawValue)", source: "ci"))
        }
        return found
    }

    private func of(_ token: KnownToken) -> [Explanation.Evidence] {
        var found: [Explanation.Evidence] = []
        let name = token.shown
        if case .at(let end) = token.lifetime.expiry {
            let told = token.lifetime.checkedAt ?? token.firstSeenAt
            found.append(.init(at: told, what: "\(name) ends at \(end.text)", source: token.lifetime.source.rawValue))
            if end <= findings.forgeMoment, end >= job.begunAt.advanced(by: .seconds(-86_400)) {
                found.append(.init(at: end, what: "\(name) ended", source: token.lifetime.source.rawValue))
            }
        }
        if let standing = token.standing, let at = token.standingAt {
            found.append(.init(at: at, what: "the forge said of \(name): \(standing.name)", source: "forge"))
        }
        if let skew = token.clockSkew, skew >= .seconds(60) || skew <= .seconds(-60) {
            let side = skew > .zero ? "ahead of" : "behind"
            let distance = skew < .zero ? Duration.zero - skew : skew
            found.append(
                .init(
                    at: token.standingAt ?? token.firstSeenAt,
                    what: "the forge's clock was \(distance.readable) \(side) this machine's", source: "forge"))
        }
        return found
    }

    private func of(_ renewal: KnownRenewal) -> Explanation.Evidence {
        let name = SafeText.line(renewal.credential, limit: 80)
        let tokens = renewal.new.map { "\(renewal.old) to \($0)" } ?? renewal.old
        var who = "outside of any job"
        if renewal.jobID == job.id {
            who = "by this job"
        } else if let other = renewal.job {
            who = "by job \(other.shown) of \(SafeText.line(other.series.project, limit: 120))"
        } else if renewal.jobID != nil {
            who = "by a job that history does not know"
        }
        let state = renewal.state?.rawValue ?? "in a state that this version does not know"
        let detail = renewal.detail.map { ": \(SafeText.line($0, limit: 200))" } ?? ""
        return .init(
            at: renewal.at,
            what:
                "\(name) renewed by \(SafeText.line(renewal.method, limit: 60)) \(who) (\(tokens)), \(state)\(detail)",
            source: "journal")
    }

    private func of(_ event: KnownEvent) -> Explanation.Evidence? {
        // Told by the job's own times.
        guard event.event != "start", event.event != "finish" else { return nil }
        let detail = event.detail.map { ": \(SafeText.line($0, limit: 300))" } ?? ""
        let word = event.event == KnownEvent.sshFallback ? "SSH fallback" : SafeText.line(event.event, limit: 60)
        let outcome = SafeText.line(event.outcome, limit: 60)
        guard let diagnosis = event.diagnosis else {
            return .init(
                at: event.at, what: "\(word): \(outcome)\(detail)", source: SafeText.line(event.event, limit: 60))
        }
        return .init(
            at: event.at, what: "\(word): \(outcome) (\(diagnosis.confidence.rawValue))\(detail)",
            source: SafeText.line(diagnosis.source, limit: 60))
    }

    /// Neighbours that say the same become one that counts them.
    private static func folded(_ events: [KnownEvent]) -> [KnownEvent] {
        var folded: [(event: KnownEvent, count: Int)] = []
        for event in events {
            if let last = folded.last, last.event.event == event.event, last.event.outcome == event.outcome,
                last.event.detail == event.detail, last.event.token == event.token, event.diagnosis == nil
            {
                folded[folded.count - 1].count += 1
            } else {
                folded.append((event, 1))
            }
        }
        return folded.map { event, count in
            guard count > 1 else { return event }
            var event = event
            event.detail = (event.detail ?? "") + " (\(count) times)"
            return event
        }
    }
}
