// A table, index or view as SQLite keeps it in `sqlite_master`, so that a store can be compared with what we make.

/// One object of a schema with its exact definition.
struct SchemaObject: Hashable, Sendable {
    /// `table`, `index` or `view` (a store of ours has no triggers).
    let type: String
    let name: String
    /// The table that an index belongs to; otherwise the name.
    let table: String
    /// The definition, letter by letter as SQLite stores it.
    let sql: String

    init(type: String, name: String, table: String, sql: String) {
        self.type = type
        self.name = name
        self.table = table
        self.sql = sql
    }

    static func table(_ name: String, _ definition: String, options: String = "STRICT") -> SchemaObject {
        SchemaObject(
            type: "table", name: name, table: name, sql: "CREATE TABLE \(name)(\n\(definition)\n) \(options)")
    }

    static func index(_ name: String, on table: String, _ columns: String, where condition: String? = nil)
        -> SchemaObject
    {
        index(name, on: table, columns, where: condition, unique: false)
    }

    static func uniqueIndex(_ name: String, on table: String, _ columns: String) -> SchemaObject {
        index(name, on: table, columns, where: nil, unique: true)
    }

    static func view(_ name: String, _ query: String) -> SchemaObject {
        SchemaObject(type: "view", name: name, table: name, sql: "CREATE VIEW \(name) AS\n\(query)")
    }

    private static func index(
        _ name: String, on table: String, _ columns: String, where condition: String?, unique: Bool
    ) -> SchemaObject {
        let kind = unique ? "CREATE UNIQUE INDEX" : "CREATE INDEX"
        let suffix = condition.map { " WHERE \($0)" } ?? ""
        return SchemaObject(
            type: "index", name: name, table: table, sql: "\(kind) \(name) ON \(table)(\(columns))\(suffix)")
    }
}
