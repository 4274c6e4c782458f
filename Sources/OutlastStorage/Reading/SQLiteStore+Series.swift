// Which series a project and a job name mean: the names alone may be those of several servers or legs.

internal import GRDB
public import OutlastModel

extension SQLiteStore {
    /// Series with this project and job, the one that ran last first; at most 20.
    public func series(project: String, job: String) throws(Failure) -> [JobSeries] {
        try perform { db in
            let statement = try db.cachedStatement(
                sql: """
                    SELECT g.forge, g.server, g.leg FROM series g WHERE g.project = ? AND g.job = ?
                    ORDER BY (
                        SELECT max(x.begun_at) FROM jobs x INDEXED BY jobs_of_series WHERE x.series_id = g.id
                    ) DESC LIMIT 20
                    """)
            var found: [JobSeries] = []
            let rows = try Row.fetchCursor(statement, arguments: [project, job])
            while let row = try rows.next() {
                guard let forge = row.text(0), let server = row.text(1), let leg = row.text(2) else { continue }
                found.append(JobSeries(forge: forge, server: server, project: project, job: job, leg: leg))
            }
            return found
        }
    }
}
