// Answers of an interface, saved one behind another: the elements of outermost lists and all other outermost values, one
// by one, so that no file need be held whole.

/// Cuts JSON texts into values.
public struct JSONPieces: Sendable {
    /// Why the bytes cannot be cut.
    public enum Problem: Error, Hashable, Sendable {
        /// Something that begins no object at this byte.
        case malformed(at: Int64)
        /// An object of more than `longest` bytes, which begins at this byte.
        case tooLong(at: Int64)
        /// The end came within an object or a list.
        case truncated

        /// What is wrong, as a part of a sentence.
        public var text: String {
            switch self {
            case .malformed(let offset): "it is no list of JSON objects from byte \(offset) on"
            case .tooLong(let offset): "the answer at byte \(offset) is too long to be read at once"
            case .truncated: "it ends early"
            }
        }
    }

    /// The most bytes of one value.
    public static let longest = 8 << 20

    private let longest: Int
    private var piece: [UInt8] = []
    private var depth = 0
    private var isInList = false
    private var isInString = false
    private var isEscaped = false
    private var offset: Int64 = 0

    /// Begins.
    public init(longest: Int = Self.longest) { self.longest = longest }

    /// Takes bytes, and hands each value that they complete to `take`, in order.
    ///
    /// - Throws: what is wrong, and whatever `take` throws; values before that were handed out.
    public mutating func feed(
        _ bytes: [UInt8], _ take: ([UInt8]) throws(Failure) -> Void
    ) throws(Failure) -> Problem? {
        for byte in bytes {
            defer { offset += 1 }
            if depth == 0 {
                if let problem = begin(byte) { return problem }
                continue
            }
            piece.append(byte)
            follow(byte)
            if depth == 0 {
                try take(piece)
                piece.removeAll(keepingCapacity: true)
            } else if piece.count > longest {
                return .tooLong(at: offset - Int64(piece.count) + 1)
            }
        }
        return nil
    }

    /// What is wrong when the bytes end here.
    public func finish() -> Problem? { depth > 0 || isInList ? .truncated : nil }

    private mutating func begin(_ byte: UInt8) -> Problem? {
        switch byte {
        // Blanks, commas, the mark between records of a sequence, the mark of UTF-8 at the beginning.
        case 0x20, 0x09, 0x0A, 0x0D, UInt8(ascii: ","), 0x1E: return nil
        case 0xEF where offset == 0, 0xBB where offset == 1, 0xBF where offset == 2: return nil
        case UInt8(ascii: "[") where !isInList: isInList = true
        case UInt8(ascii: "]") where isInList: isInList = false
        case UInt8(ascii: "{"):
            piece.append(byte)
            depth = 1
        default: return .malformed(at: offset)
        }
        return nil
    }

    private mutating func follow(_ byte: UInt8) {
        if isEscaped {
            isEscaped = false
        } else if isInString {
            if byte == UInt8(ascii: "\\") { isEscaped = true }
            if byte == UInt8(ascii: "\"") { isInString = false }
        } else {
            switch byte {
            case UInt8(ascii: "\""): isInString = true
            case UInt8(ascii: "{"), UInt8(ascii: "["): depth += 1
            case UInt8(ascii: "}"), UInt8(ascii: "]"): depth -= 1
            default: break
            }
        }
    }
}
