// Sealed records: what NIST says they are, and that nothing but exactly the right key, place and bytes opens one.

import OutlastCrypto
import OutlastModel
import Testing

@Suite("Sealing")
struct SealingTests {
    let cryptography = OpenSSLCryptography()
    let key = Secret(bytes: 0..<32)

    @Test("gives the published results", arguments: AESGCMVector.all)
    func vector(_ vector: AESGCMVector) throws {
        let (key, text) = (Secret(bytes: hex(vector.key)), Secret(bytes: hex(vector.text)))
        let expected = hex(vector.nonce) + hex(vector.sealed) + hex(vector.tag)
        let sealed = try AESGCM.seal(text, key: key, nonce: hex(vector.nonce), associated: hex(vector.data))
        #expect(sealed == expected)
        #expect(try cryptography.open(expected, key: key, associated: hex(vector.data)).matches(text))
    }

    @Test("holds nothing, so that making it touches no library")
    func isEmpty() { #expect(MemoryLayout<OpenSSLCryptography>.size == 0) }

    @Test("opens what it sealed, at any size from 0 to 4096")
    func roundTrip() throws {
        var random = SeededGenerator(seed: 0x5EA1)
        let material = random.bytes(4096)
        for size in 0...4096 {
            let text = Secret(bytes: material[(4096 - size)...])
            let place = random.bytes(Int.random(in: 0...80, using: &random))
            let sealed = try cryptography.seal(text, key: key, associated: place)
            #expect(sealed.count == size + 28)
            #expect(try cryptography.open(sealed, key: key, associated: place).matches(text))
        }
    }

    @Test("takes a new nonce every time")
    func nonces() throws {
        let text = Secret("the same text")
        let nonces = try (0..<1000).map { _ in
            Array(try cryptography.seal(text, key: key, associated: []).prefix(12))
        }
        #expect(Set(nonces).count == 1000)
    }

    @Test("refuses a record with any byte changed in any way")
    func everyByte() throws {
        let sealed = try cryptography.seal(Secret("glpat-a-token-of-26-bytes!"), key: key, associated: [1, 2, 3])
        for index in sealed.indices {
            for change in 1...255 as ClosedRange<UInt8> {
                var forged = sealed
                forged[index] ^= change
                expectLocked { try cryptography.open(forged, key: key, associated: [1, 2, 3]) }
            }
        }
    }

    @Test("refuses a record that was cut at any place, or has more at its end")
    func everyLength() throws {
        let sealed = try cryptography.seal(Secret("a token"), key: key, associated: [])
        for count in sealed.indices {
            expectLocked { try cryptography.open(Array(sealed[..<count]), key: key, associated: []) }
        }
        expectLocked { try cryptography.open(sealed + [0], key: key, associated: []) }
    }

    @Test("refuses a record in another place")
    func everyPlace() throws {
        let place = Array("state|family|1|token".utf8)
        let sealed = try cryptography.seal(Secret("a token"), key: key, associated: place)
        for index in place.indices {
            var other = place
            other[index] ^= 1
            expectLocked { try cryptography.open(sealed, key: key, associated: other) }
        }
        expectLocked { try cryptography.open(sealed, key: key, associated: []) }
        expectLocked { try cryptography.open(sealed, key: key, associated: place + [0]) }
    }

    @Test("refuses a key with any bit changed")
    func everyKey() throws {
        let sealed = try cryptography.seal(Secret("a token"), key: key, associated: [])
        for bit in 0..<256 {
            var other = [UInt8](0..<32)
            other[bit / 8] ^= 1 << (bit % 8)
            expectLocked { try cryptography.open(sealed, key: Secret(bytes: other), associated: []) }
        }
    }

    @Test("refuses keys of another length", arguments: [0, 1, 16, 24, 31, 33, 64])
    func keyLength(_ count: Int) {
        let key = Secret(bytes: [UInt8](repeating: 7, count: count))
        expectLocked { _ = try cryptography.seal(Secret("a token"), key: key, associated: []) }
        expectLocked { try cryptography.open([UInt8](repeating: 0, count: 40), key: key, associated: []) }
    }

    @Test("says in three ways what is wrong, and never with what is secret")
    func sentences() throws {
        let sealed = try cryptography.seal(Secret("a token"), key: key, associated: [])
        let short = Secret(bytes: [UInt8](repeating: UInt8(ascii: "k"), count: 20))
        let failures = [
            failure { try cryptography.open(sealed, key: short, associated: []) },
            failure { try cryptography.open([1, 2, 3], key: key, associated: []) },
            failure { try cryptography.open(sealed, key: key, associated: [9]) },
        ].compactMap(\.self)
        #expect(Set(failures.map(\.message)).count == 3)
        #expect(failures.allSatisfy { $0.code == .cacheLocked && !$0.description.contains("kkkk") })
    }

    @Test("refuses what is larger than anything that is sealed")
    func tooLarge() {
        let text = Secret(bytes: [UInt8](repeating: 0, count: (16 << 20) + 1))
        #expect(failure { _ = try cryptography.seal(text, key: key, associated: []) }?.code == .unexpected)
    }

    @Test("makes keys of the length asked for, never the same twice")
    func keys() throws {
        #expect(try cryptography.randomKey(count: 32).count == 32)
        #expect(try !cryptography.randomKey(count: 32).matches(cryptography.randomKey(count: 32)))
        for count in [-1, 0, 1025] {
            #expect(failure { try cryptography.randomKey(count: count) }?.code == .unexpected)
        }
    }

    private func expectLocked<Value>(
        _ work: () throws -> Value, at location: SourceLocation = #_sourceLocation
    ) {
        #expect(failure(work)?.code == .cacheLocked, sourceLocation: location)
    }
}
