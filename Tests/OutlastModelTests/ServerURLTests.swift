import OutlastModel
import Testing

@Suite struct ServerURLTests {
    @Test(arguments: [
        ("https://gitlab.example.com/api/v4", "https://gitlab.example.com/api/v4"),
        ("HTTPS://GitLab.Example.COM", "https://gitlab.example.com"), ("https://h/", "https://h"),
        ("https://h:443/x", "https://h/x"), ("http://127.0.0.1:8080", "http://127.0.0.1:8080"),
        ("http://h:80", "http://h"), ("https://h.", "https://h"), ("https://[::1]:8443/a", "https://[::1]:8443/a"),
        ("https://[2001:DB8::1]", "https://[2001:db8::1]"), ("https://h?a=b", "https://h?a=b"),
        ("https://h/p/?a=b?c", "https://h/p?a=b?c"), ("https://h_1-x.y", "https://h_1-x.y"),
        ("https://[1:2:3:4:5:6:7:8]", "https://[1:2:3:4:5:6:7:8]"), ("https://[1::]", "https://[1::]"),
    ])
    func readsAddressesIntoOneForm(text: String, form: String) {
        #expect(ServerURL(text)?.text == form)
    }

    @Test(arguments: [
        "", "https://", "https:///x", "ftp://h", "h/x", "//h", "https:/h", "https://user@h", "https://u:p@h/x",
        "https://h#f",
        "https://h/a b", "https://h\\x", "https://h\n", "https://é.example", "https://h:0", "https://h:65536",
        "https://h:",
        "https://h:+1", "https://h:1a", "https://a..b", "https://.a", "https://a..", "https://[::1", "https://[h]",
        "https://::1", "https://[::1]x", "https://[]", "https://[:]", "https://[:::]", "https://[1::2::3]",
        "https://[fe80::1%25eth0]", "https://[::127.0.0.1]", "https://[1:2:3:4:5:6:7]", "https://[12345::]",
        "https://[1:2:3:4::5:6:7:8]", "https://a%2eb", "https://*.example.com", "https://a,b", "javascript://h",
        "https://h@evil.example", "https://h:443@evil.example",
    ])
    func refusesWhatParsersDisagreeAbout(text: String) {
        #expect(ServerURL(text) == nil)
    }

    @Test func refusesWhatIsTooLong() {
        #expect(ServerURL("https://h/" + String(repeating: "a", count: 4096)) == nil)
        #expect(ServerURL("https://" + String(repeating: "a", count: 254)) == nil)
    }

    @Test(arguments: [
        ("http://127.0.0.1", true), ("http://127.9.9.9:1", true), ("http://[::1]", true), ("http://localhost", false),
        ("http://127.0.0.1.example.com", false), ("http://127.1", false), ("http://2130706433", false),
        ("http://[::2]", false), ("http://126.0.0.1", false), ("http://127.0.0.256", false),
    ])
    func takesLiteralAddressesForLoopbackOnly(text: String, isLoopback: Bool) throws {
        #expect(try #require(ServerURL(text)).origin.isLoopback == isLoopback)
    }

    @Test func comparesOriginsBySchemeHostAndPort() throws {
        let one = try #require(ServerURL("https://A.example/x")).origin
        #expect(ServerURL("https://a.example:443/y?z")?.origin == one)
        #expect(ServerURL("http://a.example:443")?.origin != one)
        #expect(ServerURL("https://a.example:444")?.origin != one)
        #expect(ServerURL("https://a.example.org")?.origin != one)
        #expect(one.hostAndPort == "a.example")
        #expect(ServerURL("https://[::1]:8443")?.origin.hostAndPort == "[::1]:8443")
    }

    @Test func readsBackWhatItWrites() {
        var numbers = SeededNumbers(5)
        let alphabet = Array("https://aA0.-_:[]@?#%/\\ é127.0.0.1::".unicodeScalars)
        var read = 0
        for _ in 0..<20_000 {
            var text = Bool.random(using: &numbers) ? "https://" : "http://h"
            for _ in 0..<Int.random(in: 0...10, using: &numbers) {
                text.unicodeScalars.append(alphabet[Int.random(in: 0..<alphabet.count, using: &numbers)])
            }
            guard let address = ServerURL(text) else { continue }
            read += 1
            // The final `/` of a path is dropped one at a time.
            #expect(address.path.hasSuffix("/") || ServerURL(address.text) == address)
            #expect(!address.origin.host.contains("@") && !address.text.contains("\\"))
        }
        #expect(read > 500)
    }

    @Test func encodesOneSegment() {
        #expect(ServerURL.encoded("group/app") == "group%2Fapp")
        #expect(ServerURL.encoded("a.b-c_d~ é%") == "a.b-c_d~%20%C3%A9%25")
        let address = ServerURL("https://h/api")?.appending("/projects/" + ServerURL.encoded("a/b"), query: "x=1")
        #expect(address?.text == "https://h/api/projects/a%2Fb?x=1")
    }
}

@Suite struct HostPatternTests {
    @Test(arguments: [
        ("gitlab.example.com", "gitlab.example.com"),
        ("GitLab.example.com:8443/Group/app/", "gitlab.example.com:8443/Group/app"),
        ("h:443", "h:443"), ("h/group", "h/group"), ("[::1]:80/x", "[::1]:80/x"), ("[::1]", "[::1]"),
        ("h/My%20Project", "h/My%20Project"),
    ])
    func readsHostPortAndPath(text: String, form: String) {
        #expect(HostPattern(text: text)?.text == form)
    }

    @Test(arguments: [
        "", "/", "/x", "https://h", "*.h", "h/../x", "h/./x", "h//x", "h/a//", "h/a%2fb", "h/a%2Fb", "h/%2e%2e/x",
        "h/a%5Cb",
        "u@h", "h?x", "h?", "h#x", "h:0", "h:x", "h:", "h x", "h/é", "h\\x", "h/%00",
    ])
    func refusesWhatCouldMeanAnotherServerOrPath(text: String) {
        #expect(HostPattern(text: text) == nil)
    }
}
