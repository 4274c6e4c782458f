// Reading, bounded in size, and in time where the other end of a pipe may keep us waiting.

public import OutlastModel

#if canImport(Darwin)
import Darwin
#elseif canImport(Musl)
import Musl
#else
import Glibc
#endif

extension SystemFileSystem {
    /// How long the next bytes of a pipe (`--token-file <(command)`) may take, in milliseconds.
    static let pipePatience: Int32 = 30_000

    /// Reads a whole file of at most `limit` bytes, following links. A pipe is read to its end.
    public func read(_ path: String, limit: Int) throws(Failure) -> [UInt8] {
        let bytes = try attempt("read", path) { () throws(SystemError) -> [UInt8]? in
            // Non-blocking, so that a named pipe without a writer can't hold us in `open`.
            let file = try Descriptor(path, O_RDONLY | O_NONBLOCK | O_NOCTTY)
            let kind = FileStatus.Sort(mode: UInt32(try file.mode()))
            if kind == .folder { throw SystemError(code: EISDIR) }
            return try file.readAll(limit: limit, patience: kind == .file ? -1 : Self.pipePatience)
        }
        guard let bytes else {
            throw Failure(.unexpected, "cannot read \(SafeText.line(path)): it holds more than \(limit) bytes")
        }
        return bytes
    }

    /// Reads the last `count` bytes of a file, or of a pipe that is read to its end; following links.
    public func readTail(_ path: String, count: Int) throws(Failure) -> [UInt8] {
        try attempt("read", path) { () throws(SystemError) -> [UInt8] in
            let file = try Descriptor(path, O_RDONLY | O_NONBLOCK | O_NOCTTY)
            let kind = FileStatus.Sort(mode: UInt32(try file.mode()))
            if kind == .folder { throw SystemError(code: EISDIR) }
            if kind == .file { try file.skipToLast(count) }
            return try file.readTail(count, patience: kind == .file ? -1 : Self.pipePatience)
        }
    }
}
