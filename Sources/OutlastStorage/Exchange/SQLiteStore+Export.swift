// The whole history, row by row in the order in which it was written down.

internal import GRDB
public import OutlastModel

extension SQLiteStore {
    /// Hands out every row of the public lists, and of the failures, until `take` wants no more.
    public func export(_ take: (String, [JSONValue.Member]) throws(Failure) -> Bool) throws(Failure) {
        try perform { db in
            // One moment of the store, whoever writes meanwhile.
            try db.inTransaction(.deferred) {
                for list in ExportList.all {
                    let rows = try Row.fetchCursor(db, sql: list.sql)
                    while let row = try rows.next() {
                        let members = list.columns.indices.map {
                            JSONValue.Member(list.columns[$0].name, list.columns[$0].value(of: row, at: $0))
                        }
                        guard try take(list.name, members) else { return .commit }
                    }
                }
                return .commit
            }
        }
    }
}

/// A list that is exported: a walk through one table in the order of its rows, so that nothing is sorted.
struct ExportList {
    let name: String
    let columns: [ListColumn]
    let sql: String

    init(name: String, columns: [ListColumn], source: String, selection: String? = nil) {
        self.name = name
        self.columns = columns
        let selection = selection ?? columns.map(\.source).joined(separator: ", ")
        sql = "SELECT \(selection) FROM \(source)"
    }

    private static let parts = """
        LEFT JOIN tokens t ON t.id = e.token_id LEFT JOIN jobs j ON j.id = e.job_id
        LEFT JOIN series s ON s.id = e.series_id
        """

    static let all = [
        ExportList(
            name: "jobs", columns: ListColumn.columns(of: .jobs),
            source: "jobs j CROSS JOIN series s ON s.id = j.series_id ORDER BY j.id"),
        ExportList(name: "tokens", columns: ListColumn.columns(of: .tokens), source: "tokens t ORDER BY t.id"),
        // Those that only a forge's list has told of, as in the view.
        ExportList(
            name: "tokens", columns: ListColumn.columns(of: .tokens),
            source: "listed_tokens l WHERE \(Schema.isListedOnly) ORDER BY l.api, l.forge_id",
            selection: ListColumn.listedSelection),
        ExportList(
            name: "events", columns: ListColumn.columns(of: .events),
            source: "events e CROSS JOIN event_kinds k ON k.id = e.kind_id \(parts) ORDER BY e.id"),
        ExportList(name: "rotations", columns: ListColumn.columns(of: .rotations), source: "journal r ORDER BY r.id"),
        ExportList(
            name: "auth_failures", columns: ListColumn.failures,
            source: "diagnoses d CROSS JOIN events e ON e.id = d.event_id \(parts) ORDER BY d.event_id"),
    ]
}
