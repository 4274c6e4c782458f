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
            let rows = try Row.fetchCursor(db.cachedStatement(sql: query.sql), arguments: query.arguments)
            var found = try Self.cells(rows, columns)
            // What only a forge's list has told of was used by no job.
            guard list == .tokens, filter.project == nil, filter.job == nil else { return found }
            let listed = try Row.fetchCursor(
                db.cachedStatement(sql: ListQuery.listed(FilterParts(filter))), arguments: query.arguments)
            let more = try Self.cells(listed, columns)
            guard !more.isEmpty else { return found }
            found = (found + more).enumerated()
                .sorted { (Self.seen($1.element), $0.offset) < (Self.seen($0.element), $1.offset) }.map(\.element)
            return Array(found.prefix(max(1, filter.limit)))
        }
        return table
    }

    private static func cells(_ rows: RowCursor, _ columns: [ListColumn]) throws -> [[JSONValue]] {
        var found: [[JSONValue]] = []
        while let row = try rows.next() {
            found.append(columns.indices.map { columns[$0].value(of: row, at: $0) })
        }
        return found
    }

    /// When a token of the list was last met: moments are texts that sort by time.
    private static func seen(_ row: [JSONValue]) -> String { row[11].text ?? "" }
}
