// The state store in a SQLite file: history, and renewals over the same connection. One run opens it once and writes one transaction.

internal import GRDB
public import OutlastModel

/// A history in a SQLite file.
public final class SQLiteStore: HistoryStore {
    /// Random bytes made with the store; they key the fingerprints of short secrets.
    public let salt: [UInt8]
    /// 16 random bytes made with the store; a copy has the same.
    public let storeID: [UInt8]
    /// Why this store counts as a copy; nil for an original.
    public let copyReason: CopyReason?
    /// The nature of the file system that holds it.
    public let nature: FileSystemNature
    /// What the user should be told about the store.
    public let warnings: [String]
    /// What it was opened for.
    public let access: StoreAccess

    let place: StorePlace
    let files: any FileSystem
    let queue: DatabaseQueue
    let kinds: @Sendable (String) -> TokenKind?

    /// Whether this is a copy, whose locks mean nothing to the original (design, section 8).
    public var isCopy: Bool { copyReason != nil }

    init(_ opened: StoreOpening.Opened, opening: StoreOpening) {
        queue = opened.queue
        salt = opened.identity.salt
        storeID = opened.identity.storeID
        copyReason = opening.copyReason(of: opened)
        nature = opening.nature
        warnings = opening.warnings(of: opened, copyReason: copyReason)
        access = opening.access
        place = opening.place
        files = opening.files
        kinds = opening.context.kinds
    }

    /// Opens a store, and makes it first when it is to be written and there is none.
    ///
    /// Any number of processes may do so at once: one of them makes it, the others wait.
    ///
    /// - Throws: `stateUnusable` for a place that others can write, a file that is no store of ours or of a newer major
    ///   version, and whatever the disk refuses.
    public static func open(
        _ location: StateLocation, access: StoreAccess, files: any FileSystem, context: StoreContext
    ) throws(Failure) -> SQLiteStore {
        let place = StorePlace(location, directory: context.directory)
        let storeGuard = StoreGuard(place: place, files: files)
        switch access {
        case .readWrite where !context.mustExist: try storeGuard.makeIfMissing()
        case .readWrite, .readOnly: try storeGuard.check()
        }
        let nature = try asState { () throws(Failure) in try files.nature(of: place.folder) }
        let opening = StoreOpening(place: place, access: access, files: files, context: context, nature: nature)
        return SQLiteStore(try opening.open(), opening: opening)
    }

    /// Folds the write-ahead log into the main file. Another process that reads just now keeps this from happening; it
    /// then does so at its own end.
    public func settle() throws(Failure) { try settle(patience: 1000) }

    /// What SQLite's own check finds, at most ten faults.
    public func faults() throws(Failure) -> [String] {
        let found = try perform { db in try String.fetchAll(db, sql: "PRAGMA integrity_check(10)") }
        return found == ["ok"] ? [] : found
    }

    /// Folds the log in, waiting so many milliseconds for other processes.
    private func settle(patience: Int32) throws(Failure) {
        guard access == .readWrite else { return }
        try perform { db in
            StoreConnection.bePatient(db, patience)
            defer { StoreConnection.bePatient(db) }
            try db.execute(sql: "PRAGMA wal_checkpoint(TRUNCATE)")
        }
    }

    /// The most bytes of log that a run leaves behind; about 20 runs.
    static let longestLog: Int64 = 400_000

    /// Folds a log in that has grown long. Whoever is alone with a store reads the whole log when it opens it, and can
    /// only go on writing at its end: a log that nobody settles would grow, and slow every start down, without end.
    func settleLongLog() {
        // The run is stored whatever comes of this; the next one tries again.
        guard let log = try? files.status(of: place.log), log.size > Self.longestLog else { return }
        try? settle(patience: 0)
    }

    /// Runs a body on the connection and turns every error into a sentence.
    func perform<Result>(_ body: (Database) throws -> Result) throws(Failure) -> Result {
        do { return try queue.inDatabase(body) } catch { throw StoreFailure.from(error, at: place) }
    }
}
