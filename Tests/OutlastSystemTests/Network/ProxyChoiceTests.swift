// Which proxy counts, row by row.

import OutlastModel
import Testing

@testable import OutlastSystem

@Suite struct ProxyChoiceTests {
    struct Row: Sendable, CustomTestStringConvertible {
        let variables: [String: String]
        let url: String
        /// `host:port` of the proxy; nil for a direct connection.
        let proxy: String?

        init(_ url: String, _ variables: [String: String], _ proxy: String?) {
            self.variables = variables
            self.url = url
            self.proxy = proxy
        }

        var testDescription: String { "\(url) \(variables.sorted { $0.key < $1.key }.map { "\($0)=\($1)" })" }
    }

    static let rows: [Row] = [
        Row("https://a.example", [:], nil),
        Row("https://a.example", ["HTTPS_PROXY": "http://p:3128"], "p:3128"),
        Row("https://a.example", ["https_proxy": "http://p:3128"], "p:3128"),
        Row("https://a.example", ["https_proxy": "http://low:1", "HTTPS_PROXY": "http://up:2"], "low:1"),
        Row("https://a.example", ["https_proxy": "", "HTTPS_PROXY": "http://up:2"], "up:2"),
        Row("https://a.example", ["HTTPS_PROXY": "", "ALL_PROXY": "http://all:3"], "all:3"),
        Row("https://a.example", ["HTTP_PROXY": "http://p:3128"], nil),
        Row("https://a.example", ["ALL_PROXY": "http://p:3128"], "p:3128"),
        Row("https://a.example", ["all_proxy": "http://low:1", "ALL_PROXY": "http://up:2"], "low:1"),
        Row("https://a.example", ["HTTPS_PROXY": "http://p:1", "all_proxy": "http://all:2"], "p:1"),
        Row("http://127.0.0.1", ["HTTP_PROXY": "http://p:3128"], "p:3128"),
        Row("http://127.0.0.1", ["http_proxy": "http://p:3128"], "p:3128"),
        Row("http://127.0.0.1", ["HTTPS_PROXY": "http://p:3128"], nil),
        Row("http://127.0.0.1", ["HTTP_PROXY": "http://p:3128", "REQUEST_METHOD": "GET"], nil),
        Row("http://127.0.0.1", ["http_proxy": "http://p:3128", "REQUEST_METHOD": "GET"], "p:3128"),
        Row("https://a.example", ["HTTPS_PROXY": "http://p:3128", "REQUEST_METHOD": "GET"], "p:3128"),
        // How a proxy may be written.
        Row("https://a.example", ["HTTPS_PROXY": "p.example:8080"], "p.example:8080"),
        Row("https://a.example", ["HTTPS_PROXY": "http://P.example"], "p.example:1080"),
        Row("https://a.example", ["HTTPS_PROXY": "http://p:3128/"], "p:3128"),
        Row("https://a.example", ["HTTPS_PROXY": "HTTP://u:w%40@p:3128/x"], "p:3128"),
        Row("https://a.example", ["HTTPS_PROXY": "u:w@p:3128"], "p:3128"),
        Row("https://a.example", ["HTTPS_PROXY": "http://[::1]:3128"], "[::1]:3128"),
        Row("https://a.example", ["HTTPS_PROXY": "http://[::1]"], "[::1]:1080"),
        Row("https://a.example", ["ALL_PROXY": "socks5h://p:9050"], "p:9050"),
        Row("https://a.example", ["ALL_PROXY": "socks5://p"], "p:1080"),
        // The exceptions apply to whatever variable counts; loopback is no exception by itself.
        Row("https://127.0.0.1", ["HTTPS_PROXY": "http://p:1"], "p:1"),
        Row("https://localhost", ["HTTPS_PROXY": "http://p:1"], "p:1"),
        Row("https://a.example", ["ALL_PROXY": "http://p:1", "NO_PROXY": "a.example"], nil),
        Row("https://a.example", ["ALL_PROXY": "http://p:1", "no_proxy": "a.example", "NO_PROXY": "x"], nil),
        Row("https://a.example", ["ALL_PROXY": "http://p:1", "no_proxy": "x", "NO_PROXY": "a.example"], "p:1"),
        Row("https://a.example", ["ALL_PROXY": "ftp://bad", "NO_PROXY": "*"], nil),
    ]

    @Test(arguments: rows) func proxyIsChosenAsByCurl(_ row: Row) throws {
        let origin = try #require(ServerURL(row.url)).origin
        let chosen = try ProxyChoice(variables: Variables(row.variables)).server(for: origin)
        #expect(chosen?.place == row.proxy)
    }

    @Test(arguments: [
        // list, host, port, covered
        ("a.example", "a.example", 443, true), ("a.example", "b.a.example", 443, true),
        ("a.example", "ba.example", 443, false), ("a.example", "example", 443, false),
        (".a.example", "a.example", 443, true), (".a.example", "b.a.example", 443, true),
        ("A.Example", "a.example", 443, true), ("a.example.", "a.example", 443, true),
        ("x, a.example", "a.example", 443, true), ("x a.example", "a.example", 443, true),
        (" ,, a.example ,", "a.example", 443, true), ("", "a.example", 443, false), (".", "a.example", 443, false),
        ("*", "a.example", 443, true), (" * ", "10.0.0.1", 443, true), ("*,x", "a.example", 443, false),
        ("*.a.example", "b.a.example", 443, false), ("example", "a.example", 443, true),
        ("a.example:443", "a.example", 443, true), ("a.example:8443", "a.example", 443, false),
        ("a.example:8443", "b.a.example", 8443, true), ("a.example:x", "a.example", 443, false),
        ("10.0.0.1", "10.0.0.1", 443, true), ("10.0.0.1", "10.0.0.10", 443, false),
        ("10.0.0.1:443", "10.0.0.1", 443, true), ("10.0.0.1:80", "10.0.0.1", 443, false),
        ("0.0.1", "10.0.0.1", 443, false), (".1", "10.0.0.1", 443, false),
        ("10.0.0.0/8", "10.255.0.1", 443, true), ("10.0.0.0/8", "11.0.0.1", 443, false),
        ("192.168.4.0/22", "192.168.7.255", 443, true), ("192.168.4.0/22", "192.168.8.0", 443, false),
        ("10.0.0.0/0", "1.2.3.4", 443, true), ("10.0.0.1/32", "10.0.0.2", 443, false),
        ("10.0.0.0/33", "10.0.0.1", 443, false), ("10.0.0.0/x", "10.0.0.1", 443, false),
        ("10.0.0.0/8", "a.example", 443, false), ("10.0.0.0/8", "10.example", 443, false),
        ("::1", "::1", 443, true), ("[::1]", "::1", 443, true), ("[::1]:443", "::1", 443, true),
        ("[::1]:80", "::1", 443, false), ("0:0:0:0:0:0:0:1", "::1", 443, true),
        ("fd00::/8", "fd12:3456::1", 443, true), ("[fd00::]/8", "fd12::1", 443, true),
        ("fd00::/8", "fe80::1", 443, false), ("::/0", "10.0.0.1", 443, false), ("127.0.0.1", "::1", 443, false),
    ]) func exceptionsAreReadAsByCurl(_ list: String, _ host: String, _ port: Int, _ isCovered: Bool) {
        #expect(NoProxyList(list).covers(host: host, port: port) == isCovered, "\(list) \(host):\(port)")
    }

    @Test(arguments: [
        ("https://user:hunter2@p:3128", "kind https://"), ("socks4://user:hunter2@p", "kind socks4://"),
        ("socks4a://user:hunter2@p", "kind socks4a://"), ("socks5://user:hunter2@p", "user for a SOCKS proxy"),
        ("ftp://user:hunter2@p", "address of a proxy"), ("http://user:hunter2@", "address of a proxy"),
        ("http://user:hunter2@p:99999", "address of a proxy"), ("http://user:hunter2@p q:1", "address of a proxy"),
        ("http://user:hunter2%@p:1", "address of a proxy"), ("http://user:hunter2%+1@p:1", "address of a proxy"),
        ("http://us%3Aer:hunter2@p:1", "address of a proxy"), ("http://user:hunter2%0D%0A@p:1", "address of a proxy"),
    ]) func unusableProxyIsNamedByItsVariableOnly(_ value: String, _ words: String) throws {
        let origin = try #require(ServerURL("https://a.example")).origin
        let error = #expect(throws: Failure.self) {
            try ProxyChoice(variables: Variables(["HTTPS_PROXY": value])).server(for: origin)
        }
        let failure = try #require(error)
        #expect(failure.code == .configuration)
        #expect(failure.message.contains("HTTPS_PROXY"))
        #expect(failure.message.contains(words), "\(failure.message)")
        #expect(!failure.description.contains("hunter2"))
        #expect(failure.hint != nil)
    }

    @Test func userAndPasswordAreDecoded() throws {
        let proxy = try ProxyServer("http://us%20er:p%40ss%3A%2F:x@p:3128", variable: "HTTPS_PROXY")
        #expect(proxy.user == "us er")
        #expect(proxy.password?.reveal() == "p@ss:/:x")
        #expect(try ProxyServer("http://user@p", variable: "X").password?.reveal() == "")
        #expect(try ProxyServer("http://p", variable: "X").user == nil)
    }
}
