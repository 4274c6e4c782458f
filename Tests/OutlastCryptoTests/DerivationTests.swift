// HKDF, HMAC and scrypt: the vectors of their RFCs, and bounds for costs that come from a state.

import OutlastCrypto
import OutlastModel
import Testing

@Suite("Derivation")
struct DerivationTests {
    struct Expansion: Sendable {
        let material: [UInt8]
        let salt: [UInt8]
        let info: [UInt8]
        let key: String
    }

    let cryptography = OpenSSLCryptography()

    // RFC 5869, appendices A.1 to A.3; of the 82 bytes of A.2 the port's 64.
    static let expansions = [
        Expansion(
            material: [UInt8](repeating: 0x0B, count: 22), salt: [UInt8](0...0x0C), info: [UInt8](0xF0...0xF9),
            key: """
                3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf34007208d5b887185865
                """),
        Expansion(
            material: [UInt8](0...0x4F), salt: [UInt8](0x60...0xAF), info: [UInt8](0xB0...0xFF),
            key: """
                b11e398dc80327a1c8e7f78c596a49344f012eda2d4efad8a050cc4c19afa97c
                59045a99cac7827271cb41c65e590e09da3275600c2f09b8367793a9aca3db71
                """),
        Expansion(
            material: [UInt8](repeating: 0x0B, count: 22), salt: [], info: [],
            key: """
                8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d9d201395faa4b61a96c8
                """),
    ]

    @Test("expands as RFC 5869 says", arguments: expansions)
    func hkdf(_ row: Expansion) throws {
        let expected = hex(row.key)
        let (material, salt) = (Secret(bytes: row.material), Secret(bytes: row.salt))
        for count in 1...expected.count {
            let key = try cryptography.derive(from: material, salt: salt, info: row.info, count: count)
            #expect(key.matches(Secret(bytes: expected[..<count])))
        }
    }

    @Test(
        "derives no key of no bytes, of more than 64, or from nothing", arguments: [(0, 5), (65, 5), (32, 0), (-1, 5)])
    func hkdfBounds(_ row: (count: Int, material: Int)) {
        let material = Secret(bytes: [UInt8](repeating: 1, count: row.material))
        let refused = failure {
            try cryptography.derive(from: material, salt: Secret(bytes: []), info: [], count: row.count)
        }
        #expect(refused?.code == .unexpected)
    }

    // RFC 4231, sections 4.2 to 4.5, 4.7 and 4.8 (4.6 is about truncation).
    static let tags: [(key: [UInt8], message: [UInt8], tag: String)] = [
        (
            [UInt8](repeating: 0x0B, count: 20), Array("Hi There".utf8),
            "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"
        ),
        (
            Array("Jefe".utf8), Array("what do ya want for nothing?".utf8),
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
        ),
        (
            [UInt8](repeating: 0xAA, count: 20), [UInt8](repeating: 0xDD, count: 50),
            "773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe"
        ),
        (
            [UInt8](1...25), [UInt8](repeating: 0xCD, count: 50),
            "82558a389a443c0ea4cc819899f2083a85f0faa3e578f8077a2e3ff46729665b"
        ),
        (
            [UInt8](repeating: 0xAA, count: 131), Array("Test Using Larger Than Block-Size Key - Hash Key First".utf8),
            "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54"
        ),
        (
            [UInt8](repeating: 0xAA, count: 131),
            Array(
                ("This is a test using a larger than block-size key and a larger than block-size data. "
                    + "The key needs to be hashed before being used by the HMAC algorithm.").utf8),
            "9b09ffa71b942fcb27635fbcd5b0e944bfdc63644f0713938a7f51535c3a35e2"
        ),
    ]

    @Test("authenticates as RFC 4231 says, and as the model's own SHA-256 does")
    func hmac() throws {
        for row in Self.tags {
            #expect(try cryptography.authenticate(row.message, key: Secret(bytes: row.key)) == hex(row.tag))
        }
        var random = SeededGenerator(seed: 4231)
        for size in 0..<200 {
            let (key, message) = (random.bytes(size), random.bytes(200 - size))
            #expect(
                try cryptography.authenticate(message, key: Secret(bytes: key))
                    == SHA256Digest(authenticating: message, key: key).bytes)
        }
    }

    // RFC 7914, section 12, but for the last, which takes a gigabyte.
    static let stretches: [(passphrase: String, salt: String, cost: ScryptCost, key: String)] = [
        (
            "", "", ScryptCost(n: 16, r: 1, p: 1),
            """
            77d6576238657b203b19ca42c18a0497f16b4844e3074ae8dfdffa3fede21442
            fcd0069ded0948f8326a753a0fc81f17e8d3e0fb2e0d3628cf35e20c38d18906
            """
        ),
        (
            "password", "NaCl", ScryptCost(n: 1024, r: 8, p: 16),
            """
            fdbabe1c9d3472007856e7190d01e9fe7c6ad7cbc8237830e77376634b373162
            2eaf30d92e22a3886ff109279d9830dac727afb94a83ee6d8360cbdfa2cc0640
            """
        ),
        (
            "pleaseletmein", "SodiumChloride", ScryptCost(n: 16384, r: 8, p: 1),
            """
            7023bdcb3afd7348461c06cd81fd38ebfda8fbba904f8e3ea9b543f6545da1f2
            d5432955613f0fcf62d49705242a9af9e61e85dc0d651e40dfcf017b45575887
            """
        ),
    ]

    @Test("stretches as RFC 7914 says; the port takes the first half")
    func scrypt() throws {
        for row in Self.stretches {
            let (passphrase, salt, expected) = (Secret(row.passphrase), Array(row.salt.utf8), hex(row.key))
            let long = try KeyDerivation.scrypt(passphrase, salt: salt, cost: row.cost, count: expected.count)
            #expect(long.matches(Secret(bytes: expected)))
            let short = try cryptography.scrypt(passphrase, salt: salt, cost: row.cost)
            #expect(short.matches(Secret(bytes: expected[..<32])))
        }
    }

    @Test("stretches at the cost that is used")
    func interactive() throws {
        // By Python's hashlib.
        let expected = hex("60fe015550aaca36f6e2df26edfc27cbdf18b2c042c7a368f0a43eb938a17ab8")
        let key = try cryptography.scrypt(Secret("a passphrase"), salt: [UInt8](0..<16), cost: .interactive)
        #expect(key.matches(Secret(bytes: expected)))
    }

    static let absurdCosts = [
        ScryptCost(n: 0, r: 8, p: 1), ScryptCost(n: 1, r: 8, p: 1), ScryptCost(n: 1000, r: 8, p: 1),
        ScryptCost(n: 1024, r: 0, p: 1), ScryptCost(n: 1024, r: 8, p: 0), ScryptCost(n: 1024, r: 8, p: 17),
        ScryptCost(n: 1 << 19, r: 8, p: 1), ScryptCost(n: 1 << 63, r: 8, p: 1), ScryptCost(n: 2, r: 1 << 60, p: 1),
        ScryptCost(n: 2, r: .max, p: .max),
    ]

    @Test("refuses costs that only a forged state asks for", arguments: absurdCosts)
    func absurd(_ cost: ScryptCost) {
        let refused = failure { try cryptography.scrypt(Secret("hunter2"), salt: [1], cost: cost) }
        #expect(refused?.code == .cacheLocked)
        #expect(refused?.description.contains("hunter2") == false)
    }
}
