// A store is input: whoever can write it decides what later runs believe. Files are only looked at by `lstat`, because
// opening and closing a database file beside SQLite drops SQLite's locks.

internal import OutlastModel

/// Makes the folder and the file of a store, and refuses what others could have written.
struct StoreGuard {
    let place: StorePlace
    let files: any FileSystem

    /// Makes what is missing, with the store's own permissions whatever the umask.
    func makeIfMissing() throws(Failure) {
        if try status(followingLinks: place.folder) == nil {
            try asState { () throws(Failure) in
                try files.makeFolder(place.folder, permissions: place.folderPermissions)
            }
        }
        try checkFolder()
        if try status(place.path) == nil {
            // Made before SQLite sees it, so that there is no moment in which an umask of 000 lets others open it. The
            // marker comes first: whoever finds the database finds the marker too.
            try asState { () throws(Failure) in
                _ = try files.createExclusively(place.marker, permissions: place.filePermissions)
                _ = try files.createExclusively(place.path, permissions: place.filePermissions)
            }
        }
        try check()
    }

    /// Refuses a store that is not there, or that others can write.
    func check() throws(Failure) {
        try checkFolder()
        guard let file = try status(place.path) else {
            throw .noState(
                "there is no state store at \(place.shown)",
                hint: "`outlast record start` in a job makes one; name another with --state")
        }
        try checkSort(file)
        try checkOwner(file, of: place.path)
        try checkPermissions(file, of: place.path)
        for companion in place.companions {
            guard let status = try status(companion) else { continue }
            guard status.sort == .file else {
                throw .state(
                    "\(SafeText.line(companion)) is not a plain file", hint: "find out who put it there, and remove it")
            }
            try checkOwner(status, of: companion)
            try checkPermissions(status, of: companion)
        }
    }

    private func checkFolder() throws(Failure) {
        guard let folder = try status(followingLinks: place.folder) else {
            throw .noState(
                "there is no folder \(SafeText.line(place.folder)) for the state store",
                hint: "`outlast record start` in a job makes it; name another with --state")
        }
        guard folder.sort == .folder else {
            throw .state("\(SafeText.line(place.folder)) is not a folder", hint: "name another place with --state")
        }
        try checkOwner(folder, of: place.folder)
        // The sticky bit does not help here: others could still put a journal beside a database that has none.
        try checkPermissions(folder, of: place.folder)
    }

    private func checkSort(_ file: FileStatus) throws(Failure) {
        switch file.sort {
        case .file: return
        case .link:
            throw .state(
                "the state store \(place.shown) is a symbolic link, which is not followed",
                hint: "name the file itself with --state")
        case .folder:
            throw .state("\(place.shown) is a folder", hint: "name a file in it: --state \(place.shown)/state.db")
        case .other:
            throw .state("\(place.shown) is not a plain file", hint: "name another place with --state")
        }
    }

    private func checkOwner(_ status: FileStatus, of path: String) throws(Failure) {
        if place.sharedWithGroup || status.owner == 0 || status.owner == files.effectiveUser() { return }
        throw .state(
            "\(SafeText.line(path)) belongs to another user (id \(status.owner)), who can change what it says",
            hint: "use a store of your own, or sqlite:\(place.shown)?mode=group when sharing it is meant")
    }

    private func checkPermissions(_ status: FileStatus, of path: String) throws(Failure) {
        let shown = SafeText.line(path)
        if status.permissions & 0o002 != 0 {
            throw .state(
                "every user of this machine can write \(shown), so it is not used for the state",
                hint: status.sort == .folder
                    ? "give the store a folder of its own with --state, or: chmod o-w \(shown)" : "chmod o-w \(shown)")
        }
        if status.permissions & 0o020 != 0, !place.sharedWithGroup {
            throw .state(
                "the group of \(shown) can write it, so it is not used for the state",
                hint: "chmod g-w \(shown), or sqlite:\(place.shown)?mode=group when sharing it is meant")
        }
    }

    private func status(_ path: String) throws(Failure) -> FileStatus? {
        try asState { () throws(Failure) in try files.status(of: path) }
    }

    private func status(followingLinks path: String) throws(Failure) -> FileStatus? {
        try asState { () throws(Failure) in try files.statusFollowingLinks(of: path) }
    }
}

/// Whatever goes wrong with a store's files makes the store unusable, and nothing else.
func asState<Result>(_ body: () throws(Failure) -> Result) throws(Failure) -> Result {
    do { return try body() } catch { throw .state(error.message, hint: error.hint) }
}
