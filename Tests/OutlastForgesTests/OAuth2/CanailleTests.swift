// Against canaille, an OAuth 2 server that nobody here wrote, started on loopback by Tests/tools/canaille.sh.

import FoundationEssentials
import OutlastModel
import OutlastSystem
import OutlastTestKit
import Testing

@testable import OutlastForges

/// canaille on loopback, for the length of a test.
private struct Canaille {
    let issuer: String
    private let folder: String
    private let environment: [String: String]

    static func running(_ body: (Canaille) async throws -> Void) async throws {
        let canaille = try await Canaille()
        do { try await body(canaille) } catch {
            try? await canaille.stop()
            throw error
        }
        try await canaille.stop()
    }

    private init() async throws {
        let variables = ProcessInfo.processInfo.environment
        let venv = try #require(
            variables["OUTLAST_TEST_VENV"], "OUTLAST_TEST_VENV is not set: run the tests by `make test`, which makes it"
        )
        folder = FileManager.default.temporaryDirectory.path + "outlast-canaille-\(UUID().uuidString)"
        environment = ["PATH": variables["PATH"] ?? "/usr/bin:/bin", "OUTLAST_TEST_VENV": venv, "HOME": "/nonexistent"]
        issuer = try await Self.script("start", folder, environment).trimmingCharacters
    }

    private func stop() async throws { _ = try await Self.script("stop", folder, environment) }

    private static func script(
        _ action: String, _ folder: String, _ environment: [String: String]
    ) async throws -> String {
        let root = #filePath.split(separator: "/").dropLast(4).reduce(into: "") { $0 += "/" + $1 }
        let answer = try await SystemProcessRunner().ask(
            ProcessQuestion(
                [root + "/Tests/tools/canaille.sh", action, folder], environment: environment,
                timeout: .seconds(120)))
        try #require(answer.code == 0, "\(answer.errors)")
        return answer.output.reveal()
    }
}

extension String {
    fileprivate var trimmingCharacters: String { String(prefix { !$0.isWhitespace }) }
}

@Suite("An OAuth 2 server that nobody here wrote")
struct CanailleTests {
    private let transport = NetworkTransport(version: "test", variables: Variables([:]))

    @Test("its endpoints are discovered, its token tells its own end, and nothing is asked about it")
    func discoveryAndToken() async throws {
        try await Canaille.running { canaille in
            let issuer = try #require(ServerURL(canaille.issuer))
            let endpoints = try await OAuth2Discovery.endpoints(
                of: issuer, over: transport, clock: SystemClock(), timeout: .seconds(10))
            #expect(endpoints.token == issuer.appending("/oauth/token"))
            #expect(endpoints.introspection?.origin == issuer.origin)
            #expect(endpoints.grants?.contains("refresh_token") == true)

            let token = try await grant(at: endpoints.token)
            let found = TokenIdentification(
                token: token.secret, chosenForge: "oauth2", kindFromCI: nil, forgeOfCI: nil, forges: Forges.all)
            #expect(found.kind.id == "oauth2" && !OAuth2().canInspect(found.kind))
            let end = try #require(JWTReader.expiry(of: token.secret))
            let told = token.askedAt.advanced(by: .seconds(token.expiresIn))
            #expect(end >= told.advanced(by: .seconds(-5)) && end <= told.advanced(by: .seconds(30)))
        }
    }

    /// A token for the script's user by the password grant, as a client would get it from a login.
    private func grant(at endpoint: ServerURL) async throws -> (secret: Secret, expiresIn: Int64, askedAt: Instant) {
        let form = "grant_type=password&username=dev&password=correct-horse&scope=openid%20profile"
        let askedAt = SystemClock().now()
        let response = try await transport.send(
            HTTPRequest(
                "POST", endpoint,
                headers: [
                    ("Accept", .text("application/json")),
                    ("Authorization", .basic(user: "outlast", Secret("client-secret"))),
                ], body: HTTPRequest.Body(contentType: "application/x-www-form-urlencoded", content: Secret(form))))
        let json = try JSONValue(parsing: response.body)
        #expect(json["token_type"]?.text == "Bearer" && json["refresh_token"]?.text != nil)
        return (
            Secret(try #require(json["access_token"]?.text)), try #require(json["expires_in"]?.wholeNumber), askedAt
        )
    }
}
