// Where a short text stands in many bytes. Most of a log is looked at by one byte pair in a dozen (Horspool's method, with
// pairs in the place of single bytes, which in text repeat too often).

/// Looks for one text of 2 to 200 bytes.
struct MarkerSearch: Sendable {
    let marker: [UInt8]
    /// How far the window may move when it ends with a pair of this hash; 0 for the text's own last pair.
    private let moves: [UInt8]
    /// The same when the text's own last pair was met without the rest.
    private let moveAfterMiss: Int

    init(_ text: String) {
        marker = Array(text.utf8)
        let last = marker.count - 1
        var moves = [UInt8](repeating: UInt8(clamping: max(1, last)), count: 256)
        var moveAfterMiss = max(1, last)
        if last >= 1 {
            let ownPair = Self.hash(marker[last - 1], marker[last])
            for index in 1...last {
                let pair = Self.hash(marker[index - 1], marker[index])
                moves[pair] = UInt8(clamping: last - index)
                if pair == ownPair, index < last { moveAfterMiss = last - index }
            }
        }
        self.moves = moves
        self.moveAfterMiss = moveAfterMiss
    }

    private static func hash(_ first: UInt8, _ second: UInt8) -> Int { Int(first &<< 3 ^ second) }

    /// Where the text begins first at or behind an offset; the count of bytes when it is not there.
    func first(in bytes: UnsafeRawBufferPointer, from start: Int) -> Int {
        let last = marker.count - 1
        guard last >= 1 else { return bytes.count }
        return moves.withUnsafeBufferPointer { moves in
            var end = start + last
            while end < bytes.count {
                let move = Int(moves[Self.hash(bytes[end - 1], bytes[end])])
                if move > 0 {
                    end += move
                } else if matches(bytes, at: end - last) {
                    return end - last
                } else {
                    end += moveAfterMiss
                }
            }
            return bytes.count
        }
    }

    private func matches(_ bytes: UnsafeRawBufferPointer, at start: Int) -> Bool {
        for index in marker.indices where bytes[start + index] != marker[index] { return false }
        return true
    }
}

/// Where lines end.
enum LineEnd {
    /// The next line feed at or behind an offset; the count of bytes when there is none. Eight bytes are looked at in one
    /// step: a byte is 0 exactly where subtracting 1 borrows from its highest bit.
    static func first(in bytes: UnsafeRawBufferPointer, from start: Int) -> Int {
        let ones: UInt64 = 0x0101_0101_0101_0101
        let highs: UInt64 = 0x8080_8080_8080_8080
        var index = start
        while index + 8 <= bytes.count {
            let word = UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: index, as: UInt64.self))
            let difference = word ^ (ones &* 0x0A)
            let found = (difference &- ones) & ~difference & highs
            if found != 0 { return index + found.trailingZeroBitCount / 8 }
            index += 8
        }
        while index < bytes.count, bytes[index] != 0x0A { index += 1 }
        return index
    }
}
