// How many rows went where.

import OutlastModel

enum HistoryExchangeReply {
    static let emptyPack = counts("packed", nil)
    static let emptyPrune = counts("pruned", nil)
    static let emptyMerge: [JSONValue.Member] = [
        .init("jobs", nil), .init("tokens", nil), .init("events", nil), .init("refused", nil),
        .init("listed_tokens", nil),
    ]

    static func packed(_ count: HistoryCount, notes: [String]) -> Report {
        Report(notes: notes, json: { counts("packed", count) }, text: { _ in "packed: \(words(count))\n" })
    }

    static func pruned(_ count: HistoryCount, notes: [String]) -> Report {
        Report(notes: notes, json: { counts("pruned", count) }, text: { _ in "removed: \(words(count))\n" })
    }

    static func merged(_ count: MergeCount, notes: [String]) -> Report {
        var notes = notes
        if count.refused > 0 { notes.append("\(count.refused) rows contradict themselves and were left out") }
        return Report(
            notes: notes,
            json: {
                [
                    .init("jobs", object(count.jobs)), .init("tokens", object(count.tokens)),
                    .init("events", object(count.events)), .init("refused", JSONValue(count.refused)),
                    .init("listed_tokens", object(count.listedTokens)),
                ]
            },
            text: { _ in
                var parts = [("jobs", count.jobs), ("tokens", count.tokens), ("events", count.events)]
                if count.listedTokens != ImportCount() { parts.append(("listed tokens", count.listedTokens)) }
                return parts.map { "\($0.0): \($0.1.added) new, \($0.1.known) known before\n" }.joined()
            })
    }

    private static func object(_ count: ImportCount) -> JSONValue {
        ["added": JSONValue(count.added), "known": JSONValue(count.known)]
    }

    private static func counts(_ name: String, _ count: HistoryCount?) -> [JSONValue.Member] {
        let rows: JSONValue = [
            "jobs": JSONValue(count?.jobs), "tokens": JSONValue(count?.tokens), "events": JSONValue(count?.events),
            "listed_tokens": JSONValue(count?.listedTokens),
        ]
        return [.init(name, rows)]
    }

    private static func words(_ count: HistoryCount) -> String {
        // Few stores have read a forge's lists.
        let listed = count.listedTokens > 0 ? ", \(count.listedTokens) listed tokens" : ""
        return "\(count.jobs) jobs, \(count.tokens) tokens, \(count.events) events\(listed)"
    }
}
