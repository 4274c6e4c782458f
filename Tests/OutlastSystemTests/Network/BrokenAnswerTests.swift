// Servers that answer badly or not at all: each ends in a sentence that names host and port and the cause, in time.

import OutlastModel
import Testing

@testable import OutlastSystem

/// A way to answer badly, and what is said about it.
struct BrokenAnswer: Sendable, CustomTestStringConvertible {
    let name: String
    let words: String
    var timeout = Duration.seconds(20)
    let serve: @Sendable (RawConnection) -> Void

    var testDescription: String { name }

    static let head = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"

    /// Reads the request, says something, hangs up.
    static func says(_ name: String, _ answer: String, _ words: String) -> BrokenAnswer {
        BrokenAnswer(name: name, words: words) { connection in
            connection.readRequest()
            connection.send(answer)
        }
    }

    static let all: [BrokenAnswer] = [
        says("nothing", "", "closed the connection without an answer"),
        BrokenAnswer(name: "hang-up before the request", words: "without an answer") { _ in },
        says("garbage", "\u{1}\u{2}\u{3}SSH-2.0-OpenSSH_9.2\r\n\r\n", "something that is not HTTP"),
        says("half a status line", "HTTP/1.1 20", "without an answer"),
        says("half of the headers", head + "Content-Le", "without an answer"),
        says("truncated body", head + "Content-Length: 100\r\n\r\n{\"a\":1}", "ended early, after 7 bytes"),
        says("truncated chunks", head + "Transfer-Encoding: chunked\r\n\r\n5\r\n{\"a\"", "ended early"),
        says("bad chunk size", head + "Transfer-Encoding: chunked\r\n\r\nzz\r\n{}\r\n", "not HTTP"),
        says("length that is no number", head + "Content-Length: many\r\n\r\n{}", "not HTTP"),
        says("two lengths", head + "Content-Length: 2\r\nContent-Length: 3\r\n\r\n{}x", "not HTTP"),
        says("packed body", head + "Content-Encoding: gzip\r\nContent-Length: 2\r\n\r\n{}", "in the encoding gzip"),
        says(
            "giant header", head + "X-A: \(String(repeating: "a", count: 1 << 20))\r\n\r\n", "headers of the answer"),
        says(
            "10 MB announced", head + "Content-Length: 10485760\r\n\r\n" + String(repeating: " ", count: 10 << 20),
            "larger than 1048576 bytes"),
        says("10 MB without a length", head + "\r\n" + String(repeating: " ", count: 10 << 20), "larger than 1048576"),
        BrokenAnswer(name: "silence", words: "did not answer within 250ms", timeout: .milliseconds(250)) { connection in
            connection.readRequest()
            _ = connection.isHungUp(within: -1)
        },
        BrokenAnswer(name: "slow drip of headers", words: "did not answer within", timeout: .milliseconds(250)) {
            connection in
            connection.readRequest()
            connection.send(head + "X-A: ")
            while !connection.isHungUp(within: 5), connection.send("a") {}
        },
        BrokenAnswer(name: "slow drip of the body", words: "did not end within 400ms", timeout: .milliseconds(400)) {
            connection in
            connection.readRequest()
            connection.send(head + "\r\n")
            while !connection.isHungUp(within: 5), connection.send(" ") {}
        },
    ]
}

@Suite(.timeLimit(.minutes(2))) struct BrokenAnswerTests {
    @Test(arguments: BrokenAnswer.all) func brokenAnswerIsNamed(_ answer: BrokenAnswer) async throws {
        let server = try RawServer(answer.serve)
        let failure = try await failure("http://127.0.0.1:\(server.port)/api/v4/user", timeout: answer.timeout)
        #expect(failure.code == .unreachable)
        #expect(failure.message.contains("127.0.0.1:\(server.port)"))
        #expect(failure.message.contains(answer.words), "\(failure.message)")
    }

    @Test func refusedConnectionIsNamed() async throws {
        let port = LoopbackSocket.freePort()
        let failure = try await failure("http://127.0.0.1:\(port)/")
        #expect(failure.code == .unreachable)
        #expect(failure.message == "cannot reach 127.0.0.1:\(port): connection refused")
    }

    @Test func unknownNameIsNamed() async throws {
        // A label of more than 63 characters is refused by the resolver itself: nothing leaves the machine.
        let host = String(repeating: "a", count: 64) + ".invalid"
        let failure = try await failure("https://\(host)/")
        #expect(failure.code == .unreachable)
        #expect(failure.message.contains("\(host):443: the host name cannot be resolved"), "\(failure.message)")
    }

    @Test func tooLongBodyWithoutLengthIsNotReadToItsEnd() async throws {
        let server = try RawServer { connection in
            connection.readRequest()
            connection.send(BrokenAnswer.head + "\r\n")
            while connection.send([UInt8](repeating: 32, count: 65_536)) {}
        }
        let failure = try await failure("http://127.0.0.1:\(server.port)/", largestBody: 1000)
        #expect(failure.message.contains("larger than 1000 bytes"))
    }

    @Test func terminalCodesOfAServerStayOut() async throws {
        let server = try RawServer { connection in
            connection.readRequest()
            connection.send(BrokenAnswer.head + "Content-Encoding: ::error::\u{9B}31m\r\n\r\n")
        }
        let failure = try await failure("http://127.0.0.1:\(server.port)/")
        #expect(!failure.description.unicodeScalars.contains { SafeText.isUnsafe($0) })
    }
}
