// What is asked around ends of tokens, those that only a forge's list has told of included.

internal import GRDB
public import OutlastModel

extension SQLiteStore {
    /// Tokens that end within a span of time, the first end first.
    public func tokens(endingFrom start: Instant, to end: Instant, _ scope: TokenScope) throws(Failure) -> [KnownToken]
    {
        let arguments = EndQuery.arguments(scope, from: start, to: end)
        let met = try withUsers(EndQuery.ending(scope), arguments)
        let listed = try all(EndQuery.listedEnding(scope), arguments) { KnownToken(listed: $0) }
        let merged = (met + listed).enumerated().sorted {
            ($0.element.end, $0.offset) < ($1.element.end, $1.offset)
        }
        return merged.prefix(scope.limit).map(\.element)
    }

    /// Tokens without an end, the last met first.
    public func tokensWithoutEnd(_ scope: TokenScope) throws(Failure) -> [KnownToken] {
        let arguments = EndQuery.arguments(scope)
        let met = try withUsers(EndQuery.endless(scope), arguments)
        let listed = try all(EndQuery.listedEndless(scope), arguments) { KnownToken(listed: $0) }
        let merged = (met + listed).enumerated().sorted {
            ($1.element.lastSeenAt, $0.offset) < ($0.element.lastSeenAt, $1.offset)
        }
        return merged.prefix(scope.limit).map(\.element)
    }

    /// Numbers of tokens by the day that they end on.
    public func daysOfEnds(from start: Instant, to end: Instant, _ scope: TokenScope) throws(Failure) -> [DayOfEnds] {
        let arguments = EndQuery.arguments(scope, from: start, to: end)
        let rows = try all(EndQuery.days(scope), arguments) { row -> (Int64, String, Int)? in
            guard let day = row.integer(0), let kind = row.text(1) else { return nil }
            return (day, kind, row.count(2))
        }
        var days: [DayOfEnds] = []
        for (number, kind, count) in rows {
            let day = CivilDate(daysSinceEpoch: number)
            if days.last?.day == day {
                days[days.count - 1].kinds.append((kind, count))
            } else {
                days.append(DayOfEnds(day: day, kinds: [(kind, count)]))
            }
        }
        return days
    }
}

extension KnownToken {
    fileprivate var end: Instant { lifetime.expiry.instant ?? Instant(milliseconds: .max) }
}

/// The statements.
enum EndQuery {
    /// Tokens that can still die: their forge has not refused them, and no newer generation has taken their place.
    private static func isLiving(_ scope: TokenScope, _ standing: String, _ kind: String) -> String {
        "coalesce(\(standing), 'alive') NOT IN ('expired', 'revoked', 'rejected', 'blocked')" + kinds(scope, kind)
    }

    private static func kinds(_ scope: TokenScope, _ kind: String) -> String {
        guard !scope.withoutKinds.isEmpty else { return "" }
        let names = scope.withoutKinds.indices.map { ":kind\($0)" }.joined(separator: ", ")
        return " AND \(kind) NOT IN (\(names))"
    }

    static func arguments(_ scope: TokenScope, from: Instant? = nil, to: Instant? = nil) -> StatementArguments {
        var arguments: [String: (any DatabaseValueConvertible)?] = ["limit": max(0, scope.limit)]
        if let from { arguments["from"] = from.milliseconds }
        if let to { arguments["to"] = to.milliseconds }
        for (index, kind) in scope.withoutKinds.enumerated() { arguments["kind\(index)"] = kind }
        return StatementArguments(arguments)
    }

    private static func living(_ scope: TokenScope) -> String {
        isLiving(scope, "coalesce(r.standing, t.standing)", "t.kind") + " AND \(KnownToken.replaced) IS NULL"
    }

    private static func listedLiving(_ scope: TokenScope) -> String {
        isLiving(scope, "l.standing", "l.kind") + " AND " + Schema.isListedOnly
    }

    private static let span = "expires_at IS NOT NULL AND"

    static func ending(_ scope: TokenScope) -> String {
        """
        SELECT \(KnownToken.columns) FROM tokens t INDEXED BY tokens_by_end \(KnownToken.join)
        WHERE t.\(span) t.expires_at >= :from AND t.expires_at < :to AND \(living(scope))
        ORDER BY t.expires_at LIMIT :limit
        """
    }

    static func listedEnding(_ scope: TokenScope) -> String {
        """
        SELECT \(KnownToken.listedColumns) FROM listed_tokens l INDEXED BY listed_tokens_by_end
        WHERE l.\(span) l.expires_at >= :from AND l.expires_at < :to AND \(listedLiving(scope))
        ORDER BY l.expires_at LIMIT :limit
        """
    }

    static func endless(_ scope: TokenScope) -> String {
        """
        SELECT \(KnownToken.columns) FROM tokens t INDEXED BY tokens_without_end \(KnownToken.join)
        WHERE t.expiry = 'never' AND \(living(scope)) ORDER BY t.last_seen_at DESC LIMIT :limit
        """
    }

    static func listedEndless(_ scope: TokenScope) -> String {
        """
        SELECT \(KnownToken.listedColumns) FROM listed_tokens l INDEXED BY listed_tokens_without_end
        WHERE l.expiry = 'never' AND \(listedLiving(scope)) ORDER BY l.listed_at DESC LIMIT :limit
        """
    }

    static func days(_ scope: TokenScope) -> String {
        """
        SELECT day, kind, count(*) FROM (
            SELECT t.expires_at / 86400000 AS day, t.kind AS kind
            FROM tokens t INDEXED BY tokens_by_end \(KnownToken.join)
            WHERE t.\(span) t.expires_at >= :from AND t.expires_at < :to AND \(living(scope))
            UNION ALL SELECT l.expires_at / 86400000, l.kind FROM listed_tokens l INDEXED BY listed_tokens_by_end
            WHERE l.\(span) l.expires_at >= :from AND l.expires_at < :to AND \(listedLiving(scope)))
        GROUP BY day, kind ORDER BY day, kind LIMIT :limit
        """
    }
}
