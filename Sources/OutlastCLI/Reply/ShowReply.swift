// How all that is known of a job is shown: objects with the views' columns as keys, or short lists below each other.

import OutlastModel

enum ShowReply {
    static let empty: [JSONValue.Member] = [
        .init("job", nil), .init("tokens", []), .init("events", []), .init("rotations", []), .init("failures", []),
    ]

    static func report(_ the: JobCase, notes: [String]) -> Report {
        Report(
            notes: notes,
            json: {
                [
                    .init("job", the.job.json), .init("tokens", .array(the.tokens.map(\.json))),
                    .init("events", .array(the.events.map(\.json))),
                    .init("rotations", .array(the.renewals.map(\.json))),
                    .init("failures", .array((the.events + the.heard).compactMap(\.failure))),
                ]
            }, text: { text(the, $0) })
    }

    private static func text(_ the: JobCase, _ style: TextStyle) -> String {
        let job = the.job
        var lines = [SafeText.line("\(job.series.project) / \(job.series.job)", limit: 300)]
        let moments = [
            ("began", job.startedAt ?? job.begunAt), ("ended", job.finishedAt), ("last seen", job.lastSeenAt),
        ].compactMap { name, moment in moment.map { "\(name) \($0.text)" } }
        let took = job.duration.map { ", took \($0.readable)" } ?? ""
        lines.append(
            "  run \(SafeText.line(job.run, limit: 120)), attempt \(job.attempt): \(job.status.rawValue)\(took)")
        lines.append("  " + moments.joined(separator: ", "))
        if let decision = job.decision { lines.append("  preflight: \(SafeText.line(decision, limit: 60))") }
        func section(_ name: String, _ head: [String], _ rows: [[String]]) {
            guard !rows.isEmpty else { return }
            lines += ["", "\(name):"] + TextStyle.table([head] + rows, longest: 100).map { "  " + $0 }
        }
        section(
            "tokens", ["fingerprint", "credential", "kind", "token_id", "ends"],
            the.tokens.map { [$0.mark, $0.credential ?? "-", $0.kind, $0.tokenID ?? "-", $0.endText] })
        section(
            "events", ["at", "event", "outcome", "detail"],
            (the.events + the.heard).map { [$0.at.text, $0.event, $0.outcome, $0.detail ?? "-"] })
        section(
            "renewals", ["at", "credential", "method", "state", "old", "new"],
            the.renewals.map {
                [$0.at.text, $0.credential, $0.method, $0.state?.rawValue ?? "?", $0.old, $0.new ?? "-"]
            })
        return lines.map { $0 + "\n" }.text(joinedBy: "")
    }
}

extension KnownToken {
    /// The columns of `v_tokens` that the contract names, with their values.
    fileprivate var json: JSONValue {
        [
            "fingerprint": .string(mark), "family": JSONValue(family), "generation": JSONValue(generation),
            "credential": JSONValue(credential), "kind": .string(kind), "forge": .string(forge),
            "token_id": JSONValue(tokenID), "name": JSONValue(name),
            "scopes": scopes.map { .array($0.map(JSONValue.string)) } ?? .null,
            "expires_at": JSONValue(lifetime.expiry.instant), "first_seen_at": JSONValue(firstSeenAt),
            "last_seen_at": JSONValue(lastSeenAt),
        ]
    }

    /// The end in a word or as a moment.
    var endText: String {
        switch lifetime.expiry {
        case .at(let end): end.text
        case .never: "never"
        case .unknown: "unknown"
        }
    }
}

extension KnownEvent {
    /// The columns of `v_token_events`.
    fileprivate var json: JSONValue {
        [
            "at": JSONValue(at), "fingerprint": JSONValue(token), "job_id": JSONValue(jobID), "event": .string(event),
            "outcome": .string(outcome), "detail": JSONValue(detail),
        ]
    }

    /// The columns of `v_auth_failures`; nil for an event that tells of no failure.
    fileprivate var failure: JSONValue? {
        guard let diagnosis else { return nil }
        return [
            "at": JSONValue(at), "job_id": JSONValue(jobID), "fingerprint": JSONValue(token),
            "class": .string(diagnosis.class?.rawValue ?? outcome), "line": JSONValue(diagnosis.line),
            "confidence": .string(diagnosis.confidence.rawValue), "source": .string(diagnosis.source),
        ]
    }
}

extension KnownRenewal {
    /// The columns of `v_rotations`.
    fileprivate var json: JSONValue {
        [
            "at": JSONValue(changedAt), "credential": .string(credential), "method": .string(method),
            "state": JSONValue(state?.rawValue), "old_fingerprint": .string(old), "new_fingerprint": JSONValue(new),
            "job_id": JSONValue(jobID),
        ]
    }
}
