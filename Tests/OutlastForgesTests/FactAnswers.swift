// The same data files that the sandbox answers from, as answers of a script: client and server read one book.
import OutlastModel
import OutlastSandbox
import OutlastTestKit
import Testing

extension HTTPResponse {
    /// The answer of a fact, with its placeholders filled.
    static func fact(
        _ id: String, _ bindings: [String: SandboxJSON] = [:], headers: [(name: String, value: String)] = []
    ) throws -> HTTPResponse {
        let fact = try #require(FactBook.standard[id], "no fact \(id)")
        return HTTPResponse(
            status: fact.status, headers: fact.filledHeaders(bindings).map { ($0.name, $0.value) } + headers,
            body: Array(fact.bodyText(bindings).utf8))
    }
}

extension Forge {
    /// Asks about a canary at 2026-11-20T22:10:00Z.
    func ask(
        _ kind: TokenKind, at api: String, _ steps: [ScriptedTransport.Step], token: String = "canary-0123456789-abcdef"
    ) async throws -> (reading: TokenReading, credentials: [String?]) {
        let transport = ScriptedTransport(steps)
        let question = TokenQuestion(
            token: Secret(token), api: try #require(ServerURL(api)), kind: kind, timeout: .seconds(10))
        let reading = try await inspect(question, over: transport, clock: FixedClock("2026-11-20T22:10:00Z"))
        transport.expectEnd()
        return (reading, transport.requests.map(\.credential))
    }
}
