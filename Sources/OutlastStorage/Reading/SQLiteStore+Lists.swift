// The public lists (contract, section 8), newest first.

internal import GRDB
public import OutlastModel

extension SQLiteStore {
    /// Rows of a public list, newest first: jobs by their beginning, tokens by the last sighting,
    /// events by time, rotations by their last step.
    public func rows(of list: HistoryList, filter: HistoryFilter) throws(Failure) -> HistoryTable {
        let columns = ListColumn.columns(of: list)
        var table = HistoryTable(columns: columns.map(\.name), rows: [])
        let query = ListQuery(list, filter)
        table.rows = try perform { db in
            var found: [[JSONValue]] = []
            let rows = try Row.fetchCursor(db.cachedStatement(sql: query.sql), arguments: query.arguments)
            while let row = try rows.next() {
                found.append(columns.indices.map { columns[$0].value(of: row, at: $0) })
            }
            return found
        }
        return table
    }
}
