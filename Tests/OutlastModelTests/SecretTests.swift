import OutlastModel
import Testing

@Suite struct SecretTests {
    private static let canary = "glpat-canary-0123456789"
    private let secret = Secret(SecretTests.canary)

    private struct Holder {
        let secret: Secret?
        let list: [Secret]
        let named: [String: Secret]
    }

    @Test func isRedactedInEveryTextualForm() {
        let holder = Holder(secret: secret, list: [secret], named: ["a": secret])
        var dumped = ""
        dump(secret, to: &dumped)
        dump(holder, to: &dumped)
        var printed = ""
        print(secret, holder, [secret], secret as Any, to: &printed)
        debugPrint(secret, holder, Optional(secret) as Any, to: &printed)
        let forms = [
            "\(secret)", "\(holder)", String(describing: secret), String(reflecting: secret),
            String(reflecting: holder), "\([secret])", "\(String(describing: Optional(secret)))", dumped, printed,
        ]
        for form in forms {
            #expect(form.contains("<redacted>"))
            #expect(!form.contains("canary"))
        }
    }

    @Test func hasNothingToReflect() {
        #expect(Mirror(reflecting: secret).children.isEmpty)
    }

    @Test func revealsOnlyWhenAsked() {
        #expect(secret.reveal() == Self.canary)
        #expect(secret.count == Self.canary.utf8.count)
        #expect(secret.withBytes { Array($0) } == Array(Self.canary.utf8))
        #expect(Secret(bytes: []).reveal().isEmpty)
        #expect(Secret(bytes: []).count == 0)
    }

    @Test func comparesBytes() {
        #expect(secret.matches(Secret(Self.canary)))
        #expect(!secret.matches(Secret(Self.canary + "x")))
        #expect(!secret.matches(Secret("glpat-canary-0123456780")))
        #expect(Secret("").matches(Secret("")))
    }

    static let trimmed: [(String, String?)] = [
        ("abc", "abc"), ("  abc\n", "abc"), ("\r\n\t\u{0B}\u{0C}abc \r\n", "abc"), ("a b", "a b"), ("", nil),
        (" \n", nil),
        ("\u{A0}abc", "\u{A0}abc"),
    ]

    @Test(arguments: trimmed)
    func dropsWhiteSpaceAroundAToken(raw: String, token: String?) {
        #expect(Secret.token(trimming: Array(raw.utf8))?.reveal() == token)
    }

    @Test(arguments: [
        ("glpat-a.b_c~!", true), ("", true), ("a b", false), ("a\nb", false), ("é", false), ("a\u{7F}", false),
        ("a\u{0}b", false), ("!~", true),
    ])
    func knowsWhatMayStandInAHeader(text: String, isPrintable: Bool) {
        #expect(Secret(text).isPrintableToken == isPrintable)
    }
}
