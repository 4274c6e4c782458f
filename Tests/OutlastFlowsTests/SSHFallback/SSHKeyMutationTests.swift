// Whatever is pasted in a key's place: it is a key, or it is refused by name, and nothing is written.

import OutlastCrypto
import OutlastModel
import OutlastTestKit
import Testing

@testable import OutlastFlows

@Suite("Changed SSH keys")
struct SSHKeyMutationTests {
    @Test(
        "are mended or refused, ten thousand of them, and no refusal shows any of it", arguments: 0..<4 as Range<UInt64>
    )
    func mutations(_ part: UInt64) throws {
        let original = Array(try OpenSSLCryptography().makeSSHKey(comment: "c").privateKey.reveal().utf8)
        var random = SeededRandom(seed: 40_000 + part)
        var (good, refused) = (0, 0)
        for _ in 0..<2500 {
            let pasted = Self.mutated(original, by: &random)
            do throws(Failure) {
                let mended = try SSHKeyRule.mended(Secret(bytes: pasted), name: "the key", code: .malformedInput)
                good += 1
                #expect(mended.withBytes { $0.last == UInt8(ascii: "\n") })
            } catch {
                refused += 1
                #expect(error.code == .malformedInput && error.message.utf8.count < 200)
                let words = pasted.split { $0 <= 32 }.filter { $0.count > 20 }.map {
                    String(decoding: $0, as: UTF8.self)
                }
                #expect(!words.contains { error.description.contains($0) })
            }
        }
        #expect(good > 100 && refused > 100, "\(good) \(refused)")
    }

    private static func mutated(_ original: [UInt8], by random: inout SeededRandom) -> [UInt8] {
        var bytes = original
        for _ in 0..<Int.random(in: 1...3, using: &random) {
            guard !bytes.isEmpty else { return bytes }
            let index = Int.random(in: 0..<bytes.count, using: &random)
            let end = min(bytes.count, index + Int.random(in: 1...60, using: &random))
            switch Int.random(in: 0..<6, using: &random) {
            case 0: bytes[index] = .random(in: 0...255, using: &random)
            case 1: bytes.insert(contentsOf: "\r\n".utf8, at: index)
            case 2: bytes.removeSubrange(index..<end)
            case 3: bytes.insert(contentsOf: Array(bytes[index..<end]), at: index)
            case 4: bytes.insert(contentsOf: "\\n".utf8, at: index)
            default: bytes.swapAt(index, end - 1)
            }
        }
        return bytes
    }
}
