// Many job attempts at once, as a CI's own lists tell them.

internal import GRDB
public import OutlastModel

extension SQLiteStore {
    /// Stores what is told of many attempts, in one transaction.
    public func write(_ jobs: [JobUpdate]) throws(Failure) -> ImportCount {
        try requireWriting()
        let count = try perform { db in
            var count = ImportCount()
            try db.inTransaction(.immediate) {
                for job in jobs {
                    if try JobWriter(db: db, update: job).write().isNews { count.added += 1 } else { count.known += 1 }
                }
                return .commit
            }
            return count
        }
        settleLongLog()
        return count
    }

    /// The names of a project's jobs on a server.
    public func jobNames(inProjectOf series: JobSeries) throws(Failure) -> [String] {
        try perform { db in
            try Row.fetchAll(
                db.cachedStatement(
                    sql: "SELECT DISTINCT job FROM series WHERE project = ? AND forge = ? AND server = ? LIMIT 1000"),
                arguments: [series.project, series.forge, series.server]
            ).compactMap { $0.text(0) }
        }
    }
}
