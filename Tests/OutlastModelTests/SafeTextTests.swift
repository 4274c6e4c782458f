import OutlastModel
import Testing

@Suite struct SafeTextTests {
    @Test(arguments: [
        ("plain text", "plain text"), ("two\nlines", "two\\nlines"), ("a\r\nb\tc", "a\\r\\nb c"),
        ("\u{1B}[31mred", "\\u{1B}[31mred"), ("\u{202E}txt.exe", "\\u{202E}txt.exe"), ("\u{0}", "\\u{0}"),
        ("a\u{2028}b", "a\\u{2028}b"), ("zero\u{200B}width", "zero\\u{200B}width"), ("grüße 日本", "grüße 日本"),
        ("\u{9B}31m", "\\u{9B}31m"), ("\u{E0041}tag", "\\u{E0041}tag"),
    ])
    func showsControlAndDirectionCharactersEscaped(foreign: String, shown: String) {
        #expect(SafeText.line(foreign) == shown)
    }

    @Test(arguments: [
        ("::warning::x", ":\\:warning::x"), ("  ::add-mask::x", "  :\\:add-mask::x"),
        ("a ::warning::", "a ::warning::"),
        ("\t::error::x", " :\\:error::x"), ("\u{3000}::error::x", "\u{3000}:\\:error::x"),
        ("\u{A0}::error::x", "\u{A0}:\\:error::x"), ("##[error]x", "#\\#[error]x"), ("a ##[group]", "a #\\#[group]"),
        ("###[error]x", "##\\#[error]x"), ("##vso[task.x]", "#\\#vso[task.x]"), ("x##VsO[task.x]", "x#\\#VsO[task.x]"),
        ("##[\u{301}error]", "#\\#[\u{301}error]"), ("::\u{301}error::", ":\\:\u{301}error::"),
        ("## heading", "## heading"),
        ("##vsx[", "##vsx["), ("##", "##"), ("::", ":\\:"), ("##vso\u{200B}[", "##vso\\u{200B}["),
    ])
    func breaksTheCommandsOfAllRunners(foreign: String, shown: String) {
        #expect(SafeText.line(foreign).unicodeScalars.elementsEqual(shown.unicodeScalars))
    }

    @Test(arguments: [
        ("https://user:secret@host/path", "https://host/path"), ("see https://t0ken@host.", "see https://host."),
        ("ssh://git@host/x and http://a:b@c", "ssh://host/x and http://c"), ("mail a@b.c", "mail a@b.c"),
        ("https://host/@scope", "https://host/@scope"), ("https://a@b@host/", "https://host/"),
        ("https://u:p@h1,https://u:p@h2", "https://h1,https://h2"),
    ])
    func cutsUserInfoOfAddresses(foreign: String, shown: String) {
        #expect(SafeText.line(foreign) == shown)
    }

    @Test func leavesNothingOfAPasswordThatItsOwnBoundCutsThrough() {
        let password = String(repeating: "s3cret", count: 110)
        let address = "https://oauth2:\(password)@host "
        for count in 1...6 {
            for lead in 0..<40 {
                let text = String(repeating: "x", count: lead) + String(repeating: address, count: count)
                #expect(!SafeText.line(text).contains("s3cret"))
            }
        }
    }

    @Test func isNeverLongerThanItsLimit() {
        let long = String(repeating: "ä", count: 10_000)
        #expect(SafeText.line(long).utf8.count <= SafeText.longest)
        #expect(SafeText.line(long).hasSuffix("…"))
        #expect(SafeText.line(String(repeating: "\u{1B}", count: 499)).utf8.count <= SafeText.longest)
        #expect(SafeText.line(String(repeating: "a", count: 500)).utf8.count == 500)
        #expect(SafeText.line("abcdefgh", limit: 6) == "abc…")
        #expect(SafeText.line("a" + String(repeating: "\u{301}", count: 5000)).utf8.count <= SafeText.longest)
    }

    @Test func letsNothingThroughWhateverItIsGiven() {
        var numbers = SeededNumbers(3)
        let pieces = [
            "::", "##[", "##vso[", "#", "[", "vso[", "VSO[", "\u{1B}", "\u{202E}", "\n", "\r", " ", "\u{3000}",
            "\u{301}",
            "https://", "user:pw@", "host", "é", "|", "<b>", "%0A", "\u{2066}", "\\", "\u{0}", "\u{FEFF}",
        ]
        for _ in 0..<3000 {
            let text = (0..<Int.random(in: 0...12, using: &numbers)).map { _ in
                pieces[Int.random(in: 0..<pieces.count, using: &numbers)]
            }.joined()
            let shown = SafeText.line(text)
            let lowered = Array(shown.lowercased().utf8)
            #expect(!lowered.contains(sequence: "##[") && !lowered.contains(sequence: "##vso["))
            #expect(!shown.unicodeScalars.drop { $0.properties.isWhitespace }.starts(with: "::".unicodeScalars))
            #expect(!shown.unicodeScalars.contains(where: SafeText.isUnsafe))
        }
    }

    @Test func takesMarkdownAndMarkupOutOfTheirMeaning() {
        #expect(SafeText.markdown("a|b") == "a&#124;b")
        #expect(SafeText.markdown("|\u{301}").utf8.first == UInt8(ascii: "&"))
        #expect(
            SafeText.markdown("![x](javascript:y) <img> `c` @team #1 $x$").allSatisfy { !"![]()<>`@$".contains($0) })
        #expect(SafeText.html("<a href=\"x\" b='y'>&") == "&lt;a href=&quot;x&quot; b=&#39;y&#39;&gt;&amp;")
        #expect(!SafeText.html("\"\u{301} onload=x").utf8.contains(UInt8(ascii: "\"")))
        #expect(!SafeText.html("<\u{338}b>").utf8.contains(UInt8(ascii: "<")))
    }
}

extension Array where Element == UInt8 {
    func contains(sequence text: String) -> Bool { indices.contains { self[$0...].starts(with: text.utf8) } }
}
