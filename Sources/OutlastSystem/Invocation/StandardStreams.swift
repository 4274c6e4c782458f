// stdin, stdout and stderr by descriptor: nothing is buffered, so nothing is lost at an exit or an exec.

import CPlatform
public import OutlastModel

#if canImport(Darwin)
import Darwin
#elseif canImport(Musl)
import Musl
#else
import Glibc
#endif

/// The process's three streams.
public struct StandardStreams: Sendable {
    /// Where to write.
    public enum Target: Sendable { case output, error }

    /// How writing ended.
    public enum Outcome: Hashable, Sendable {
        /// Every byte was taken.
        case written
        /// The reader went away, or the stream was never open: nothing that anyone needs to be told.
        case readerGone
        /// The bytes could not be written; the system's words for it, such as `no space left on device`.
        case failed(String)
    }

    private let descriptors: (input: Int32, output: Int32, error: Int32)

    /// This process's streams.
    public init() { self.init(input: STDIN_FILENO, output: STDOUT_FILENO, error: STDERR_FILENO) }

    /// Streams on other descriptors, for tests.
    init(input: Int32, output: Int32, error: Int32) { descriptors = (input, output, error) }

    /// Writes all bytes at once, in order.
    @discardableResult
    public func write(_ bytes: [UInt8], to target: Target) -> Outcome {
        bytes.withUnsafeBytes { write($0, to: target) }
    }

    /// Writes the bytes of a secret, without a copy of them.
    @discardableResult
    public func write(_ secret: Secret, to target: Target) -> Outcome {
        secret.withBytes { write($0, to: target) }
    }

    private func write(_ bytes: UnsafeRawBufferPointer, to target: Target) -> Outcome {
        let result = outlast_write_all(
            target == .output ? descriptors.output : descriptors.error, bytes.baseAddress, bytes.count)
        switch result {
        case 0: return .written
        case EPIPE, EBADF: return .readerGone
        default: return .failed(SystemError(code: result).words)
        }
    }

    /// Writes the UTF-8 bytes of a text.
    @discardableResult
    public func write(_ text: String, to target: Target) -> Outcome { write(Array(text.utf8), to: target) }

    /// Writes to stdout a part of something long; false when nobody reads it any more, so that the rest need not be made.
    public func writeOutput(_ bytes: [UInt8]) throws(Failure) -> Bool {
        switch write(bytes, to: .output) {
        case .written: return true
        case .readerGone: return false
        case .failed(let words): throw Failure(.unexpected, "the answer could not be written: \(words)")
        }
    }

    /// Reads stdin to its end.
    ///
    /// - Throws: `usage` when there are more than `limit` bytes, or stdin is closed or cannot be read.
    public func readInput(limit: Int) throws(Failure) -> [UInt8] { try read(limit: limit) { _ in false } }

    /// Reads stdin to its end or to the first empty line: a question of git's, which need not close the stream.
    ///
    /// - Throws: `usage` when there are more than `limit` bytes, or stdin is closed or cannot be read.
    public func readQuestion(limit: Int) throws(Failure) -> [UInt8] {
        let end = UInt8(ascii: "\n")
        return try read(limit: limit) { bytes in
            bytes.first == end || zip(bytes, bytes.dropFirst()).contains { $0 == end && $1 == end }
        }
    }

    private func read(limit: Int, until isEnough: ([UInt8]) -> Bool) throws(Failure) -> [UInt8] {
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 16_384)
        defer { chunk.withUnsafeMutableBytes { outlast_wipe($0.baseAddress, $0.count) } }
        while true {
            var count = 0
            let result = outlast_read_some(descriptors.input, &chunk, chunk.count, -1, &count)
            guard result == 0 else {
                let words = result == EBADF ? "it is closed" : SystemError(code: result).words
                throw Failure.usage("cannot read stdin: \(words)", hint: "give it a file or a pipe")
            }
            if count == 0 { return bytes }
            bytes += chunk[..<count]
            guard bytes.count <= limit else { throw Failure.usage("stdin holds more than \(limit) bytes") }
            if isEnough(bytes) { return bytes }
        }
    }

    /// Reads stdin to its end and keeps the last `count` bytes.
    ///
    /// - Throws: `usage` when stdin is closed or cannot be read.
    public func readInputTail(_ count: Int) throws(Failure) -> [UInt8] {
        var tail = Tail(count)
        var chunk = [UInt8](repeating: 0, count: 65_536)
        while true {
            var taken = 0
            let result = outlast_read_some(descriptors.input, &chunk, chunk.count, -1, &taken)
            guard result == 0 else {
                let words = result == EBADF ? "it is closed" : SystemError(code: result).words
                throw Failure.usage("cannot read stdin: \(words)", hint: "give it a file or a pipe")
            }
            if taken == 0 { return tail.bytes }
            tail.append(chunk[..<taken])
        }
    }
}
