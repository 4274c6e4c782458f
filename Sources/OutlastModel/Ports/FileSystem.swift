// What is asked of files: facts without following links, and writes that happen whole or not at all.

/// What a path is.
public struct FileStatus: Hashable, Sendable {
    /// The sort of thing at a path.
    public enum Sort: Hashable, Sendable { case file, folder, link, other }

    /// The sort; links are not followed.
    public let sort: Sort
    /// Permission bits, such as `0o600`.
    public let permissions: UInt32
    /// The owner's user id.
    public let owner: UInt32
    /// Size in bytes.
    public let size: Int64
    /// The file's number in its file system.
    public let inode: UInt64
    /// When the file was made, in nanoseconds since the epoch; nil or 0 where the file system does not say.
    public let birth: Int64?
    /// When its inode last changed, in nanoseconds since the epoch.
    public let changed: Int64

    /// Makes a status.
    public init(
        sort: Sort, permissions: UInt32, owner: UInt32, size: Int64, inode: UInt64, birth: Int64?, changed: Int64
    ) {
        self.sort = sort
        self.permissions = permissions
        self.owner = owner
        self.size = size
        self.inode = inode
        self.birth = birth
        self.changed = changed
    }
}

/// How far a file system can be trusted with locks and shared memory (design, section 8).
public enum FileSystemNature: Hashable, Sendable {
    case local
    /// Network or user-space; the name is what to call it in a message (`nfs`, `smb`, `fuse`, …).
    case remote(String)
}

/// Files of the machine.
public protocol FileSystem: Sendable {
    /// What is at a path, without following a link at its end; nil when there is nothing.
    func status(of path: String) throws(Failure) -> FileStatus?
    /// The same, after following links.
    func statusFollowingLinks(of path: String) throws(Failure) -> FileStatus?
    /// The user id that files are made with.
    func effectiveUser() -> UInt32
    /// Makes a folder and its missing parents with these permission bits (whatever the umask); existing ones are left.
    func makeFolder(_ path: String, permissions: UInt32) throws(Failure)
    /// Sets permission bits.
    func setPermissions(of path: String, to permissions: UInt32) throws(Failure)
    /// Reads a whole file of at most `limit` bytes, following links.
    func read(_ path: String, limit: Int) throws(Failure) -> [UInt8]
    /// Reads the last `count` bytes of a file, or of a pipe that is read to its end; following links.
    func readTail(_ path: String, count: Int) throws(Failure) -> [UInt8]
    /// Writes a file whole, by a new file and a rename; a link in the place is replaced, not followed.
    func writeAtomically(_ path: String, _ bytes: [UInt8], permissions: UInt32) throws(Failure)
    /// Gives a file another name in its file system; what had that name is gone.
    func rename(_ path: String, to other: String) throws(Failure)
    /// Appends to a file, which is made with 0600 when missing.
    func append(_ path: String, _ bytes: [UInt8]) throws(Failure)
    /// Makes an empty file with these permissions; false when something is there already.
    func createExclusively(_ path: String, permissions: UInt32) throws(Failure) -> Bool
    /// Removes a file; nothing happens when it is not there.
    func remove(_ path: String) throws(Failure)
    /// The names in a folder, in no order.
    func names(in folder: String) throws(Failure) -> [String]
    /// The nature of the file system that holds an existing path.
    func nature(of path: String) throws(Failure) -> FileSystemNature
    /// Removes a folder with all that is in it, following no link; nothing happens when it is not there.
    func removeFolder(_ path: String) throws(Failure)
}

extension FileSystem {
    /// For doubles that have no folders.
    public func removeFolder(_ path: String) throws(Failure) {
        throw Failure(.unexpected, "cannot remove folders here")
    }

    /// For doubles whose files keep their names.
    public func rename(_ path: String, to other: String) throws(Failure) {
        throw Failure(.unexpected, "cannot rename \(SafeText.line(path))")
    }

    /// For doubles whose files are small.
    public func readTail(_ path: String, count: Int) throws(Failure) -> [UInt8] {
        Array(try read(path, limit: .max).suffix(count))
    }
}
