// What `exec --report` writes.

import OutlastFlows
import OutlastModel

enum ExecReply {
    static func members(_ outcome: ExecOutcome) -> [JSONValue.Member] {
        [
            .init("code", .integer(Int64(outcome.code))),
            .init("attempts", .array(outcome.attempts.map { attempt($0) })),
            .init("state", .string(outcome.stateFailure == nil ? "ok" : "unavailable")),
            .init("state_reason", JSONValue(outcome.stateFailure?.message)),
        ]
    }

    private static func attempt(_ attempt: ExecAttempt) -> JSONValue {
        .object([
            .init("attempt", .integer(Int64(attempt.number))), .init("code", .integer(Int64(attempt.code))),
            .init("class", JSONValue(attempt.diagnosis?.class.rawValue)),
            .init("confidence", JSONValue(attempt.diagnosis?.confidence.rawValue)),
            .init("line", JSONValue(attempt.diagnosis?.line)), .init("advice", JSONValue(attempt.diagnosis?.advice)),
            .init("credential", JSONValue(attempt.credential)),
            .init("finding", JSONValue(attempt.finding?.rawValue)),
            .init("ended", JSONValue(attempt.end?.rawValue)),
        ])
    }
}
