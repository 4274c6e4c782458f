import OutlastModel
import Testing

@testable import OutlastConfig

/// SplitMix64: the same mutations in every run.
private struct SeededNumbers: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var value = state
        value = (value ^ (value >> 30)) &* 0xBF58_476D_1CE4_E5B9
        value = (value ^ (value >> 27)) &* 0x94D0_49BB_1331_11EB
        return value ^ (value >> 31)
    }
}

@Suite struct MutationTests {
    private static let pieces: [[UInt8]] =
        [
            "{", "}", "[", "]", ":", "- ", "*a", "&a ", "!!int ", "\t", "\"", "'", "#", "|\n", ">\n", "~", "null", "? ",
            "---\n",
            "\r", "\n", " ", "  ", "<<: ", "%YAML 9.9\n", "\u{FEFF}", "\u{2028}", "0", "-1", "99999999999999999999",
            "é", "@", "`",
        ].map { Array($0.utf8) } + [[0], [0xFF], [0xC3], [0xE2, 0x80], [0x1B]]

    private static func mutate(_ bytes: inout [UInt8], _ numbers: inout SeededNumbers) {
        let place = Int.random(in: 0...bytes.count, using: &numbers)
        let length = min(bytes.count - place, Int.random(in: 0...30, using: &numbers))
        switch Int.random(in: 0..<5, using: &numbers) {
        case 0: bytes.removeSubrange(place..<place + length)
        case 1: bytes.insert(contentsOf: pieces[Int.random(in: 0..<pieces.count, using: &numbers)], at: place)
        case 2:
            bytes.insert(
                contentsOf: bytes[place..<place + length], at: Int.random(in: 0...bytes.count, using: &numbers))
        case 3: if place < bytes.count { bytes[place] = UInt8.random(in: 0...255, using: &numbers) }
        default:
            var lines = bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
            lines.swapAt(Int.random(in: lines.indices, using: &numbers), Int.random(in: lines.indices, using: &numbers))
            bytes = Array(lines.joined(separator: [UInt8(ascii: "\n")]))
        }
    }

    @Test(arguments: [UInt64(11), 12, 13, 14])
    func givesAConfigurationOrAConfigurationError(seed: UInt64) {
        var numbers = SeededNumbers(state: seed)
        var read = 0
        for round in 0..<700 {
            var bytes = Array(Fixture.whole.utf8)
            for _ in 0..<Int.random(in: 1...(round % 2 == 0 ? 2 : 12), using: &numbers) {
                Self.mutate(&bytes, &numbers)
            }
            let isFound = Bool.random(using: &numbers)
            do {
                _ = try Fixture.loader(FilesInMemory()).parse(
                    bytes, path: "f.yml", trust: isFound ? .found(ciAPI: nil) : .named, allowInsecureHTTP: false)
                read += 1
            } catch {
                #expect(error.code == .configuration && error.hint != nil, "\(error)")
                #expect(
                    error.message.hasPrefix("f.yml:")
                        && !error.message.unicodeScalars.contains(where: SafeText.isUnsafe))
            }
        }
        #expect(read > 0)
    }
}
