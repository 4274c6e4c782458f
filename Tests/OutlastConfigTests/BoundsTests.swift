import OutlastModel
import Testing

@testable import OutlastConfig

@Suite struct BoundsTests {
    private func failure(_ text: String) -> Failure? { Fixture.failure { try Fixture.load(text) } }

    @Test func refusesFilesOverAMebibyte() {
        let comment = "version: 1\n#" + String(repeating: "x", count: (1 << 20) - 12)
        #expect(failure(comment) == nil)
        #expect(failure(comment + "x")?.message.contains("larger than 1 MiB") == true)
    }

    @Test func refusesAliasesThatMultiply() {
        var bomb = "version: 1\nx0: &x0 [a, a, a, a]\n"
        for level in 1...40 { bomb += "x\(level): &x\(level) [*x\(level - 1), *x\(level - 1)]\n" }
        #expect(failure(bomb)?.message.contains("too many YAML aliases") == true)
        #expect(failure(bomb + "? *x40\n: y\n")?.message.contains("too many YAML aliases") == true)
        let hidden = bomb.replacing("x1: ", with: "#\r *x0")
        #expect(failure(hidden)?.message.contains("too many YAML aliases") == true)
    }

    @Test func boundsWhatAFewAliasesCanMakeOfALargeList() {
        var text = "version: 1\nx0: &x0 [" + Array(repeating: "a", count: 5000).joined(separator: ",") + "]\n"
        for level in 1...5 { text += "x\(level): &x\(level) [*x\(level - 1), *x\(level - 1), *x\(level - 1)]\n" }
        #expect(failure(text)?.message.contains("more than 20000 values") == true)
        let large = text + "# " + String(repeating: "x", count: 1 << 16)
        #expect(failure(large)?.message.contains("too many YAML aliases") == true)
    }

    @Test func letsStarsInTextAndCommentsBe() {
        let comments = (0..<50).map { "# see *note\($0)" }.joined(separator: "\n")
        #expect(failure("\(comments)\nversion: 1\n") == nil)
    }

    @Test(arguments: ["[", "{", "- ", "{a: ", "? ", "[{a: ", "!a ", "&a "])
    func survivesDeepNesting(opening: String) {
        for depth in [40, 1_000, 100_000] {
            let failure = failure("version: 1\nmargin:\n  " + String(repeating: opening, count: depth))
            #expect(failure?.code == .configuration)
        }
    }

    @Test func refusesDeepNestingThatIsClosed() {
        let text = "version: 1\nmargin: " + String(repeating: "[", count: 60) + String(repeating: "]", count: 60)
        #expect(failure(text)?.message.contains("nested more than 32 levels deep") == true)
    }
}
