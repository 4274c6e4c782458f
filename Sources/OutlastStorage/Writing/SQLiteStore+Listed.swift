// Keeps what a forge's lists say of tokens. A row for each token of an API; what jobs know of it stays where it is.

internal import GRDB
public import OutlastModel

extension SQLiteStore {
    /// Takes in what a forge's lists say.
    public func write(_ listed: [ListedToken], wholeOf api: String?) throws(Failure) {
        guard access == .readWrite else {
            throw .state("the state store \(place.shown) was opened for reading only", hint: "open it for writing")
        }
        try perform { db in
            try db.inTransaction(.immediate) {
                for token in listed { try Self.write(token, db) }
                if let api, let moment = listed.map(\.listedAt).min() {
                    try db.execute(
                        sql: "DELETE FROM listed_tokens WHERE api = ? AND listed_at < ?",
                        arguments: [api, moment.milliseconds])
                }
                return .commit
            }
        }
        settleLongLog()
    }

    private static func write(_ token: ListedToken, _ db: Database) throws {
        let arguments: StatementArguments = [
            "api": token.api, "forge_id": token.tokenID, "forge": token.forge, "kind": token.kind, "name": token.name,
            "owner": token.owner, "scopes": token.scopes?.joinedForStorage, "expiry": token.expiry.word,
            "expires_at": token.expiry.instant?.milliseconds, "standing": token.standing.name,
            "at": token.listedAt.milliseconds,
        ]
        try db.cachedStatement(sql: insert).execute(arguments: arguments)
        try db.cachedStatement(sql: teach).execute(arguments: arguments)
    }

    private static let insert = """
        INSERT INTO listed_tokens(api, forge_id, forge, kind, name, owner, scopes, expiry, expires_at, standing,
            first_listed_at, listed_at)
        VALUES (:api, :forge_id, :forge, :kind, :name, :owner, :scopes, :expiry, :expires_at, :standing, :at, :at)
        ON CONFLICT DO UPDATE SET forge = excluded.forge, kind = excluded.kind, name = excluded.name,
            owner = excluded.owner, scopes = excluded.scopes, expiry = excluded.expiry,
            expires_at = excluded.expires_at, standing = excluded.standing, listed_at = excluded.listed_at
        WHERE excluded.listed_at >= listed_at
        """

    /// A token that jobs have presented learns from the list what is newer than what is known.
    private static let teach = """
        UPDATE tokens INDEXED BY tokens_by_forge_id SET name = coalesce(:name, name),
            scopes = coalesce(:scopes, scopes), expiry = :expiry, expires_at = :expires_at, expiry_source = 'forge',
            checked_at = :at
        WHERE forge_id = :forge_id AND api = :api AND forge = :forge AND :expiry <> 'unknown'
            AND coalesce(checked_at, 0) <= :at
        """
}
