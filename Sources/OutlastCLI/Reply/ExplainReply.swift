// How an explanation is shown: the cause in the first line, then what shows it, then what would have helped. The same as
// JSON, and as Markdown for a job summary. Every text in it has passed the gate.

import OutlastFlows
import OutlastModel

struct ExplainReply: Sendable {
    private let outcome: ExplainOutcome
    private var cause: Explanation.Cause { outcome.explanation.cause }

    init(_ outcome: ExplainOutcome) { self.outcome = outcome }

    static let empty: [JSONValue.Member] = [
        .init("job", nil), .init("cause", nil), .init("evidence", []), .init("would_have_saved", []),
        .init("similar", []),
    ]

    func report(isMarkdown: Bool) -> Report {
        let copy = self
        return Report(
            notes: outcome.warnings, json: { copy.json },
            text: { isMarkdown ? copy.markdown : copy.text($0) })
    }

    private var json: [JSONValue.Member] {
        let evidence = outcome.explanation.evidence.map { piece -> JSONValue in
            ["at": JSONValue(piece.at), "what": .string(piece.what), "source": .string(piece.source)]
        }
        let similar = outcome.similar.map { failure -> JSONValue in
            [
                "at": JSONValue(failure.at), "job_id": JSONValue(failure.job?.id),
                "project": JSONValue(failure.job?.series.project), "job": JSONValue(failure.job?.series.job),
                "run": JSONValue(failure.job?.run), "class": .string(failure.class.rawValue),
                "fingerprint": JSONValue(failure.token), "credential": JSONValue(failure.credential),
            ]
        }
        return [
            .init("job", outcome.job?.json ?? .null),
            .init(
                "cause",
                [
                    "class": .string(cause.name), "sentence": .string(cause.sentence),
                    "confidence": .string(cause.confidence.rawValue),
                    "credential_at_fault": cause.credentialAtFault.map(JSONValue.bool) ?? .null,
                ]),
            .init("evidence", .array(evidence)),
            .init("would_have_saved", .array(outcome.explanation.wouldHaveSaved.map(JSONValue.string))),
            .init("similar", .array(similar)),
        ]
    }

    private func text(_ style: TextStyle) -> String {
        var lines = [cause.sentence]
        if cause.class != nil {
            let fault =
                switch cause.credentialAtFault {
                case true?: "a credential was at fault"
                case false?: "no credential was at fault"
                case nil: "whether a credential was at fault cannot be told"
                }
            lines.append("  \(style.tone(cause.name, .bad)), confidence \(cause.confidence.rawValue): \(fault)")
        }
        if let job = outcome.job {
            lines.append(style.tone("  job \(job.id): \(job.shown) of \(SafeText.line(job.series.project))", .quiet))
        }
        if !outcome.explanation.evidence.isEmpty {
            lines += ["", "evidence (times are UTC):"]
            let rows = outcome.explanation.evidence.map { [$0.at.text, $0.source, $0.what] }
            lines += TextStyle.table(rows, longest: 200).map { "  " + $0 }
        }
        if !outcome.explanation.wouldHaveSaved.isEmpty {
            lines += ["", "what would have saved it:"]
            lines += outcome.explanation.wouldHaveSaved.map { "  " + $0 }
        }
        if !similar.isEmpty { lines += ["", "failures like it before:"] + similar.map { "  " + $0 } }
        return lines.map { $0 + "\n" }.text(joinedBy: "")
    }

    private var similar: [String] {
        outcome.similar.map { failure in
            let job = failure.job.map { "job \($0.shown) of \(SafeText.line($0.series.project, limit: 160))" }
            let token = failure.credential.map { ", credential \(SafeText.line($0, limit: 80))" } ?? ""
            return "\(failure.at.text)  \(job ?? "outside of any job")\(token)"
        }
    }

    private var markdown: String {
        let safe = SafeText.markdown
        var lines = ["### \(safe(cause.sentence))", ""]
        if cause.class != nil {
            lines.append("<code>\(safe(cause.name))</code>, confidence \(cause.confidence.rawValue)")
            lines.append("")
        }
        if !outcome.explanation.evidence.isEmpty {
            lines += ["| when (UTC) | source | what |", "| --- | --- | --- |"]
            lines += outcome.explanation.evidence.map { "| \($0.at.text) | \(safe($0.source)) | \(safe($0.what)) |" }
            lines.append("")
        }
        if !outcome.explanation.wouldHaveSaved.isEmpty {
            lines += ["What would have saved it:", ""]
            lines += outcome.explanation.wouldHaveSaved.map { "- <code>\(safe($0))</code>" }
            lines.append("")
        }
        if !similar.isEmpty { lines += ["Failures like it before:", ""] + similar.map { "- \(safe($0))" } + [""] }
        return lines.map { $0 + "\n" }.text(joinedBy: "")
    }
}
