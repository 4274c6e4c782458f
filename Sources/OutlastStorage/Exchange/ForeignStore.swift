// A store that somebody else may have written with intent. It is only read, its schema must be ours letter by letter (or
// that of an older version of ours), and no row of it is believed before it was looked at.

internal import GRDB
internal import GRDBSQLite
internal import OutlastModel

/// Another store, opened for reading.
struct ForeignStore {
    let queue: DatabaseQueue
    private let place: StorePlace
    private let tables: Set<String>

    /// Opens it.
    ///
    /// - Throws: `usage` for what is not there or is the store that it is to be merged into, `malformedInput` for whatever
    ///   is no store of ours.
    init(_ path: String, files: any FileSystem, into own: StorePlace) throws(Failure) {
        place = StorePlace(.sqlite(path: path, sharedWithGroup: false), directory: "/")
        let isInUse = try Self.check(place, files: files, own: own)
        do {
            (queue, tables) = try Self.open(place, isInUse: isInUse)
        } catch { throw Self.malformed(error, place) }
    }

    /// Whether its version has a table.
    func has(_ table: String) -> Bool { tables.contains(table) }

    /// Reads from it; whatever goes wrong is its own fault.
    func read<Result>(_ body: (Database) throws -> Result) throws(Failure) -> Result {
        do { return try queue.inDatabase(body) } catch { throw Self.malformed(error, place) }
    }

    /// Looks at the file and what lies beside it; tells whether somebody may be using it.
    private static func check(
        _ place: StorePlace, files: any FileSystem, own: StorePlace
    ) throws(Failure) -> Bool {
        let found: FileStatus?
        let ours: FileStatus?
        var companions: [FileStatus] = []
        do throws(Failure) {
            found = try files.statusFollowingLinks(of: place.path)
            ours = try files.statusFollowingLinks(of: own.path)
            for path in place.companions { if let beside = try files.status(of: path) { companions.append(beside) } }
        } catch { throw .usage(error.message, hint: error.hint) }
        guard let found else { throw .usage("there is no file \(place.shown)", hint: "check the path") }
        // Anything else could keep whoever opens it waiting.
        guard found.sort == .file, companions.allSatisfy({ $0.sort == .file }) else {
            throw .usage("\(place.shown), or what lies beside it, is not a plain file", hint: "name a state store")
        }
        if found.inode == ours?.inode, found.changed == ours?.changed, found.size == ours?.size {
            throw .usage("\(place.shown) is the store that it would be merged into", hint: "name another store")
        }
        return !companions.isEmpty
    }

    /// A store that nobody uses is read as it lies there: nothing is made beside it.
    private static func open(_ place: StorePlace, isInUse: Bool) throws -> (DatabaseQueue, Set<String>) {
        guard isInUse else { return try open(place, .immutable) }
        do { return try open(place, .reading) } catch {
            guard StoreFailure.isForWantOfWriting(error) else { throw error }
            return try open(place, .immutable)
        }
    }

    private static func open(_ place: StorePlace, _ mode: StoreConnection.Mode) throws -> (DatabaseQueue, Set<String>) {
        let queue = try StoreConnection.open(place, mode)
        let tables = try queue.inDatabase { db in
            try db.execute(sql: "PRAGMA cell_size_check = ON")
            sqlite3_limit(db.sqliteConnection, SQLITE_LIMIT_LENGTH, 1 << 20)
            let found = try StoreVersion(db)
            try found.requireOurs(place)
            let expected = Schema.objects(of: min(found.version, Schema.version))
            let check = SchemaCheck(place: place, expected: expected)
            if found.version > Schema.version {
                try StoreIdentity.requireReadable(db, place: place)
                try check.requireCompatibleSchema(db)
            } else {
                try check.requireOwnSchema(db)
            }
            return Set(expected.filter { $0.type == "table" }.map(\.name))
        }
        return (queue, tables)
    }

    /// Not our store is unusable, but the one that was handed in.
    private static func malformed(_ error: any Error, _ place: StorePlace) -> Failure {
        let failure = (error as? Failure) ?? StoreFailure.from(error, at: place)
        if failure.code == .usage { return failure }
        return Failure(
            .malformedInput, "cannot merge: \(failure.message)",
            hint: "name a store of outlast's own, such as a file that `outlast history pack` made")
    }
}
