// Sealed boxes: libsodium opens a box that was computed step by step from the definition, and every box of ours.

import CSodium
import OutlastCrypto
import OutlastModel
import Testing

@Suite("Sealed boxes")
struct SealedBoxTests {
    let cryptography = OpenSSLCryptography()
    let secretKey = [UInt8](1...32)
    let publicKey = hex("07a37cbc142093c8b755dc1b10e86cb426374ad16aa853ed0bdfc0b2b86d1c7c")

    @Test("open as the definition says")
    func vector() throws {
        let box = try #require(
            Base64Text.standard.decode(
                "eaYx7t4b+cmPEgMs3q3Q56B5OY/HhriMyEbsia+FpRo8aWKd8F686otDiTFFmnJ1lrnHrk7vYsr9Pi0kSZk="))
        #expect(opened(box) == Array("outlast-secret".utf8))
    }

    @Test("open with what was sealed, at any size")
    func roundTrip() throws {
        var random = SeededGenerator(seed: 0xB0)
        for size in [0, 1, 15, 16, 31, 32, 63, 64, 65, 1000, 49_152] {
            let message = random.bytes(size)
            let box = try cryptography.sealedBox(Secret(bytes: message), for: publicKey)
            #expect(box.count == size + 48)
            #expect(opened(box) == message)
        }
    }

    @Test("are different every time and hold nothing readable")
    func anonymous() throws {
        let message = Secret("outlast-secret")
        let boxes = try (0..<100).map { _ in try cryptography.sealedBox(message, for: publicKey) }
        #expect(Set(boxes).count == 100)
        #expect(boxes.allSatisfy { !String(decoding: $0, as: UTF8.self).contains("outlast") })
    }

    @Test("do not open with a byte changed")
    func tampered() throws {
        let box = try cryptography.sealedBox(Secret("outlast-secret"), for: publicKey)
        for index in box.indices {
            var forged = box
            forged[index] ^= 1
            #expect(opened(forged) == nil)
        }
    }

    @Test("are not made for keys of another length", arguments: [0, 31, 33, 64])
    func length(_ count: Int) {
        let key = [UInt8](repeating: 9, count: count)
        let refused = failure { try cryptography.sealedBox(Secret("outlast-secret"), for: key) }
        #expect(refused?.code == .unreachable)
        #expect(refused?.message == "the forge's public key has \(count) bytes, not 32")
    }

    @Test("are not made for a point that gives everyone the same key")
    func smallOrder() {
        let refused = failure { try cryptography.sealedBox(Secret("s"), for: [UInt8](repeating: 0, count: 32)) }
        #expect(refused?.code == .unreachable)
    }

    private func opened(_ box: [UInt8]) -> [UInt8]? {
        // One byte more than the message, for the pointer to be one also for the empty message.
        var message = [UInt8](repeating: 0, count: box.count - 48 + 1)
        guard crypto_box_seal_open(&message, box, UInt64(box.count), publicKey, secretKey) == 0 else { return nil }
        return Array(message.dropLast())
    }
}
