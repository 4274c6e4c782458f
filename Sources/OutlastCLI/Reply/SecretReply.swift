// How the content of the secret cache is shown, and what of it was forgotten.

import OutlastFlows
import OutlastModel

enum SecretReply {
    static let emptyList: [JSONValue.Member] = [.init("secrets", .array([]))]
    static let emptyForgotten: [JSONValue.Member] = [
        .init("superseded", nil), .init("forgotten", .array([])), .init("held", .array([])),
    ]

    static func list(_ secrets: [SecretSummary], notes: [String]) -> Report {
        Report(
            notes: notes, json: { [.init("secrets", .array(secrets.map(object)))] },
            text: { _ in
                if secrets.isEmpty { return "no secrets\n" }
                let head = ["credential", "family", "generation", "purpose", "fingerprint", "created_at"]
                let rows = secrets.map { secret in
                    [
                        secret.credential, secret.family,
                        String(secret.generation) + (secret.isCurrent ? "" : " (superseded)"), secret.purpose.rawValue,
                        secret.fingerprint?.text ?? "-", secret.createdAt.text,
                    ]
                }
                return TextStyle.table([head] + rows).map { $0 + "\n" }.joined()
            })
    }

    private static func object(_ secret: SecretSummary) -> JSONValue {
        .object([
            .init("credential", .string(secret.credential)), .init("family", .string(secret.family)),
            .init("fingerprint", JSONValue(secret.fingerprint?.text)),
            .init("generation", JSONValue(secret.generation)),
            .init("current", .bool(secret.isCurrent)), .init("purpose", .string(secret.purpose.rawValue)),
            .init("forge", .string(secret.forge)), .init("method", .string(secret.method)),
            .init("created_at", JSONValue(secret.createdAt)),
        ])
    }

    static func forgotten(_ outcome: SecretForgetOutcome, _ request: SecretForgetRequest) -> Report {
        let held = outcome.held.map {
            "another process is renewing family \($0) and did not finish within \(request.wait.text): nothing of it was forgotten"
        }
        let hint = held.isEmpty ? [] : ["hint: run it again, or wait longer with --wait"]
        return Report(
            code: held.isEmpty ? .done : .leaseHeld, notes: outcome.warnings + held + hint,
            json: {
                let forgotten = outcome.forgotten.map { item -> JSONValue in
                    [
                        "family": .string(item.family), "superseded": JSONValue(item.superseded),
                        "queued": item.queued.map { .array($0.map(JSONValue.string)) } ?? .null,
                    ]
                }
                return [
                    .init("superseded", .bool(request.extent == .superseded)), .init("forgotten", .array(forgotten)),
                    .init("held", .array(outcome.held.map(JSONValue.string))),
                ]
            }, text: { _ in text(outcome, request) })
    }

    private static func text(_ outcome: SecretForgetOutcome, _ request: SecretForgetRequest) -> String {
        if outcome.forgotten.isEmpty {
            guard outcome.held.isEmpty else { return "" }
            return "nothing to forget: \(reason(request))\n"
        }
        let families = outcome.forgotten.count == 1 ? "1 family" : "\(outcome.forgotten.count) families"
        var lines: [String] = []
        switch request.extent {
        case .superseded:
            let secrets = outcome.forgotten.compactMap(\.superseded).reduce(0, +)
            lines.append("superseded secrets of \(families) were forgotten: \(secrets)")
            lines += outcome.forgotten.map { "  \($0.family)  \($0.superseded ?? 0)" }
            lines.append("next: a job that still has an old token needs the current one, or a new one")
        case .queued:
            lines.append("nothing is queued any more for:")
            lines += outcome.forgotten.flatMap { $0.queued ?? [] }.map { "  \($0)" }
            lines.append("next: a run whose configuration names one of these gives it the current token")
        case .everything:
            lines.append("\(families) forgotten, with all secrets of theirs:")
            lines += outcome.forgotten.map { "  \($0.family)" }
            lines.append("next: give the jobs a living token; it begins a new family")
        }
        return lines.map { $0 + "\n" }.joined()
    }

    private static func reason(_ request: SecretForgetRequest) -> String {
        switch (request.selection, request.extent) {
        case (_, .queued): "nothing is queued"
        case (.all, _): "no family holds anything of an older generation"
        case (.credential, .superseded): "no family of this credential holds anything of an older generation"
        case (.family, .superseded): "this family is not in the state, or holds nothing of an older generation"
        case (.credential, .everything): "no family of this credential is in the state"
        case (.family, .everything): "this family is not in the state"
        }
    }
}
