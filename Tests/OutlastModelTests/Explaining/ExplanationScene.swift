// One night, in pieces: a job that began at 22:10 and failed at 00:03, its token, and what others did meanwhile.

import OutlastModel

/// A scene that an explanation is made from.
struct ExplanationScene: Sendable {
    var the: JobCase

    static let began = moment("2026-11-20T22:10:00Z")
    static let failed = moment("2026-11-21T00:03:00Z")
    static let series = JobSeries(forge: "gitlab", server: "ci", project: "group/app", job: "release")

    static func moment(_ text: String) -> Instant { Instant(text: text) ?? Instant(milliseconds: 0) }

    static func job(_ run: String, _ name: String = "release", status: JobStatus = .failed) -> KnownJob {
        var series = series
        if name != "release" {
            series = JobSeries(forge: "gitlab", server: "ci", project: "group/app", job: name)
        }
        return KnownJob(
            id: "job-\(run)", series: series, run: run, status: status, begunAt: began, startedAt: began,
            finishedAt: status == .running ? nil : moment("2026-11-21T00:03:05Z"),
            lastSeenAt: moment("2026-11-21T00:03:05Z"))
    }

    static func token(_ digit: Character = "a", ends: String? = "2026-12-01", id: String = "12") -> KnownToken {
        KnownToken(
            mark: String(repeating: digit, count: 16), fingerprint: nil, credential: "release", kind: "scripted",
            forge: "gitlab", api: "https://gitlab.example.com", tokenID: id, name: "ci bot",
            scopes: ["api", "read_repository"],
            lifetime: Lifetime(
                expiry: ends.flatMap(Instant.init(text:)).map(Expiry.at) ?? .never, source: .forge, checkedAt: began),
            standing: .alive, standingAt: began, firstSeenAt: began, lastSeenAt: began)
    }

    /// The job with its token, and a failure of a class.
    init(
        _ kind: FailureClass? = .authRejected, _ confidence: Confidence = .high, line: String? = nil,
        operation: String? = "push", token: KnownToken? = ExplanationScene.token(), status: JobStatus = .failed
    ) {
        the = JobCase(job: Self.job("4711", status: status), methods: ["scripted": "scripted-rotate"])
        if let token { the.tokens = [token] }
        guard let kind else { return }
        the.events.append(
            KnownEvent(
                at: Self.failed, event: "failure", outcome: kind.rawValue, token: token?.mark,
                credential: token?.credential, detail: line, jobID: the.job.id,
                diagnosis: KnownDiagnosis(
                    class: kind, confidence: confidence, line: line, operation: operation,
                    credentialAtFault: kind.credentialAtFault)))
    }

    /// With what the preflight said at the beginning.
    func preflight(_ outcome: String, code: Int = 0, _ detail: String? = nil) -> ExplanationScene {
        var copy = self
        let event = KnownEvent(
            at: Self.began, event: "preflight", outcome: outcome, token: the.tokens.first?.mark, credential: "release",
            detail: detail, code: code, jobID: the.job.id)
        copy.the.events.insert(event, at: 0)
        return copy
    }

    /// With a renewal of the first token.
    func renewed(
        at text: String, _ state: RenewalState = .retired, by job: KnownJob? = nil, detail: String? = nil
    ) -> ExplanationScene {
        var copy = self
        let moment = Self.moment(text)
        let old = the.tokens.first?.mark ?? ""
        copy.the.renewals.append(
            KnownRenewal(
                at: moment, changedAt: moment.advanced(by: .seconds(2)), credential: "release",
                method: "scripted-rotate", state: state, old: old,
                new: state == .retired ? String(repeating: "b", count: 16) : nil, jobID: job?.id, job: job,
                detail: detail))
        if state == .retired, !copy.the.tokens.isEmpty {
            copy.the.tokens[0].replacedAt = moment.advanced(by: .seconds(2))
        }
        return copy
    }

    /// With a word of git's credential helper about the first token, so many seconds before the failure.
    func helper(_ outcome: String, before seconds: Int64) -> ExplanationScene {
        let event = KnownEvent(
            at: Self.failed.advanced(by: .seconds(-seconds)), event: "credential", outcome: outcome,
            token: the.tokens.first?.mark, credential: "release", detail: "release: gitlab.example.com/group/app.git",
            jobID: the.job.id)
        return but { the in
            the.events.append(event)
            the.events.sort { $0.at < $1.at }
        }
    }

    /// With what the forge said about the token after the helper had heard that it was refused.
    func settled(_ kind: FailureClass, before seconds: Int64) -> ExplanationScene {
        let line = "gitlab.example.com/group/app.git: refused there, but its forge accepts the token"
        let event = KnownEvent(
            at: Self.failed.advanced(by: .seconds(-seconds)), event: "auth_failure", outcome: kind.rawValue,
            token: the.tokens.first?.mark, credential: "release", detail: line, jobID: the.job.id,
            diagnosis: KnownDiagnosis(
                class: kind, confidence: .medium, line: line, source: "git", credentialAtFault: kind.credentialAtFault))
        return but { the in
            the.events.append(event)
            the.events.sort { $0.at < $1.at }
        }
    }

    /// With something changed.
    func but(_ change: (inout JobCase) -> Void) -> ExplanationScene {
        var copy = self
        change(&copy.the)
        return copy
    }

    var explanation: Explanation { Explainer(the).explanation }

    /// Class, confidence and sentence, then what would have saved it.
    var golden: String {
        let found = explanation
        let fault =
            switch found.cause.credentialAtFault {
            case true?: "credential"
            case false?: "no credential"
            case nil: "not told"
            }
        let head = "\(found.cause.name) \(found.cause.confidence.rawValue) \(fault)\n\(found.cause.sentence)"
        return ([head] + found.wouldHaveSaved.map { "+ \($0)" }).joined(separator: "\n")
    }
}
