// Where a short text stands in many bytes, and where lines end: sixteen bytes are looked at in one step.

/// Looks for one text of 2 to 200 bytes.
struct MarkerSearch: Sendable {
    let marker: [UInt8]

    init(_ text: String) { marker = Array(text.utf8) }

    /// Where the text begins first at or behind an offset; the count of bytes when it is not there. A place counts for a
    /// closer look when the text's first and last byte stand where they would.
    func first(in bytes: UnsafeRawBufferPointer, from start: Int) -> Int {
        let last = marker.count - 1
        guard last >= 1 else { return bytes.count }
        let (opening, closing) = (marker[0], marker[last])
        let end = bytes.count - last
        var index = start
        while index + 16 <= end {
            let found = Sixteen.mask(bytes, at: index, opening) & Sixteen.mask(bytes, at: index + last, closing)
            if !found.isEmpty {
                for offset in found where matches(bytes, at: index + offset) { return index + offset }
            }
            index += 16
        }
        while index < end {
            if bytes[index] == opening, matches(bytes, at: index) { return index }
            index += 1
        }
        return bytes.count
    }

    private func matches(_ bytes: UnsafeRawBufferPointer, at start: Int) -> Bool {
        for index in marker.indices where bytes[start + index] != marker[index] { return false }
        return true
    }
}

/// Where lines end.
enum LineEnd {
    /// The next line feed at or behind an offset; the count of bytes when there is none.
    static func first(in bytes: UnsafeRawBufferPointer, from start: Int) -> Int {
        var index = start
        while index + 16 <= bytes.count {
            let found = Sixteen.mask(bytes, at: index, 0x0A)
            if !found.isEmpty { return index + found.first }
            index += 16
        }
        while index < bytes.count, bytes[index] != 0x0A { index += 1 }
        return index
    }
}

/// Which of sixteen bytes are of interest: eight bits for each of them, all on or all off.
private struct Sixteen: Sequence, IteratorProtocol {
    private var low: UInt64
    private var high: UInt64

    /// Those that are equal to a byte. The sixteen must lie within the bytes.
    @inline(__always)
    static func mask(_ bytes: UnsafeRawBufferPointer, at index: Int, _ byte: UInt8) -> Sixteen {
        let loaded = bytes.loadUnaligned(fromByteOffset: index, as: SIMD16<UInt8>.self)
        let words = unsafeBitCast(loaded .== SIMD16(repeating: byte), to: SIMD2<UInt64>.self)
        return Sixteen(low: UInt64(littleEndian: words[0]), high: UInt64(littleEndian: words[1]))
    }

    @inline(__always)
    static func & (one: Sixteen, other: Sixteen) -> Sixteen {
        Sixteen(low: one.low & other.low, high: one.high & other.high)
    }

    @inline(__always)
    var isEmpty: Bool { low | high == 0 }

    /// The first of them, from 0; 16 without one.
    @inline(__always)
    var first: Int { low != 0 ? low.trailingZeroBitCount / 8 : 8 + high.trailingZeroBitCount / 8 }

    /// Goes from one to the next.
    mutating func next() -> Int? {
        guard !isEmpty else { return nil }
        let place = first
        if place < 8 { low &= ~(0xFF << UInt64(place * 8)) } else { high &= ~(0xFF << UInt64((place - 8) * 8)) }
        return place
    }
}
