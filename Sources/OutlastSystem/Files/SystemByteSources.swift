// Files and stdin in pieces of a bounded size, unpacked where they are compressed.

import CPlatform
public import OutlastModel

#if canImport(Darwin)
import Darwin
#elseif canImport(Musl)
import Musl
#else
import Glibc
#endif

/// The machine's files and this process's stdin.
public struct SystemByteSources: ByteSources {
    /// Makes an opener.
    public init() {}

    /// Begins to read; see `ByteSources`.
    public func open(_ origin: ByteOrigin) throws(Failure) -> any ByteSource {
        do throws(SystemError) {
            let pieces =
                switch origin {
                case .standardInput: FilePieces()
                case .file(let path): try FilePieces(path)
                }
            let first = try pieces.read()
            return first.starts(with: [0x1F, 0x8B])
                ? GzipByteSource(pieces, first: first, origin: origin)
                : PlainByteSource(pieces, first: first, origin: origin)
        } catch {
            throw error.unreadable(origin)
        }
    }
}

extension SystemError {
    /// A failure about what a user named to be read.
    func unreadable(_ origin: ByteOrigin) -> Failure {
        .usage("cannot read \(origin.shown): \(code == EBADF ? "it is closed" : words)", hint: hint)
    }
}

/// Reads a descriptor to its end.
final class FilePieces {
    /// A file that closes itself; nil for stdin, which is not ours to close.
    private let file: Descriptor?
    private let number: Int32
    /// How many bytes the file has; nil for pipes.
    let size: Int64?
    /// How many were read.
    private(set) var position: Int64 = 0

    /// The bytes of a piece: more would leave the processor's cache before they are looked at a second time.
    static let piece = 1 << 18

    /// stdin.
    init() {
        file = nil
        number = STDIN_FILENO
        size = nil
    }

    /// A file, or a named pipe.
    init(_ path: String) throws(SystemError) {
        // Non-blocking, so that a named pipe without a writer can't hold us in `open`.
        let opened = try Descriptor(path, O_RDONLY | O_NONBLOCK | O_NOCTTY)
        let kind = FileStatus.Sort(mode: UInt32(try opened.mode()))
        if kind == .folder { throw SystemError(code: EISDIR) }
        number = opened.number
        if kind == .file {
            let end = lseek(number, 0, SEEK_END)
            guard end >= 0, lseek(number, 0, SEEK_SET) == 0 else { throw SystemError(code: errno) }
            size = Int64(end)
        } else {
            size = nil
        }
        file = consume opened
    }

    /// The next bytes; none at the end.
    func read() throws(SystemError) -> [UInt8] {
        var result: Int32 = 0
        let bytes = [UInt8](unsafeUninitializedCapacity: Self.piece) { buffer, count in
            result = outlast_read_some(number, buffer.baseAddress, buffer.count, -1, &count)
            if result != 0 { count = 0 }
        }
        try SystemError.check(result)
        position += Int64(bytes.count)
        return bytes
    }
}

/// Bytes as they are.
final class PlainByteSource: ByteSource {
    private let pieces: FilePieces
    private let origin: ByteOrigin
    private var first: [UInt8]?

    init(_ pieces: FilePieces, first: [UInt8], origin: ByteOrigin) {
        self.pieces = pieces
        self.first = first
        self.origin = origin
    }

    var position: Int64 { pieces.position }
    var size: Int64? { pieces.size }

    func next() throws(Failure) -> [UInt8]? {
        do throws(SystemError) {
            let piece = if let first { first } else { try pieces.read() }
            first = nil
            return piece.isEmpty ? nil : piece
        } catch {
            throw error.unreadable(origin)
        }
    }
}
