// Discovery documents: taken from the issuer itself, for its own origin only.

import OutlastModel
import OutlastTestKit
import Testing

@testable import OutlastForges

@Suite("OAuth 2 discovery")
struct OAuth2DiscoveryTests {
    static let issuer = "https://id.example.com/realm"
    static let oidc = "GET \(issuer)/.well-known/openid-configuration"
    static let oauth = "GET https://id.example.com/.well-known/oauth-authorization-server/realm"

    private func discover(_ steps: [ScriptedTransport.Step]) async throws -> OAuth2Endpoints {
        let transport = ScriptedTransport(steps)
        let endpoints = try await OAuth2Discovery.endpoints(
            of: try #require(ServerURL(Self.issuer)), over: transport, clock: FixedClock("2026-11-20T22:10:00Z"),
            timeout: .seconds(10))
        transport.expectEnd()
        #expect(transport.requests.allSatisfy { $0.credential == nil })
        return endpoints
    }

    @Test("endpoints of the issuer's own origin are taken")
    func found() async throws {
        let endpoints = try await discover([
            .init(
                Self.oidc,
                .json(
                    #"{"issuer": "\#(Self.issuer)", "token_endpoint": "\#(Self.issuer)/token", "#
                        + #""introspection_endpoint": "https://id.example.com:443/i", "revocation_endpoint": null, "#
                        + #""grant_types_supported": ["refresh_token", 1], "other": {}}"#))
        ])
        #expect(endpoints.token.text == "\(Self.issuer)/token")
        #expect(endpoints.introspection?.text == "https://id.example.com/i")
        #expect(endpoints.revocation == nil)
        #expect(endpoints.grants == ["refresh_token"])
    }

    @Test("the document of RFC 8414 serves where the other is missing")
    func second() async throws {
        let endpoints = try await discover([
            .init(Self.oidc, .html("<h1>404</h1>", status: 404)),
            .init(Self.oauth, .json(#"{"issuer": "\#(Self.issuer)", "token_endpoint": "https://id.example.com/t"}"#)),
        ])
        #expect(endpoints.token.text == "https://id.example.com/t")
    }

    @Test(
        "what cannot be trusted is refused with host and cause",
        arguments: [
            (#"{"issuer": "https://id.example.com/realm"}"#, "token endpoint"),
            (
                #"{"issuer": "https://evil.example.net", "token_endpoint": "https://id.example.com/t"}"#,
                "another issuer"
            ),
            (#"{"issuer": "https://id.example.com/realm", "token_endpoint": 7}"#, "no address"),
            (
                #"{"issuer": "https://id.example.com/realm", "token_endpoint": "https://evil.example.net/t"}"#,
                "https://evil.example.net"
            ),
            (#"{"issuer": "https://id.example.com/realm", "token_endpoint": "http://id.example.com/t"}"#, "http://id"),
            ("<html>", "HTML"), ("", "empty"),
        ])
    func refused(_ body: String, _ cause: String) async throws {
        let failure = await #expect(throws: Failure.self) { _ = try await discover([.init(Self.oidc, .json(body))]) }
        #expect(failure?.code == .unreachable)
        #expect(failure?.message.contains("id.example.com") == true && failure?.message.contains(cause) == true)
    }
}
