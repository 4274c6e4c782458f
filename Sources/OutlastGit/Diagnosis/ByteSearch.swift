// Searching in bytes, for text that may be in any encoding or in none.

#if canImport(Darwin)
import Darwin
#elseif canImport(Musl)
import Musl
#else
import Glibc
#endif

/// Plain searches.
enum ByteSearch {
    /// Where `part` begins, at `start` or later.
    static func find(_ part: [UInt8], in bytes: [UInt8], from start: Int) -> Int? {
        guard !part.isEmpty, start >= 0, bytes.count - start >= part.count else { return nil }
        return bytes.withUnsafeBytes { whole -> Int? in
            part.withUnsafeBytes { wanted -> Int? in
                guard let base = whole.baseAddress, let needle = wanted.baseAddress else { return nil }
                var index = start
                let last = whole.count - wanted.count
                while index <= last {
                    guard let found = memchr(base + index, Int32(wanted[0]), last - index + 1) else { return nil }
                    let position = UnsafeRawPointer(found) - base
                    if memcmp(base + position, needle, wanted.count) == 0 { return position }
                    index = position + 1
                }
                return nil
            }
        }
    }

    /// Where the first of these parts begins when all of them follow one another; `start` when there are none.
    static func contains(_ bytes: [UInt8], _ parts: [[UInt8]], from start: Int) -> Int? {
        var first: Int?
        var index = start
        for part in parts {
            guard let found = find(part, in: bytes, from: index) else { return nil }
            first = first ?? found
            index = found + part.count
        }
        return first ?? start
    }

    /// An ASCII letter in lower case; any other byte as it is.
    static func folded(_ byte: UInt8) -> UInt8 { byte >= 0x41 && byte <= 0x5A ? byte | 0x20 : byte }

    static func isSpace(_ byte: UInt8) -> Bool { byte == 0x20 || (byte >= 0x09 && byte <= 0x0D) }

    static func isDigit(_ byte: UInt8) -> Bool { byte >= 0x30 && byte <= 0x39 }

    static func isLetter(_ byte: UInt8) -> Bool { (0x61...0x7A).contains(folded(byte)) }
}
