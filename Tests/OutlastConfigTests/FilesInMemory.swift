// Files as a dictionary. Everything that the loader has no business with fails the test by its error.
import OutlastModel

/// A file system of a few entries; folders need not be named.
struct FilesInMemory: FileSystem {
    enum Entry: Sendable {
        case file([UInt8])
        case folder
        case link(String)
    }

    var entries: [String: Entry] = [:]

    init(_ texts: [String: String] = [:], others: [String: Entry] = [:]) {
        entries = texts.mapValues { .file(Array($0.utf8)) }
        entries.merge(others) { $1 }
    }

    func status(of path: String) throws(Failure) -> FileStatus? {
        entries[path].map { entry in
            switch entry {
            case .file(let bytes): Self.status(.file, size: bytes.count)
            case .folder: Self.status(.folder, size: 0)
            case .link: Self.status(.link, size: 0)
            }
        }
    }

    func statusFollowingLinks(of path: String) throws(Failure) -> FileStatus? {
        if case .link(let target) = entries[path] { try status(of: target) } else { try status(of: path) }
    }

    func read(_ path: String, limit: Int) throws(Failure) -> [UInt8] {
        switch entries[path] {
        case .file(let bytes): return Array(bytes.prefix(limit))
        case .link(let target): return try read(target, limit: limit)
        default: throw Failure(.unexpected, "cannot read \(path): permission denied")
        }
    }

    private static func status(_ sort: FileStatus.Sort, size: Int) -> FileStatus {
        FileStatus(
            sort: sort, permissions: 0o644, owner: 0, size: Int64(size), inode: 1, birth: nil, changed: 0)
    }

    private static let refusal = Failure(.unexpected, "the loader must not write")

    func effectiveUser() -> UInt32 { 0 }
    func makeFolder(_ path: String, permissions: UInt32) throws(Failure) { throw Self.refusal }
    func setPermissions(of path: String, to permissions: UInt32) throws(Failure) { throw Self.refusal }
    func writeAtomically(_ path: String, _ bytes: [UInt8], permissions: UInt32) throws(Failure) { throw Self.refusal }
    func append(_ path: String, _ bytes: [UInt8]) throws(Failure) { throw Self.refusal }
    func createExclusively(_ path: String, permissions: UInt32) throws(Failure) -> Bool { throw Self.refusal }
    func remove(_ path: String) throws(Failure) { throw Self.refusal }
    func names(in folder: String) throws(Failure) -> [String] { throw Self.refusal }
    func nature(of path: String) throws(Failure) -> FileSystemNature { .local }
}
