import Foundation
import OutlastModel
import Testing

@Suite struct JSONValueTests {
    @Test func keepsTheOrderOfKeysAndWholeNumbersWhole() {
        let value: JSONValue = ["schema": 1, "b": nil, "a": [true, false, "x"], "n": .number(0.5), "e": [:]]
        #expect(value.encoded == #"{"schema":1,"b":null,"a":[true,false,"x"],"n":0.5,"e":{}}"#)
    }

    @Test(arguments: [
        ("\"\\", #""\"\\""#), ("a\nb\tc\rd", #""a\nb\tc\rd""#), ("\u{0}\u{1B}\u{7F}", #""\u0000\u001b\u007f""#),
        ("\u{202E}\u{2028}", #""\u202e\u2028""#), ("\u{E0041}", #""\udb40\udc41""#), ("ü日", "\"ü日\""),
        ("##[error]", ##""#\u0023[error]""##), ("###vso[", ##""#\u0023\u0023vso[""##), ("a#b", ##""a#b""##),
    ])
    func escapesWhatWouldChangeATerminalOrALog(text: String, encoded: String) {
        #expect(JSONValue.string(text).encoded == encoded)
    }

    @Test func writesNumbersThatJSONKnows() {
        #expect(JSONValue.number(.nan).encoded == "null")
        #expect(JSONValue.number(.infinity).encoded == "null")
        #expect(JSONValue.integer(.min).encoded == "-9223372036854775808")
    }

    @Test func isReadBackByAnotherReader() throws {
        var numbers = SeededNumbers(4)
        for _ in 0..<500 {
            let scalars = (0..<Int.random(in: 0...20, using: &numbers)).compactMap { _ in
                Unicode.Scalar(
                    UInt32.random(in: 0...0x10FFFF, using: &numbers) >> UInt32.random(in: 0...14, using: &numbers))
            }
            let text = scalars.reduce(into: "") { $0.unicodeScalars.append($1) }
            let encoded = JSONValue.object([.init(text, .string(text))]).encoded
            let read = try #require(
                JSONSerialization.jsonObject(with: Data(encoded.utf8)) as? [String: String])
            #expect(read.values.first.map { Array($0.unicodeScalars) } == scalars)
            #expect(!encoded.contains("\n") && !Array(encoded.utf8).contains(sequence: "##["))
        }
    }

    @Test func givesItsParts() {
        let value: JSONValue = ["t": "x", "n": 3, "f": .number(3.7), "b": true, "l": [1], "o": ["k": 1]]
        #expect(value["t"]?.text == "x" && value["n"]?.wholeNumber == 3 && value["f"]?.wholeNumber == 3)
        #expect(value["b"]?.truth == true && value["l"]?.elements == [1] && value["o"]?.members?.count == 1)
        #expect(value["missing"] == nil && value["t"]?["x"] == nil && value["t"]?.wholeNumber == nil)
        #expect(JSONValue.number(1e300).wholeNumber == nil && JSONValue.number(.nan).wholeNumber == nil)
        #expect(JSONValue.object([.init("k", 1), .init("k", 2)])["k"] == 2)
        #expect(JSONValue(nil as Instant?) == .null && JSONValue(seconds: .milliseconds(1500)) == 1)
        #expect(JSONValue(Instant(seconds: 0)) == "1970-01-01T00:00:00Z")
    }
}
