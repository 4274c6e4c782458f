// Servers that answer badly, over real sockets: each ends in a code of the contract and a sentence that names the host and
// the cause, in time, and none of them ever counts as news about a token.

import OutlastModel
import Testing

/// A way to answer badly.
struct BadAnswer: Sendable, CustomTestStringConvertible {
    let name: String
    /// A word of the cause.
    let words: String
    var cue = ServerCue.request
    var options = ""
    let steps: [ServerStep]

    var testDescription: String { name }

    static func json(_ name: String, _ body: String, _ words: String, status: String = "200 OK") -> BadAnswer {
        BadAnswer(name: name, words: words, steps: [.json(body, status)])
    }

    private static let page = "<!DOCTYPE html><html><head><title>Sign in</title></head><body></body></html>"
    private static let alive = #""id":1,"name":"x","revoked":false,"active":true,"scopes":["api"],"#
    private static let head = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"

    static let bodies = [
        BadAnswer(name: "HTML 200", words: "HTML page", steps: [.answer("200 OK", ["Content-Type: text/html"], page)]),
        json("HTML that calls itself JSON", page, "HTML page"),
        BadAnswer(
            name: "HTML 502", words: "answered 502",
            steps: [.answer("502 Bad Gateway", ["Content-Type: text/html"], page)]),
        BadAnswer(
            name: "HTML 403", words: "HTML page", steps: [.answer("403 Forbidden", ["Content-Type: text/html"], page)]),
        BadAnswer(name: "401 without a body", words: "empty body", steps: [.answer("401 Unauthorized")]),
        BadAnswer(name: "204", words: "empty body", steps: [.text("HTTP/1.1 204 No Content\r\n\r\n")]),
        json("an empty body", "", "empty body"), json("truncated JSON", #"{"id":1,"name":"a"#, "ends early"),
        json("a list", "[]", "no object"), json("a number", "42", "no object"),
        json("wrong types", #"{"id":"1","active":1,"revoked":"no","scopes":{},"expires_at":20270101}"#, "object"),
        json("an impossible date", "{\(alive)\"expires_at\":\"9999-99-99\"}", "no date"),
        json("a date that is a number", "{\(alive)\"expires_at\":1e999}", ""),
        json("an id beyond all numbers", #"{"id":1e999,"revoked":false,"active":true,"scopes":[]}"#, "object"),
        json("a list of scopes that is none", #"{"id":1,"active":true,"scopes":"api"}"#, "no list"),
        json("deep nesting", String(repeating: "[", count: 100_000), "nested"),
        json("deep objects", String(repeating: #"{"a":"#, count: 100_000), "nested"),
        BadAnswer(
            name: "10 MB", words: "larger than",
            steps: [.json("{" + String(repeating: " ", count: 10 << 20) + "}")]),
        BadAnswer(
            name: "10 MB without a length", words: "larger than",
            steps: [.text(head + "\r\n{" + String(repeating: " ", count: 10 << 20))]),
        BadAnswer(
            name: "invalid UTF-8", words: "no JSON",
            steps: [.text(head + "Content-Length: 13\r\n\r\n"), .bytes(Array(#"{"id":1,"a""#.utf8) + [0xFF, 0xFE])]),
        json("NUL bytes", "{\"id\":\u{0}1}", "no JSON"),
        BadAnswer(
            name: "gzip garbage", words: "encoding gzip",
            steps: [.answer("200 OK", ["Content-Type: application/json", "Content-Encoding: gzip"], "\u{1F}not gzip")]),
        json("another API's error", #"{"fault":"no"}"#, "401", status: "401 Unauthorized"),
        json("a teapot", #"{"message":"short and stout"}"#, "418", status: "418 I'm a teapot"),
    ]

    static let wires = [
        BadAnswer(name: "a hang-up before the request", words: "without an answer", cue: .connection, steps: []),
        BadAnswer(name: "a hang-up before the headers", words: "without an answer", steps: []),
        BadAnswer(
            name: "a hang-up within the headers", words: "without an answer", steps: [.text("HTTP/1.1 200 OK\r\nCon")]),
        BadAnswer(
            name: "a hang-up after the headers", words: "ended early",
            steps: [.text(head + "Content-Length: 50\r\n\r\n")]),
        BadAnswer(
            name: "a length that is too long", words: "ended early, after 2 bytes",
            steps: [.text(head + "Content-Length: 100\r\n\r\n{}")]),
        BadAnswer(
            name: "a length that is too short", words: "ends early",
            steps: [.text(head + "Content-Length: 5\r\n\r\n{\"id\":1,\"active\":true}")]),
        BadAnswer(
            name: "two lengths", words: "not HTTP",
            steps: [.text(head + "Content-Length: 2\r\nContent-Length: 3\r\n\r\n{}x")]),
        BadAnswer(name: "garbage", words: "not HTTP", steps: [.bytes([0, 1, 2, 0xFF, 0xFE, 13, 10, 13, 10])]),
        BadAnswer(
            name: "another protocol", words: "not HTTP", steps: [.text("SSH-2.0-OpenSSH_9.2\r\n"), .silence]),
        BadAnswer(
            name: "a huge header", words: "headers",
            steps: [.text(head + "X-A: " + String(repeating: "a", count: 1 << 20) + "\r\n\r\n{}")]),
        BadAnswer(name: "silence", words: "within 1s", options: " --timeout 1s", steps: [.silence]),
        BadAnswer(
            name: "a slow drip of headers", words: "within 1s", options: " --timeout 1s",
            steps: [.text(head + "X-A: "), .drip("a", every: 20)]),
        BadAnswer(
            name: "a slow drip of the body", words: "within 1s", options: " --timeout 1s",
            steps: [.text(head + "\r\n{"), .drip(" ", every: 20)]),
        BadAnswer(
            name: "a 3xx without a place", words: "redirect without an address", steps: [.answer("302 Found")]),
        BadAnswer(
            name: "a redirect to itself", words: "more than 3 times",
            steps: [.answer("302 Found", ["Location: /api/v4/personal_access_tokens/self"])]),
        BadAnswer(
            name: "a redirect to nonsense", words: "redirect without an address",
            steps: [.answer("301 Moved", ["Location: javascript:alert(1)"])]),
    ]
}

@Suite("Servers that answer badly", .timeLimit(.minutes(5)))
struct BrokenAnswerTests {
    private static let token = "glpat-bR0kEnAnSwEr9aBcDeFg"

    @Test("end in 69 with host and cause, never in a verdict", arguments: BadAnswer.bodies + BadAnswer.wires)
    func broken(_ bad: BadAnswer) async throws {
        try await withServer(on: bad.cue, { _ in bad.steps }) { server in
            try await withScene { scene in
                scene.secret(Self.token)
                let line = "preflight --token-env T --forge gitlab --api-url \(server.url)/api/v4\(bad.options) --json"
                let run = try await scene.run(line, ["T": Self.token])
                #expect(run.took < .seconds(20))
                #expect(run.exit == .unreachable && run.text("decision") == "unknown", "\(run.everything)")
                let reason = try #require(run.text("credentials.0.reason"))
                #expect(reason.contains(server.place) && (bad.words.isEmpty || reason.contains(bad.words)), "\(reason)")
                #expect(reason.utf8.count < 600, "\(reason)")
                #expect(Shape.complaint(run.json, .object(Shape.preflight)) == nil)
                let known = try await scene.run(line + " --expires-at 2099-01-01 --fresh", ["T": Self.token])
                #expect(known.exit == .done, "a known end needs no forge: \(known.everything)")
            }
        }
    }

    @Test(
        "the same from GitHub's and Azure's and Bitbucket's place", arguments: ["github", "azure-devops", "bitbucket"])
    func otherForges(_ forge: String) async throws {
        for bad in BadAnswer.bodies.prefix(10) {
            try await withServer({ _ in bad.steps }) { server in
                try await withScene { scene in
                    scene.secret(Self.token)
                    let run = try await scene.run(
                        "preflight --token-env T --forge \(forge) --api-url \(server.url) --json", ["T": Self.token])
                    #expect(run.exit == .unreachable, "\(bad.name): \(run.everything)")
                    #expect(run.text("credentials.0.reason")?.contains(server.place) == true, "\(run.output)")
                }
            }
        }
    }

    @Test("a mark of byte order before the answer is no harm")
    func byteOrderMark() async throws {
        let body =
            "\u{FEFF}{\"id\":7,\"revoked\":false,\"active\":true,\"scopes\":[\"read_api\"],\"expires_at\":\"2099-01-01\"}"
        try await withServer({ _ in [.json(body)] }) { server in
            try await withScene { scene in
                scene.secret(Self.token)
                let run = try await scene.run(
                    "preflight --token-env T --forge gitlab --api-url \(server.url)/api/v4 --json", ["T": Self.token])
                #expect(run.exit == .done && run.text("credentials.0.token_id") == "7", "\(run.everything)")
            }
        }
    }
}
