// JSON as a value: keys keep their order, numbers that are whole stay whole. Written by hand, since replies are on the
// warm path and the general encoder costs more than the whole answer.

/// A JSON value.
public indirect enum JSONValue: Hashable, Sendable {
    case null
    case bool(Bool)
    case integer(Int64)
    case number(Double)
    case string(String)
    case array([JSONValue])
    case object([Member])

    /// A name with its value; an object keeps its members in order.
    public struct Member: Hashable, Sendable {
        /// The key.
        public let key: String
        /// The value.
        public let value: JSONValue

        /// Makes a member.
        public init(_ key: String, _ value: JSONValue) {
            self.key = key
            self.value = value
        }
    }
}

extension JSONValue: ExpressibleByStringLiteral, ExpressibleByIntegerLiteral, ExpressibleByBooleanLiteral,
    ExpressibleByNilLiteral, ExpressibleByArrayLiteral, ExpressibleByDictionaryLiteral
{
    /// A text.
    public init(stringLiteral value: String) { self = .string(value) }
    /// A whole number.
    public init(integerLiteral value: Int64) { self = .integer(value) }
    /// A truth value.
    public init(booleanLiteral value: Bool) { self = .bool(value) }
    /// Nothing.
    public init(nilLiteral: ()) { self = .null }
    /// A list.
    public init(arrayLiteral elements: JSONValue...) { self = .array(elements) }
    /// An object whose members keep the order of the source text.
    public init(dictionaryLiteral elements: (String, JSONValue)...) {
        self = .object(elements.map { Member($0.0, $0.1) })
    }

    /// A text, or null.
    public init(_ text: String?) { self = text.map(JSONValue.string) ?? .null }
    /// A whole number, or null.
    public init(_ number: Int64?) { self = number.map(JSONValue.integer) ?? .null }
    /// A whole number, or null.
    public init(_ number: Int?) { self = number.map { .integer(Int64($0)) } ?? .null }
    /// A moment as RFC 3339 text, or null.
    public init(_ instant: Instant?) { self = instant.map { .string($0.text) } ?? .null }
    /// A duration in whole seconds, or null.
    public init(seconds duration: Duration?) { self = duration.map { .integer($0.wholeSeconds) } ?? .null }
}

extension JSONValue {
    /// The value under a key of an object; nil for anything else. The last of equal keys counts.
    public subscript(key: String) -> JSONValue? {
        if case .object(let members) = self { members.last { $0.key == key }?.value } else { nil }
    }

    /// The text, when it is one.
    public var text: String? { if case .string(let text) = self { text } else { nil } }
    /// The truth value, when it is one.
    public var truth: Bool? { if case .bool(let truth) = self { truth } else { nil } }
    /// The elements, when it is a list.
    public var elements: [JSONValue]? { if case .array(let elements) = self { elements } else { nil } }
    /// The members, when it is an object.
    public var members: [Member]? { if case .object(let members) = self { members } else { nil } }
    /// The whole number; a fraction is rounded down, and only what fits passes.
    public var wholeNumber: Int64? {
        switch self {
        case .integer(let value): value
        case .number(let value): Int64(exactly: value.rounded(.down))
        default: nil
        }
    }

    /// One line of JSON without blanks. Control characters, U+2028 and U+2029 and everything beyond ASCII that could
    /// change what a terminal shows are escaped, and so is the second of two `#`; numbers that JSON cannot write become null.
    public var encoded: String {
        var bytes: [UInt8] = []
        write(to: &bytes)
        return String(decoding: bytes, as: UTF8.self)
    }

    private func write(to bytes: inout [UInt8]) {
        switch self {
        case .null: bytes += Array("null".utf8)
        case .bool(let truth): bytes += Array((truth ? "true" : "false").utf8)
        case .integer(let value): bytes += Array(String(value).utf8)
        case .number(let value): bytes += Array((value.isFinite ? "\(value)" : "null").utf8)
        case .string(let text): Self.write(text, to: &bytes)
        case .array(let elements):
            bytes.append(UInt8(ascii: "["))
            for (index, element) in elements.enumerated() {
                if index > 0 { bytes.append(UInt8(ascii: ",")) }
                element.write(to: &bytes)
            }
            bytes.append(UInt8(ascii: "]"))
        case .object(let members):
            bytes.append(UInt8(ascii: "{"))
            for (index, member) in members.enumerated() {
                if index > 0 { bytes.append(UInt8(ascii: ",")) }
                Self.write(member.key, to: &bytes)
                bytes.append(UInt8(ascii: ":"))
                member.value.write(to: &bytes)
            }
            bytes.append(UInt8(ascii: "}"))
        }
    }

    private static func write(_ text: String, to bytes: inout [UInt8]) {
        bytes.append(UInt8(ascii: "\""))
        var previous: Unicode.Scalar?
        for scalar in text.unicodeScalars {
            defer { previous = scalar }
            switch scalar {
            // Runners look for `##[` and `##vso[` anywhere in a line of the log, in JSON as well.
            case "#" where previous == "#": bytes += Array("\\u0023".utf8)
            case "\"": bytes += [UInt8(ascii: "\\"), UInt8(ascii: "\"")]
            case "\\": bytes += [UInt8(ascii: "\\"), UInt8(ascii: "\\")]
            case "\n": bytes += [UInt8(ascii: "\\"), UInt8(ascii: "n")]
            case "\t": bytes += [UInt8(ascii: "\\"), UInt8(ascii: "t")]
            case "\r": bytes += [UInt8(ascii: "\\"), UInt8(ascii: "r")]
            default:
                if SafeText.isUnsafe(scalar) {
                    for unit in UTF16.encode(scalar) ?? UTF16.encodedReplacementCharacter {
                        let hex = String(unit, radix: 16)
                        bytes += Array(("\\u" + String(repeating: "0", count: 4 - hex.count) + hex).utf8)
                    }
                } else {
                    bytes += Array(String(scalar).utf8)
                }
            }
        }
        bytes.append(UInt8(ascii: "\""))
    }
}
