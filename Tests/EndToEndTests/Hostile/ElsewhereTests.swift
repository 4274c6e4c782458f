// A token goes to the configured scheme, host and port and nowhere else, whatever a server says; and encryption that
// cannot be trusted is none.

import OutlastModel
import OutlastSandbox
import Testing

@Suite("A token goes nowhere else", .timeLimit(.minutes(10)))
struct ElsewhereTests {
    private static let token = "glpat-eL5eWhErE9aBcDeFgHiJ"

    private func line(_ url: String) -> String {
        "preflight --token-env T --forge gitlab --api-url \(url)/api/v4 --json"
    }

    @Test("redirects to another server are named and not followed", arguments: [301, 302, 303, 307, 308])
    func redirects(_ status: Int) async throws {
        try await withServer({ _ in [.json("{}")] }) { trap in
            for target in ["http://\(trap.place)/steal", "//\(trap.place)/steal", "https://\(trap.place)/steal"] {
                try await withServer({ _ in [.answer("\(status) Moved", ["Location: \(target)"])] }) { server in
                    try await withScene { scene in
                        scene.secret(Self.token)
                        let run = try await scene.run(line(server.url), ["T": Self.token])
                        #expect(run.exit == .unreachable, "\(run.everything)")
                        let reason = try #require(run.text("credentials.0.reason"))
                        #expect(reason.contains(server.place) && reason.contains(trap.place), "\(reason)")
                        #expect(server.received.contains(Self.token), "the configured server was asked")
                    }
                }
            }
            #expect(trap.received.isEmpty && trap.connections == 0)
        }
    }

    @Test("a redirect that stays at home is followed with the token")
    func home() async throws {
        let body = #"{"id":7,"revoked":false,"active":true,"scopes":["read_api"],"expires_at":"2099-01-01"}"#
        let script: @Sendable (String) -> [ServerStep] = { request in
            request.hasPrefix("GET /moved ") ? [.json(body)] : [.answer("307 Moved", ["Location: /moved"])]
        }
        try await withServer(script) { server in
            try await withScene { scene in
                scene.secret(Self.token)
                let run = try await scene.run(line(server.url), ["T": Self.token])
                #expect(run.exit == .done && server.connections >= 1, "\(run.everything)")
            }
        }
    }

    @Test("links to a next page and other headers lead nowhere")
    func links() async throws {
        try await withServer({ _ in [.json("{}")] }) { trap in
            let headers = [
                "Link: <http://\(trap.place)/next>; rel=\"next\"", "Refresh: 0; url=http://\(trap.place)/",
                "Content-Location: http://\(trap.place)/", "Alt-Svc: h2=\"\(trap.place)\"",
            ]
            let body = #"{"id":7,"revoked":false,"active":true,"scopes":["api"],"expires_at":"2099-01-01"}"#
            try await withServer({ _ in [.json(body, "200 OK", headers)] }) { server in
                try await withScene { scene in
                    scene.secret(Self.token)
                    let run = try await scene.run(line(server.url), ["T": Self.token])
                    #expect(run.exit == .done, "\(run.everything)")
                }
            }
            #expect(trap.connections == 0)
        }
    }

    @Test("a self-signed certificate is named, and the token stays here; named, it is trusted")
    func selfSigned() async throws {
        let certificate = try await TestCertificate.make()
        let body = #"{"id":7,"revoked":false,"active":true,"scopes":["read_api"],"expires_at":"2099-01-01"}"#
        try await withServer(certificate: certificate, { _ in [.json(body)] }) { server in
            try await withScene { scene in
                scene.secret(Self.token)
                let url = "https://\(server.place)"
                let run = try await scene.run(line(url), ["T": Self.token])
                #expect(run.exit == .unreachable, "\(run.everything)")
                let reason = try #require(run.text("credentials.0.reason"))
                #expect(reason.contains(server.place) && reason.contains("self-signed"), "\(reason)")
                #expect(server.received.isEmpty)
                let file = try scene.write(certificate.certificate, to: "\(scene.home)/ca.pem")
                let trusted = try await scene.run(line(url), ["T": Self.token, "SSL_CERT_FILE": file])
                #expect(trusted.exit == .done, "\(trusted.everything)")
                let job = [
                    "GITLAB_CI": "true", "CI_API_V4_URL": url + "/api/v4", "CI_SERVER_TLS_CA_FILE": file,
                    "T": Self.token,
                ]
                let ci = try await scene.run("preflight --token-env T --fresh --json", job)
                #expect(ci.exit == .done, "\(ci.everything)")
                let other = try await scene.run(
                    line(url),
                    ["T": Self.token, "CI_API_V4_URL": "https://127.0.0.2/api/v4"].merging(
                        ["GITLAB_CI": "true", "CI_SERVER_TLS_CA_FILE": file]) { $1 })
                #expect(
                    other.text("credentials.0.source") == "cache", "the CI's file is for the CI's host: \(other.output)"
                )
            }
        }
    }

    @Test("TLS to a port that speaks none is named; so is a redirect from TLS to none")
    func plain() async throws {
        try await withServer(on: .connection, { _ in [.text("HTTP/1.1 400 Bad Request\r\n\r\n"), .silence] }) {
            server in
            try await withScene { scene in
                scene.secret(Self.token)
                let run = try await scene.run(line("https://\(server.place)"), ["T": Self.token])
                #expect(run.exit == .unreachable, "\(run.everything)")
                #expect(run.text("credentials.0.reason")?.contains("\(server.place) does not speak TLS") == true)
                #expect(!server.received.contains(Self.token))
            }
        }
        let certificate = try await TestCertificate.make()
        try await withServer({ _ in [.json("{}")] }) { trap in
            let script: @Sendable (String) -> [ServerStep] = { _ in
                [.answer("302 Found", ["Location: http://\(trap.place)/"])]
            }
            try await withServer(certificate: certificate, script) { server in
                try await withScene { scene in
                    scene.secret(Self.token)
                    let file = try scene.write(certificate.certificate, to: "\(scene.home)/ca.pem")
                    let run = try await scene.run(
                        line("https://\(server.place)"), ["T": Self.token, "SSL_CERT_FILE": file])
                    #expect(run.exit == .unreachable && trap.connections == 0, "\(run.everything)")
                }
            }
        }
    }

    @Test("with --offline, and for kinds that nobody can be asked about, nothing is sent at all")
    func nothing() async throws {
        try await withServer({ _ in [.json("{}")] }) { server in
            try await withScene { scene in
                scene.secret(Self.token)
                let deploy = scene.secret("gldt-eL5eWhErE9aBcDeFgHiJ")
                try await scene.run(line(server.url) + " --offline", ["T": Self.token])
                try await scene.run(line(server.url), ["T": deploy])
                try await scene.run(
                    "preflight --token-env T --forge generic --api-url \(server.url)", ["T": Self.token])
                #expect(server.connections == 0)
            }
        }
    }
}
