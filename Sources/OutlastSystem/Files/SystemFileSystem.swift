// Facts about files without opening them: opening and closing a database's file beside SQLite would drop its locks.

import CPlatform
public import OutlastModel

#if canImport(Darwin)
import Darwin
#elseif canImport(Musl)
import Musl
#else
import Glibc
#endif

/// The machine's files. Every failure has code 1 and names the path; callers that know better what the file is for wrap
/// it in a code of their own.
public struct SystemFileSystem: FileSystem {
    /// Makes an adapter.
    public init() {}

    /// What is at a path, without following a link at its end; nil when there is nothing.
    public func status(of path: String) throws(Failure) -> FileStatus? {
        try status(path, follow: false)
    }

    /// What is at a path, after following links; nil when there is nothing, or a link that leads nowhere.
    public func statusFollowingLinks(of path: String) throws(Failure) -> FileStatus? {
        try status(path, follow: true)
    }

    /// The user id that files are made with.
    public func effectiveUser() -> UInt32 { geteuid() }

    /// The nature of the file system that holds an existing path.
    public func nature(of path: String) throws(Failure) -> FileSystemNature {
        var name = [CChar](repeating: 0, count: 64)
        try attempt("inspect the file system of", path) { () throws(SystemError) in
            try SystemError.check(outlast_remote_file_system(path, &name, name.count))
        }
        let text = String(decoding: name.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
        return text.isEmpty ? .local : .remote(text)
    }

    /// Sets permission bits without opening the file; a link is refused, not followed.
    public func setPermissions(of path: String, to permissions: UInt32) throws(Failure) {
        try attempt("change the permissions of", path) { () throws(SystemError) in
            try Self.setPermissions(path, permissions)
        }
    }

    static func setPermissions(_ path: String, _ permissions: UInt32) throws(SystemError) {
        guard fchmodat(outlast_working_folder(), path, mode_t(permissions), AT_SYMLINK_NOFOLLOW) == 0 else {
            // The C library's way to say that a link has no permissions of its own.
            throw SystemError(code: errno == EOPNOTSUPP ? ELOOP : errno)
        }
    }

    /// Removes a file or link; nothing happens when it is not there.
    public func remove(_ path: String) throws(Failure) {
        try attempt("remove", path) { () throws(SystemError) in
            guard unlink(path) == 0 || errno == ENOENT else { throw SystemError(code: errno) }
        }
    }

    /// The names in a folder, in no order.
    public func names(in folder: String) throws(Failure) -> [String] {
        try attempt("list", folder) { () throws(SystemError) -> [String] in
            guard let listing = opendir(folder) else { throw SystemError(code: errno) }
            defer { closedir(listing) }
            var names: [String] = []
            while let entry = readdir(listing) {
                let name = withUnsafeBytes(of: entry.pointee.d_name) { bytes in
                    String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
                }
                if name != ".", name != ".." { names.append(name) }
            }
            return names
        }
    }

    private func status(_ path: String, follow: Bool) throws(Failure) -> FileStatus? {
        var found = outlast_status()
        var isThere = true
        try attempt("inspect", path) { () throws(SystemError) in
            let error = outlast_read_status(path, follow ? 1 : 0, &found)
            // A file on the way is as good as nothing at the end.
            isThere = error != ENOENT && error != ENOTDIR
            if isThere { try SystemError.check(error) }
        }
        guard isThere else { return nil }
        return FileStatus(
            sort: FileStatus.Sort(mode: found.mode), permissions: found.mode & 0o7777, owner: found.owner,
            size: found.size, inode: found.inode, birth: found.birth == 0 ? nil : found.birth, changed: found.changed)
    }

    /// Runs system calls on a path and says in a failure what could not be done to it.
    func attempt<Result>(
        _ action: String, _ path: String, _ body: () throws(SystemError) -> Result
    ) throws(Failure) -> Result {
        // A NUL would end the path early, and name something else than was asked for.
        guard !path.utf8.contains(0), !path.isEmpty else {
            throw SystemError(code: path.isEmpty ? ENOENT : EINVAL).failure(action, path)
        }
        do throws(SystemError) {
            return try body()
        } catch {
            throw error.failure(action, path)
        }
    }
}

extension FileStatus.Sort {
    /// Reads the type bits of `st_mode`.
    init(mode: UInt32) {
        switch mode_t(truncatingIfNeeded: mode) & S_IFMT {
        case S_IFREG: self = .file
        case S_IFDIR: self = .folder
        case S_IFLNK: self = .link
        default: self = .other
        }
    }
}
