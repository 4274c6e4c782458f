// How the commands about the key answer. A key is shown by `key generate` alone, which is for nothing else.

import OutlastFlows
import OutlastModel

enum KeyReply {
    static let emptyKey: [JSONValue.Member] = [.init("key", nil)]
    static let emptyCheck: [JSONValue.Member] = [.init("sealed", nil), .init("sealed_with", nil)]
    static let emptyRotation: [JSONValue.Member] = [.init("outcome", nil), .init("sealed_with", nil)]

    static func generated(_ key: Secret) -> Report {
        Report(json: { [.init("key", .string(key.reveal()))] }, text: { _ in key.reveal() + "\n" })
    }

    static func checked(_ outcome: KeyCheckOutcome) -> Report {
        let form = outcome.form.rawValue
        return Report(
            notes: outcome.warnings,
            json: {
                [
                    .init("sealed", .bool(outcome.isSealed)),
                    .init("sealed_with", outcome.isSealed ? .string(form) : .null),
                ]
            },
            text: { style in
                outcome.isSealed
                    ? style.tone("the \(form) opens the secret cache of this state", .good) + "\n"
                    : "nothing was ever sealed in this state: the first renewal will seal with this \(form)\n"
            })
    }

    static func rotated(_ outcome: KeyRotateOutcome) -> Report {
        Report(
            notes: outcome.warnings,
            json: {
                let form: JSONValue = outcome.result == .empty ? .null : .string(outcome.form.rawValue)
                return [.init("outcome", .string(outcome.result.rawValue)), .init("sealed_with", form)]
            }, text: { _ in sentence(outcome) + "\n" })
    }

    private static func sentence(_ outcome: KeyRotateOutcome) -> String {
        let form = outcome.form.rawValue
        return switch outcome.result {
        case .rotated:
            "the state is sealed with the new \(form) now; the old key opens it no more\n"
                + "next: put the new \(form) in the old one's place wherever jobs get it; copies of the state that were made before still open with the old one"
        case .unchanged where outcome.isSameKey: "the new \(form) is the one in use: nothing to change"
        case .unchanged: "the state is sealed with the new \(form) already: nothing left to do"
        case .empty: "nothing was ever sealed in this state: just use the new \(form) from now on"
        }
    }
}
