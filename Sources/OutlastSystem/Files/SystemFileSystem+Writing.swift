// Writing: whole or not at all, never through a link, on the disk before it is said to be there.

import CPlatform
public import OutlastModel

#if canImport(Darwin)
import Darwin
#elseif canImport(Musl)
import Musl
#else
import Glibc
#endif

extension SystemFileSystem {
    /// Makes a folder and its missing parents with these permission bits (whatever the umask); existing ones are left.
    public func makeFolder(_ path: String, permissions: UInt32) throws(Failure) {
        try attempt("make the folder", path) { () throws(SystemError) in
            try Self.makeFolder(path, permissions)
        }
    }

    private static func makeFolder(
        _ path: String, _ permissions: UInt32, mayMakeParent: Bool = true
    ) throws(SystemError) {
        if mkdir(path, mode_t(permissions)) == 0 {
            let parts = PathParts(path)
            let bare = parts.folder == "/" ? "/" + parts.name : "\(parts.folder)/\(parts.name)"
            return try Self.setPermissions(bare, permissions)
        }
        let error = errno
        switch error {
        case EEXIST:
            var found = outlast_status()
            try SystemError.check(outlast_read_status(path, 1, &found))
            guard FileStatus.Sort(mode: found.mode) == .folder else { throw SystemError(code: ENOTDIR) }
        case ENOENT where mayMakeParent:
            let parent = PathParts(path).folder
            guard parent != path, parent != "." else { throw SystemError(code: error) }
            try makeFolder(parent, permissions)
            // Once: some file systems (`/proc`) say that a parent is missing which is there.
            try makeFolder(path, permissions, mayMakeParent: false)
        default: throw SystemError(code: error)
        }
    }

    /// Writes a file whole, by a new file and a rename; a link in the place is replaced, not followed. File and folder
    /// are on the disk when this returns.
    public func writeAtomically(_ path: String, _ bytes: [UInt8], permissions: UInt32) throws(Failure) {
        try attempt("write", path) { () throws(SystemError) in
            let parts = PathParts(path)
            guard !parts.name.isEmpty, parts.name != ".", parts.name != ".." else { throw SystemError(code: EISDIR) }
            let folder = try Descriptor(parts.folder, O_RDONLY | O_DIRECTORY)
            // A name of its own length: the target's may be as long as names can be.
            let temporary = ".outlast-\(RandomBytes.hex(16)).tmp"
            do throws(SystemError) {
                try Self.write(bytes, to: temporary, in: folder, permissions)
                guard renameat(folder.number, temporary, folder.number, parts.name) == 0 else {
                    throw SystemError(code: errno)
                }
            } catch {
                unlinkat(folder.number, temporary, 0)
                throw error
            }
            try folder.sync()
        }
    }

    private static func write(
        _ bytes: [UInt8], to name: String, in folder: borrowing Descriptor, _ permissions: UInt32
    ) throws(SystemError) {
        let file = try folder.opening(name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, permissions: 0o600)
        try file.setPermissions(permissions)
        try file.write(bytes)
        try file.sync()
    }

    /// Gives a file another name; what had that name is gone. The folder is on the disk when this returns.
    public func rename(_ path: String, to other: String) throws(Failure) {
        try attempt("rename", path) { () throws(SystemError) in
            guard !other.utf8.contains(0) else { throw SystemError(code: EINVAL) }
            guard renameat(outlast_working_folder(), path, outlast_working_folder(), other) == 0 else {
                throw SystemError(code: errno)
            }
            try Descriptor(PathParts(other).folder, O_RDONLY | O_DIRECTORY).sync()
        }
    }

    /// Appends to a file, which is made with 0600 when missing. A link is refused, except the system's own names of
    /// this process's streams.
    public func append(_ path: String, _ bytes: [UInt8]) throws(Failure) {
        try attempt("append to", path) { () throws(SystemError) in
            var flags = O_WRONLY | O_APPEND | O_CREAT | O_NONBLOCK | O_NOCTTY
            if !Self.isOwnStream(path) { flags |= O_NOFOLLOW }
            let file = try Descriptor(path, flags, permissions: 0o600)
            // Only the opening must not wait (for a named pipe's reader); writing may.
            try SystemError.check(outlast_make_blocking(file.number))
            try file.write(bytes)
        }
    }

    /// Whether a path is a link that the system itself makes to a stream of this process, such as `/dev/stdout`.
    static func isOwnStream(_ path: String) -> Bool {
        if path == "/dev/stdout" || path == "/dev/stderr" { return true }
        return ["/dev/fd/", "/proc/self/fd/"].contains { prefix in
            path.hasPrefix(prefix) && !path.dropFirst(prefix.count).isEmpty
                && path.utf8.dropFirst(prefix.utf8.count).allSatisfy { (48...57).contains($0) }
        }
    }

    /// Makes an empty file with these permissions (whatever the umask); false when something is there already, a link
    /// included.
    public func createExclusively(_ path: String, permissions: UInt32) throws(Failure) -> Bool {
        try attempt("make", path) { () throws(SystemError) -> Bool in
            do throws(SystemError) {
                let file = try Descriptor(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, permissions: 0o600)
                try file.setPermissions(permissions)
                try file.sync()
                return true
            } catch {
                if error.code == EEXIST { return false }
                throw error
            }
        }
    }
}

extension SystemFileSystem {
    /// How deep folders are gone into: ours are flat, those of git a little less so.
    private static let deepest = 16

    /// Removes a folder with all that is in it, following no link; nothing happens when it is not there.
    public func removeFolder(_ path: String) throws(Failure) {
        try removeFolder(path, depth: 0)
    }

    private func removeFolder(_ path: String, depth: Int) throws(Failure) {
        guard let status = try status(of: path) else { return }
        guard status.sort == .folder else { return try remove(path) }
        guard depth < Self.deepest else {
            throw Failure(.unexpected, "cannot remove \(SafeText.line(path)): it is too deep")
        }
        for name in try names(in: path) { try removeFolder("\(path)/\(name)", depth: depth + 1) }
        try attempt("remove the folder", path) { () throws(SystemError) in
            guard rmdir(path) == 0 || errno == ENOENT else { throw SystemError(code: errno) }
        }
    }
}

/// A path as the folder and the name in it.
struct PathParts: Equatable {
    /// The folder; `.` when the path names none.
    let folder: String
    /// The last component; empty for `/`.
    let name: String

    /// Splits a path; slashes at its end are dropped.
    init(_ path: String) {
        var rest = Substring(path)
        while rest.count > 1, rest.hasSuffix("/") { rest = rest.dropLast() }
        guard let slash = rest.lastIndex(of: "/") else {
            folder = "."
            name = String(rest)
            return
        }
        var parent = rest[..<slash]
        while parent.count > 1, parent.hasSuffix("/") { parent = parent.dropLast() }
        folder = parent.isEmpty ? "/" : String(parent)
        name = String(rest[rest.index(after: slash)...])
    }
}
