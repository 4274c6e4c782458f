// How a recording is shown: silent on success for people, an object for programs.

import OutlastFlows
import OutlastModel

enum RecordReply {
    static let empty: [JSONValue.Member] = [
        .init("job_id", nil), .init("status", nil), .init("started_at", nil), .init("finished_at", nil),
        .init("state", nil), .init("state_reason", nil),
    ]

    static func report(_ outcome: RecordOutcome) -> Report {
        Report(
            notes: outcome.warnings,
            json: {
                [
                    .init("job_id", .string(outcome.identity.id)), .init("status", .string(outcome.status.rawValue)),
                    .init("started_at", JSONValue(outcome.startedAt)),
                    .init("finished_at", JSONValue(outcome.finishedAt)),
                    .init("state", .string(outcome.stateFailure == nil ? "ok" : "unavailable")),
                    .init("state_reason", JSONValue(outcome.stateFailure?.message)),
                ]
            }, text: { _ in "" })
    }
}
