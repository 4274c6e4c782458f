// Base64: the RFC's examples, all four forms, and that a value has exactly one text.

import OutlastModel
import Testing

@Suite("Base64")
struct Base64TextTests {
    // RFC 4648, section 10.
    static let examples = [
        ("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foob", "Zm9vYg=="), ("fooba", "Zm9vYmE="),
        ("foobar", "Zm9vYmFy"),
    ]

    @Test("agrees with RFC 4648", arguments: examples)
    func example(_ plain: String, _ text: String) {
        #expect(Base64Text.standard.encode(plain.utf8) == text)
        #expect(Base64Text.standard.decode(text) == Array(plain.utf8))
        let bare = text.filter { $0 != "=" }
        #expect(Base64URL.encode(plain.utf8) == bare)
        #expect(Base64URL.decode(bare) == Array(plain.utf8))
    }

    @Test("has two alphabets")
    func alphabets() {
        let bytes: [UInt8] = [0xFB, 0xEF, 0xFF, 0xFE]
        #expect(Base64Text.standard.encode(bytes) == "++///g==")
        #expect(Base64Text.unpadded.encode(bytes) == "++///g")
        #expect(Base64Text.urlPadded.encode(bytes) == "--___g==")
        #expect(Base64Text.url.encode(bytes) == "--___g")
        #expect(Base64Text.url.decode("++///g") == nil)
        #expect(Base64Text.standard.decode("--___g==") == nil)
    }

    @Test(
        "refuses what it would not write",
        arguments: [
            "Z", "Zg", "Zg=", "Zg===", "Zg==Zg==", "Zh==", "Zm9=", "Zm9v=", "=", "====", "Zm 9v", "Zm9v\n", " Zm9v",
            "Zm9\u{0}", "Zm9é", "Z=g=", "Zm9v====",
        ])
    func strict(_ text: String) { #expect(Base64Text.standard.decode(text) == nil) }

    @Test("refuses padding and loose bits in web tokens", arguments: ["Zg==", "Zh", "Zm9", "Z", "Zm9vY"])
    func strictURL(_ text: String) { #expect(Base64URL.decode(text) == nil) }

    @Test("gives back every value, and treats a secret as it treats bytes")
    func roundTrip() {
        var state: UInt64 = 4648
        for size in 0..<300 {
            let bytes = (0..<size).map { _ -> UInt8 in
                state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
                return UInt8(truncatingIfNeeded: state >> 33)
            }
            for form in [Base64Text.standard, .unpadded, .url, .urlPadded] {
                let text = form.encode(bytes)
                #expect(form.decode(text) == bytes)
                #expect(form.encode(Secret(bytes: bytes)).matches(Secret(text)))
                #expect(form.decode(Secret(text))?.matches(Secret(bytes: bytes)) == true)
            }
        }
    }
}
