// TLS: whom we trust, and what we say about those we don't. Servers are `openssl s_server` on loopback.

import OutlastModel
import Testing

@testable import OutlastSystem

@Suite(.timeLimit(.minutes(2))) struct EncryptionTests {
    @Test func namedAuthorityIsTrusted() async throws {
        let authority = try await TestAuthority()
        let pair = try await authority.issue("DNS:localhost,IP:127.0.0.1")
        try await withTLSServer(pair) { port in
            let transport = transport(["SSL_CERT_FILE": authority.file])
            for host in ["localhost", "127.0.0.1"] {
                let answer = try await send("https://\(host):\(port)/", through: transport)
                #expect(answer.status == 200)
            }
        }
    }

    @Test func authorityInAFolderIsTrusted() async throws {
        let authority = try await TestAuthority()
        let pair = try await authority.issue("DNS:localhost")
        let folder = try TemporaryFolder()
        try await authority.rehash(into: folder)
        try await withTLSServer(pair) { port in
            let transport = transport(["SSL_CERT_DIR": "\(folder["absent"]):\(folder.path)"])
            let answer = try await send("https://localhost:\(port)/", through: transport)
            #expect(answer.status == 200)
        }
    }

    @Test func fileAndFolderAreTrustedTogether() async throws {
        let (first, second) = (try await TestAuthority(), try await TestAuthority())
        let folder = try TemporaryFolder()
        try await first.rehash(into: folder)
        let transport = transport(["SSL_CERT_DIR": folder.path, "SSL_CERT_FILE": second.file])
        for authority in [first, second] {
            try await withTLSServer(try await authority.issue("DNS:localhost")) { port in
                let answer = try await send("https://localhost:\(port)/", through: transport)
                #expect(answer.status == 200)
            }
        }
    }

    @Test func extraAuthorityIsTrustedForItsHostOnly() async throws {
        let authority = try await TestAuthority()
        let pair = try await authority.issue("DNS:localhost,IP:127.0.0.1")
        try await withTLSServer(pair) { port in
            let extra = NetworkTransport.ExtraAuthority(host: "Localhost", file: authority.file)
            let transport = transport([:], extraAuthority: extra)
            let answer = try await send("https://localhost:\(port)/", through: transport)
            #expect(answer.status == 200)
            let failed = try await failure("https://127.0.0.1:\(port)/", through: transport)
            #expect(failed.message.contains("127.0.0.1:\(port) comes from an authority"), "\(failed)")
        }
    }

    @Test func unknownAuthorityIsNamed() async throws {
        let pair = try await TestAuthority().issue("DNS:localhost")
        try await withTLSServer(pair) { port in
            let failed = try await failure("https://localhost:\(port)/")
            #expect(failed.code == .unreachable)
            #expect(
                failed.message
                    == "the certificate of localhost:\(port) comes from an authority that this machine does not trust")
            #expect(failed.hint?.contains("SSL_CERT_FILE") == true)
        }
    }

    @Test func selfSignedCertificateIsNamed() async throws {
        let pair = try await TestAuthority().selfSigned("DNS:localhost")
        try await withTLSServer(pair) { port in
            let failed = try await failure("https://localhost:\(port)/")
            #expect(failed.code == .unreachable)
            #expect(
                failed.message
                    == "the certificate of localhost:\(port) is self-signed, and this machine does not trust it")
        }
    }

    @Test func otherNameIsNamed() async throws {
        let authority = try await TestAuthority()
        let pair = try await authority.issue("DNS:gitlab.example.com,IP:10.0.0.1")
        try await withTLSServer(pair) { port in
            let transport = transport(["SSL_CERT_FILE": authority.file])
            for host in ["localhost", "127.0.0.1"] {
                let failed = try await failure("https://\(host):\(port)/", through: transport)
                #expect(failed.code == .unreachable)
                #expect(
                    failed.message
                        == "the certificate of \(host):\(port) is made out for another name than \(host)")
            }
        }
    }

    @Test func expiredCertificateIsNamed() async throws {
        let authority = try await TestAuthority()
        let pair = try await authority.issue("DNS:localhost", from: "20200101000000Z", to: "20210101000000Z")
        try await withTLSServer(pair) { port in
            let failed = try await failure(
                "https://localhost:\(port)/", through: transport(["SSL_CERT_FILE": authority.file]))
            #expect(failed.message == "the certificate of localhost:\(port) expired at 2021-01-01T00:00:00Z")
        }
    }

    @Test func certificateOfTheFutureNamesTheClock() async throws {
        let authority = try await TestAuthority()
        let pair = try await authority.issue("DNS:localhost", from: "20980101000000Z")
        try await withTLSServer(pair) { port in
            let failed = try await failure(
                "https://localhost:\(port)/", through: transport(["SSL_CERT_FILE": authority.file]))
            #expect(failed.message.contains("is not valid before 2098-01-01T00:00:00Z, and this machine's clock says"))
            #expect(failed.hint == "check this machine's clock")
        }
    }

    @Test func certificateBehindAProxyIsNamed() async throws {
        let pair = try await TestAuthority().selfSigned("DNS:localhost")
        try await withTLSServer(pair) { port in
            let proxy = try RawServer { connection in
                connection.readRequest()
                connection.tunnel(to: port) { connection.send("HTTP/1.1 200 OK\r\n\r\n") }
            }
            let failed = try await failure(
                "https://localhost:\(port)/", through: transport(["HTTPS_PROXY": "http://127.0.0.1:\(proxy.port)"]))
            #expect(failed.message.contains("localhost:\(port) is self-signed"), "\(failed)")
            #expect(proxy.requests.allSatisfy { $0.hasPrefix("CONNECT localhost:\(port) ") })
        }
    }

    @Test func oldProtocolIsRefused() async throws {
        let authority = try await TestAuthority()
        let pair = try await authority.issue("DNS:localhost")
        try await withTLSServer(pair, ["-tls1_1", "-cipher", "ALL:@SECLEVEL=0"]) { port in
            let failed = try await failure(
                "https://localhost:\(port)/", through: transport(["SSL_CERT_FILE": authority.file]))
            #expect(failed.code == .unreachable)
            #expect(failed.message.contains("the TLS handshake with localhost:\(port) failed"), "\(failed)")
        }
    }

    @Test func serverWithoutTLSIsNamed() async throws {
        let server = try RawServer { connection in
            _ = connection.read(65_536)
            connection.send("HTTP/1.1 400 Bad Request\r\n\r\n")
            _ = connection.isHungUp(within: -1)
        }
        let failed = try await failure("https://localhost:\(server.port)/")
        #expect(failed.message == "localhost:\(server.port) does not speak TLS")
    }

    @Test func hangUpInTheHandshakeIsNamed() async throws {
        let server = try RawServer { _ = $0.read(65_536) }
        let failed = try await failure("https://localhost:\(server.port)/")
        #expect(failed.code == .unreachable)
        #expect(failed.message.contains("localhost:\(server.port)"), "\(failed)")
    }

    @Test(arguments: ["SSL_CERT_FILE", "SSL_CERT_DIR"])
    func unreadableAuthorityIsAMistakeOfTheConfiguration(_ variable: String) async throws {
        let transport = transport([variable: "/nonexistent/ca.pem"])
        let failed = try await failure("https://gitlab.example.com/", through: transport)
        #expect(failed.code == .configuration)
        #expect(failed.message.contains(variable))
        #expect(failed.message.contains("/nonexistent/ca.pem"))
        #expect(transport.isUntouched)
    }

    @Test func authorityWithoutCertificatesIsAMistakeOfTheConfiguration() async throws {
        let folder = try TemporaryFolder()
        try folder.write("-----BEGIN NOTHING-----\n", to: "ca.pem")
        let extra = NetworkTransport.ExtraAuthority(host: "gitlab.example.com", file: folder["ca.pem"])
        let failed = try await failure("https://gitlab.example.com/", through: transport([:], extraAuthority: extra))
        #expect(failed.code == .configuration)
        #expect(failed.message.contains("CI_SERVER_TLS_CA_FILE"))
        #expect(failed.message.contains("no certificate"))
    }

    @Test func unreadableAuthorityDoesNotMatterWithoutTLS() async throws {
        let server = try RawServer { connection in
            connection.readRequest()
            connection.send("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
        }
        let transport = transport(["SSL_CERT_FILE": "/nonexistent/ca.pem"])
        let answer = try await send("http://127.0.0.1:\(server.port)/", through: transport)
        #expect(answer.status == 200)
    }
}
