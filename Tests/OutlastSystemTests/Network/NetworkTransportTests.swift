// What is sent, what is handed back, and what is not sent at all.

import Foundation
import OutlastModel
import Testing

@testable import OutlastSystem

@Suite(.timeLimit(.minutes(2))) struct NetworkTransportTests {
    private func server(_ answer: String) throws -> RawServer {
        try RawServer { connection in
            connection.readRequest()
            connection.send(answer)
        }
    }

    @Test func makingATransportTouchesNothing() {
        // Variables that would fail as soon as anybody looked at them.
        let transport = transport(["SSL_CERT_FILE": "/nonexistent", "HTTPS_PROXY": "gopher://x"])
        #expect(transport.isUntouched)
    }

    @Test func aRefusedRequestTouchesNothing() async throws {
        let transport = transport([:])
        _ = try await failure("http://gitlab.example.com/", through: transport)
        #expect(transport.isUntouched)
    }

    @Test func requestIsSentAsItWasGiven() async throws {
        let server = try server(
            "HTTP/1.1 201 Created\r\nDate: x\r\nX-Two: a\r\nX-Two: b\r\nContent-Length: 2\r\n\r\n{}")
        let url = try #require(
            ServerURL(
                "http://127.0.0.1:\(server.port)/api/v4/projects/group%2Fapp//variables?filter%5Bx%5D=a+b&y=%C3%A4"))
        let answer = try await transport([:]).send(
            HTTPRequest(
                "POST", url,
                headers: [
                    ("PRIVATE-TOKEN", .secret(prefix: "", Secret(canary))),
                    ("Authorization", .basic(user: "oauth2", Secret("päss"))), ("X-Odd", .text("a, b")),
                ],
                body: HTTPRequest.Body(contentType: "application/json", content: Secret("{\"a\":1}"))))
        #expect(answer.status == 201)
        #expect(answer.body == Array("{}".utf8))
        #expect(answer.headers.filter { $0.name == "X-Two" }.map(\.value) == ["a", "b"])
        let request = try #require(server.requests.first)
        let lines = request.components(separatedBy: "\r\n")
        #expect(lines[0] == "POST /api/v4/projects/group%2Fapp//variables?filter%5Bx%5D=a+b&y=%C3%A4 HTTP/1.1")
        #expect(lines.contains("Host: 127.0.0.1:\(server.port)"))
        #expect(lines.contains("User-Agent: outlast/1.2.3"))
        #expect(lines.contains("Accept-Encoding: identity"))
        #expect(lines.contains("PRIVATE-TOKEN: \(canary)"))
        #expect(lines.contains("Authorization: Basic b2F1dGgyOnDDpHNz"))
        #expect(lines.contains("X-Odd: a, b"))
        #expect(lines.contains("Content-Type: application/json"))
        #expect(lines.contains("Content-Length: 7"))
        #expect(lines.last == "{\"a\":1}")
    }

    @Test(arguments: [301, 302, 303, 307, 308]) func redirectIsHandedBack(_ status: Int) async throws {
        let other = try server("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
        let server = try server(
            "HTTP/1.1 \(status) Moved\r\nLocation: http://127.0.0.1:\(other.port)/\r\nContent-Length: 0\r\n\r\n")
        let answer = try await send("http://127.0.0.1:\(server.port)/")
        #expect(answer.status == status)
        #expect(answer.header("location") == "http://127.0.0.1:\(other.port)/")
        #expect(other.requests.isEmpty)
    }

    @Test(arguments: [
        ("HTTP/1.1 401 Unauthorized\r\nContent-Length: 2\r\n\r\n{}", 401, "{}"),
        ("HTTP/1.1 502 Bad Gateway\r\nContent-Type: text/html\r\n\r\n<html>x</html>", 502, "<html>x</html>"),
        ("HTTP/1.0 200 OK\r\n\r\nold", 200, "old"), ("HTTP/1.1 204 No Content\r\n\r\n", 204, ""),
        ("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n", 200, "{}"),
        ("HTTP/1.1 103 Early Hints\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok", 200, "ok"),
        // What comes after the announced length is nobody's.
        ("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}and more", 200, "{}"),
    ]) func wholeAnswerIsHandedBack(_ text: String, _ status: Int, _ body: String) async throws {
        let server = try server(text)
        let answer = try await send("http://127.0.0.1:\(server.port)/")
        #expect(answer.status == status)
        #expect(String(decoding: answer.body, as: UTF8.self) == body)
    }

    @Test func changingRequestsGetConnectionsOfTheirOwn() async throws {
        let server = try RawServer { connection in
            while !connection.readRequest().isEmpty {
                connection.send("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n\(connection.descriptor % 10)x")
            }
        }
        let transport = transport([:])
        for method in ["POST", "DELETE", "PUT"] {
            _ = try await send("http://127.0.0.1:\(server.port)/", through: transport, method: method)
        }
        // Each connection ends with a request that is empty: its end.
        #expect(server.requests.filter { !$0.isEmpty }.count == 3)
    }

    @Test func transportWorksAgainAfterItWasShutDown() async throws {
        let server = try server("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
        let transport = transport([:])
        let answer = try await send("http://127.0.0.1:\(server.port)/", through: transport)
        #expect(answer.status == 200)
        transport.shutdown()
        #expect(transport.isUntouched)
        let again = try await send("http://127.0.0.1:\(server.port)/", through: transport)
        #expect(again.status == 200)
    }

    @Test func stoppedRunEndsTheRequest() async throws {
        let server = try RawServer { connection in
            connection.readRequest()
            _ = connection.isHungUp(within: -1)
        }
        let task = Task { try await failure("http://127.0.0.1:\(server.port)/") }
        while server.requests.isEmpty { await Task.yield() }
        task.cancel()
        #expect(try await task.value.message.contains("this run was stopped"))
    }

    @Test(arguments: [
        ("http://gitlab.example.com/", "https://, or accept the risk with --allow-insecure-http"),
        ("http://localhost:8080/", "loopback means a literal address: write http://127.0.0.1:8080"),
        ("http://0x7f000001/", "--allow-insecure-http"), ("http://127.0.0.1.example.com/", "--allow-insecure-http"),
    ]) func unencryptedRequestBeyondLoopbackIsRefused(_ url: String, _ hint: String) async throws {
        let failure = try await failure(url)
        #expect(failure.code == .configuration)
        #expect(failure.message.contains("unencrypted"))
        #expect(failure.hint?.contains(hint) == true, "\(failure)")
    }

    @Test func unencryptedRequestIsSentWhereItIsAllowed() async throws {
        let server = try server("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
        let transport = transport([:], allowsInsecureHTTP: true)
        let answer = try await send("http://localhost:\(server.port)/", through: transport)
        #expect(answer.status == 200)
    }
}
