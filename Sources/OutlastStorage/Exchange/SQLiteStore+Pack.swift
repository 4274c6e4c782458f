// A store of history alone, for places that others can read: no secrets, no journal, no families, nothing that waits to be
// published. It is made anew and filled with the rows of named tables; nothing is taken away from a copy, where something
// could be left behind.

internal import GRDB
public import OutlastModel

extension SQLiteStore {
    /// Writes the history alone into a file of its own, which takes the place of a pack that was there. The file counts as
    /// a copy wherever it is used.
    ///
    /// - Throws: `usage` where something else lies in that place, `state` for whatever the disk refuses.
    public func pack(to path: String, now: Instant) throws(Failure) -> HistoryCount {
        let target = StorePlace(.sqlite(path: path, sharedWithGroup: false), directory: "/")
        try requireReplaceable(target)
        let temporary = StorePlace(
            .sqlite(path: "\(target.folder)/.outlast-pack-\(Self.randomName())", sharedWithGroup: false), directory: "/"
        )
        let count: HistoryCount
        do throws(Failure) {
            guard try asState({ () throws(Failure) in try files.createExclusively(temporary.path, permissions: 0o600) })
            else { throw .state("\(temporary.shown) is there already", hint: "run it again") }
            count = try PackWriter(source: place, target: temporary, now: now).write()
            // The log of a store that lay there before would be taken for this one's.
            for companion in target.companions { try files.remove(companion) }
            try files.rename(temporary.path, to: target.path)
        } catch {
            for path in temporary.companions + [temporary.path] { try? files.remove(path) }
            throw error
        }
        return count
    }

    private static func randomName() -> String { String(UInt64.random(in: .min ... .max), radix: 36) }

    /// A pack may be replaced, and so may nothing at all; a store in use or another file may not.
    private func requireReplaceable(_ target: StorePlace) throws(Failure) {
        guard let found = try asState({ () throws(Failure) in try files.status(of: target.path) }) else { return }
        let ours = try asState { () throws(Failure) in try files.status(of: place.path) }
        if found.inode == ours?.inode, found.changed == ours?.changed {
            throw .usage("\(target.shown) is the state store itself", hint: "name another file for the pack")
        }
        if found.sort == .file, found.size == 0 || PackWriter.isPack(target) { return }
        throw .usage(
            "\(target.shown) is there and is no pack of outlast's: it is not overwritten",
            hint: "name another file, or remove that one")
    }
}

/// Fills a new store.
private struct PackWriter {
    let source: StorePlace
    let target: StorePlace
    let now: Instant

    func write() throws(Failure) -> HistoryCount {
        do {
            let queue = try StoreConnection.open(target, .writing)
            defer { try? queue.close() }
            let context = StoreContext(now: now, directory: "/")
            // No file has this number, so that whoever uses the pack as a store uses a copy.
            let mark = BirthMark(inode: 0, birth: nil, markerChanged: nil)
            return try queue.inDatabase { db in
                try StoreMigrator(place: target, context: context).migrate(db, mark: mark)
                try attachSource(db)
                try db.inTransaction {
                    for table in Schema.packedTables { try copy(table, db) }
                    return .commit
                }
                try db.execute(sql: "DETACH source; VACUUM")
                return try HistoryCount(db)
            }
        } catch { throw StoreFailure.from(error, at: source) }
    }

    /// Read as it is; as it lies there where its folder cannot be written.
    private func attachSource(_ db: Database) throws {
        do {
            try db.execute(sql: "ATTACH ? AS source", arguments: [StoreConnection.address(of: source, "mode=ro")])
            _ = try db.cachedStatement(sql: "SELECT 1 FROM source.store").firstRow()
        } catch {
            guard StoreFailure.isForWantOfWriting(error) else { throw error }
            try? db.execute(sql: "DETACH source")
            try db.execute(sql: "ATTACH ? AS source", arguments: [StoreConnection.address(of: source, "immutable=1")])
        }
    }

    private func copy(_ table: String, _ db: Database) throws {
        // The names are those of our own schema.
        let columns = try Row.fetchAll(db, sql: "PRAGMA main.table_info(\(table))").compactMap { $0.text(1) }
        let list = columns.text(joinedBy: ", ")
        try db.execute(sql: "INSERT INTO main.\(table)(\(list)) SELECT \(list) FROM source.\(table)")
    }

    /// Whether a file is a store of ours that holds nothing but history.
    static func isPack(_ place: StorePlace) -> Bool {
        guard let queue = try? StoreConnection.open(place, .immutable) else { return false }
        defer { try? queue.close() }
        let isPack = try? queue.inDatabase { db in
            try StoreVersion(db).requireOurs(place)
            for table in ["key_envelope", "families", "members", "secrets", "journal", "outbox"] {
                if try Row.fetchOne(db, sql: "SELECT 1 FROM \(table) LIMIT 1") != nil { return false }
            }
            return true
        }
        return isPack ?? false
    }
}

extension HistoryCount {
    /// All rows of a store's history.
    init(_ db: Database) throws {
        func count(_ table: String) throws -> Int {
            Int(try Row.fetchOne(db, sql: "SELECT count(*) FROM \(table)")?.integer(0) ?? 0)
        }
        self.init(
            jobs: try count("jobs"), tokens: try count("tokens"), events: try count("events"),
            listedTokens: try count("listed_tokens"))
    }
}
