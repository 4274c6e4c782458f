// SQLite's errors in plain sentences. SQL and its arguments never reach a message.

internal import GRDB
internal import OutlastModel

/// Turns what SQLite says into what a user can act on.
enum StoreFailure {
    /// A failure for an error that was met at a store; `Failure`s pass as they are.
    static func from(_ error: any Error, at place: StorePlace) -> Failure {
        if let failure = error as? Failure { return failure }
        guard let error = error as? DatabaseError else {
            return .state(
                "the state store \(place.shown) holds something that outlast did not write",
                hint: "move it away; a new one is made by the next run")
        }
        return failure(for: error.extendedResultCode, at: place)
    }

    /// Whether another process was in the way, so that trying again can help.
    static func isBusy(_ error: any Error) -> Bool {
        guard let code = (error as? DatabaseError)?.resultCode else { return false }
        return [.SQLITE_BUSY, .SQLITE_LOCKED, .SQLITE_PROTOCOL].contains(code)
    }

    /// Whether reading failed because SQLite could not make its files beside the database.
    static func isForWantOfWriting(_ error: any Error) -> Bool {
        guard let code = (error as? DatabaseError)?.resultCode else { return false }
        return [.SQLITE_READONLY, .SQLITE_CANTOPEN, .SQLITE_PERM].contains(code)
    }

    private static func failure(for code: ResultCode, at place: StorePlace) -> Failure {
        let store = "the state store \(place.shown)"
        switch code.primaryResultCode {
        case .SQLITE_FULL:
            return .state(
                "no space left for \(store)", hint: "free space there, or name another place with --state")
        case .SQLITE_READONLY:
            return .state(
                "\(store) cannot be written", hint: "check its permissions and mount, or name another with --state")
        case .SQLITE_CANTOPEN, .SQLITE_PERM, .SQLITE_AUTH:
            return .state("\(store) cannot be opened", hint: "check: ls -l \(place.shown)")
        case .SQLITE_BUSY, .SQLITE_LOCKED, .SQLITE_PROTOCOL:
            return .state("another process keeps \(store) locked", hint: "try again when it has finished")
        case .SQLITE_NOTADB:
            return .state(
                "\(place.shown) is not a state store (not a SQLite database)", hint: "name another file with --state")
        case .SQLITE_CORRUPT:
            return .state(
                "\(store) is damaged",
                hint: "keep it for rescue and start anew: mv \(place.shown) \(place.shown).damaged")
        case .SQLITE_CONSTRAINT, .SQLITE_MISMATCH:
            return .state(
                "\(store) refused a row that contradicts what it holds (SQLite code \(code.rawValue))",
                hint: "check it: sqlite3 \(place.shown) 'PRAGMA integrity_check'")
        case .SQLITE_IOERR:
            return .state(
                "reading or writing \(store) failed (SQLite code \(code.rawValue))",
                hint: "check the disk and the mount, or name another place with --state")
        default:
            return .state("\(store) cannot be used (SQLite code \(code.rawValue))", hint: "name another with --state")
        }
    }
}
