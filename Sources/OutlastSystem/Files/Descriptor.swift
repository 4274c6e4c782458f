// An open file that closes itself. Every descriptor is close-on-exec, so that no child keeps a file or a lock alive.

import CPlatform
import OutlastModel

#if canImport(Darwin)
import Darwin
#elseif canImport(Musl)
import Musl
#else
import Glibc
#endif

/// An open file or folder, closed when it goes out of scope.
struct Descriptor: ~Copyable {
    /// The number.
    let number: Int32

    /// Opens a path, relative to the working folder.
    init(_ path: String, _ flags: Int32, permissions: UInt32 = 0) throws(SystemError) {
        number = try Self.open(outlast_working_folder(), path, flags, permissions)
    }

    /// Opens a name in this folder.
    func opening(_ name: String, _ flags: Int32, permissions: UInt32 = 0) throws(SystemError) -> Descriptor {
        Descriptor(number: try Self.open(number, name, flags, permissions))
    }

    private init(number: Int32) { self.number = number }

    deinit { close(number) }

    private static func open(
        _ folder: Int32, _ path: String, _ flags: Int32, _ permissions: UInt32
    ) throws(SystemError) -> Int32 {
        var descriptor: Int32 = -1
        // A NUL would end the path early, and name something else than was asked for.
        guard !path.utf8.contains(0) else { throw SystemError(code: EINVAL) }
        try SystemError.check(outlast_open_at(folder, path, flags, permissions, &descriptor))
        return descriptor
    }

    /// What is open.
    func mode() throws(SystemError) -> mode_t {
        var found = stat()
        guard fstat(number, &found) == 0 else { throw SystemError(code: errno) }
        return found.st_mode
    }

    /// Sets permission bits, whatever the umask.
    func setPermissions(_ permissions: UInt32) throws(SystemError) {
        guard fchmod(number, mode_t(permissions)) == 0 else { throw SystemError(code: errno) }
    }

    /// Writes all bytes.
    func write(_ bytes: [UInt8]) throws(SystemError) {
        try SystemError.check(outlast_write_all(number, bytes, bytes.count))
    }

    /// Forces content to the disk.
    func sync() throws(SystemError) {
        try SystemError.check(outlast_sync(number))
    }

    /// Reads to the end; stops as soon as there is more than `limit`.
    ///
    /// - Parameter patience: bound, in milliseconds, on each wait for a pipe's next bytes; -1 waits for ever.
    /// - Returns: at most `limit` bytes, or nil when there are more.
    func readAll(limit: Int, patience: Int32) throws(SystemError) -> [UInt8]? {
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 65_536)
        defer { chunk.withUnsafeMutableBytes { outlast_wipe($0.baseAddress, $0.count) } }
        while true {
            var count = 0
            try SystemError.check(outlast_read_some(number, &chunk, chunk.count, patience, &count))
            if count == 0 { return bytes }
            bytes += chunk[..<count]
            if bytes.count > limit { return nil }
        }
    }

    /// Moves to where the last `count` bytes begin; the beginning, when there are fewer.
    func skipToLast(_ count: Int) throws(SystemError) {
        let end = lseek(number, 0, SEEK_END)
        guard end >= 0, lseek(number, max(0, end - off_t(count)), SEEK_SET) >= 0 else { throw SystemError(code: errno) }
    }

    /// Reads to the end and keeps the last `count` bytes.
    ///
    /// - Parameter patience: as in `readAll`.
    func readTail(_ count: Int, patience: Int32) throws(SystemError) -> [UInt8] {
        var tail = Tail(count)
        var chunk = [UInt8](repeating: 0, count: 65_536)
        defer { chunk.withUnsafeMutableBytes { outlast_wipe($0.baseAddress, $0.count) } }
        while true {
            var taken = 0
            try SystemError.check(outlast_read_some(number, &chunk, chunk.count, patience, &taken))
            if taken == 0 { return tail.bytes }
            tail.append(chunk[..<taken])
        }
    }
}

/// The last bytes of a stream, in no more than twice the room.
struct Tail {
    private let count: Int
    private var kept: [UInt8] = []

    init(_ count: Int) { self.count = max(0, count) }

    var bytes: [UInt8] { Array(kept.suffix(count)) }

    mutating func append(_ more: ArraySlice<UInt8>) {
        kept += more
        if kept.count > 2 * count { kept.removeFirst(kept.count - count) }
    }
}
