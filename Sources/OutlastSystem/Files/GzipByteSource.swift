// What gzip has packed (RFC 1952), several members one after another included, unpacked in pieces of a bounded size: a
// small file that unpacks to very much costs time, never memory.

import CZlib
import OutlastModel

/// Unpacked bytes.
final class GzipByteSource: ByteSource {
    private let pieces: FilePieces
    private let origin: ByteOrigin
    /// zlib keeps its address, so it must not move.
    private let stream: UnsafeMutablePointer<z_stream>
    /// Packed bytes, and how many of them were taken.
    private var packed: [UInt8]
    private var taken = 0
    private var state = State.begun
    private var failure: Failure?

    private enum State { case begun, inMember, betweenMembers, ended }

    init(_ pieces: FilePieces, first: [UInt8], origin: ByteOrigin) {
        self.pieces = pieces
        self.origin = origin
        packed = first
        stream = .allocate(capacity: 1)
        stream.initialize(to: z_stream())
    }

    deinit {
        if state != .begun { inflateEnd(stream) }
        stream.deinitialize(count: 1)
        stream.deallocate()
    }

    var position: Int64 { pieces.position }
    var size: Int64? { pieces.size }

    func next() throws(Failure) -> [UInt8]? {
        if let failure { throw failure }
        if state == .begun { try begin() }
        while state != .ended {
            if taken == packed.count { try refill() }
            if state == .ended { break }
            if state == .betweenMembers { try beginMember() }
            guard state == .inMember else { continue }
            let piece = unpack()
            if !piece.isEmpty { return piece }
            if let failure { throw failure }
        }
        return nil
    }

    /// 15 bits of window and 16 for gzip's own frame.
    private func begin() throws(Failure) {
        let result = inflateInit2_(stream, 15 + 16, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size))
        guard result == Z_OK else { throw Failure(.unexpected, "zlib cannot be used (code \(result))") }
        state = .inMember
    }

    private func refill() throws(Failure) {
        do throws(SystemError) { packed = try pieces.read() } catch { throw error.unreadable(origin) }
        taken = 0
        guard packed.isEmpty else { return }
        if state == .inMember {
            throw damaged(
                "its compressed data ends early", hint: "run it again with the whole file; nothing is stored twice")
        }
        state = .ended
    }

    /// Another member, or zeros that fill a block of a tape.
    private func beginMember() throws(Failure) {
        while taken < packed.count, packed[taken] == 0 { taken += 1 }
        guard taken < packed.count else { return }
        guard packed[taken] == 0x1F, inflateReset(stream) == Z_OK else {
            throw damaged("something else follows its compressed data", hint: "check it: gzip --test FILE")
        }
        state = .inMember
    }

    /// Unpacks into one piece; what was unpacked before damage was met is handed out first.
    private func unpack() -> [UInt8] {
        var result = Z_OK
        let piece = [UInt8](unsafeUninitializedCapacity: FilePieces.piece) { output, count in
            packed.withUnsafeMutableBufferPointer { input in
                guard let start = input.baseAddress else { return }
                stream.pointee.next_in = start + taken
                stream.pointee.avail_in = UInt32(input.count - taken)
                stream.pointee.next_out = output.baseAddress
                stream.pointee.avail_out = UInt32(output.count)
                result = inflate(stream, Z_NO_FLUSH)
                taken = input.count - Int(stream.pointee.avail_in)
                count = output.count - Int(stream.pointee.avail_out)
            }
        }
        switch result {
        case Z_STREAM_END: state = .betweenMembers
        case Z_OK, Z_BUF_ERROR: break
        default: failure = damaged("its compressed data is damaged", hint: "check it: gzip --test FILE")
        }
        return piece
    }

    private func damaged(_ what: String, hint: String) -> Failure {
        Failure(.malformedInput, "\(origin.shown): \(what); what came before was read", hint: hint)
    }
}
