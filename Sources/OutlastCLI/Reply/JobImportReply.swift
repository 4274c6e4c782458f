// How imported jobs are shown: figures, and the names that could not be matched.

import OutlastFlows
import OutlastModel

enum JobImportReply {
    static let empty: [JSONValue.Member] = [
        .init("jobs", nil), .init("added", nil), .init("known", nil), .init("unfinished", nil),
        .init("malformed", nil), .init("unmatched", .array([])), .init("state", nil), .init("state_reason", nil),
    ]

    static func report(_ outcome: JobImportOutcome) -> Report {
        Report(
            notes: outcome.warnings + notes(outcome),
            json: {
                [
                    .init("jobs", JSONValue(outcome.jobs)), .init("added", JSONValue(outcome.count.added)),
                    .init("known", JSONValue(outcome.count.known)),
                    .init("unfinished", JSONValue(outcome.unfinished)),
                    .init("malformed", JSONValue(outcome.malformed)),
                    .init("unmatched", .array(outcome.unmatched.map(JSONValue.string))),
                    .init("state", .string(outcome.stateFailure == nil ? "ok" : "unavailable")),
                    .init("state_reason", JSONValue(outcome.stateFailure?.message)),
                ]
            },
            text: { _ in
                "\(outcome.jobs) jobs: \(outcome.count.added) new, \(outcome.count.known) known before; "
                    + "\(outcome.unfinished) left out that did not run to an end\n"
            })
    }

    private static func notes(_ outcome: JobImportOutcome) -> [String] {
        var notes: [String] = []
        if outcome.malformed > 0 { notes.append("skipped \(outcome.malformed) entries that are no jobs of this CI") }
        if !outcome.unmatched.isEmpty {
            notes.append("these names tell no job's key, and were kept as they are:")
            notes += outcome.unmatched.map { "  \($0)" }
            notes.append("hint: run it again with --job-key 'NAME=KEY' for each of them: they get the key then")
        }
        return notes
    }
}
