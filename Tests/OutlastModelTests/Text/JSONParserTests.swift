// JSON from outside: every value, every reason for refusal, and no trap.

import OutlastModel
import OutlastTestKit
import Testing

@Suite("Reading JSON")
struct JSONParserTests {
    private func parse(_ text: String) -> Result<JSONValue, JSONProblem> {
        do throws(JSONProblem) { return .success(try JSONValue(parsing: Array(text.utf8))) } catch {
            return .failure(error)
        }
    }

    @Test(
        "reads every sort of value",
        arguments: [
            ("null", .null), (" true ", true), ("false", false), ("0", 0), ("-12", -12), ("1.5", .number(1.5)),
            ("1e3", .number(1000)), ("-0.25E-2", .number(-0.0025)), ("9223372036854775807", .integer(.max)),
            ("9223372036854775808", .number(9_223_372_036_854_775_808)), (#""""#, ""), ("[]", []),
            ("[1, [2]]", [1, [2]]),
            (#""a\"\\\/\b\f\n\r\t""#, "a\"\\/\u{8}\u{C}\n\r\t"), (#""\u00e9\ud83d\ude00""#, "é😀"),
            (#""\ud83d!\udc00""#, "\u{FFFD}!\u{FFFD}"), (#""\ud83d\u0041""#, "\u{FFFD}A"), ("{}", [:]),
            (#"{"b": 1, "a": {"c": []}}"#, ["b": 1, "a": ["c": []]]), ("\u{FEFF}{\"a\":1}", ["a": 1]),
        ] as [(String, JSONValue)])
    func reads(_ text: String, _ value: JSONValue) { #expect(parse(text) == .success(value)) }

    @Test(
        "says why bytes are no JSON",
        arguments: [
            ("", .empty), (" \n", .empty), ("{", .truncated), ("[1,", .truncated), (#"{"a"#, .truncated),
            (#"{"a":"#, .truncated), ("tru", .truncated), ("-", .truncated), ("1.", .truncated),
            (#""\u12"#, .truncated),
            ("nul!", .malformed(at: 3)), ("01", .malformed(at: 1)), ("+1", .malformed(at: 0)),
            ("[1,]", .malformed(at: 3)),
            ("{a:1}", .malformed(at: 1)), (#"{"a" 1}"#, .malformed(at: 5)), ("1 2", .malformed(at: 2)),
            ("\"a\nb\"", .malformed(at: 2)), (#""\x""#, .malformed(at: 2)), ("<html>", .malformed(at: 0)),
            (String(repeating: "[", count: 65), .tooDeep), (String(repeating: #"{"a":"#, count: 65), .tooDeep),
        ] as [(String, JSONProblem)])
    func refuses(_ text: String, _ problem: JSONProblem) { #expect(parse(text) == .failure(problem)) }

    @Test("refuses text that is no UTF-8")
    func refusesOtherBytes() {
        #expect(throws: JSONProblem.malformed(at: 1)) { try JSONValue(parsing: [0x5B, 0x22, 0xC3, 0x28, 0x22, 0x5D]) }
    }

    @Test("64 levels are not too deep")
    func depth() throws {
        let text = String(repeating: "[", count: 64) + String(repeating: "]", count: 64)
        #expect(try JSONValue(parsing: Array(text.utf8)).elements?.count == 1)
    }

    @Test("what was written is read back, and random bytes never trap")
    func roundTrip() throws {
        var random = SeededRandom(seed: 7)
        for round in 0..<500 {
            let value = RandomAnswer.value(depth: 0, &random)
            #expect(try JSONValue(parsing: Array(value.encoded.utf8)) == value, "round \(round)")
            let bytes = (0..<40).map { _ in UInt8.random(in: 0...255, using: &random) }
            _ = try? JSONValue(parsing: bytes)
        }
    }
}
