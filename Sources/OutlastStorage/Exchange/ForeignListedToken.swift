// What a foreign store says that a forge's lists told of a token. It is looked at as closely as everything else there: a row
// is taken in whole or not at all, and nothing that the store's own jobs know of a token is changed by it.

internal import GRDB
internal import OutlastModel

/// A token of a forge's list in a foreign store.
struct ForeignListedToken {
    /// The API and the forge's id, by which it is known.
    let key: StatementArguments
    let arguments: StatementArguments

    private static let columns = """
        api, forge_id, forge, kind, name, owner, scopes, expiry, expires_at, standing, first_listed_at, listed_at
        """

    /// The rows after the one with some API and id.
    static func query(limit: Int) -> String {
        "SELECT \(columns) FROM listed_tokens WHERE (api, forge_id) > (?, ?) ORDER BY api, forge_id LIMIT \(limit)"
    }

    static let known = "SELECT 1 FROM listed_tokens WHERE api = ? AND forge_id = ?"

    /// The later telling counts, and the first of both.
    static let upsert = """
        INSERT INTO listed_tokens(\(columns)) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
        ON CONFLICT DO UPDATE SET first_listed_at = min(first_listed_at, excluded.first_listed_at),
            forge = \(later("forge")), kind = \(later("kind")), name = \(later("name")), owner = \(later("owner")),
            scopes = \(later("scopes")), expiry = \(later("expiry")), expires_at = \(later("expires_at")),
            standing = \(later("standing")), listed_at = max(listed_at, excluded.listed_at)
        """

    private static func later(_ column: String) -> String {
        "CASE WHEN excluded.listed_at > listed_at THEN excluded.\(column) ELSE \(column) END"
    }

    /// Nil for a row that could not have come from a list: its API must be an origin as we write it, for that is what
    /// tokens are found by.
    init?(_ cells: ForeignCells) {
        guard let api = cells.row.text(0), let origin = ServerURL(api)?.origin.text, origin == api,
            let id = cells.text(1), let forge = cells.word(2), let kind = cells.word(3),
            let standing = cells.row.text(9).flatMap(TokenStanding.init(name:)),
            let first = cells.moment(10), let last = cells.moment(11), first <= last
        else { return nil }
        let scopes = cells.row.scopes(6)
        if let scopes, scopes.count > 100 || scopes.contains(where: { $0.utf8.count > 100 }) { return nil }
        let expiry = Expiry(word: cells.row.text(7), milliseconds: cells.end(8))
        key = [api, id]
        arguments = [
            api, id, forge, kind, cells.line(4), cells.line(5), scopes?.joinedForStorage, expiry.word,
            expiry.instant?.milliseconds, standing.name, first.milliseconds, last.milliseconds,
        ]
    }
}
