// The paths of a store, made absolute and free of `.` and `..` without looking at the disk.

internal import OutlastModel

/// A store's file, its folder and what lies beside it.
struct StorePlace: Sendable {
    /// The absolute path of the database.
    let path: String
    /// The folder that holds it.
    let folder: String
    /// Whether members of the file's group may write it.
    let sharedWithGroup: Bool

    init(_ location: StateLocation, directory: String) {
        let (given, sharedWithGroup) = location.parts
        let whole = Self.normalized(given.hasPrefix("/") ? given : "\(directory)/\(given)")
        let parent = whole[..<(whole.lastIndex(of: "/") ?? whole.startIndex)]
        path = whole
        folder = parent.isEmpty ? "/" : String(parent)
        self.sharedWithGroup = sharedWithGroup
    }

    /// The file whose ctime tells the original where no birth time does.
    var marker: String { path + ".birth" }
    /// SQLite's write-ahead log.
    var log: String { path + "-wal" }
    /// What SQLite keeps beside the database.
    var companions: [String] { [log, path + "-shm", path + "-journal"] }
    /// The path as a message shows it.
    var shown: String { SafeText.line(path, limit: 300) }
    /// Permission bits of the files.
    var filePermissions: UInt32 { sharedWithGroup ? 0o660 : 0o600 }
    /// Permission bits of the folder; the set-group bit hands its group on to every file made in it.
    var folderPermissions: UInt32 { sharedWithGroup ? 0o2770 : 0o700 }

    func lies(inside folder: String) -> Bool {
        guard folder.hasPrefix("/") else { return false }
        let outer = Self.normalized(folder)
        return outer == "/" || path.hasPrefix(outer + "/")
    }

    private static func normalized(_ path: String) -> String {
        var parts: [Substring] = []
        for part in path.split(separator: "/") where part != "." {
            if part == ".." { _ = parts.popLast() } else { parts.append(part) }
        }
        return "/" + parts.text(joinedBy: "/")
    }
}
