// What the budget of failed authentications is counted from, and until when a host asked us to wait.

internal import GRDB
internal import OutlastModel

extension SQLiteRenewals {
    /// No forge remembers a failure for longer than this.
    private static let memory: Duration = .seconds(7 * 86_400)

    func failedAuthentications(at host: String, since: Instant) throws(Failure) -> Int {
        try store.perform { db in
            let row = try db.cachedStatement(
                sql: "SELECT count(*) FROM host_failures INDEXED BY host_failures_by_host WHERE host = ? AND at >= ?"
            ).firstRow([host, since.milliseconds])
            return Int(clamping: row?.integer(0) ?? 0)
        }
    }

    func noteAuthentication(at host: String, succeeded: Bool, now: Instant) throws(Failure) {
        // Nearly always there is nothing to forget, and then nothing is written.
        if succeeded, try failedAuthentications(at: host, since: Instant(milliseconds: .min)) == 0 { return }
        try change { db in
            let forgotten = succeeded ? Instant(milliseconds: .max) : now.advanced(by: .zero - Self.memory)
            try db.execute(
                sql: "DELETE FROM host_failures INDEXED BY host_failures_by_host WHERE host = ? AND at <= ?",
                arguments: [host, forgotten.milliseconds])
            if succeeded { return }
            try db.execute(
                sql: "INSERT INTO host_failures(host, at) VALUES (?, ?)", arguments: [host, now.milliseconds])
        }
    }

    func waitUntil(for host: String) throws(Failure) -> Instant? {
        try store.perform { db in
            try one(
                db, "SELECT wait_until FROM host_waits WHERE host = ?", [host], "a host's row", { try $0.moment(0) })
        }
    }

    func noteWait(for host: String, until: Instant) throws(Failure) {
        try change { db in
            try db.execute(
                sql: """
                    INSERT INTO host_waits(host, wait_until) VALUES (?, ?)
                    ON CONFLICT DO UPDATE SET wait_until = max(wait_until, excluded.wait_until)
                    """, arguments: [host, until.milliseconds])
        }
    }
}
