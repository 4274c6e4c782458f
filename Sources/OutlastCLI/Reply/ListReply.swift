// How a list is shown: objects with the view's columns as keys, or an aligned table.

import OutlastModel

enum ListReply {
    static func report(_ list: HistoryList, _ table: HistoryTable, notes: [String]) -> Report {
        Report(
            notes: notes,
            json: {
                let rows = table.rows.map { row in
                    JSONValue.object(zip(table.columns, row).map { JSONValue.Member($0, $1) })
                }
                return [.init(list.rawValue, .array(rows))]
            },
            text: { _ in
                if table.rows.isEmpty { return "no \(list.rawValue)\n" }
                let shown = readable(list).compactMap { table.columns.firstIndex(of: $0) }
                let head = shown.map { table.columns[$0] }
                let cells = table.rows.map { row in shown.map { cell(row[$0]) } }
                return TextStyle.table([head] + cells).map { $0 + "\n" }.joined()
            })
    }

    /// The columns that fit a terminal; JSON has all.
    private static func readable(_ list: HistoryList) -> [String] {
        switch list {
        case .jobs: ["job_id", "project", "job", "run", "attempt", "status", "started_at", "duration_s", "decision"]
        case .tokens: ["fingerprint", "credential", "kind", "token_id", "name", "expires_at", "last_seen_at"]
        case .events: ["at", "event", "outcome", "fingerprint", "job_id", "detail"]
        case .rotations: ["at", "credential", "method", "state", "old_fingerprint", "new_fingerprint", "job_id"]
        }
    }

    private static func cell(_ value: JSONValue) -> String {
        switch value {
        case .null: "-"
        case .string(let text): text
        case .array(let elements): elements.map(cell).joined(separator: ",")
        default: value.encoded
        }
    }
}
