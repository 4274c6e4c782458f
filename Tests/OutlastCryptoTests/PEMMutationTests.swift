// Nothing that is pasted in place of a key brings the program down, and a changed key never signs something else.

import OutlastCrypto
import OutlastModel
import Testing

@Suite("Changed keys")
struct PEMMutationTests {
    @Test("sign rightly or are refused, ten thousand of them", arguments: 0..<4 as Range<UInt64>)
    func mutations(_ part: UInt64) throws {
        let cryptography = OpenSSLCryptography()
        let original = Array(TestKeys.published.utf8)
        let right = try cryptography.signRS256([1, 2, 3], pem: Secret(TestKeys.published))
        var random = SeededGenerator(seed: 10_000 + part)
        var refusals = 0
        for _ in 0..<2500 {
            let pasted = Self.mutated(original, by: &random)
            do {
                let signature = try cryptography.signRS256([1, 2, 3], pem: Secret(bytes: pasted))
                #expect(signature == right)
            } catch {
                refusals += 1
                #expect(error.code == .configuration)
            }
        }
        #expect(refusals > 1250)
    }

    private static func mutated(_ original: [UInt8], by random: inout SeededGenerator) -> [UInt8] {
        var bytes = original
        for _ in 0..<Int.random(in: 1...4, using: &random) {
            let index = Int.random(in: 0..<bytes.count, using: &random)
            let end = min(bytes.count, index + Int.random(in: 1...90, using: &random))
            switch Int.random(in: 0..<6, using: &random) {
            case 0: bytes[index] = .random(in: 0...255, using: &random)
            case 1: bytes[index] = original[Int.random(in: 0..<original.count, using: &random)]
            case 2: bytes.removeSubrange(index..<end)
            case 3: bytes.insert(contentsOf: bytes[index..<end], at: index)
            case 4: bytes.insert(contentsOf: random.bytes(3), at: index)
            default: bytes.swapAt(index, end - 1)
            }
            if bytes.isEmpty { return bytes }
        }
        return bytes
    }
}
