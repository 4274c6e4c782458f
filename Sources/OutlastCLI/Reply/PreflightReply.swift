// How a preflight is shown: contract keys, one verdict line with reason and next step, a table for several credentials.

import OutlastFlows
import OutlastModel

struct PreflightReply: Sendable {
    private let outcome: PreflightOutcome
    /// The exit code, after `--on-insufficient warn`.
    let code: ExitCode
    private let isWarning: Bool
    private let lacksSSH: Bool

    /// - Parameter hasSSH: Whether an SSH fallback is configured.
    init(_ outcome: PreflightOutcome, onInsufficient: OnInsufficient, hasSSH: Bool) {
        self.outcome = outcome
        isWarning = onInsufficient == .warn && outcome.code != .done
        code = isWarning ? .done : outcome.code
        lacksSSH = onInsufficient == .sshFallback && !hasSSH && outcome.code != .done
    }

    static let empty: [JSONValue.Member] = [
        .init("decision", nil), .init("remedy", nil), .init("state", nil), .init("state_reason", nil),
        .init("needed", nil), .init("credentials", []),
    ]

    /// The same for a failure: of a state that could not be used that much is known.
    static func failed(_ failure: Failure) -> [JSONValue.Member] {
        guard failure.code == .stateUnusable else { return empty }
        return empty.map { member in
            switch member.key {
            case "state": .init("state", "unavailable")
            case "state_reason": .init("state_reason", .string(failure.message))
            default: member
            }
        }
    }

    var json: [JSONValue.Member] { figures + error }

    /// What kept the forge from being asked, where that is what the program ends with.
    private var error: [JSONValue.Member] {
        if let failure = outcome.remedyFailure { return [.init("error", failure.json)] }
        if code == .done || (10...23).contains(code.rawValue) { return [] }
        let error: JSONValue = [
            "code": .integer(Int64(code.rawValue)), "message": .string(outcome.weakest.reason),
            "hint": JSONValue(outcome.weakest.nextStep),
        ]
        return [.init("error", error)]
    }

    private var figures: [JSONValue.Member] {
        let needed = outcome.needed
        return [
            .init("decision", .string(outcome.weakest.decision.rawValue)),
            .init("remedy", .string(outcome.remedy)),
            .init("state", .string(outcome.stateFailure == nil ? "ok" : "unavailable")),
            .init("state_reason", JSONValue(outcome.stateFailure?.message)),
            .init(
                "needed",
                [
                    "estimate_s": JSONValue(seconds: needed.estimate), "elapsed_s": JSONValue(seconds: needed.elapsed),
                    "margin_s": JSONValue(seconds: needed.margin), "needed_s": JSONValue(seconds: needed.needed),
                    "source": .string(needed.source.rawValue),
                    "quantile": needed.quantile.map(JSONValue.number) ?? .null, "samples": JSONValue(needed.samples),
                    "unsettled": needed.isUnsettled.map(JSONValue.bool) ?? .null, "reason": .string(needed.reason),
                ]),
            .init("credentials", .array(outcome.verdicts.map(Self.object))),
        ]
    }

    private static func object(_ verdict: CredentialVerdict) -> JSONValue {
        [
            "name": .string(verdict.name), "decision": .string(verdict.decision.rawValue),
            "kind": .string(verdict.kind.id), "forge": .string(verdict.forge),
            "fingerprint": JSONValue(verdict.fingerprint?.text), "token_id": JSONValue(verdict.tokenID),
            "scopes": verdict.scopes.map { .array($0.map { .string(SafeText.line($0)) }) } ?? .null,
            "expires_at": JSONValue(verdict.lifetime.expiry.instant),
            "remaining_s": JSONValue(seconds: verdict.remaining),
            "shortfall_s": JSONValue(seconds: verdict.shortfall), "source": .string(verdict.lifetime.source.rawValue),
            "checked_at": JSONValue(verdict.lifetime.checkedAt), "clock_skew_s": JSONValue(seconds: verdict.clockSkew),
            "renewable": .bool(verdict.renewable), "renewable_reason": .string(verdict.renewableReason),
            "renews_in_job": .bool(verdict.renewsInJob),
            "reason": .string(verdict.reason), "next_step": JSONValue(verdict.nextStep),
            "warnings": .array(verdict.warnings.map(JSONValue.string)),
        ]
    }

    /// Lines for stderr: the state of the store, doubts, and with `warn` the verdict itself.
    var notes: [String] {
        var notes = outcome.warnings
        for verdict in outcome.verdicts { notes += verdict.warnings.map { "\(verdict.name): \($0)" } }
        if outcome.weakest.decision == .unknown { notes.append("\(outcome.weakest.name): \(outcome.weakest.reason)") }
        if lacksSSH { notes.append("no credential has `ssh`, so there is no SSH fallback and the verdict stands") }
        if isWarning { notes.append("\(sentence) (would end with \(outcome.code.rawValue))") }
        return notes
    }

    /// The verdict in one line.
    private var sentence: String {
        let weakest = outcome.weakest
        let failure = outcome.remedyFailure.map { "; \($0.message)" } ?? ""
        return "\(weakest.decision.rawValue): \(weakest.name) (\(Self.identity(weakest))) \(weakest.reason)\(failure)"
    }

    private static func identity(_ verdict: CredentialVerdict) -> String {
        let id = verdict.tokenID.map { ", id \(SafeText.line($0, limit: 60))" } ?? ""
        return verdict.kind.id + id
    }

    func text(_ style: TextStyle) -> String {
        let tone: TextStyle.Tone =
            switch outcome.weakest.decision {
            case .sufficient: .good
            case .unknown: .doubtful
            default: .bad
            }
        let weakest = outcome.weakest
        let rest = "\(weakest.name) (\(Self.identity(weakest))) \(weakest.reason)\(age(of: weakest))"
        var lines = [style.tone(weakest.decision.rawValue, tone) + ": " + rest]
        lines.append(style.tone("  needed: \(outcome.needed.needed.readable) (\(neededText))", .quiet))
        if outcome.code == .done, outcome.remedy == "ssh-fallback" {
            lines.append("  remedy: ssh-fallback: git goes over SSH, which was proved; the token is as it was")
        } else if let step = weakest.nextStep {
            lines.append("  next: \(step)")
        }
        if outcome.verdicts.count > 1 { lines += TextStyle.table(table).map { "  " + $0 } }
        return lines.text(joinedBy: "\n") + "\n"
    }

    /// How old an answer is that was remembered.
    private func age(of verdict: CredentialVerdict) -> String {
        // What a forge has just refused is no memory, even where the end of the token is.
        guard [.sufficient, .insufficient].contains(verdict.decision), verdict.lifetime.source == .cache,
            let checked = verdict.lifetime.checkedAt
        else { return "" }
        return " (as its forge said \(checked.duration(to: outcome.decidedAt).readable) ago)"
    }

    private var neededText: String {
        let needed = outcome.needed
        guard let estimate = needed.estimate, let elapsed = needed.elapsed, let margin = needed.margin else {
            return needed.reason
        }
        let run = elapsed >= .seconds(1) ? ", \(elapsed.readable) of it gone" : ""
        return
            "job up to \(estimate.readable)\(run), margin \(margin.readable); \(needed.source.rawValue): \(needed.reason)"
    }

    private var table: [[String]] {
        [["credential", "decision", "kind", "ends", "left", "source"]]
            + outcome.verdicts.map {
                [
                    $0.name, $0.decision.rawValue, $0.kind.id, Self.end($0), $0.remaining?.readable ?? "",
                    $0.lifetime.source.rawValue,
                ]
            }
    }

    private static func end(_ verdict: CredentialVerdict) -> String {
        switch verdict.lifetime.expiry {
        case .at(let end): end.text
        case .never: "never"
        case .unknown: "unknown"
        }
    }

    /// What the CI is told.
    var notice: PreflightNotice {
        let weakest = outcome.weakest
        let level: PreflightNotice.Level =
            outcome.code == .done
            ? (weakest.decision == .sufficient ? .quiet : .warning) : (isWarning ? .warning : .error)
        return PreflightNotice(
            outputs: [
                ("decision", weakest.decision.rawValue),
                ("remaining_s", weakest.remaining.map { String($0.wholeSeconds) } ?? ""),
                ("needed_s", String(outcome.needed.needed.wholeSeconds)),
                ("expires_at", weakest.lifetime.expiry.instant?.text ?? ""),
            ], table: table, sentence: sentence, level: level)
    }
}
