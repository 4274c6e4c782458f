// A log of one JSON object per line, handed in piece by piece: counts its lines, tells which are not even shaped like an
// object, and picks those that hold a marker. The result does not depend on where the pieces were cut.

/// A running look at a log. Of a line that is longer than `longest` only its ends are kept.
public struct LineScan: Sendable {
    /// A line that holds the marker.
    public struct Marked: Hashable, Sendable {
        /// Its number, from 1.
        public let number: Int64
        /// Its bytes without the line's end.
        public let bytes: [UInt8]
    }

    /// A line that is not shaped like an object, or is too long to be read though it holds the marker.
    public struct Broken: Hashable, Sendable {
        /// Its number, from 1.
        public let number: Int64
        /// Its first bytes.
        public let beginning: [UInt8]
    }

    /// What a piece completed.
    public struct Found: Hashable, Sendable {
        /// Lines to be read.
        public var marked: [Marked] = []
        /// The first few broken lines of the whole log, each in the piece that completed it.
        public var broken: [Broken] = []
    }

    /// The most bytes of a line that is read.
    public static let longest = 1 << 20
    /// How many broken lines are handed out.
    public static let mostBroken = 3
    /// How many bytes of one.
    static let beginning = 120

    /// Lines that ended so far.
    public private(set) var lines: Int64 = 0
    /// Of these, the broken ones.
    public private(set) var broken: Int64 = 0
    /// All bytes handed in.
    public private(set) var bytes: Int64 = 0

    private let search: MarkerSearch
    private let longest: Int
    private var rest: [UInt8] = []
    private var isOverlong = false
    private var restIsMarked = false
    private var restBeginning: [UInt8] = []

    /// Looks for lines that hold `marker` (2 to 200 bytes, no line feed).
    public init(marker: String, longest: Int = Self.longest) {
        search = MarkerSearch(marker)
        self.longest = longest
    }

    /// Takes the next piece.
    public mutating func feed(_ piece: [UInt8]) -> Found {
        var found = Found()
        bytes += Int64(piece.count)
        piece.withUnsafeBytes { bytes in
            var start = 0
            if !rest.isEmpty {
                let end = LineEnd.first(in: bytes, from: 0)
                keep(bytes[..<end])
                guard end < bytes.count else { return }
                finishRest(&found)
                start = end + 1
            }
            scan(bytes, from: start, &found)
        }
        return found
    }

    /// Takes the end: what stands behind the last line feed is a line too.
    public mutating func finish() -> Found {
        var found = Found()
        if !rest.isEmpty { finishRest(&found) }
        return found
    }

    /// Whole lines within a piece; what follows the last of them is kept.
    private mutating func scan(_ bytes: UnsafeRawBufferPointer, from first: Int, _ found: inout Found) {
        var start = first
        var mark = search.first(in: bytes, from: start)
        while start < bytes.count {
            let end = LineEnd.first(in: bytes, from: start)
            guard end < bytes.count else { return keep(bytes[start...]) }
            lines += 1
            let isMarked = mark < end
            if isMarked { mark = search.first(in: bytes, from: end + 1) }
            let last = end > start && bytes[end - 1] == 0x0D ? end - 1 : end
            let isShaped = last - start >= 2 && bytes[start] == 0x7B && bytes[last - 1] == 0x7D
            if !isShaped || (isMarked && end - start > longest) {
                noteBroken(bytes[start..<last].prefix(Self.beginning), &found)
            } else if isMarked {
                found.marked.append(Marked(number: lines, bytes: Array(bytes[start..<last])))
            }
            start = end + 1
        }
    }

    private mutating func noteBroken(_ beginning: some Sequence<UInt8>, _ found: inout Found) {
        broken += 1
        guard broken <= Int64(Self.mostBroken) else { return }
        found.broken.append(Broken(number: lines, beginning: Array(beginning)))
    }

    /// Adds to the line that has not ended. Of one that grows too long, its beginning is remembered, whether it holds the
    /// marker, and enough of its end to find a marker that goes on in the next piece.
    private mutating func keep(_ more: Slice<UnsafeRawBufferPointer>) {
        let room = longest - rest.count
        guard isOverlong || more.count > room else {
            rest += more
            return
        }
        var more = more
        if !isOverlong {
            rest += more.prefix(room)
            more = more.dropFirst(room)
            isOverlong = true
            restBeginning = Array(rest.prefix(Self.beginning))
            shortenRest()
        }
        // In steps, so that a piece of any size needs no more room.
        while !more.isEmpty {
            rest += more.prefix(longest + search.marker.count)
            more = more.dropFirst(longest + search.marker.count)
            shortenRest()
        }
    }

    private mutating func shortenRest() {
        if !restIsMarked {
            restIsMarked = rest.withUnsafeBytes { search.first(in: $0, from: 0) < $0.count }
        }
        rest = Array(rest.suffix(max(2, search.marker.count)))
    }

    private mutating func finishRest(_ found: inout Found) {
        lines += 1
        if rest.last == 0x0D { rest.removeLast() }
        let first = isOverlong ? restBeginning.first : rest.first
        let isShaped = (isOverlong || rest.count >= 2) && first == 0x7B && rest.last == 0x7D
        let isMarked = restIsMarked || rest.withUnsafeBytes { search.first(in: $0, from: 0) < $0.count }
        if !isShaped || (isMarked && isOverlong) {
            noteBroken(isOverlong ? restBeginning : Array(rest.prefix(Self.beginning)), &found)
        } else if isMarked {
            found.marked.append(Marked(number: lines, bytes: rest))
        }
        rest.removeAll(keepingCapacity: !isOverlong)
        restBeginning = []
        isOverlong = false
        restIsMarked = false
    }
}
