// From a path to a connection that may be used: made or migrated where needed, compared with our schema, known by its
// birth mark. A warm start reads three small things and never looks at migrations.

internal import GRDB
internal import OutlastModel

/// One opening of a store.
struct StoreOpening {
    let place: StorePlace
    let access: StoreAccess
    let files: any FileSystem
    let context: StoreContext
    let nature: FileSystemNature

    /// A connection, and what the store says of itself.
    struct Opened {
        let queue: DatabaseQueue
        let identity: StoreIdentity
        let currentMark: BirthMark
        let isImmutable: Bool
    }

    /// Opens the file. Makers of a store can get into each other's way in ways that SQLite answers at once instead of
    /// waiting; so the whole opening is tried again for a while.
    func open() throws(Failure) -> Opened {
        for attempt in 0..<40 {
            do { return try openOnce() } catch {
                guard StoreFailure.isBusy(error), attempt < 39 else { throw StoreFailure.from(error, at: place) }
                StoreConnection.pause(milliseconds: Int32.random(in: 5...50))
            }
        }
        throw .state("another process keeps the state store \(place.shown) locked", hint: "try again later")
    }

    private func openOnce() throws -> Opened {
        switch access {
        case .readWrite:
            return try use(StoreConnection.open(place, .writing), isImmutable: false)
        case .readOnly:
            do { return try use(StoreConnection.open(place, .reading), isImmutable: false) } catch {
                guard StoreFailure.isForWantOfWriting(error) else { throw error }
                return try use(StoreConnection.open(place, .immutable), isImmutable: true)
            }
        }
    }

    private func use(_ queue: DatabaseQueue, isImmutable: Bool) throws -> Opened {
        let mark = try BirthMark(of: place, files: files)
        let identity = try queue.inDatabase { db in
            try bringUpToDate(db, mark: mark)
            let identity = try StoreIdentity(db, place: place)
            StoreConnection.bePatient(db)
            return identity
        }
        return Opened(queue: queue, identity: identity, currentMark: mark, isImmutable: isImmutable)
    }

    /// Leaves the connection with a schema that this program can use, or throws.
    private func bringUpToDate(_ db: Database, mark: BirthMark) throws {
        var found = try StoreVersion(db)
        if found.version < Schema.version, access == .readWrite {
            try StoreMigrator(place: place, context: context).migrate(db, mark: mark)
            found = try StoreVersion(db)
        }
        try found.requireOurs(place)
        if access == .readWrite { try StoreConnection.chooseJournal(db, isRemote: nature != .local) }
        let check = SchemaCheck(place: place)
        if found.version == Schema.version {
            try check.requireOwnSchema(db)
        } else if found.version > Schema.version {
            try StoreIdentity.requireReadable(db, place: place)
            try check.requireCompatibleSchema(db)
        } else {
            throw Failure.state(
                "the state store \(place.shown) was made by an older outlast and was not brought up to date yet",
                hint: "run a command that writes to it, such as `outlast record start`")
        }
    }

    /// Why the opened store counts as a copy; nil when it does not.
    func copyReason(of opened: Opened) -> CopyReason? {
        if !opened.identity.mark.isSameFile(as: opened.currentMark) { return .moved }
        if let workspace = context.workspace, place.lies(inside: workspace) { return .insideWorkspace }
        return context.isDefaultInJob ? .defaultInJob : nil
    }

    /// What to tell the user. The default store of a job is nothing unusual, so nothing is said of it.
    func warnings(of opened: Opened, copyReason: CopyReason?) -> [String] {
        var warnings: [String] = []
        let service = "it serves estimates and history, but no renewal that ends the old token"
        switch copyReason {
        case .moved: warnings.append("the state store \(place.shown) is a copy of the one it was made as: \(service)")
        case .insideWorkspace:
            warnings.append(
                "the state store \(place.shown) lies in the job's workspace and counts as a copy: \(service)")
        case .defaultInJob, nil: break
        }
        if case .remote(let name) = nature {
            warnings.append(
                "the state store \(place.shown) lies on \(SafeText.line(name, limit: 40)), whose locks can't be relied "
                    + "on: \(service); several machines need PostgreSQL")
        }
        if opened.isImmutable {
            warnings.append(
                "the state store \(place.shown) is read as it lies there, since its folder can't be written; what its "
                    + "last users did not fold in is not shown")
        }
        return warnings
    }
}
