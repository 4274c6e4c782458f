// One lock's file: opened without following links, close-on-exec so that no child keeps the lock alive, and looked at
// again once it is locked.

import CPlatform
import OutlastModel
import Synchronization

#if canImport(Darwin)
import Darwin
#elseif canImport(Musl)
import Musl
#else
import Glibc
#endif

/// The file of one lock.
struct LeaseFile: Sendable {
    let place: FileLeases.Place
    let name: String

    var path: String { "\(place.folder)/\(name)" }

    /// The lock; nil while another process holds it.
    func tryLock() throws(Failure) -> FileLease? {
        do throws(SystemError) {
            let folder = try openFolder()
            try check(folder, isFolder: true)
            let file = try openFile(in: folder)
            try check(file, isFolder: false)
            guard try lock(file), try isStillThere(file) else { return nil }
            return FileLease(file)
        } catch {
            // Between the making of a shared file and the setting of its permissions others are turned away.
            if place.sharedWithGroup, error.code == EACCES { return nil }
            throw failure(error)
        }
    }

    private func openFolder() throws(SystemError) -> Descriptor {
        let flags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW
        do throws(SystemError) { return try Descriptor(place.folder, flags) } catch {
            guard error.code == ENOENT else { throw error }
        }
        let isMade = mkdir(place.folder, 0o700) == 0
        guard isMade || errno == EEXIST else { throw SystemError(code: errno) }
        let folder = try Descriptor(place.folder, flags)
        if isMade { try folder.setPermissions(place.sharedWithGroup ? 0o2770 : 0o700) }
        return folder
    }

    private func openFile(in folder: borrowing Descriptor) throws(SystemError) -> Descriptor {
        // Non-blocking, so that a pipe in its place cannot hold us.
        let flags = O_RDWR | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY
        do throws(SystemError) { return try folder.opening(name, flags) } catch {
            guard error.code == ENOENT else { throw error }
        }
        do throws(SystemError) {
            let file = try folder.opening(name, flags | O_CREAT | O_EXCL, permissions: 0o600)
            try file.setPermissions(place.sharedWithGroup ? 0o660 : 0o600)
            return file
        } catch {
            // Another process was faster.
            guard error.code == EEXIST else { throw error }
            return try folder.opening(name, flags)
        }
    }

    /// Who could write there could take the lock away from under us.
    private func check(_ descriptor: borrowing Descriptor, isFolder: Bool) throws(SystemError) {
        let found = try descriptor.facts()
        guard found.st_mode & S_IFMT == (isFolder ? S_IFDIR : S_IFREG) else {
            throw SystemError(code: isFolder ? ENOTDIR : EINVAL)
        }
        let forbidden: mode_t = place.sharedWithGroup ? 0o002 : 0o022
        let isOurs = place.sharedWithGroup || found.st_uid == geteuid() || found.st_uid == 0
        guard isOurs, found.st_mode & forbidden == 0 else { throw SystemError(code: EPERM) }
    }

    private func lock(_ file: borrowing Descriptor) throws(SystemError) -> Bool {
        while flock(file.number, LOCK_EX | LOCK_NB) != 0 {
            switch errno {
            case EINTR: continue
            case EWOULDBLOCK: return false
            default: throw SystemError(code: errno)
            }
        }
        return true
    }

    /// Whether the path still leads to what was locked: a file that was removed meanwhile excludes nobody.
    private func isStillThere(_ file: borrowing Descriptor) throws(SystemError) -> Bool {
        let locked = try file.facts()
        var found = stat()
        guard lstat(path, &found) == 0 else {
            if errno == ENOENT { return false }
            throw SystemError(code: errno)
        }
        return found.st_ino == locked.st_ino && found.st_dev == locked.st_dev
    }

    private func failure(_ error: SystemError) -> Failure {
        let shown = SafeText.line(path, limit: 300)
        return switch error.code {
        case ELOOP, ENOTDIR, EINVAL:
            .state(
                "the lock \(shown) is a link, or its place is taken by something that is no lock",
                hint: "find out who put it there, and remove it")
        case EPERM:
            .state(
                "the lock \(shown) belongs to another user, or others can write it",
                hint: "find out who put it there, and remove it")
        default:
            .state(
                "the lock \(shown) cannot be used: \(error.words)", hint: error.hint ?? "check the disk and the mount")
        }
    }
}

/// A lock that is held as long as its file is open.
final class FileLease: Lease {
    private let file: Mutex<Descriptor?>

    init(_ file: consuming Descriptor) { self.file = Mutex(file) }

    deinit { release() }

    func release() {
        file.withLock { file in
            guard let held = file.take() else { return }
            // A child that is just being started may still share the open file: closing alone would not be enough.
            _ = flock(held.number, LOCK_UN)
        }
    }
}

extension Descriptor {
    /// The facts about what is open.
    fileprivate func facts() throws(SystemError) -> stat {
        var found = stat()
        guard fstat(number, &found) == 0 else { throw SystemError(code: errno) }
        return found
    }
}
