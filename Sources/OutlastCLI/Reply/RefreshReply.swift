// How a renewal is shown: contract keys (section 5), one line for people and one for each place the token went to. The token
// itself is never among them.

import OutlastFlows
import OutlastModel

struct RefreshReply: Sendable {
    private let result: RenewalResult
    private let isDryRun: Bool

    init(_ result: RenewalResult, isDryRun: Bool) {
        self.result = result
        self.isDryRun = isDryRun
    }

    static let empty = members(outcome: nil, credential: nil)

    /// A renewal that failed, without the error itself.
    static func failed(_ failure: Failure, credential: String?) -> [JSONValue.Member] {
        let outcome: RenewalVerdict = failure.code == .renewalInDoubt ? .inDoubt : .failed
        return members(outcome: outcome.rawValue, credential: credential)
    }

    private static func members(outcome: String?, credential: String?) -> [JSONValue.Member] {
        [
            .init("outcome", JSONValue(outcome)), .init("credential", JSONValue(credential)),
            .init("fingerprint", nil), .init("previous_fingerprint", nil), .init("generation", nil),
            .init("expires_at", nil), .init("remaining_s", nil), .init("waited_s", nil), .init("published", []),
            .init("dry_run", nil), .init("notes", []),
        ]
    }

    /// What is shown of a failure whose credential is known.
    static func report(_ failure: Failure, credential: String) -> Report {
        Report(
            code: failure.code, notes: failure.lines,
            json: { failed(failure, credential: SafeText.line(credential)) + [.init("error", failure.json)] },
            text: { _ in "" })
    }

    /// What is shown of a result.
    ///
    /// - Parameter notes: Things to tell besides those of the renewal.
    func report(notes: [String]) -> Report {
        Report(code: result.code, notes: notes + result.notes, json: { json + error }, text: { text($0) })
    }

    /// A state that broke after the renewal: what the program ends with is not what became of the token.
    private var error: [JSONValue.Member] {
        guard result.code == .stateUnusable else { return [] }
        return [.init("error", Failure.state(SafeText.line(result.notes.last ?? result.code.meaning)).json)]
    }

    private var json: [JSONValue.Member] {
        [
            .init("outcome", .string(result.verdict.rawValue)),
            .init("credential", .string(SafeText.line(result.credential))),
            .init("fingerprint", JSONValue(result.fingerprint?.text)),
            .init("previous_fingerprint", JSONValue(result.previous?.text)),
            .init("generation", JSONValue(result.generation)), .init("expires_at", JSONValue(result.expiry.instant)),
            .init("remaining_s", JSONValue(seconds: result.remaining)),
            .init("waited_s", JSONValue(seconds: result.waited)),
            .init("published", .array(result.published.map(Self.object))), .init("dry_run", .bool(isDryRun)),
            .init("notes", .array(result.notes.map { .string(SafeText.line($0)) })),
        ]
    }

    private static func object(_ publication: Publication) -> JSONValue {
        [
            "target": .string(SafeText.line(publication.target)), "status": .string(publication.status.rawValue),
            "error": JSONValue(publication.error.map { SafeText.line($0) }),
        ]
    }

    private func text(_ style: TextStyle) -> String {
        var parts = ["\(style.tone(verdict, tone)): \(SafeText.line(result.credential))"]
        if let generation = result.generation { parts.append("generation \(generation)") }
        parts.append(end)
        if result.waited >= .seconds(1) { parts.append("after waiting \(result.waited.readable) for another process") }
        let lines = [parts.joined(separator: ", ")] + result.published.map { "  \(Self.line($0, style))" }
        return lines.map { $0 + "\n" }.joined()
    }

    private var verdict: String { isDryRun ? "dry run" : result.verdict.rawValue }

    private var tone: TextStyle.Tone {
        switch result.verdict {
        case .renewed, .reused, .unchanged: result.code == .done ? .good : .doubtful
        case .inDoubt, .failed: .bad
        }
    }

    private var end: String {
        switch result.expiry {
        case .at(let end):
            "ends \(end.text)" + (result.remaining.map { ", \(max($0, .zero).readable) left" } ?? "")
        case .never: "has no end"
        case .unknown: "its end is not known"
        }
    }

    private static func line(_ publication: Publication, _ style: TextStyle) -> String {
        let word = publication.status == .ok ? "published" : publication.status.rawValue
        let tone: TextStyle.Tone = publication.status == .ok ? .good : .doubtful
        let error = publication.error.map { ": \(SafeText.line($0))" } ?? ""
        return "\(style.tone(word, tone)): \(SafeText.line(publication.target))\(error)"
    }
}
