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
                let cells = table.rows.map { $0.map(cell) }
                return TextStyle.table([table.columns] + cells).map { $0 + "\n" }.joined()
            })
    }

    private static func cell(_ value: JSONValue) -> String {
        switch value {
        case .null: "-"
        case .string(let text): text
        default: value.encoded
        }
    }
}
