// Real proxies on loopback, willing and unwilling.

import OutlastModel
import Testing

@testable import OutlastSystem

@Suite(.timeLimit(.minutes(2))) struct ProxyTests {
    /// A proxy that joins every `CONNECT` with the port it names.
    private func tunnelling() throws -> RawServer {
        try RawServer { connection in
            let target = connection.readRequest().split(separator: " ").dropFirst().first ?? ""
            let port = target.split(separator: ":").last.flatMap { Int($0) } ?? 0
            connection.tunnel(to: port) { connection.send("HTTP/1.1 200 Connection established\r\n\r\n") }
        }
    }

    private func refusing(_ head: String) throws -> RawServer {
        try RawServer { connection in
            connection.readRequest()
            connection.send("HTTP/1.1 \(head)\r\nContent-Length: 3\r\n\r\nno!")
        }
    }

    private func greeter() throws -> RawServer {
        try RawServer { connection in
            connection.readRequest()
            connection.send("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
        }
    }

    @Test func requestGoesThroughTheProxy() async throws {
        let (proxy, server) = (try tunnelling(), try greeter())
        let transport = transport(["http_proxy": "http://us%20er:hunter2@127.0.0.1:\(proxy.port)"])
        let answer = try await send("http://127.0.0.1:\(server.port)/x", through: transport)
        #expect(answer.status == 200)
        let asked = try #require(proxy.requests.first)
        #expect(asked.hasPrefix("CONNECT 127.0.0.1:\(server.port) HTTP/1.1\r\n"))
        #expect(asked.lowercased().contains("proxy-authorization: basic \("dXMgZXI6aHVudGVyMg==".lowercased())"))
        #expect(!asked.contains(canary), "the proxy must not see the token")
        let request = try #require(server.requests.first)
        #expect(request.contains(canary))
        #expect(!request.lowercased().contains("proxy-authorization"), "the server must not see the proxy's password")
    }

    @Test func exceptionGoesPastTheProxy() async throws {
        let (proxy, server) = (try tunnelling(), try greeter())
        let transport = transport(["http_proxy": "http://127.0.0.1:\(proxy.port)", "NO_PROXY": "127.0.0.0/8"])
        _ = try await send("http://127.0.0.1:\(server.port)/x", through: transport)
        #expect(proxy.requests.isEmpty)
    }

    @Test func requestGoesThroughASOCKSProxy() async throws {
        let server = try greeter()
        let proxy = try RawServer { connection in connection.serveSOCKS { _ in } }
        let transport = transport(["all_proxy": "socks5h://127.0.0.1:\(proxy.port)"])
        let answer = try await send("http://127.0.0.1:\(server.port)/x", through: transport)
        #expect(answer.status == 200)
    }

    @Test func refusalOfASOCKSProxyIsNamed() async throws {
        let proxy = try RawServer { connection in
            _ = connection.readExactly(3)
            connection.send([5, 255])
        }
        let transport = transport(["all_proxy": "socks5://127.0.0.1:\(proxy.port)"])
        let failure = try await failure("http://127.0.0.1:9/x", through: transport)
        #expect(failure.code == .unreachable)
        #expect(failure.message.contains("the proxy 127.0.0.1:\(proxy.port) (all_proxy) refuses"), "\(failure.message)")
    }

    @Test(arguments: [
        ("403 Filtered", "refuses to connect to 127.0.0.1:9 (it answered 403)", "NO_PROXY"),
        ("401 Unauthorized", "refuses to connect to 127.0.0.1:9 (it answered 401)", "check user and password"),
        ("503 Service Unavailable", "refuses to connect to 127.0.0.1:9 (it answered 503)", "NO_PROXY"),
        ("407 Proxy Authentication Required", "wants a user and password (407)", "check user and password"),
    ]) func refusalOfTheProxyIsNamed(_ head: String, _ words: String, _ hint: String) async throws {
        let proxy = try refusing(head)
        let transport = transport(["HTTP_PROXY": "http://user:hunter2@127.0.0.1:\(proxy.port)"])
        let failure = try await failure("http://127.0.0.1:9/x", through: transport)
        #expect(failure.code == .unreachable)
        #expect(failure.message.contains("the proxy 127.0.0.1:\(proxy.port) (HTTP_PROXY) \(words)"), "\(failure)")
        #expect(failure.hint?.contains(hint) == true, "\(failure)")
        #expect(!failure.description.contains("hunter2"))
        #expect(proxy.requests.allSatisfy { !$0.contains(canary) })
    }

    @Test func proxyThatWantsAUserSaysWhereToWriteIt() async throws {
        let proxy = try refusing("407 Proxy Authentication Required")
        let transport = transport(["HTTP_PROXY": "http://127.0.0.1:\(proxy.port)"])
        let failure = try await failure("http://127.0.0.1:9/x", through: transport)
        #expect(failure.hint == "write user and password into HTTP_PROXY: http://user:password@127.0.0.1:\(proxy.port)")
    }

    @Test func proxyThatIsNotThereIsNamed() async throws {
        let port = LoopbackSocket.freePort()
        let transport = transport(["HTTPS_PROXY": "http://user:hunter2@127.0.0.1:\(port)"])
        let failure = try await failure("https://gitlab.example.com/x", through: transport)
        #expect(failure.code == .unreachable)
        let proxy = "the proxy 127.0.0.1:\(port) (HTTPS_PROXY)"
        #expect(failure.message == "cannot reach \(proxy) for gitlab.example.com:443: connection refused")
    }

    @Test func proxyThatHangsUpIsNamed() async throws {
        let proxy = try RawServer { $0.readRequest() }
        let transport = transport(["HTTPS_PROXY": "http://127.0.0.1:\(proxy.port)"])
        let failure = try await failure("https://gitlab.example.com/x", through: transport)
        #expect(failure.code == .unreachable)
        #expect(failure.message.contains("gitlab.example.com:443"), "\(failure)")
        #expect(failure.message.contains("127.0.0.1:\(proxy.port)"), "\(failure)")
    }

    @Test func literalAddressIsNotAskedForItsCertificateThroughAProxy() async throws {
        let transport = transport(["HTTPS_PROXY": "http://127.0.0.1:1"])
        let failure = try await failure("https://10.0.0.1/x", through: transport)
        #expect(failure.code == .configuration)
        #expect(failure.message.contains("HTTPS_PROXY"))
        #expect(transport.isUntouched)
    }

    @Test func unusableProxyIsAMistakeOfTheConfiguration() async throws {
        let transport = transport(["HTTPS_PROXY": "https://user:hunter2@127.0.0.1:1"])
        let failure = try await failure("https://gitlab.example.com/x", through: transport)
        #expect(failure.code == .configuration)
        #expect(!failure.description.contains("hunter2"))
    }
}
