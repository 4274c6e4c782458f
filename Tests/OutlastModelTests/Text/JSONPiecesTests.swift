// Saved answers, cut into values.

import OutlastModel
import Testing

@Suite("Cutting saved answers")
struct JSONPiecesTests {
    private func cut(_ text: String, size: Int = .max, longest: Int = JSONPieces.longest) -> (
        pieces: [String], problem: JSONPieces.Problem?
    ) {
        var cutter = JSONPieces(longest: longest)
        var pieces: [String] = []
        var rest = Array(text.utf8)[...]
        var problem: JSONPieces.Problem?
        while !rest.isEmpty, problem == nil {
            let part = Array(rest.prefix(size))
            rest = rest.dropFirst(part.count)
            problem = try? cutter.feed(part) { piece throws(Failure) in
                pieces.append(String(decoding: piece, as: UTF8.self))
            }
        }
        return (pieces, problem ?? cutter.finish())
    }

    @Test(
        "elements of outermost lists and other objects come one by one",
        arguments: [
            ("", []), (" \n", []), ("[]", []), ("[][]", []), ("{}", ["{}"]), ("[{},{}]", ["{}", "{}"]),
            ("[{\"a\":1}]\n[{\"b\":[1,2]}]", ["{\"a\":1}", "{\"b\":[1,2]}"]),
            ("{\"a\":\"}\"}{\"b\":\"\\\"{\"}", ["{\"a\":\"}\"}", "{\"b\":\"\\\"{\"}"]),
            ("{\"a\":\"\\\\\"}\n{}", ["{\"a\":\"\\\\\"}", "{}"]), ("\u{FEFF}[{}]", ["{}"]),
            ("{\"jobs\":[{},{}]}", ["{\"jobs\":[{},{}]}"]),
        ])
    func values(_ text: String, _ pieces: [String]) {
        for size in [Int.max, 1, 2, 3] {
            let found = cut(text, size: size)
            #expect(found.pieces == pieces && found.problem == nil)
        }
    }

    @Test(
        "what is no list of objects is refused at its byte, after all that came before",
        arguments: [
            ("<html>", 0, JSONPieces.Problem.malformed(at: 0)), ("{}x", 1, .malformed(at: 2)),
            ("[{},7]", 1, .malformed(at: 4)), ("[[{}]]", 0, .malformed(at: 1)), ("]", 0, .malformed(at: 0)),
            ("[{}", 1, .truncated), ("[", 0, .truncated), ("[{\"a\":\"", 0, .truncated),
            ("{}\u{FEFF}", 1, .malformed(at: 2)), ("\u{0}", 0, .malformed(at: 0)),
        ])
    func refused(_ text: String, _ count: Int, _ problem: JSONPieces.Problem) {
        for size in [Int.max, 1, 2] {
            let found = cut(text, size: size)
            #expect(found.pieces.count == count && found.problem == problem)
        }
    }

    @Test("a value that is too long is refused before it fills memory")
    func long() {
        let found = cut("[{},{\"a\":\"" + String(repeating: "x", count: 500), size: 7, longest: 100)
        #expect(found.pieces == ["{}"] && found.problem == .tooLong(at: 4))
    }
}
