// The shapes of the contract: every key is there in every answer, with a value of the right sort or null.

import OutlastModel
import Testing

/// The sort of a value; all but `list` and `text` may be null.
enum Sort: Sendable {
    case text, number, truth, moment, list, anything, optionalText, optionalList, optionalTruth
    indirect case object([(String, Sort)])
    indirect case listOf(Sort)
    indirect case optional(Sort)
}

/// The shapes.
enum Shape {
    static let needed: [(String, Sort)] = [
        ("estimate_s", .number), ("elapsed_s", .number), ("margin_s", .number), ("needed_s", .number),
        ("source", .text), ("quantile", .anything), ("samples", .number),
    ]

    static let credential: [(String, Sort)] = [
        ("name", .text), ("decision", .text), ("kind", .text), ("forge", .text), ("fingerprint", .optionalText),
        ("token_id", .optionalText), ("scopes", .optionalList), ("expires_at", .moment), ("remaining_s", .number),
        ("shortfall_s", .number), ("source", .text), ("checked_at", .moment), ("clock_skew_s", .number),
        ("renewable", .truth), ("renewable_reason", .text),
    ]

    static let preflight: [(String, Sort)] = [
        ("schema", .number), ("decision", .text), ("remedy", .text), ("state", .text),
        ("state_reason", .optionalText), ("needed", .object(needed)),
        ("credentials", .listOf(.object(credential))),
    ]

    static let jobs = [
        "job_id", "forge", "project", "job", "run", "attempt", "status", "started_at", "finished_at", "duration_s",
        "decision",
    ]
    static let tokens = [
        "fingerprint", "family", "generation", "credential", "kind", "forge", "token_id", "name", "scopes",
        "expires_at", "first_seen_at", "last_seen_at",
    ]
    static let events = ["at", "fingerprint", "job_id", "event", "outcome", "detail"]

    /// Complains about the first value that is not of its sort.
    static func complaint(_ value: JSONValue?, _ sort: Sort, _ path: String = "$") -> String? {
        guard let value else { return "\(path) is missing" }
        switch (sort, value) {
        case (.anything, _), (.text, .string), (.optionalText, .string), (.number, .integer), (.truth, .bool),
            (.optionalTruth, .bool), (.list, .array), (.optionalList, .array):
            return nil
        case (.number, .null), (.moment, .null), (.optionalText, .null), (.optionalList, .null),
            (.optionalTruth, .null),
            (.optional, .null):
            return nil
        case (.moment, .string(let text)):
            return Instant(text: text)?.text == text ? nil : "\(path) is no moment: \(text)"
        case (.optional(let inner), _): return complaint(value, inner, path)
        case (.listOf(let inner), .array(let elements)):
            return elements.enumerated().lazy.compactMap { complaint($1, inner, "\(path).\($0)") }.first
        case (.object(let keys), .object):
            return keys.lazy.compactMap { complaint(value[$0.0], $0.1, "\(path).\($0.0)") }.first
        default: return "\(path) is \(value.encoded)"
        }
    }

    /// All keys in order, whatever their values: what a reply has that is an error only.
    static func missing(_ keys: [String], in value: JSONValue) -> [String] { keys.filter { value[$0] == nil } }
}
