// How a store knows its own file again (design, section 8). Device and machine numbers are left out: they change when a
// volume is mounted elsewhere, which makes no copy.

internal import OutlastModel

/// What is remembered of the file that a store was made in.
struct BirthMark: Hashable, Sendable {
    /// The file's number.
    var inode: UInt64
    /// When the file was made, in nanoseconds since the epoch; nil where the file system does not tell.
    var birth: Int64?
    /// The ctime of the marker file, in nanoseconds since the epoch; nil without one. No copying tool can set it.
    var markerChanged: Int64?

    /// Reads the mark of a file and its marker as they are now.
    init(of place: StorePlace, files: any FileSystem) throws(Failure) {
        let file = try asState { () throws(Failure) in try files.status(of: place.path) }
        let marker = try asState { () throws(Failure) in try files.status(of: place.marker) }
        self.init(
            inode: file?.inode ?? 0, birth: file?.birth,
            markerChanged: marker?.sort == .file ? marker?.changed : nil)
    }

    /// Makes a mark; a birth of 0 is one that was not told.
    init(inode: UInt64, birth: Int64?, markerChanged: Int64?) {
        self.inode = inode
        self.birth = birth == 0 ? nil : birth
        self.markerChanged = markerChanged
    }

    /// Whether a file that looks like `current` is the one this mark was taken of. Without any evidence it is not.
    func isSameFile(as current: BirthMark) -> Bool {
        guard inode == current.inode else { return false }
        if let birth, let now = current.birth { return birth == now }
        guard let markerChanged, let now = current.markerChanged else { return false }
        return markerChanged == now
    }
}
