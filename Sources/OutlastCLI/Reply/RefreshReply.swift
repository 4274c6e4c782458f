// How a renewal is shown: contract keys (section 5), one line for people and one for each place the token went to. The token
// itself is never among them.

import OutlastFlows
import OutlastModel

struct RefreshReply: Sendable {
    private let result: RenewalResult
    private let isDryRun: Bool
    private let handed: HandedOver?
    private let undelivered: Failure?

    /// - Parameter handed: What came of handing the token on; nil when that was not asked for.
    init(_ result: RenewalResult, isDryRun: Bool, handed: Result<HandedOver, Failure>? = nil) {
        self.result = result
        self.isDryRun = isDryRun
        self.handed = try? handed?.get()
        undelivered = if case .failure(let failure) = handed { failure } else { nil }
    }

    static let empty = members(outcome: nil, credential: nil)

    /// A renewal that failed, without the error itself.
    static func failed(_ failure: Failure, credential: String?) -> [JSONValue.Member] {
        members(outcome: outcome(failure), credential: credential)
    }

    private static func outcome(_ failure: Failure) -> String {
        let outcome: RenewalVerdict = failure.code == .renewalInDoubt ? .inDoubt : .failed
        return outcome.rawValue
    }

    private static func members(
        outcome: String?, credential: String?, known: RenewalResult? = nil, waited: Duration? = nil
    ) -> [JSONValue.Member] {
        [
            .init("outcome", JSONValue(outcome)), .init("credential", JSONValue(credential)),
            .init("fingerprint", JSONValue(known?.fingerprint?.text)),
            .init("previous_fingerprint", JSONValue(known?.previous?.text)),
            .init("generation", JSONValue(known?.generation)),
            .init("expires_at", JSONValue(known?.expiry.instant)),
            .init("remaining_s", JSONValue(seconds: known?.remaining)),
            .init("waited_s", JSONValue(seconds: waited)), .init("published", []),
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

    /// What is shown of a renewal that failed.
    static func report(_ failed: FailedRenewal) -> Report {
        let failure = failed.failure
        return Report(
            code: failure.code, notes: failure.lines,
            json: {
                members(
                    outcome: outcome(failure), credential: SafeText.line(failed.known.credential), known: failed.known,
                    waited: failed.waited) + [.init("error", failure.json)]
            },
            text: { _ in "" })
    }

    /// What is shown of a result.
    ///
    /// - Parameter notes: Things to tell besides those of the renewal.
    func report(notes: [String]) -> Report {
        Report(
            code: undelivered?.code ?? result.code, notes: notes + result.notes + (undelivered?.lines ?? []),
            masks: handed?.masks ?? [], shellText: handed?.shellText, json: { json + error }, text: { text($0) })
    }

    /// Where what the program ends with is not what became of the token: it was not handed on, or the state broke after
    /// the renewal.
    private var error: [JSONValue.Member] {
        if let undelivered { return [.init("error", undelivered.json)] }
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
