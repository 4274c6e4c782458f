// How ends of tokens are shown: a table, the days as bars, and the shapes of the contract.

import OutlastFlows
import OutlastModel

enum EndsReply {
    static let emptyTokens: [JSONValue.Member] = [.init("tokens", [])]
    static let emptyDays: [JSONValue.Member] = [.init("dates", [])]

    static func expiring(_ tokens: [EndingToken], code: ExitCode, notes: [String]) -> Report {
        Report(
            code: code, notes: notes, json: { [.init("tokens", .array(tokens.map(object)))] },
            text: { style in
                if tokens.isEmpty { return "no token ends in that time\n" }
                let rows = tokens.map { ending in
                    [
                        name(ending.token), ending.token.mark, ending.token.kind, ending.token.endText,
                        ending.remaining?.readable ?? "-", users(ending.token), failure(ending),
                    ]
                }
                let head = ["token", "fingerprint", "kind", "ends", "left", "used by", "first job to fail"]
                return TextStyle.table([head] + rows).map { $0 + "\n" }.joined()
            })
    }

    static func endless(_ tokens: [EndingToken], notes: [String]) -> Report {
        Report(
            notes: notes, json: { [.init("tokens", .array(tokens.map(object)))] },
            text: { _ in
                if tokens.isEmpty { return "no token is known to have no end\n" }
                let rows = tokens.map { ending in
                    [
                        name(ending.token), ending.token.mark, ending.token.kind, ending.token.lastSeenAt.text,
                        users(ending.token),
                    ]
                }
                let head = ["token", "fingerprint", "kind", "last seen", "used by"]
                return TextStyle.table([head] + rows).map { $0 + "\n" }.joined()
            })
    }

    private static func name(_ token: KnownToken) -> String {
        let name = token.credential ?? token.name ?? "-"
        return token.tokenID.map { "\(name) (id \($0))" } ?? name
    }

    private static func users(_ token: KnownToken) -> String {
        let names = token.usedBy.map { "\($0.project) / \($0.job)" }
        guard let first = names.first else { return "-" }
        return names.count > 1 ? "\(first) and \(names.count - 1) more" : first
    }

    private static func failure(_ ending: EndingToken) -> String {
        guard let next = ending.nextFailure else { return "-" }
        return "\(next.at.text) \(next.series.job)"
    }

    private static func object(_ ending: EndingToken) -> JSONValue {
        let token = ending.token
        let next: JSONValue =
            ending.nextFailure.map { next in
                [
                    "at": JSONValue(next.at), "project": .string(next.series.project), "job": .string(next.series.job),
                ]
            } ?? .null
        return [
            "fingerprint": .string(token.mark), "kind": .string(token.kind), "forge": .string(token.forge),
            "token_id": JSONValue(token.tokenID), "name": JSONValue(token.name),
            "expires_at": JSONValue(token.lifetime.expiry.instant), "remaining_s": JSONValue(seconds: ending.remaining),
            "last_seen_at": JSONValue(token.lastSeenAt),
            "used_by": .array(token.usedBy.map { .string("\($0.project) / \($0.job)") }),
            "credential": JSONValue(token.credential), "next_failure": next,
        ]
    }

    static func calendar(_ days: [DayOfEnds], notes: [String]) -> Report {
        Report(
            notes: notes,
            json: {
                let dates = days.map { day -> JSONValue in
                    let kinds = day.kinds.map { JSONValue.Member($0.kind, .integer(Int64($0.count))) }
                    return [
                        "date": .string(day.day.text), "count": .integer(Int64(day.count)), "kinds": .object(kinds),
                    ]
                }
                return [.init("dates", .array(dates))]
            }, text: { chart(days, $0) })
    }

    /// The width of the longest bar.
    private static let width = 40

    /// The busiest day in the first line, then a bar for each, the busiest first.
    private static func chart(_ days: [DayOfEnds], _ style: TextStyle) -> String {
        guard let first = days.first else { return "no token ends in that time\n" }
        let most = max(1, first.count)
        var lines = ["\(first.day.text): \(first.count == 1 ? "1 token ends" : "\(first.count) tokens end")"]
        let digits = String(most).count
        for day in days {
            let length = max(1, day.count * width / most)
            let bar = String(repeating: "#", count: length)
            let room = String(repeating: " ", count: width - length)
            let number = String(repeating: " ", count: digits - String(day.count).count) + String(day.count)
            let kinds = day.kinds.map { "\(SafeText.line($0.kind, limit: 40)) \($0.count)" }.joined(separator: ", ")
            lines.append("  \(day.day.text)  \(number)  \(style.tone(bar, .doubtful))\(room)  \(kinds)")
        }
        return lines.map { $0 + "\n" }.joined()
    }
}
