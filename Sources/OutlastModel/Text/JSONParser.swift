// Reading JSON from outside: linear time, bounded depth, never a trap, and a reason that a person can act on. Written by
// hand since answers of forges are read on the warm path and a decoder that guesses types by throwing is slow on hostile
// input.

/// Why bytes are no JSON text.
public enum JSONProblem: Error, Hashable, Sendable {
    /// Nothing but blanks.
    case empty
    /// The text ends before its value does.
    case truncated
    /// The grammar of RFC 8259 is left at this byte.
    case malformed(at: Int)
    /// More levels than the caller allows.
    case tooDeep

    /// What is wrong, as a part of a sentence.
    public var text: String {
        switch self {
        case .empty: "an empty text"
        case .truncated: "JSON that ends early"
        case .malformed(let offset): "no JSON from byte \(offset) on"
        case .tooDeep: "JSON that is nested too deeply"
        }
    }
}

extension JSONValue {
    /// Reads one JSON text (RFC 8259), a byte order mark before it included.
    ///
    /// Members keep their order, and equal keys are all kept. Lone surrogates become U+FFFD. `deepest` bounds the levels
    /// of lists and objects.
    ///
    /// - Throws: `JSONProblem`, also for anything but blanks after the value.
    public init(parsing bytes: [UInt8], deepest: Int = 64) throws(JSONProblem) {
        var parser = JSONParser(bytes: bytes, deepest: deepest)
        self = try parser.document()
    }
}

/// One pass over the bytes.
private struct JSONParser {
    private let bytes: [UInt8]
    private let deepest: Int
    private var index: Int

    init(bytes: [UInt8], deepest: Int) {
        self.bytes = bytes
        self.deepest = deepest
        index = bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? 3 : 0
    }

    mutating func document() throws(JSONProblem) -> JSONValue {
        skipBlanks()
        guard index < bytes.count else { throw .empty }
        let value = try value(level: 0)
        skipBlanks()
        guard index == bytes.count else { throw .malformed(at: index) }
        return value
    }

    private mutating func value(level: Int) throws(JSONProblem) -> JSONValue {
        switch try current() {
        case UInt8(ascii: "{"): return .object(try members(level: level + 1))
        case UInt8(ascii: "["): return .array(try elements(level: level + 1))
        case UInt8(ascii: "\""): return .string(try string())
        case UInt8(ascii: "t"): return try word("true", .bool(true))
        case UInt8(ascii: "f"): return try word("false", .bool(false))
        case UInt8(ascii: "n"): return try word("null", .null)
        default: return try number()
        }
    }

    private mutating func members(level: Int) throws(JSONProblem) -> [JSONValue.Member] {
        guard level <= deepest else { throw .tooDeep }
        index += 1
        var members: [JSONValue.Member] = []
        skipBlanks()
        if try take("}") { return members }
        while true {
            skipBlanks()
            guard try current() == UInt8(ascii: "\"") else { throw .malformed(at: index) }
            let key = try string()
            skipBlanks()
            guard try take(":") else { throw .malformed(at: index) }
            skipBlanks()
            members.append(JSONValue.Member(key, try value(level: level)))
            skipBlanks()
            if try take("}") { return members }
            guard try take(",") else { throw .malformed(at: index) }
        }
    }

    private mutating func elements(level: Int) throws(JSONProblem) -> [JSONValue] {
        guard level <= deepest else { throw .tooDeep }
        index += 1
        var elements: [JSONValue] = []
        skipBlanks()
        if try take("]") { return elements }
        while true {
            skipBlanks()
            elements.append(try value(level: level))
            skipBlanks()
            if try take("]") { return elements }
            guard try take(",") else { throw .malformed(at: index) }
        }
    }

    private mutating func word(_ word: StaticString, _ value: JSONValue) throws(JSONProblem) -> JSONValue {
        for offset in 0..<word.utf8CodeUnitCount {
            guard try current() == word.utf8Start[offset] else { throw .malformed(at: index) }
            index += 1
        }
        return value
    }

    private mutating func number() throws(JSONProblem) -> JSONValue {
        let start = index
        if try current() == UInt8(ascii: "-") { index += 1 }
        if try current() == UInt8(ascii: "0") { index += 1 } else { try digits() }
        var isWhole = true
        if index < bytes.count, bytes[index] == UInt8(ascii: ".") {
            isWhole = false
            index += 1
            try digits()
        }
        if index < bytes.count, bytes[index] | 0x20 == UInt8(ascii: "e") {
            isWhole = false
            index += 1
            if try current() == UInt8(ascii: "+") || bytes[index] == UInt8(ascii: "-") { index += 1 }
            try digits()
        }
        let text = String(decoding: bytes[start..<index], as: UTF8.self)
        if isWhole, let value = Int64(text) { return .integer(value) }
        guard let value = Double(text) else { throw .malformed(at: start) }
        return .number(value)
    }

    private mutating func digits() throws(JSONProblem) {
        guard (48...57).contains(try current()) else { throw .malformed(at: index) }
        while index < bytes.count, (48...57).contains(bytes[index]) { index += 1 }
    }

    private mutating func string() throws(JSONProblem) -> String {
        let start = index
        index += 1
        // Nearly every text is what stands between its quotes.
        var end = index
        var bits: UInt8 = 0
        while end < bytes.count, bytes[end] >= 0x20, bytes[end] != UInt8(ascii: "\""), bytes[end] != UInt8(ascii: "\\")
        {
            bits |= bytes[end]
            end += 1
        }
        if end < bytes.count, bytes[end] == UInt8(ascii: "\""), bits < 0x80 {
            defer { index = end + 1 }
            return String(decoding: bytes[index..<end], as: UTF8.self)
        }
        return try unusualString(from: start)
    }

    /// A text with escapes, with other letters than ASCII's, or one that is broken.
    private mutating func unusualString(from start: Int) throws(JSONProblem) -> String {
        var content: [UInt8] = []
        while true {
            let byte = try current()
            index += 1
            switch byte {
            case UInt8(ascii: "\""):
                guard let text = String(validating: content, as: UTF8.self) else { throw .malformed(at: start) }
                return text
            case UInt8(ascii: "\\"): content += String(try escaped()).utf8
            case 0..<0x20: throw .malformed(at: index - 1)
            default: content.append(byte)
            }
        }
    }

    private mutating func escaped() throws(JSONProblem) -> Unicode.Scalar {
        let byte = try current()
        index += 1
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): return Unicode.Scalar(byte)
        case UInt8(ascii: "b"): return "\u{8}"
        case UInt8(ascii: "f"): return "\u{C}"
        case UInt8(ascii: "n"): return "\n"
        case UInt8(ascii: "r"): return "\r"
        case UInt8(ascii: "t"): return "\t"
        case UInt8(ascii: "u"): return try unicodeEscape()
        default: throw .malformed(at: index - 1)
        }
    }

    private mutating func unicodeEscape() throws(JSONProblem) -> Unicode.Scalar {
        let first = try fourHexDigits()
        guard (0xD800..<0xDC00).contains(first), bytes[index...].starts(with: [0x5C, 0x75]) else {
            return Unicode.Scalar(first) ?? "\u{FFFD}"
        }
        let mark = index
        index += 2
        let second = try fourHexDigits()
        guard (0xDC00..<0xE000).contains(second) else {
            index = mark
            return "\u{FFFD}"
        }
        return Unicode.Scalar(0x10000 + (first - 0xD800) << 10 + (second - 0xDC00)) ?? "\u{FFFD}"
    }

    private mutating func fourHexDigits() throws(JSONProblem) -> UInt32 {
        var value: UInt32 = 0
        for _ in 0..<4 {
            guard let digit = Character(Unicode.Scalar(try current())).hexDigitValue else {
                throw .malformed(at: index)
            }
            value = value << 4 + UInt32(digit)
            index += 1
        }
        return value
    }

    private func current() throws(JSONProblem) -> UInt8 {
        guard index < bytes.count else { throw .truncated }
        return bytes[index]
    }

    private mutating func take(_ character: Unicode.Scalar) throws(JSONProblem) -> Bool {
        guard UInt32(try current()) == character.value else { return false }
        index += 1
        return true
    }

    private mutating func skipBlanks() {
        while index < bytes.count {
            switch bytes[index] {
            case 0x20, 0x09, 0x0A, 0x0D: index += 1
            default: return
            }
        }
    }
}
