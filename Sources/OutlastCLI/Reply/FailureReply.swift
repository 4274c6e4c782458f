// How a diagnosis is shown: the class and the line that decided, then what to do.

import OutlastFlows
import OutlastModel

enum FailureReply {
    static let empty: [JSONValue.Member] = [
        .init("class", nil), .init("confidence", nil), .init("line", nil), .init("advice", nil),
        .init("credential_at_fault", nil), .init("operation", nil), .init("job_id", nil), .init("fingerprint", nil),
        .init("state", nil), .init("state_reason", nil),
    ]

    static func report(_ outcome: FailureOutcome) -> Report {
        let diagnosis = outcome.diagnosis
        return Report(
            notes: outcome.warnings,
            json: {
                [
                    .init("class", JSONValue(diagnosis?.class.rawValue)),
                    .init("confidence", JSONValue(diagnosis?.confidence.rawValue)),
                    .init("line", JSONValue(diagnosis?.line)), .init("advice", JSONValue(diagnosis?.advice)),
                    .init("credential_at_fault", diagnosis?.credentialAtFault.map(JSONValue.bool) ?? .null),
                    .init("operation", JSONValue(outcome.operation)),
                    .init("job_id", JSONValue(outcome.identity?.id)),
                    .init("fingerprint", JSONValue(outcome.fingerprint?.text)),
                    .init("state", .string(outcome.stateFailure == nil ? "ok" : "unavailable")),
                    .init("state_reason", JSONValue(outcome.stateFailure?.message)),
                ]
            },
            text: { _ in
                guard let diagnosis else { return "" }
                let line = diagnosis.line.map { ": \($0)" } ?? ""
                return "\(diagnosis.class.rawValue) (\(diagnosis.confidence.rawValue))\(line)\n\(diagnosis.advice)\n"
            })
    }
}
