import OutlastModel
import OutlastTestKit
import Testing

@testable import OutlastFlows

@Suite("The budget of failed authentications, and hosts that ask for time")
struct RenewalBudgetTests {
    private let clock = FixedClock("2026-11-20T22:10:00Z")
    private let store = RememberingRenewals()

    private func request(_ host: String = "forge.example.com", secret: Bool = true) throws -> HTTPRequest {
        let url = try #require(ServerURL("https://\(host)/api"))
        return HTTPRequest(
            "GET", url,
            headers: secret
                ? [("Authorization", .secret(prefix: "Bearer ", Secret("token")))] : [("Accept", .text("text/html"))])
    }

    private func send(_ response: HTTPResponse, _ request: HTTPRequest) async -> (
        ending: Result<Int, Failure>, wasSent: Bool
    ) {
        let base = ScriptedTransport { _ in .success(response) }
        let transport = BudgetedTransport(base: base, store: store, clock: clock)
        do throws(Failure) { return (.success(try await transport.send(request).status), true) } catch {
            return (.failure(error), base.requests.count > 0)
        }
    }

    private func code(_ ending: Result<Int, Failure>) -> OutlastModel.ExitCode? {
        if case .failure(let failure) = ending { failure.code } else { nil }
    }

    @Test("ten refused authentications at a host within three minutes stop the eleventh before it is sent")
    func failures() async throws {
        for _ in 0..<10 {
            #expect(try await send(.text("no", status: 401), request()).wasSent)
            clock.advance(by: .seconds(10))
        }
        let stopped = try await send(.text("yes", status: 200), request())
        #expect(code(stopped.ending) == .slowDown && !stopped.wasSent)
        // Other hosts, and requests that carry no secret, are not meant.
        #expect(try await send(.text("yes", status: 200), request("other.example.com")).wasSent)
        #expect(try await send(.text("yes", status: 200), request(secret: false)).wasSent)
        clock.advance(by: .seconds(90))
        #expect(try await send(.text("yes", status: 200), request()).wasSent)
        #expect(try store.failedAuthentications(at: "forge.example.com", since: Instant(seconds: 0)) == 0)
    }

    @Test("a success forgets the failures before it; a refusal of a right does not count")
    func success() async throws {
        for _ in 0..<9 { _ = try await send(.text("no", status: 401), request()) }
        _ = try await send(.text("forbidden", status: 403), request())
        _ = try await send(.text("no", status: 401), request(secret: false))
        #expect(store.contents.failures.count == 9)
        _ = try await send(.text("yes", status: 201), request())
        #expect(store.contents.failures.isEmpty)
    }

    struct Wait: Sendable, CustomTestStringConvertible {
        var status: Int
        var header: String?
        var date: String?
        var seconds: Int?
        var testDescription: String { "\(status) with \(header ?? "nothing")" }
    }

    @Test(
        "a host that asks for time gets it, within an hour",
        arguments: [
            Wait(status: 429, header: "30", seconds: 30), Wait(status: 429, seconds: 60),
            Wait(status: 429, header: "soon", seconds: 60), Wait(status: 429, header: "99999999", seconds: 3600),
            Wait(status: 429, header: "9223372036854775807", seconds: 3600),
            Wait(status: 429, header: "99999999999999999999", seconds: 60), Wait(status: 429, header: "-5", seconds: 0),
            Wait(status: 503, header: "5", seconds: 5), Wait(status: 403, header: "7", seconds: 7),
            Wait(status: 503, header: "Fri, 20 Nov 2026 22:10:40 GMT", seconds: 40),
            Wait(status: 429, header: "Fri, 20 Nov 2026 22:00:00 GMT", seconds: 0),
            Wait(
                status: 503, header: "Fri, 20 Nov 2026 23:10:40 GMT", date: "Fri, 20 Nov 2026 23:10:00 GMT", seconds: 40
            ),
            Wait(status: 503), Wait(status: 403), Wait(status: 200, header: "9"), Wait(status: 401, header: "9"),
        ])
    func waits(_ row: Wait) async throws {
        let headers =
            (row.header.map { [(name: "Retry-After", value: $0)] } ?? [])
            + (row.date.map { [(name: "Date", value: $0)] } ?? [])
        let asked = try await send(.text("", status: row.status, headers: headers), request())
        #expect(asked.wasSent)
        let expected = row.seconds.map { clock.now().advanced(by: .seconds($0)) }
        #expect(store.contents.waits["forge.example.com"] == expected)
        guard let seconds = row.seconds, seconds > 0 else {
            #expect(try await send(.text("", status: 200), request()).wasSent)
            return
        }
        clock.advance(by: .seconds(seconds - 1))
        let early = try await send(.text("", status: 200), request(secret: false))
        #expect(code(early.ending) == .slowDown && !early.wasSent)
        clock.advance(by: .seconds(1))
        #expect(try await send(.text("", status: 200), request()).wasSent)
    }

    @Test("a wait that lies further away than anybody may ask is a clock's mistake")
    func absurdWait() async throws {
        try store.noteWait(for: "forge.example.com", until: clock.now().advanced(by: .seconds(999_999)))
        #expect(try await send(.text("", status: 200), request()).wasSent)
    }

    @Test("a spent limit that is told by its reset alone is waited for, and a limit that is left is not")
    func spentLimit() async throws {
        let reset = clock.now().advanced(by: .seconds(90)).milliseconds / 1000
        let rows: [(remaining: String, reset: String, seconds: Int64?)] = [
            ("0", String(reset), 90), ("0", "1", 0), ("0", "9223372036854775807", nil), ("0", "soon", nil),
            ("17", String(reset), nil),
        ]
        for row in rows {
            let host = "limit-\(row.remaining)-\(row.reset.count).example.com"
            let base = ScriptedTransport { _ in
                .success(
                    .text(
                        "", status: 403,
                        headers: [("x-ratelimit-remaining", row.remaining), ("x-ratelimit-reset", row.reset)]))
            }
            let url = try #require(ServerURL("https://\(host)/api"))
            _ = try await BudgetedTransport(base: base, store: store, clock: clock).send(HTTPRequest("GET", url))
            #expect(store.contents.waits[host] == row.seconds.map { clock.now().advanced(by: .seconds($0)) }, "\(row)")
        }
    }

    @Test("an answer reaches its caller whatever becomes of the notes")
    func brokenNotes() async throws {
        for status in [200, 401, 429] {
            let base = ScriptedTransport { _ in .success(.text("", status: status)) }
            let transport = BudgetedTransport(base: base, store: DeafStore(base: store), clock: clock)
            #expect(try await transport.send(request()).status == status)
        }
    }
}
