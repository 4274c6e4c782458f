// Nothing that is put into a request may end it or begin another.

import OutlastModel
import Testing

@testable import OutlastSystem

@Suite struct WireRequestTests {
    private func made(
        _ method: String = "GET", _ path: String = "/", query: String? = nil,
        _ headers: [(name: String, value: HeaderValue)] = []
    ) throws -> WireRequest {
        let origin = try #require(ServerURL("https://gitlab.example.com:8443")).origin
        let url = ServerURL(origin: origin, path: path, query: query)
        return try WireRequest(HTTPRequest(method, url, headers: headers), agent: "outlast/1.2.3")
    }

    @Test(arguments: ["a\r\nX: b", "a\nb", "a\rb", "a\u{0}b", "a\u{7F}", "ä", "\u{202E}a", "a\tb"])
    func valueWithABreakIsRefused(_ value: String) {
        let values: [HeaderValue] = [.text(value), .secret(prefix: "Bearer ", Secret(value))]
        for header in values {
            let error = #expect(throws: Failure.self) { try made([("PRIVATE-TOKEN", header)]) }
            #expect(error?.code == .configuration)
            #expect(error?.message.contains("PRIVATE-TOKEN") == true)
            #expect(error?.description.contains(value) == false)
        }
    }

    private func made(_ headers: [(name: String, value: HeaderValue)]) throws -> WireRequest {
        try made("GET", "/", headers)
    }

    @Test(arguments: ["", "A B", "A:", "A\r\nB", "Ä", "Host", "content-length", "Transfer-Encoding", "User-Agent"])
    func unfitHeaderNameIsRefused(_ name: String) {
        #expect(throws: Failure.self) { try made([(name, .text("x"))]) }
    }

    @Test(arguments: ["", "get", "GET /", "GET\r\n"]) func unfitMethodIsRefused(_ method: String) {
        #expect(throws: Failure.self) { try made(method) }
    }

    @Test(arguments: ["@evil.example/", ".evil.example/", "/a b", "/a\r\nX: y", "/ä", "/a\\b", "/a#b"])
    func unfitPathIsRefused(_ path: String) {
        #expect(throws: Failure.self) { try made("GET", path) }
    }

    @Test(arguments: ["a b", "a\r\n", "a#b", "ü"]) func unfitQueryIsRefused(_ query: String) {
        #expect(throws: Failure.self) { try made("GET", "/", query: query) }
    }

    @Test func userWithAColonIsRefused() {
        #expect(throws: Failure.self) { try made([("Authorization", .basic(user: "a:b", Secret("c")))]) }
    }

    @Test func addressIsThatOfTheOrigin() throws {
        #expect(try made("GET", "", query: "a=b").address == "https://gitlab.example.com:8443/?a=b")
        #expect(try made("GET", "/api/v4").address == "https://gitlab.example.com:8443/api/v4")
    }

    // RFC 4648, section 10.
    @Test(arguments: [
        ("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foob", "Zm9vYg=="), ("fooba", "Zm9vYmE="),
        ("foobar", "Zm9vYmFy"),
    ]) func base64HasTheVectorsOfTheStandard(_ plain: String, _ encoded: String) {
        #expect(Base64.encode(Array(plain.utf8)) == encoded)
    }
}
