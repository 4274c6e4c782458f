// The one row in which a store tells who it is, in which file it was made and who may use it.

internal import GRDB
internal import OutlastModel

/// A store's own row.
struct StoreIdentity {
    let storeID: [UInt8]
    let salt: [UInt8]
    let mark: BirthMark

    /// Reads the row.
    init(_ db: Database, place: StorePlace) throws {
        let row = try db.cachedStatement(
            sql: "SELECT store_id, salt, birth_inode, birth_time, marker_changed FROM store WHERE one = 1"
        ).firstRow()
        guard let row, let storeID = row.bytes(0), storeID.count == 16, let salt = row.bytes(1), salt.count == 32,
            let inode = row.integer(2)
        else {
            throw Failure.state(
                "the state store \(place.shown) has lost the row that tells who it is",
                hint: "start anew: mv \(place.shown) \(place.shown).damaged")
        }
        self.storeID = storeID
        self.salt = salt
        mark = BirthMark(
            inode: UInt64(bitPattern: inode), birth: row.integer(3), markerChanged: row.integer(4))
    }

    /// Refuses a store whose makers say that programs of our version must not use it.
    static func requireReadable(_ db: Database, place: StorePlace) throws {
        let refusal = Failure.state(
            "the state store \(place.shown) was made by a newer outlast than this one can use",
            hint: "update outlast, or name another store with --state")
        do {
            let row = try db.cachedStatement(sql: "SELECT min_reader FROM store WHERE one = 1").firstRow()
            guard let oldest = row?.integer(0), oldest <= Schema.version else { throw refusal }
        } catch let error as DatabaseError where error.resultCode == .SQLITE_ERROR {
            // Not even this table is there any more: a future that we know nothing of.
            throw refusal
        }
    }

    /// Writes the row of a new store.
    static func create(_ db: Database, mark: BirthMark, now: Instant, minReader: Int64) throws {
        try db.execute(
            sql: """
                INSERT INTO store(one, store_id, salt, made_at, min_reader, birth_inode, birth_time, marker_changed)
                VALUES (1, ?, ?, ?, ?, ?, ?, ?)
                """,
            arguments: [
                random(16).databaseBlob, random(32).databaseBlob, now.milliseconds, minReader,
                Int64(bitPattern: mark.inode), mark.birth, mark.markerChanged,
            ])
    }

    /// Bytes of the system's generator, which is a cryptographic one.
    private static func random(_ count: Int) -> [UInt8] {
        var generator = SystemRandomNumberGenerator()
        return (0..<count).map { _ in UInt8.random(in: .min ... .max, using: &generator) }
    }
}
