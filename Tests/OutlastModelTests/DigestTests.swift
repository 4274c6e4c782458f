import OutlastModel
import Testing

@Suite struct DigestTests {
    // FIPS 180-4 examples and RFC 4231 test cases.
    @Test(arguments: [
        ("", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
        ("abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
        (
            "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
            "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"
        ),
        (
            "abcdefghbcdefghicdefghijdefghijkefghijklfghijklmghijklmnhijklmnoijklmnopjklmnopqklmnopqrlmnopqrsmnopqrstnopqrstu",
            "cf5b16a778af8380036ce59e7b0492370b249b11e8f07a51afac45037afee9d1"
        ),
    ])
    func hashesTheStandardsExamples(message: String, digest: String) {
        #expect(SHA256Digest(hashing: message.utf8).hex == digest)
    }

    @Test func hashesAMillionLetters() {
        let digest = SHA256Digest(hashing: repeatElement(UInt8(ascii: "a"), count: 1_000_000))
        #expect(digest.hex == "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0")
    }

    @Test(arguments: [
        (
            [UInt8](repeating: 0x0B, count: 20), Array("Hi There".utf8),
            "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"
        ),
        (
            Array("Jefe".utf8), Array("what do ya want for nothing?".utf8),
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
        ),
        (
            [UInt8](repeating: 0xAA, count: 131), Array("Test Using Larger Than Block-Size Key - Hash Key First".utf8),
            "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54"
        ),
    ])
    func authenticatesTheStandardsExamples(key: [UInt8], message: [UInt8], digest: String) {
        #expect(SHA256Digest(authenticating: message, key: key).hex == digest)
    }

    // Lengths on both sides of the padding's edges; values from an independent implementation (coreutils).
    @Test(arguments: [
        (55, "9f4390f8d30c2dd92ec9f095b65e2b9ae9b0a925a5258e241c9f1e910f734318"),
        (56, "b35439a4ac6f0948b6d6f9e3c6af0f5f590ce20f1bde7090ef7970686ec6738a"),
        (57, "f13b2d724659eb3bf47f2dd6af1accc87b81f09f59f2b75e5c0bed6589dfe8c6"),
        (63, "7d3e74a05d7db15bce4ad9ec0658ea98e3f06eeecf16b4c6fff2da457ddc2f34"),
        (64, "ffe054fe7ae0cb6dc65c3af9b61d5209f439851db43d0ba5997337df154668eb"),
        (65, "635361c48bb9eab14198e76ea8ab7f1a41685d6ad62aa9146d301d4f17eb0ae0"),
        (119, "31eba51c313a5c08226adf18d4a359cfdfd8d2e816b13f4af952f7ea6584dcfb"),
        (120, "2f3d335432c70b580af0e8e1b3674a7c020d683aa5f73aaaedfdc55af904c21c"),
        (127, "c57e9278af78fa3cab38667bef4ce29d783787a2f731d4e12200270f0c32320a"),
        (128, "6836cf13bac400e9105071cd6af47084dfacad4e5e302c94bfed24e013afb73e"),
    ])
    func padsAtEveryEdge(length: Int, digest: String) {
        #expect(SHA256Digest(hashing: repeatElement(UInt8(ascii: "a"), count: length)).hex == digest)
    }

    @Test func takesStoredBytesOfTheRightLengthOnly() {
        let digest = SHA256Digest(hashing: "x".utf8)
        #expect(SHA256Digest(bytes: digest.bytes) == digest)
        #expect(SHA256Digest(bytes: Array(digest.bytes.dropLast())) == nil)
        #expect(SHA256Digest(bytes: []) == nil)
    }
}

@Suite struct FingerprintTests {
    @Test func isTheSameInEveryStoreForALongToken() {
        let token = Secret("glpat-aaaaaaaaaaaaaa")
        #expect(Fingerprint(of: token, salt: [1]) == Fingerprint(of: token, salt: [2]))
        #expect(token.count == 20)
        #expect(Fingerprint(of: token, salt: []).digest == SHA256Digest(hashing: "glpat-aaaaaaaaaaaaaa".utf8))
    }

    @Test func isKeyedForAShortSecret() {
        let password = Secret("nineteen-characters")
        #expect(password.count == 19)
        #expect(Fingerprint(of: password, salt: [1]) != Fingerprint(of: password, salt: [2]))
        #expect(
            Fingerprint(of: password, salt: [1]).digest
                == SHA256Digest(authenticating: "nineteen-characters".utf8, key: [1]))
    }

    @Test func showsSixteenHexDigits() {
        let fingerprint = Fingerprint(of: Secret("glpat-bbbbbbbbbbbbbbbbbbbb"), salt: [])
        #expect(fingerprint.text.utf8.count == 16)
        #expect(fingerprint.digest.hex.hasPrefix(fingerprint.text))
        #expect("\(fingerprint)" == fingerprint.text)
        #expect(Fingerprint(digest: fingerprint.digest) == fingerprint)
    }
}
