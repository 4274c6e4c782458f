// Brings a store up to our version: each migration is one transaction that either happened whole or not at all, and is
// run by exactly one of the processes that want it.

internal import GRDB
internal import OutlastModel

/// Runs what a store still lacks.
struct StoreMigrator {
    let place: StorePlace
    let context: StoreContext

    /// Runs all missing migrations; the first makes the store.
    func migrate(_ db: Database, mark: BirthMark) throws {
        // Free pages can then be given back a few at a time. Means nothing to a store that is there already.
        try db.execute(sql: "PRAGMA auto_vacuum = INCREMENTAL")
        while try step(db, mark: mark) {}
    }

    /// Runs the next migration; false when there was none left.
    private func step(_ db: Database, mark: BirthMark) throws -> Bool {
        var ran = false
        try db.inTransaction(.immediate) {
            // Looked at again under the lock: another process may have been first.
            let found = try StoreVersion(db)
            guard found.version < Schema.version else { return .commit }
            try requireEmptyOrOurs(db, found)
            let migration = Schema.migrations[Int(found.version)]
            for statement in migration.statements { try db.execute(sql: statement) }
            if found.version == 0 {
                try StoreIdentity.create(db, mark: mark, now: context.now, minReader: migration.minReader)
            } else {
                try db.execute(sql: "UPDATE store SET min_reader = ?", arguments: [migration.minReader])
            }
            try db.execute(
                sql: "INSERT INTO migrations(version, name, applied_at) VALUES (?, ?, ?)",
                arguments: [found.version + 1, migration.name, context.now.milliseconds])
            try db.execute(sql: "PRAGMA application_id = \(Schema.applicationID)")
            try db.execute(sql: "PRAGMA user_version = \(found.version + 1)")
            ran = true
            return .commit
        }
        return ran
    }

    private func requireEmptyOrOurs(_ db: Database, _ found: StoreVersion) throws {
        if found.applicationID == 0, found.version == 0 {
            let isEmpty = try db.cachedStatement(sql: "SELECT 1 FROM sqlite_master LIMIT 1").firstRow() == nil
            guard isEmpty else {
                throw Failure.state(
                    "\(place.shown) is a database, but not a state store of outlast",
                    hint: "name another file with --state")
            }
        } else {
            try found.requireOurs(place)
            // What an older version left must be what that version made, before anything is built on it.
            try SchemaCheck(place: place, expected: Schema.objects(of: found.version)).requireOwnSchema(db)
        }
    }
}
