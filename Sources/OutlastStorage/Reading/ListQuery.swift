// From a filter to one statement whose every large table is entered through an index that the statement itself names.
// Where a filter fits several series, tokens or kinds of events, the newest rows of each are taken by its index, and of
// these the newest: the work grows with the limit and the number of fitting ones, not with the history.

internal import GRDB
internal import OutlastModel

/// A list's statement with its arguments.
struct ListQuery {
    let sql: String
    let arguments: StatementArguments

    /// The statement for a list.
    init(_ list: HistoryList, _ filter: HistoryFilter) {
        let parts = FilterParts(filter)
        switch list {
        case .jobs: sql = Self.jobs(parts)
        case .tokens: sql = Self.tokens(parts)
        case .events: sql = Self.events(parts)
        case .rotations: sql = Self.rotations(parts)
        }
        arguments = parts.arguments
    }

    /// Of a credential with very many tokens (minted for each job) those last seen count; of a beginning that fits very
    /// many fingerprints, the first.
    static let mostTokens = 1000

    private static let pickedTokens = """
        (SELECT id FROM (SELECT id FROM tokens INDEXED BY tokens_by_fingerprint
            WHERE fingerprint >= :from AND fingerprint < :to LIMIT \(mostTokens))
        UNION SELECT id FROM (SELECT id FROM tokens INDEXED BY tokens_by_credential WHERE credential = :token
            ORDER BY last_seen_at DESC LIMIT \(mostTokens)))
        """

    /// Columns are those of a job `j` and its series `s`.
    static func jobs(_ parts: FilterParts, columns: String = ListColumn.selection(of: .jobs)) -> String {
        let order = "ORDER BY j.begun_at DESC, j.id DESC LIMIT :limit"
        if parts.hasToken {
            let inner = parts.conditions(
                ["x.token_id = t.id"], time: "x.begun_at", status: "y.status", series: "y.series_id")
            return """
                SELECT \(columns) FROM tokens t CROSS JOIN jobs j ON j.id IN (
                    SELECT x.job_id FROM uses x CROSS JOIN jobs y ON y.id = x.job_id
                    WHERE \(inner) ORDER BY x.begun_at DESC LIMIT :limit)
                CROSS JOIN series s ON s.id = j.series_id
                WHERE t.id IN \(pickedTokens) GROUP BY j.id \(order)
                """
        }
        if parts.hasSeries {
            let inner = parts.conditions(["x.series_id = s.id"], time: "x.begun_at", status: "x.status", series: nil)
            return """
                SELECT \(columns) FROM series s CROSS JOIN jobs j ON j.id IN (
                    SELECT x.id FROM jobs x INDEXED BY jobs_of_series
                    WHERE \(inner) ORDER BY x.begun_at DESC, x.id DESC LIMIT :limit)
                WHERE \(parts.series("s")) \(order)
                """
        }
        let index = parts.hasStatus ? "jobs_by_status" : "jobs_by_time"
        let conditions = parts.conditions([], time: "j.begun_at", status: "j.status", series: nil)
        return """
            SELECT \(columns) FROM jobs j INDEXED BY \(index) CROSS JOIN series s ON s.id = j.series_id
            WHERE \(conditions) \(order)
            """
    }

    private static func tokens(_ parts: FilterParts) -> String {
        let columns = ListColumn.selection(of: .tokens)
        let order = "ORDER BY t.last_seen_at DESC, t.id DESC LIMIT :limit"
        if parts.hasToken {
            // The signs keep other indexes from being chosen: few tokens are picked.
            let conditions = parts.conditions(
                ["t.id IN \(pickedTokens)"], time: "+t.last_seen_at", status: "+t.standing", series: nil)
            let used =
                parts.hasSeries
                ? "AND EXISTS (SELECT 1 FROM token_series u CROSS JOIN series s ON s.id = u.series_id "
                    + "WHERE u.token_id = t.id AND \(parts.series("s")))" : ""
            return "SELECT \(columns) FROM tokens t WHERE \(conditions) \(used) \(order)"
        }
        if parts.hasSeries {
            let inner = parts.conditions(
                ["x.series_id = s.id"], time: "y.last_seen_at", status: "y.standing", series: nil)
            return """
                SELECT \(columns) FROM series s CROSS JOIN tokens t ON t.id IN (
                    SELECT x.token_id FROM token_series x INDEXED BY token_series_by_use
                    CROSS JOIN tokens y ON y.id = x.token_id
                    WHERE \(inner) ORDER BY x.last_used_at DESC LIMIT :limit)
                WHERE \(parts.series("s")) GROUP BY t.id \(order)
                """
        }
        let index = parts.hasStatus ? "tokens_by_standing" : "tokens_by_time"
        let conditions = parts.conditions([], time: "t.last_seen_at", status: "t.standing", series: nil)
        return "SELECT \(columns) FROM tokens t INDEXED BY \(index) WHERE \(conditions) \(order)"
    }

    /// Tokens that only a forge's list has told of; by their mark alone, since they have neither fingerprint nor credential.
    static func listed(_ parts: FilterParts) -> String {
        let own = parts.hasToken ? ["\(Schema.listedMark) = :token"] : []
        let conditions = parts.conditions(
            own + [Schema.isListedOnly], time: "l.listed_at", status: "l.standing", series: nil)
        return """
            SELECT \(ListColumn.listedSelection) FROM listed_tokens l INDEXED BY listed_tokens_by_time
            WHERE \(conditions) ORDER BY l.listed_at DESC LIMIT :limit
            """
    }

    private static func events(_ parts: FilterParts) -> String {
        let columns = ListColumn.selection(of: .events)
        let joins = """
            CROSS JOIN event_kinds k ON k.id = e.kind_id LEFT JOIN tokens t ON t.id = e.token_id
            LEFT JOIN jobs j ON j.id = e.job_id LEFT JOIN series s ON s.id = e.series_id
            """
        let order = "ORDER BY e.at DESC, e.id DESC LIMIT :limit"
        let ofKind = "x.kind_id IN (SELECT id FROM event_kinds WHERE outcome = :status)"
        /// The newest of each row `d` of a driving table, and of these the newest, before anything else is looked up.
        func driven(
            _ driver: String, index: String, key: String, _ more: [String], series: String?, _ which: String
        ) -> String {
            let inner = parts.conditions(["x.\(key) = d.id"] + more, time: "x.at", status: nil, series: series)
            return """
                SELECT \(columns) FROM (SELECT y.id FROM \(driver) d CROSS JOIN events y ON y.id IN (
                        SELECT x.id FROM events x INDEXED BY \(index)
                        WHERE \(inner) ORDER BY x.at DESC, x.id DESC LIMIT :limit)
                    WHERE \(which) ORDER BY y.at DESC, y.id DESC LIMIT :limit) p
                CROSS JOIN events e ON e.id = p.id \(joins) \(order)
                """
        }
        let status = parts.hasStatus ? [ofKind] : []
        if parts.hasToken {
            return driven(
                "tokens", index: "events_of_token", key: "token_id", status, series: "x.series_id",
                "d.id IN \(pickedTokens)")
        }
        if parts.hasSeries {
            return driven(
                "series", index: "events_of_series", key: "series_id", status, series: nil, parts.series("d"))
        }
        if parts.hasStatus {
            return driven(
                "event_kinds", index: "events_of_kind", key: "kind_id", [], series: nil, "d.outcome = :status")
        }
        let conditions = parts.conditions([], time: "e.at", status: nil, series: nil)
        return "SELECT \(columns) FROM events e INDEXED BY events_once \(joins) WHERE \(conditions) \(order)"
    }
}
