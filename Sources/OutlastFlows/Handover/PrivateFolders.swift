// Where files of ours that hold secrets may lie: folders that are ours alone, in memory where there is such a place.

import OutlastModel

/// The places, best first.
struct PrivateFolders: Sendable {
    private let world: World

    init(_ world: World) { self.world = world }

    /// Two that are in memory by custom, then the state's own home.
    var candidates: [String] {
        let variables = world.variables
        var folders: [String] = []
        if let runtime = variables["XDG_RUNTIME_DIR"], runtime.hasPrefix("/"), isOurs(runtime) {
            folders.append(runtime + "/outlast")
        }
        if let shared = try? world.files.status(of: "/dev/shm"), shared.sort == .folder {
            folders.append("/dev/shm/outlast-\(world.files.effectiveUser())")
        }
        if let home = variables["XDG_STATE_HOME"], home.hasPrefix("/") {
            folders.append(home + "/outlast/handover")
        } else if let home = variables["HOME"], home.hasPrefix("/") {
            folders.append(home + "/.local/state/outlast/handover")
        }
        // A line feed in a path would end a command in what shells are given.
        return folders.filter { !$0.utf8.contains { $0 < 32 } }
    }

    /// A folder, no link, that belongs to us and that no one else may enter.
    func isOurs(_ path: String) -> Bool {
        guard let status = try? world.files.status(of: path) else { return false }
        return status.sort == .folder && status.owner == world.files.effectiveUser()
            && status.permissions & 0o077 == 0 && status.permissions & 0o700 == 0o700
    }

    /// Does something in the first place that takes it.
    ///
    /// - Throws: what the last place failed with; `missing` where there is none at all.
    func inFirst(missing: Failure, _ body: (String) throws(Failure) -> Void) throws(Failure) {
        var failure = missing
        for folder in candidates {
            do throws(Failure) {
                try world.files.makeFolder(folder, permissions: 0o700)
                guard isOurs(folder) else {
                    throw .configuration(
                        "\(SafeText.line(folder)) is not a folder of ours alone",
                        hint: "remove it, or make it yours with mode 0700")
                }
                return try body(folder)
            } catch { failure = error }
        }
        throw failure
    }
}
