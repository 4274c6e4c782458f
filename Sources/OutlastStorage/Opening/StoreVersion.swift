// The two numbers in the header of a SQLite file that tell whose it is and how far it has come.

internal import GRDB
internal import OutlastModel

/// What the header of a file says.
struct StoreVersion {
    /// `PRAGMA application_id`; 0 when nobody set one.
    let applicationID: Int64
    /// `PRAGMA user_version`: the number of migrations that were run.
    let version: Int64

    init(_ db: Database) throws {
        // In this order: whoever makes the store just now sets both at once, so a version that was seen has its name.
        version = try db.cachedStatement(sql: "PRAGMA user_version").firstRow()?.integer(0) ?? 0
        applicationID = try db.cachedStatement(sql: "PRAGMA application_id").firstRow()?.integer(0) ?? 0
    }

    /// Refuses a database of another program.
    func requireOurs(_ place: StorePlace) throws(Failure) {
        if applicationID == Schema.applicationID, version > 0 { return }
        if version == 0, [0, Schema.applicationID].contains(applicationID) {
            throw .state(
                "\(place.shown) holds no state store", hint: "`outlast record start` in a job makes one")
        }
        throw .state(
            "\(place.shown) is a database, but not a state store of outlast", hint: "name another file with --state")
    }
}
