// A line that is not what it should be is shown, so that its reader can find it: its beginning, without any word that may
// be a token.

import OutlastModel

/// Hides words that look like tokens.
struct TokenWordMask: Sendable {
    private let prefixes: [[UInt8]]

    /// Knows what tokens of these forges begin with.
    init(_ forges: [any Forge]) {
        prefixes = forges.flatMap { $0.kinds.flatMap(\.prefixes) }.map { Array($0.utf8) }
    }

    /// The most bytes of a line that are looked at.
    private static let longest = 100
    /// Words of this length are hidden whatever they begin with.
    private static let longWord = 20

    /// The beginning of a line as one safe line.
    func shown(_ line: [UInt8]) -> String {
        var result: [UInt8] = []
        var word: [UInt8] = []
        // Where the line is cut, the word at the cut may be the beginning of a long one.
        let isCut = line.count > Self.longest
        for byte in line.prefix(Self.longest) {
            if Self.isWordByte(byte) {
                word.append(byte)
            } else {
                result += hidden(word, isWhole: true) + [byte]
                word = []
            }
        }
        result += hidden(word, isWhole: !isCut)
        return SafeText.line(String(decoding: result, as: UTF8.self) + (isCut ? "…" : ""), limit: 200)
    }

    private func hidden(_ word: [UInt8], isWhole: Bool) -> [UInt8] {
        guard !word.isEmpty else { return [] }
        let isLong = word.count >= Self.longWord || !isWhole
        return isLong || prefixes.contains { Self.holds($0, word) } ? Array("***".utf8) : word
    }

    /// A token may stand behind the name of what it is: `token=glpat-…`.
    private static func holds(_ prefix: [UInt8], _ word: [UInt8]) -> Bool {
        word.indices.contains { word[$0...].starts(with: prefix) }
    }

    private static func isWordByte(_ byte: UInt8) -> Bool {
        (97...122).contains(byte | 32) || (48...57).contains(byte) || "_-+=/~.".utf8.contains(byte)
    }
}
