// The list of renewals. The journal is small beside the history, but a store that mints for every job has one row for each.
internal import OutlastModel

extension ListQuery {
    /// Of a credential with very many renewals the newest count; of a beginning that fits very many tokens, the first.
    private static let pickedRotations = """
        (SELECT id FROM (SELECT id FROM journal INDEXED BY journal_by_old
            WHERE old_digest >= :from_digest AND old_digest <= :to_digest LIMIT \(mostTokens))
        UNION SELECT id FROM (SELECT id FROM journal INDEXED BY journal_by_new
            WHERE new_digest >= :from_digest AND new_digest <= :to_digest LIMIT \(mostTokens))
        UNION SELECT id FROM (SELECT id FROM journal INDEXED BY journal_by_credential WHERE credential = :token
            ORDER BY id DESC LIMIT \(mostTokens)))
        """

    static func rotations(_ parts: FilterParts) -> String {
        var conditions: [String] = []
        if parts.hasSeries {
            conditions.append(
                "EXISTS (SELECT 1 FROM jobs y CROSS JOIN series s ON s.id = y.series_id "
                    + "WHERE y.job_key = r.job_id AND \(parts.series("s")))")
        }
        let columns = ListColumn.selection(of: .rotations)
        let order = "ORDER BY r.changed_at DESC, r.id DESC LIMIT :limit"
        if parts.hasToken {
            // The signs keep other indexes from being chosen: few renewals are picked.
            let all = parts.conditions(
                ["r.id IN \(pickedRotations)"] + conditions, time: "+r.changed_at", status: "+r.state", series: nil)
            return "SELECT \(columns) FROM journal r WHERE \(all) \(order)"
        }
        let index = parts.hasStatus ? "journal_by_state" : "journal_by_time"
        let all = parts.conditions(conditions, time: "r.changed_at", status: "r.state", series: nil)
        return "SELECT \(columns) FROM journal r INDEXED BY \(index) WHERE \(all) \(order)"
    }
}
