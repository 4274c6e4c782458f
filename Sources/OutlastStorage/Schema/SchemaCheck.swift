// The schema of a store is input: before it is used it must be what our migrations make. A store of a newer minor
// version may have more, but nothing that runs by itself, and what we use must be there as we know it.

internal import GRDB
internal import GRDBSQLite
internal import OutlastModel

/// Compares a store's schema with ours.
struct SchemaCheck {
    let place: StorePlace
    /// What our migrations make, up to the version in question.
    var expected = Schema.objects

    /// Refuses a store of this very version whose schema is not letter by letter ours.
    func requireOwnSchema(_ db: Database) throws {
        // A store lists its objects in the order in which they were made, unless something has rebuilt it.
        let found = try Self.objects(db)
        guard found == expected || Set(found) == Set(expected) else { throw foreignSchema() }
    }

    /// Refuses a store of a newer version that lacks what we use, or holds something that runs by itself.
    func requireCompatibleSchema(_ db: Database) throws {
        let found = try Self.objects(db)
        try requireNothingActive(found)
        let byName = Dictionary(found.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
        let known = try knownColumns()
        for object in expected {
            guard let other = byName[object.name], other.type == object.type else { throw foreignSchema() }
            switch object.type {
            case "index":
                guard other == object else { throw foreignSchema() }
            case "table":
                let ours = known[object.name] ?? []
                let theirs = try Self.columns(of: object.name, in: db)
                guard theirs.starts(with: ours), theirs.dropFirst(ours.count).allSatisfy(\.canBeLeftOut) else {
                    throw foreignSchema()
                }
            default: break
            }
        }
    }

    private func requireNothingActive(_ objects: [SchemaObject]) throws {
        for object in objects {
            let isPlain = ["table", "index", "view"].contains(object.type)
            guard isPlain, !object.sql.uppercased().hasPrefix("CREATE VIRTUAL") else { throw foreignSchema() }
        }
    }

    private func foreignSchema() -> Failure {
        .tamperedState(
            "the schema of the state store \(place.shown) was changed by something other than outlast",
            hint: "do not trust what it says; start anew: mv \(place.shown) \(place.shown).suspect")
    }

    /// All objects but those that SQLite itself keeps. An index without a definition belongs to its table's.
    private static func objects(_ db: Database) throws -> [SchemaObject] {
        // Every start reads all of these rows, so SQLite itself is asked for them.
        let sql = """
            SELECT type, name, tbl_name, sql FROM sqlite_master
            WHERE name NOT IN ('sqlite_sequence', 'sqlite_stat1', 'sqlite_stat4')
                AND NOT (type = 'index' AND sql IS NULL)
            """
        var statement: OpaquePointer?
        try db.require(sqlite3_prepare_v2(db.sqliteConnection, sql, -1, &statement, nil), SQLITE_OK, sql)
        defer { sqlite3_finalize(statement) }
        var objects: [SchemaObject] = []
        while true {
            let step = sqlite3_step(statement)
            guard step == SQLITE_ROW else {
                try db.require(step, SQLITE_DONE, sql)
                return objects
            }
            objects.append(
                SchemaObject(
                    type: text(statement, 0), name: text(statement, 1), table: text(statement, 2),
                    sql: text(statement, 3)))
        }
    }

    /// A cell's text; empty when it holds something else.
    private static func text(_ statement: OpaquePointer?, _ column: Int32) -> String {
        guard sqlite3_column_type(statement, column) == SQLITE_TEXT,
            let bytes = sqlite3_column_text(statement, column)
        else { return "" }
        let count = Int(sqlite3_column_bytes(statement, column))
        return String(decoding: UnsafeBufferPointer(start: bytes, count: count), as: UTF8.self)
    }

    private struct Column: Hashable {
        let name: String
        let type: String
        let isRequired: Bool
        let standard: String?
        let keyPosition: Int64
        let hidden: Int64

        var canBeLeftOut: Bool { (!isRequired || standard != nil) && keyPosition == 0 && hidden == 0 }
    }

    private static func columns(of table: String, in db: Database) throws -> [Column] {
        // The name is one of ours, never one from the store.
        try Row.fetchAll(db, sql: "PRAGMA table_xinfo(\(table))").map { row in
            Column(
                name: row.text(1) ?? "", type: row.text(2) ?? "", isRequired: row.integer(3) == 1,
                standard: row.text(4), keyPosition: row.integer(5) ?? 0, hidden: row.integer(6) ?? 0)
        }
    }

    private func knownColumns() throws -> [String: [Column]] {
        try DatabaseQueue().inDatabase { db in
            var columns: [String: [Column]] = [:]
            for table in expected where table.type == "table" {
                try db.execute(sql: table.sql)
                columns[table.name] = try Self.columns(of: table.name, in: db)
            }
            return columns
        }
    }
}
