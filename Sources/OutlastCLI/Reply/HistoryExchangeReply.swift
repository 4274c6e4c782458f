// How many rows went where.

import OutlastModel

enum HistoryExchangeReply {
    static let emptyPack = counts("packed", nil)
    static let emptyPrune = counts("pruned", nil)
    static let emptyMerge: [JSONValue.Member] = [
        .init("jobs", nil), .init("tokens", nil), .init("events", nil), .init("refused", nil),
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
                ]
            },
            text: { _ in
                let parts = [("jobs", count.jobs), ("tokens", count.tokens), ("events", count.events)]
                return parts.map { "\($0.0): \($0.1.added) new, \($0.1.known) known before\n" }.joined()
            })
    }

    private static func object(_ count: ImportCount) -> JSONValue {
        ["added": JSONValue(count.added), "known": JSONValue(count.known)]
    }

    private static func counts(_ name: String, _ count: HistoryCount?) -> [JSONValue.Member] {
        let rows: JSONValue = [
            "jobs": JSONValue(count?.jobs), "tokens": JSONValue(count?.tokens), "events": JSONValue(count?.events),
        ]
        return [.init(name, rows)]
    }

    private static func words(_ count: HistoryCount) -> String {
        "\(count.jobs) jobs, \(count.tokens) tokens, \(count.events) events"
    }
}
