// The client on a scripted wire: where it goes, where it does not, and what it makes of limits.

import OutlastModel
import OutlastTestKit
import Testing

@testable import OutlastForges

@Suite("The client of the APIs")
struct APIClientTests {
    private let clock = FixedClock("2026-11-20T22:10:00Z")
    private let token = Secret("canary-0123456789-abcdefghij")

    private func client(_ transport: ScriptedTransport) throws -> APIClient {
        APIClient(
            GitLab.dialect, api: try #require(ServerURL("https://forge.example.com/api/v4")), over: transport,
            clock: clock,
            timeout: .seconds(3))
    }

    private var credential: (name: String, value: HeaderValue) { ("PRIVATE-TOKEN", .secret(prefix: "", token)) }

    private func redirect(_ location: String, _ status: Int = 302) -> HTTPResponse {
        HTTPResponse(status: status, headers: [("Location", location)], body: [])
    }

    @Test("redirects on the same origin are followed, with the token, three times at most")
    func followed() async throws {
        let transport = ScriptedTransport([
            .init("GET https://forge.example.com/api/v4/a", redirect("/b", 301)),
            .init("GET https://forge.example.com/b", redirect("c", 307)),
            .init("GET https://forge.example.com/c", redirect("https://FORGE.example.com:443/d", 308)),
            .init("GET https://forge.example.com/d", .json("{}")),
        ])
        let answer = try await client(transport).get("/a", credential: credential)
        #expect(answer.url.path == "/d")
        #expect(transport.requests.allSatisfy { $0.credential == "PRIVATE-TOKEN: …" && $0.timeout == .seconds(3) })
        transport.expectEnd()
    }

    @Test("another origin is named together with ours, and gets nothing")
    func refused() async throws {
        let transport = ScriptedTransport([
            .init("GET https://forge.example.com/api/v4/a", redirect("https://elsewhere.example.net/a"))
        ])
        let failure = await #expect(throws: Failure.self) {
            _ = try await client(transport).get("/a", credential: credential)
        }
        #expect(failure?.code == .unreachable)
        #expect(failure?.message.contains("forge.example.com") == true)
        #expect(failure?.message.contains("https://elsewhere.example.net") == true)
        #expect(failure?.message.contains("the token was not sent there") == true)
    }

    @Test("nothing but a GET is repeated elsewhere")
    func postIsNotFollowed() async throws {
        let transport = ScriptedTransport([.init("POST https://forge.example.com/api/v4/a", redirect("/b", 307))])
        let client = try client(transport)
        let request = client.request("POST", client.api.appending("/a"), credential: credential)
        await #expect(throws: Failure.self) { _ = try await client.ask(request) }
        transport.expectEnd()
    }

    @Test("pages are followed on the same origin alone")
    func pages() async throws {
        let links: [(String, String?)] = [
            (#"</api/v4/a?page=2>; rel="next""#, "https://forge.example.com/api/v4/a?page=2"),
            (#"<https://forge.example.com/api/v4/a?page=2>; rel="last""#, nil),
        ]
        for (link, expected) in links {
            let transport = ScriptedTransport { _ in .success(.json("[]", headers: [("link", link)])) }
            let client = try client(transport)
            let answer = try await client.get("/a", credential: credential)
            #expect(try client.pageAfter(answer)?.text == expected)
        }
        let elsewhere = #"<https://elsewhere.example.net/a?page=2>; rel="next""#
        let transport = ScriptedTransport { _ in .success(.json("[]", headers: [("Link", elsewhere)])) }
        let client = try client(transport)
        let answer = try await client.get("/a", credential: credential)
        #expect(throws: Failure.self) { try client.pageAfter(answer) }
    }

    @Test(
        "the forge's clock is read from its Date header",
        arguments: [
            ("Fri, 20 Nov 2026 22:10:00 GMT", .zero), ("Fri, 20 Nov 2026 22:12:30 GMT", .seconds(150)),
            ("Friday, 20-Nov-26 22:09:59 GMT", .seconds(-1)), ("Fri Nov 20 21:10:00 2026", .seconds(-3600)),
            ("yesterday", nil), (nil, nil),
        ] as [(String?, Duration?)])
    func skew(_ date: String?, _ expected: Duration?) async throws {
        let headers = date.map { [(name: "date", value: $0)] } ?? []
        let transport = ScriptedTransport { _ in .success(.json("{}", headers: headers)) }
        let answer = try await client(transport).get("/a", credential: credential)
        #expect(answer.clockSkew == expected)
        #expect(answer.receivedAt == clock.now())
    }

    @Test(
        "limits and bans are told with host and wait, and say nothing about the token",
        arguments: [
            (.text("Retry later\n", status: 429, headers: [("Retry-After", "45")]), "45s"),
            (.text("Retry later\n", status: 429, headers: [("RateLimit-Reset", "1795212630")]), "30s"),
            (.text("Too many failed authentication attempts from this IP", status: 403), "banned this address"),
            (.text("Forbidden\n", status: 403), "banned address"),
            (HTTPResponse(status: 403, headers: [("Retry-After", "600")], body: []), "10m"),
            (.json(#"{"message":"429 Too Many Requests"}"#, status: 429, headers: [("retry-after", "0")]), "1s"),
            (.json("{}", status: 429, headers: [("Retry-After", "Fri, 20 Nov 2026 22:11:00 GMT")]), "1m"),
            (.json("{}", status: 429, headers: [("Retry-After", "-5")]), "does not say"),
        ] as [(HTTPResponse, String)])
    func slowDown(_ response: HTTPResponse, _ words: String) async throws {
        let transport = ScriptedTransport { _ in .success(response) }
        let failure = await #expect(throws: Failure.self) {
            _ = try await client(transport).get("/a", credential: credential)
        }
        #expect(failure?.code == .slowDown)
        #expect(failure?.message.contains("forge.example.com") == true)
        #expect(failure?.message.contains(words) == true, "\(failure?.message ?? "")")
        #expect(transport.requests.count == 1)
    }

    @Test("the answer's own name is in every failure about it, made safe")
    func requestID() async throws {
        let headers = [(name: "X-Request-Id", value: "01HX\u{1B}[31m")]
        let transport = ScriptedTransport { _ in .success(.json("{}", status: 502, headers: headers)) }
        let failure = await #expect(throws: Failure.self) {
            _ = try await client(transport).get("/a", credential: credential)
        }
        #expect(failure?.message.contains("(request id 01HX\\u{1B}[31m)") == true)
    }
}
