// One connection with the settings that make it safe: durable at every commit, deaf to code that a store brings along.
// GRDB's own journal modes are not used: they fall back to NORMAL and write at every open.

internal import CSQLiteSettings
internal import GRDB
internal import GRDBSQLite
internal import OutlastModel

/// Opens SQLite files.
enum StoreConnection {
    /// How a file is opened.
    enum Mode: Hashable {
        case writing
        case reading
        /// As it lies there, without locks and without the rows that only its WAL holds.
        case immutable
    }

    /// How long a statement waits for another process.
    static let patience: Int32 = 10_000
    /// The same while opening, where SQLite at times must be asked again from the start instead.
    private static let openingPatience = 0.25
    /// The most bytes of a text, a blob or a row.
    private static let longestCell: Int32 = 1 << 24

    /// Opens a connection.
    ///
    /// - Throws: what GRDB throws.
    static func open(_ place: StorePlace, _ mode: Mode) throws -> DatabaseQueue {
        var configuration = Configuration()
        configuration.label = "outlast.state"
        // They are enforced all the same: see `prepare`.
        configuration.foreignKeysEnabled = false
        configuration.busyMode = .timeout(openingPatience)
        configuration.readonly = mode != .writing
        configuration.prepareDatabase { db in try prepare(db) }
        _ = libraryIsSet
        return try DatabaseQueue(path: path(of: place, mode), configuration: configuration)
    }

    /// SQLite keeps no account of its memory, which nobody asks for: a lock and four sums at each allocation. Nor does it
    /// take memory in advance: a short run needs few pages. It takes both settings before its first use, and refuses them
    /// later, which does no harm.
    private static let libraryIsSet = outlast_sqlite_lean() == SQLITE_OK

    /// Ends the short patience of opening.
    static func bePatient(_ db: Database, _ milliseconds: Int32 = patience) {
        sqlite3_busy_timeout(db.sqliteConnection, milliseconds)
    }

    /// Waits a little, for trying again.
    static func pause(milliseconds: Int32) { sqlite3_sleep(milliseconds) }

    private static func prepare(_ db: Database) throws {
        // GRDB's authorizer allows everything. It notes for observers, of which there are none, every column that a
        // statement reads, and that takes longer than preparing the statement.
        sqlite3_set_authorizer(db.sqliteConnection, nil, nil)
        // Triggers are no part of our schema: one that appears after the schema was compared does not run either.
        // Folding the WAL at every close would cost more than the rest of a run; `settle` does it once per job.
        let switches = [
            (SQLITE_DBCONFIG_ENABLE_FKEY, 1), (SQLITE_DBCONFIG_DEFENSIVE, 1), (SQLITE_DBCONFIG_ENABLE_TRIGGER, 0),
            (SQLITE_DBCONFIG_ENABLE_LOAD_EXTENSION, 0), (SQLITE_DBCONFIG_ENABLE_FTS3_TOKENIZER, 0),
            (SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1), (SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0),
        ]
        for (name, isOn) in switches {
            guard outlast_sqlite_switch(db.sqliteConnection, Int32(name), Int32(isOn)) == SQLITE_OK else {
                throw DatabaseError(resultCode: .SQLITE_ERROR)
            }
        }
        // A store is input: a cell of a gigabyte ends in an error instead of in our memory.
        sqlite3_limit(db.sqliteConnection, SQLITE_LIMIT_LENGTH, longestCell)
        // What is deleted is overwritten: a sealed secret that was forgotten must not be found in a free page.
        try db.run("PRAGMA synchronous = FULL; PRAGMA secure_delete = ON")
    }

    /// Chooses the journal of a store that is known to be ours: a rollback journal where shared memory cannot be
    /// relied on. Done nowhere else, since it is remembered in the file.
    static func chooseJournal(_ db: Database, isRemote: Bool) throws {
        try db.run("PRAGMA journal_mode = \(isRemote ? "DELETE" : "WAL")")
    }

    private static func path(of place: StorePlace, _ mode: Mode) -> String {
        mode == .immutable ? address(of: place, "immutable=1") : place.path
    }

    /// The file as SQLite's own form of address takes it, with a parameter.
    static func address(of place: StorePlace, _ parameter: String) -> String {
        let plain = "/._-"
        let escaped = place.path.utf8.map { byte -> String in
            let scalar = Unicode.Scalar(byte)
            let isPlain = scalar.isASCII && (scalar.properties.isAlphabetic || scalar.properties.numericType != nil)
            if isPlain || plain.unicodeScalars.contains(scalar) { return String(scalar) }
            let digits = String(byte, radix: 16)
            return "%" + (digits.utf8.count == 1 ? "0" + digits : digits)
        }
        return "file:\(escaped.joined())?\(parameter)"
    }
}

extension Database {
    /// Runs statements that take no arguments, and leaves out what they answer. GRDB's own `execute` looks up types at its
    /// first use, which takes longer than a short statement.
    func run(_ sql: String) throws {
        try require(sqlite3_exec(sqliteConnection, sql, nil, nil, nil), SQLITE_OK, sql)
    }

    /// Throws what GRDB would when SQLite answers with another code than the one expected.
    func require(_ code: Int32, _ expected: Int32, _ sql: String) throws {
        guard code != expected else { return }
        throw DatabaseError(
            resultCode: ResultCode(rawValue: code), message: String(cString: sqlite3_errmsg(sqliteConnection)), sql: sql
        )
    }

    /// All of a body or nothing, without waiting for others in the middle of it.
    func immediately(_ body: () throws -> Void) throws {
        try run("BEGIN IMMEDIATE TRANSACTION")
        do {
            try body()
            try run("COMMIT TRANSACTION")
        } catch {
            // Some errors have ended it already.
            if isInsideTransaction { try? run("ROLLBACK TRANSACTION") }
            throw error
        }
    }
}
