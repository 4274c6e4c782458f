// From what history knows of a job to why it failed. Pure: the same case gives the same explanation.

/// Explains a job.
public struct Explainer: Sendable {
    let findings: CaseFindings
    let clock: CaseClock
    var job: KnownJob { findings.the.job }

    /// Looks at a case.
    public init(_ the: JobCase) {
        let findings = CaseFindings(the)
        self.findings = findings
        clock = CaseClock(
            findings.moment,
            besides: [
                findings.token?.lifetime.expiry.instant, findings.rotation?.at, findings.preflight?.at,
                findings.fallback?.at,
            ])
    }

    /// The explanation.
    public var explanation: Explanation {
        let cause = cause
        return Explanation(
            cause: cause, evidence: evidence,
            wouldHaveSaved: cause.class.map { SavingAdvice(findings, $0).lines } ?? [])
    }

    /// When the failure was; for what came before it.
    public var moment: Instant { findings.moment }

    /// The token that it was about, where that can be told.
    public var token: KnownToken? { findings.token }

    private var cause: Explanation.Cause {
        if job.status == .success { return nothing("succeeded\(outlived)") }
        if let diagnosis = findings.diagnosis { return told(diagnosis) }
        switch job.status {
        case .running: return nothing("has not ended, and nothing was told to have failed in it")
        case .canceled: return nothing("was cancelled, and nothing was told to have failed in it")
        default: return concluded
        }
    }

    /// What this job had to do about a token so that it could.
    private var outlived: String {
        guard let renewal = findings.the.renewals.last(where: { $0.isDone && $0.jobID == job.id }) else { return "" }
        let old = findings.the.tokens.first { $0.mark == renewal.old }
        let name = old?.shown ?? "token \(SafeText.line(renewal.credential, limit: 80))"
        var end = ""
        if let moment = old?.lifetime.expiry.instant {
            end = ", which \(moment <= findings.moment ? "ended" : "ends") at \(clock.text(moment)),"
        }
        return "; \(name)\(end) was renewed at \(clock.text(renewal.at))"
    }

    private func nothing(_ what: String) -> Explanation.Cause {
        Explanation.Cause(class: nil, sentence: "job \(job.shown) \(what)", confidence: .high, credentialAtFault: false)
    }

    /// What a command's own words, and what is known of the token, say.
    private func told(_ diagnosis: Diagnosis) -> Explanation.Cause {
        var what = findings.operation.map { "the \(SafeText.line($0, limit: 60))" } ?? "the command"
        if let place = findings.place {
            what = findings.operation == nil ? "git's request to \(place)" : "\(what) to \(place)"
        }
        let words = CauseWords(findings, diagnosis, clock)
        var sentence = "\(what) at \(clock.text(findings.moment)) failed because \(words.reason)"
        if [.authExpired, .authRevoked, .authRejected, .authMissing, .scope].contains(diagnosis.class) {
            sentence += knownBefore
        } else if diagnosis.credentialAtFault == false {
            sentence += "; no credential was at fault"
        }
        sentence += fallbackBefore
        return Explanation.Cause(
            class: diagnosis.class, sentence: sentence, confidence: words.confidence,
            credentialAtFault: diagnosis.credentialAtFault)
    }

    /// What the preflight had said, and what was done about it.
    var knownBefore: String {
        guard let preflight = findings.preflight else { return "; no preflight had looked at it" }
        let said =
            "; preflight had said '\(SafeText.line(preflight.outcome, limit: 40))' at \(clock.text(preflight.at))"
        if findings.hasRenewed { return said + ", and a new token was made that the command did not get" }
        switch Decision(rawValue: preflight.outcome) {
        case .sufficient: return said
        case .unknown: return said + ": nobody could tell when the token ends"
        default: return findings.fallback == nil ? said + " and nothing was asked to be done" : said
        }
    }

    /// Whether git went over SSH by then.
    private var fallbackBefore: String {
        guard let fallback = findings.fallback else { return "" }
        let at = clock.text(fallback.at)
        return switch fallback.outcome {
        case "active": "; SSH fallback was active since \(at)"
        case "refused": "; SSH fallback could not be proved at \(at)"
        default: "; SSH fallback was taken back at \(at)"
        }
    }

    /// Nothing told what failed: what is known of the preflight and of the tokens has to do.
    private var concluded: Explanation.Cause {
        let ended = job.status == .abandoned ? "never said how it ended" : "failed"
        if let stop = stoppedByPreflight { return stop }
        if let death = findings.death {
            let words = CauseWords(findings, Self.guess(death), clock)
            let sentence =
                "job \(job.shown) \(ended), and nothing told why; but \(words.reason), before that\(knownBefore)\(fallbackBefore)"
            return Explanation.Cause(
                class: Self.guess(death).class, sentence: sentence, confidence: .low, credentialAtFault: nil)
        }
        let alive =
            findings.the.tokens.isEmpty
            ? "" : ": no credential of it is known to have ended, been replaced or refused by then"
        return Explanation.Cause(
            class: .unknown, sentence: "job \(job.shown) \(ended), and nothing told why\(alive)", confidence: .low,
            credentialAtFault: nil)
    }

    private static func guess(_ death: TokenFacts.Death) -> Diagnosis {
        let kind: FailureClass =
            switch death {
            case .expired: .authExpired
            case .revoked: .authRevoked
            case .rejected: .authRejected
            }
        return Diagnosis(class: kind, confidence: .low, line: nil, advice: "")
    }

    /// A job whose end follows its preflight's no was most likely ended by it, unless it went on to ask for credentials.
    private static let promptly: Duration = .seconds(120)

    /// A token that still lived then would have ended later.
    private func toCome(_ preflight: KnownEvent) -> String {
        let judged = findings.the.tokens.first { $0.mark == preflight.token } ?? findings.token
        guard let token = judged, let end = token.lifetime.expiry.instant, end > preflight.at else { return "" }
        return "; \(token.shown) lived, and would have ended at \(clock.text(end))"
    }

    private var stoppedByPreflight: Explanation.Cause? {
        guard job.status == .failed, let preflight = findings.preflight, preflight.code != 0,
            let end = job.finishedAt, preflight.at.duration(to: end) <= Self.promptly,
            !findings.the.events.contains(where: {
                ["credential", "usage"].contains($0.event) && $0.at >= preflight.at
            }),
            let decision = Decision(rawValue: preflight.outcome)
        else { return nil }
        let kind: FailureClass
        switch decision {
        case .insufficient, .expired: kind = .authExpired
        case .rejected: kind = findings.token?.standing == .revoked ? .authRevoked : .authRejected
        case .insufficientScope: kind = .scope
        case .sufficient, .unknown: return nil
        }
        let reason = preflight.detail.map { ": \(SafeText.line($0, limit: 300))" } ?? ""
        return Explanation.Cause(
            class: kind,
            sentence:
                "job \(job.shown) was stopped at \(clock.text(preflight.at)) by its preflight, which said '\(decision.rawValue)'\(reason)\(decision == .insufficient ? toCome(preflight) : "")",
            confidence: .medium, credentialAtFault: true)
    }
}
