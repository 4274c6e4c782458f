// A file that the caller named: written whole, for its owner alone, in a link's place and never through one.

import OutlastModel

/// A file to hand values over in.
struct HandoverFile: Sendable {
    /// Larger ones are not for us to rewrite.
    private static let largest = 1 << 20

    private let path: String
    private let folder: String
    private let world: World

    init(_ path: String, _ world: World) {
        self.path = path
        self.world = world
        let slash = path.utf8.lastIndex(of: UInt8(ascii: "/"))
        folder = slash.map { String(path[..<$0]) + "/" } ?? "./"
    }

    /// Proves that it could be written now, by a file beside it that is gone again.
    func check() throws(Failure) {
        if path.hasSuffix("/") || path.utf8.contains(0) {
            throw .usage("--export names a folder, not a file: \(SafeText.line(path))")
        }
        if let there = try world.files.status(of: path), there.sort == .folder || there.sort == .other {
            throw .usage("\(SafeText.line(path)) is there and no file", hint: "export to another path")
        }
        guard let parent = try world.files.statusFollowingLinks(of: folder), parent.sort == .folder else {
            throw .usage(
                "there is no folder \(SafeText.line(folder)) to export to", hint: "make it: mkdir -p, mode 0700")
        }
        let probe = folder + ".outlast-\(SHA256Digest(hashing: world.random(32)).hex.prefix(32)).tmp"
        _ = try world.files.createExclusively(probe, permissions: 0o600)
        try world.files.remove(probe)
    }

    /// What is in it; nil when it is not there, or a link, which would be replaced.
    func read() throws(Failure) -> Secret? {
        guard let there = try world.files.status(of: path), there.sort == .file else { return nil }
        return Secret(bytes: try world.files.read(path, limit: Self.largest))
    }

    func write(_ content: Secret) throws(Failure) {
        try world.files.writeAtomically(path, content.withBytes { Array($0) }, permissions: 0o600)
    }

    /// Whether it lies in a folder, by whatever links either is named. `..` of an open folder is its true parent, so the
    /// way up is the system's, not the text's.
    func isBelow(_ top: String) throws(Failure) -> Bool {
        guard let wanted = try world.files.statusFollowingLinks(of: top) else { return false }
        let root = try world.files.statusFollowingLinks(of: "/")
        var step = folder
        for _ in 0..<Self.deepest {
            guard let here = try world.files.statusFollowingLinks(of: step) else { return false }
            if here.isSame(as: wanted) { return true }
            if let root, here.isSame(as: root) { return false }
            step += "../"
        }
        return true
    }

    /// Deeper places are refused with those in the workspace.
    private static let deepest = 200
}

extension FileStatus {
    /// Whether two are the same folder. Numbers alone are not enough: the tops of two file systems often share theirs.
    fileprivate func isSame(as other: FileStatus) -> Bool {
        inode == other.inode && birth == other.birth && changed == other.changed && owner == other.owner
    }
}
