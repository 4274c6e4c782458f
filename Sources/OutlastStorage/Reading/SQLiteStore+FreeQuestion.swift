// A statement in the asker's own words, held to the public views: it is compiled first against an empty database that has
// nothing but tables of the views' names and columns, where no other table can be named at all, and then against the store.

internal import GRDB
internal import GRDBSQLite
public import OutlastModel

extension SQLiteStore {
    /// The answer to a statement.
    public func answer(_ question: FreeQuestion) throws(Failure) -> (table: HistoryTable, isCut: Bool) {
        let views = try perform { try PublicViews($0) }
        do {
            try DatabaseQueue().inDatabase { db in
                try views.makeTables(db)
                try FreeStatement(db, question).check()
            }
        } catch { throw StoreFailure.from(error, at: place) }
        return try perform { db in try FreeStatement(db, question).answer() }
    }
}

/// The public views with their columns, as a store has them.
struct PublicViews {
    /// Their names, in order.
    static let names = Schema.objects.filter { $0.type == "view" }.map(\.name).sorted()

    private let columns: [(view: String, names: [String])]

    init(_ db: Database) throws {
        columns = try Self.names.map { view in
            // The name is one of ours, never one from the store.
            (view, try Row.fetchAll(db, sql: "PRAGMA table_info(\(view))").compactMap { $0.text(1) })
        }
    }

    /// Whether a name without any of its columns may be read where nothing but the views is there: a part of the statement
    /// itself (`WITH c AS …`), a view in other letters, but none of the tables that SQLite makes of its own accord.
    static func isHarmless(_ name: String, besides modules: Set<String>) -> Bool {
        let name = name.lowercased()
        return !(name.hasPrefix("sqlite_") || name.hasPrefix("pragma_") || modules.contains(name))
    }

    /// The kinds of tables that SQLite itself brings along, some of which are there without being made.
    static func modules(_ db: Database) throws -> Set<String> {
        Set(try Row.fetchAll(db, sql: "PRAGMA module_list").compactMap { $0.text(0)?.lowercased() })
    }

    /// Makes tables of these names and columns in an empty database.
    func makeTables(_ db: Database) throws {
        for (view, names) in columns {
            let quoted = names.map { "\"" + $0.split(separator: "\"").joined(separator: "\"\"") + "\"" }
            try db.execute(sql: "CREATE TABLE \(view)(\(quoted.joined(separator: ", ")))")
        }
    }
}

/// One statement of an asker on a connection.
struct FreeStatement {
    /// What the authorizer and the progress handler look at.
    private final class Gate {
        let isOverdue: @Sendable () -> Bool
        /// Whether other tables than those of the views' names may be read: those that the views read.
        var readsAll = true
        var modules: Set<String> = []
        var wasRefused = false

        init(isOverdue: @escaping @Sendable () -> Bool) { self.isOverdue = isOverdue }

        /// SQLite asks without a column for what a statement counts or joins but takes nothing from.
        func mayRead(_ table: String, _ column: UnsafePointer<CChar>?) -> Bool {
            if PublicViews.names.contains(table) { return true }
            return column.map { $0.pointee == 0 } ?? true && PublicViews.isHarmless(table, besides: modules)
        }
    }

    private let db: Database
    private let question: FreeQuestion
    private let gate: Gate
    private var connection: OpaquePointer? { db.sqliteConnection }

    init(_ db: Database, _ question: FreeQuestion) {
        self.db = db
        self.question = question
        gate = Gate(isOverdue: question.isOverdue)
    }

    /// Compiles it where nothing but the views' names is there.
    func check() throws {
        gate.readsAll = false
        gate.modules = try PublicViews.modules(db)
        try guarded { _ in }
    }

    /// Compiles and runs it.
    func answer() throws -> (table: HistoryTable, isCut: Bool) { try guarded(rows) }

    private func guarded<Result>(_ body: (OpaquePointer) throws -> Result) throws -> Result {
        let context = Unmanaged.passUnretained(gate).toOpaque()
        sqlite3_set_authorizer(connection, Self.authorize, context)
        sqlite3_progress_handler(connection, 10_000, Self.proceed, context)
        sqlite3_limit(connection, SQLITE_LIMIT_ATTACHED, 0)
        defer {
            sqlite3_set_authorizer(connection, nil, nil)
            sqlite3_progress_handler(connection, 0, nil, nil)
            withExtendedLifetime(gate) {}
        }
        let statement = try compiled()
        defer { sqlite3_finalize(statement) }
        return try body(statement)
    }

    private static let authorize:
        @convention(c) (
            UnsafeMutableRawPointer?, Int32, UnsafePointer<CChar>?, UnsafePointer<CChar>?, UnsafePointer<CChar>?,
            UnsafePointer<CChar>?
        ) -> Int32 = { context, action, first, second, _, _ in
            guard let context else { return SQLITE_DENY }
            let gate = Unmanaged<Gate>.fromOpaque(context).takeUnretainedValue()
            let isAllowed: Bool
            switch action {
            case SQLITE_SELECT, SQLITE_RECURSIVE: isAllowed = true
            case SQLITE_FUNCTION: isAllowed = second.map { String(cString: $0).lowercased() } != "load_extension"
            case SQLITE_READ:
                isAllowed = gate.readsAll || first.map { gate.mayRead(String(cString: $0), second) } ?? false
            default: isAllowed = false
            }
            if !isAllowed { gate.wasRefused = true }
            return isAllowed ? SQLITE_OK : SQLITE_DENY
        }

    private static let proceed: @convention(c) (UnsafeMutableRawPointer?) -> Int32 = { context in
        guard let context else { return 1 }
        return Unmanaged<Gate>.fromOpaque(context).takeUnretainedValue().isOverdue() ? 1 : 0
    }

    /// The one statement, compiled.
    private func compiled() throws -> OpaquePointer {
        // SQLite reads up to the first NUL, and what stands behind it would go unseen.
        guard !question.statement.utf8.contains(0) else { throw Self.notOneReading }
        var statement: OpaquePointer?
        var rest = 0
        let code = question.statement.withCString { text in
            var tail: UnsafePointer<CChar>?
            let code = sqlite3_prepare_v2(connection, text, -1, &statement, &tail)
            rest = tail.map { countStatements(in: $0) } ?? 0
            return code
        }
        guard code == SQLITE_OK else { throw failure(code) }
        guard let statement else { throw Self.notOneReading }
        let isReading =
            sqlite3_stmt_readonly(statement) != 0 && sqlite3_stmt_isexplain(statement) == 0
            && sqlite3_column_count(statement) > 0 && rest == 0
        guard isReading else {
            sqlite3_finalize(statement)
            throw Self.notOneReading
        }
        return statement
    }

    /// 1 where another statement follows; comments, blanks and semicolons are none.
    private func countStatements(in tail: UnsafePointer<CChar>) -> Int {
        var text: UnsafePointer<CChar>? = tail
        while let current = text, current.pointee != 0 {
            var statement: OpaquePointer?
            var next: UnsafePointer<CChar>?
            let code = sqlite3_prepare_v2(connection, current, -1, &statement, &next)
            sqlite3_finalize(statement)
            if code != SQLITE_OK || statement != nil { return 1 }
            guard let next, next > current else { return 0 }
            text = next
        }
        return 0
    }

    private func rows(of statement: OpaquePointer) throws -> (table: HistoryTable, isCut: Bool) {
        let columns = (0..<sqlite3_column_count(statement)).map { index in
            sqlite3_column_name(statement, index).map { String(cString: $0) } ?? ""
        }
        var rows: [[JSONValue]] = []
        while true {
            let code = sqlite3_step(statement)
            if code == SQLITE_DONE { return (HistoryTable(columns: columns, rows: rows), false) }
            guard code == SQLITE_ROW else { throw failure(code) }
            if rows.count >= question.rowLimit { return (HistoryTable(columns: columns, rows: rows), true) }
            rows.append(columns.indices.map { Self.value(statement, Int32($0)) })
        }
    }

    private static func value(_ statement: OpaquePointer, _ index: Int32) -> JSONValue {
        switch sqlite3_column_type(statement, index) {
        case SQLITE_INTEGER: return .integer(sqlite3_column_int64(statement, index))
        case SQLITE_FLOAT: return .number(sqlite3_column_double(statement, index))
        case SQLITE_TEXT:
            let count = Int(sqlite3_column_bytes(statement, index))
            guard let text = sqlite3_column_text(statement, index) else { return .null }
            return .string(String(decoding: UnsafeBufferPointer(start: text, count: count), as: UTF8.self))
        case SQLITE_BLOB:
            let count = Int(sqlite3_column_bytes(statement, index))
            guard count > 0, let bytes = sqlite3_column_blob(statement, index) else { return .string("") }
            let hex = UnsafeRawBufferPointer(start: bytes, count: count).map { byte in
                String(byte >> 4, radix: 16) + String(byte & 15, radix: 16)
            }
            return .string(hex.joined())
        default: return .null
        }
    }

    private static let notOneReading = Failure.usage(
        "`history sql` takes one statement that reads, and nothing else",
        hint: "outlast history sql 'SELECT job, status FROM v_jobs'")

    private func failure(_ code: Int32) -> any Error {
        let names = PublicViews.names.joined(separator: ", ")
        switch code & 0xFF {
        case SQLITE_AUTH:
            return Failure.usage(
                "the statement does something other than reading the public views",
                hint: "one SELECT from \(names), which docs/history.md describes column by column")
        case SQLITE_INTERRUPT:
            return Failure.usage(
                "the statement took too long and was stopped", hint: "narrow it, or give it longer by --time-limit")
        case SQLITE_ERROR, SQLITE_TOOBIG, SQLITE_RANGE, SQLITE_MISMATCH:
            if gate.wasRefused, code & 0xFF == SQLITE_ERROR { return Self.notOneReading }
            let words = sqlite3_errmsg(connection).map { String(cString: $0) } ?? "it is not understood"
            return Failure.usage("the statement cannot be answered: \(SafeText.line(words, limit: 200))", hint: names)
        default: return DatabaseError(resultCode: ResultCode(rawValue: code))
        }
    }
}
