import OutlastModel
import OutlastTestKit
import Testing

@Suite("Lines in a repository's configuration")
struct ConfigurationBlockTests {
    private let block = ConfigurationBlock(name: "ssh-1")
    private let lines = ["[include]", "\tpath = \"/x/gitconfig\"", "[core]", "\tsshCommand = \"ssh -F '/x'\""]

    private func add(_ text: String) -> [UInt8] { block.adding(lines.map { Secret($0) }, to: Array(text.utf8)) }
    private func remove(_ bytes: [UInt8]) -> String? {
        let ours = lines.map { Array($0.utf8) }
        return block.removing(from: bytes) { ours.contains(Array($0)) }.map { String(decoding: $0, as: UTF8.self) }
    }

    @Test("what was added is taken away, and every other byte is what it was")
    func identity() {
        var random = SeededRandom(seed: 41)
        let pieces = [
            "[core]", "\n", "\n\n", "\ta = b", "# outlast ssh-fallback", "\r\n", "x", " ", "\u{FF}", "[include]",
        ]
        for _ in 0..<5000 {
            let count = Int.random(in: 0..<8, using: &random)
            let text = (0..<count).map { _ in pieces[Int.random(in: 0..<pieces.count, using: &random)] }.joined()
            #expect(remove(add(text)) == text)
        }
        #expect(remove(Array("[core]\n\ta = b\n".utf8)) == nil)
    }

    @Test("what others have added stays: behind the block, before it, and in its midst")
    func others() {
        #expect(remove(add("[a]\n") + Array("[b]\n".utf8)) == "[a]\n[b]\n")
        #expect(remove(add("[a]") + Array("[b]\n".utf8)) == "[a]\n[b]\n")
        let inside = String(decoding: add("[a]\n"), as: UTF8.self)
            .split(separator: "\n", omittingEmptySubsequences: false)
            .flatMap { $0 == "\tpath = \"/x/gitconfig\"" ? [String($0), "\tpath = /mine"] : [String($0)] }
        #expect(remove(Array(inside.joined(separator: "\n").utf8)) == "[a]\n[include]\n\tpath = /mine\n")
    }

    @Test("two blocks are two")
    func two() {
        let second = ConfigurationBlock(name: "ssh-2")
        let both = second.adding([Secret("[x]")], to: add("[a]"))
        let without = second.removing(from: both) { $0.elementsEqual("[x]".utf8) }
        #expect(without == add("[a]"))
    }
}
