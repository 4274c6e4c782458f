// The smaller doubles of the sandbox over a real connection.

import OutlastModel
import OutlastSandbox
import OutlastSystem
import OutlastTestKit
import Testing

@testable import OutlastForges

@Suite("Azure DevOps, Bitbucket and OAuth 2, rehearsed")
struct OtherSandboxTests {
    private let transport = NetworkTransport(version: "test", variables: Variables([:]))
    private let clock = FixedClock("2026-11-20T22:10:00Z")

    private func ask(
        _ forge: any Forge, _ api: String, _ secret: String, _ kind: TokenKind
    ) async throws -> TokenReading {
        let question = TokenQuestion(
            token: Secret(secret), api: try #require(ServerURL(api)), kind: kind, timeout: .seconds(10))
        return try await forge.inspect(question, over: transport, clock: clock)
    }

    @Test("Azure DevOps turns dead tokens away in three ways", arguments: AzureRefusal.allCases)
    func azure(_ refusal: AzureRefusal) async throws {
        try await withSandbox { sandbox in
            sandbox.others.setAzureRefusal(refusal)
            let secret = sandbox.others.addAzureToken(expiresAt: SandboxInstant("2026-11-21T00:00:00Z"))
            let alive = try await ask(AzureDevOps(), sandbox.others.azureURL, secret, .opaque)
            #expect(alive.standing == .alive && alive.kind == AzureDevOps.personal && alive.expiry == .unknown)
            try sandbox.setClock("2026-11-21T00:00:00Z")
            let dead = try await ask(AzureDevOps(), sandbox.others.azureURL, secret, .opaque)
            #expect(dead.standing == .rejected)
        }
    }

    @Test("Bitbucket tells no cause")
    func bitbucket() async throws {
        try await withSandbox { sandbox in
            let secret = sandbox.others.addBitbucketToken(expiresAt: SandboxInstant("2026-11-21T00:00:00Z"))
            let api = sandbox.others.bitbucketAPI
            #expect(try await ask(Bitbucket(), api, secret, Bitbucket.accessToken).standing == .alive)
            try sandbox.setClock("2026-11-21T00:00:00Z")
            #expect(try await ask(Bitbucket(), api, secret, Bitbucket.accessToken).standing == .rejected)
        }
    }

    @Test("the sandbox's own OAuth 2 server is discovered")
    func discovery() async throws {
        try await withSandbox { sandbox in
            let issuer = try #require(ServerURL(sandbox.oauthIssuer))
            let endpoints = try await OAuth2Discovery.endpoints(
                of: issuer, over: transport, clock: clock, timeout: .seconds(10))
            #expect(endpoints.token.text == sandbox.oauth.tokenURL)
        }
    }
}
