// Files as they really are. Birth times are the test's to tell, because not every file system does.

import Foundation
import OutlastModel

#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// The real disk. Knows no birth times unless told, as some file systems do.
struct DiskFiles: FileSystem {
    var birth: @Sendable (String) -> Int64? = { _ in nil }
    var kind = FileSystemNature.local
    var user: UInt32 = geteuid()

    func status(of path: String) throws(Failure) -> FileStatus? {
        var facts = stat()
        guard lstat(path, &facts) == 0 else { return try missing(path) }
        return status(facts, path)
    }

    func statusFollowingLinks(of path: String) throws(Failure) -> FileStatus? {
        var facts = stat()
        guard stat(path, &facts) == 0 else { return try missing(path) }
        return status(facts, path)
    }

    private func missing(_ path: String) throws(Failure) -> FileStatus? {
        guard errno == ENOENT else { throw Failure(.unexpected, "cannot look at \(path): \(errno)") }
        return nil
    }

    private func status(_ facts: stat, _ path: String) -> FileStatus {
        let sort: FileStatus.Sort =
            switch facts.st_mode & S_IFMT {
            case S_IFREG: .file
            case S_IFDIR: .folder
            case S_IFLNK: .link
            default: .other
            }
        #if canImport(Glibc)
        let changed = facts.st_ctim
        #else
        let changed = facts.st_ctimespec
        #endif
        return FileStatus(
            sort: sort, permissions: UInt32(facts.st_mode) & 0o7777, owner: facts.st_uid, size: Int64(facts.st_size),
            inode: UInt64(facts.st_ino), birth: birth(path),
            changed: Int64(changed.tv_sec) * 1_000_000_000 + Int64(changed.tv_nsec))
    }

    func effectiveUser() -> UInt32 { user }

    func makeFolder(_ path: String, permissions: UInt32) throws(Failure) {
        guard !path.isEmpty, path != "/" else { return }
        try makeFolder(String(path[..<(path.lastIndex(of: "/") ?? path.startIndex)]), permissions: permissions)
        if mkdir(path, mode_t(permissions)) == 0 {
            chmod(path, mode_t(permissions))
        } else if errno != EEXIST {
            throw Failure(.unexpected, "cannot make \(path)")
        }
    }

    func setPermissions(of path: String, to permissions: UInt32) throws(Failure) { chmod(path, mode_t(permissions)) }

    func createExclusively(_ path: String, permissions: UInt32) throws(Failure) -> Bool {
        let descriptor = open(path, O_CREAT | O_EXCL | O_RDWR | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard descriptor >= 0 else {
            guard errno == EEXIST else { throw Failure(.unexpected, "cannot make \(path)") }
            return false
        }
        fchmod(descriptor, mode_t(permissions))
        close(descriptor)
        return true
    }

    func remove(_ path: String) throws(Failure) { unlink(path) }
    func rename(_ path: String, to other: String) throws(Failure) {
        guard renameat(AT_FDCWD, path, AT_FDCWD, other) == 0 else {
            throw Failure(.unexpected, "cannot rename \(path)")
        }
    }
    func names(in folder: String) throws(Failure) -> [String] {
        guard let names = try? FileManager.default.contentsOfDirectory(atPath: folder) else {
            throw Failure(.unexpected, "cannot list \(folder)")
        }
        return names
    }

    func nature(of path: String) throws(Failure) -> FileSystemNature { kind }

    // A store asks for none of these: opening its files beside SQLite would drop SQLite's locks.
    func read(_ path: String, limit: Int) throws(Failure) -> [UInt8] { throw Failure(.unexpected, "not for a store") }
    func writeAtomically(_ path: String, _ bytes: [UInt8], permissions: UInt32) throws(Failure) {
        throw Failure(.unexpected, "not for a store")
    }
    func append(_ path: String, _ bytes: [UInt8]) throws(Failure) { throw Failure(.unexpected, "not for a store") }
}
