// How an import is shown: one line of figures, and what could not be read on stderr.

import OutlastFlows
import OutlastModel

enum LogImportReply {
    static let empty: [JSONValue.Member] = [
        .init("lines", nil), .init("matched", nil), .init("added", nil), .init("known", nil), .init("malformed", nil),
        .init("bytes", nil), .init("joined", nil),
    ]

    static func report(_ outcome: LogImportOutcome) -> Report {
        Report(
            code: outcome.foreign.isEmpty ? .done : .malformedInput, notes: outcome.warnings + notes(outcome),
            json: {
                let error = foreign(outcome).map { [JSONValue.Member("error", $0.json)] } ?? []
                return [
                    .init("lines", .integer(outcome.lines)), .init("matched", .integer(outcome.matched)),
                    .init("added", JSONValue(outcome.count.added)), .init("known", JSONValue(outcome.count.known)),
                    .init("malformed", .integer(outcome.malformed)), .init("bytes", .integer(outcome.bytes)),
                    .init("joined", JSONValue(outcome.count.joined)),
                ] + error
            },
            text: { _ in
                "\(outcome.lines) lines, \(outcome.matched) of refused tokens: \(outcome.count.added) new, "
                    + "\(outcome.count.known) known before; \(outcome.count.joined) of all these are of tokens that the store knows\n"
            })
    }

    private static func notes(_ outcome: LogImportOutcome) -> [String] {
        var notes = outcome.shown.map { "skipped \($0)" }
        let more = outcome.malformed - Int64(outcome.shown.count)
        if more > 0 { notes.append("skipped \(more) more malformed lines") }
        if let failure = foreign(outcome) { notes += failure.lines }
        return notes
    }

    private static func foreign(_ outcome: LogImportOutcome) -> Failure? {
        guard !outcome.foreign.isEmpty else { return nil }
        return Failure(
            .malformedInput, "not one good line in \(outcome.foreign.joined(separator: ", "))",
            hint: outcome.hint)
    }
}
