// GitHub over a real connection to the sandbox: what its headers tell, and what it keeps to itself.

import OutlastModel
import OutlastSandbox
import OutlastSystem
import OutlastTestKit
import Testing

@testable import OutlastForges

@Suite("GitHub, rehearsed")
struct GitHubSandboxTests {
    private let transport = NetworkTransport(version: "test", variables: Variables([:]))
    private let clock = FixedClock("2026-11-20T22:10:00Z")

    private func ask(_ sandbox: Sandbox, _ secret: String, as kind: TokenKind) async throws -> TokenReading {
        let question = TokenQuestion(
            token: Secret(secret), api: try #require(ServerURL(sandbox.githubAPI)), kind: kind, timeout: .seconds(10))
        return try await GitHub().inspect(question, over: transport, clock: clock)
    }

    /// The kind by the secret's own form, as a run would find it.
    private func kind(_ secret: String) -> TokenKind {
        TokenIdentification(
            token: Secret(secret), chosenForge: nil, kindFromCI: nil, forgeOfCI: nil, forges: Forges.all
        ).kind
    }

    @Test("personal tokens tell their end in either form of the header, to the second", arguments: [0, 540, -330])
    func personal(_ offset: Int) async throws {
        try await withSandbox { sandbox in
            sandbox.github.changeRules { $0.expiryHeaderOffset = offset }
            let end = try #require(SandboxInstant("2026-11-21T00:00:00Z"))
            for sort in [SandboxGitHubTokenKind.classic, .fineGrained] {
                let secret = sandbox.github.addToken(sort, scopes: ["repo", "read:org"], expiresAt: end)
                try sandbox.setClock("2026-11-20T23:59:59Z")
                let reading = try await ask(sandbox, secret, as: kind(secret))
                #expect(reading.standing == .alive && reading.expiry.instant?.text == "2026-11-21T00:00:00Z")
                #expect(reading.scopes == (sort == .classic ? ["repo", "read:org"] : nil))
                sandbox.advanceClock(by: 1)
                #expect(try await ask(sandbox, secret, as: kind(secret)).standing == .rejected)
            }
        }
    }

    @Test("a personal or OAuth token without the header has no end")
    func noEnd() async throws {
        try await withSandbox { sandbox in
            for sort in SandboxGitHubTokenKind.allCases {
                let secret = sandbox.github.addToken(sort)
                let living = try await ask(sandbox, secret, as: kind(secret))
                #expect(living.expiry == .never)
                sandbox.github.revokeToken(secret)
                let dead = try await ask(sandbox, secret, as: kind(secret))
                #expect(dead.standing == .rejected)
            }
        }
    }

    @Test("installation tokens in both forms, GITHUB_TOKEN and App user tokens", arguments: [false, true])
    func apps(_ stateless: Bool) async throws {
        try await withSandbox { sandbox in
            sandbox.github.changeRules { $0.statelessTokens = stateless }
            let app = try sandbox.github.addApp()
            let installation = try sandbox.github.install(app)
            let minted = try sandbox.github.mintToken(installation: installation)
            let actions = try sandbox.github.addActionsToken(installation: installation)
            #expect(kind(minted) == GitHub.installation)
            for (secret, kind) in [(minted, GitHub.installation), (actions, GitHub.actions)] {
                let reading = try await ask(sandbox, secret, as: kind)
                #expect(reading.standing == .alive && reading.kind == kind && reading.expiry == .unknown)
                #expect(try await ask(sandbox, secret, as: .opaque).kind == GitHub.installation)
            }
            if stateless {
                #expect(JWTReader.expiry(of: Secret(minted))?.text == "2026-11-20T23:10:00Z")
            }
            let user = sandbox.github.addUserGrant(app).accessToken
            let reading = try await ask(sandbox, user, as: kind(user))
            #expect(reading.standing == .alive && reading.expiry == .unknown && kind(user) == GitHub.appUser)
            sandbox.advanceClock(by: 3600)
            #expect(try await ask(sandbox, minted, as: GitHub.installation).standing == .rejected)
        }
    }

    @Test("limits and lock-outs say nothing about the token", arguments: [false, true])
    func limits(_ as429: Bool) async throws {
        try await withSandbox { sandbox in
            let secret = sandbox.github.addToken()
            sandbox.github.changeRules {
                $0.hourlyLimit = 1
                $0.limitsAnswer429 = as429
            }
            _ = try await ask(sandbox, secret, as: GitHub.classic)
            let spent = await #expect(throws: Failure.self) { _ = try await ask(sandbox, secret, as: GitHub.classic) }
            #expect(spent?.code == .slowDown && spent?.message.contains("1h") == true, "\(spent?.message ?? "")")
            sandbox.github.changeRules {
                $0.hourlyLimit = 5000
                $0.secondaryLimit = .init(requests: 0, retryAfter: 90)
            }
            let secondary = await #expect(throws: Failure.self) {
                _ = try await ask(sandbox, secret, as: GitHub.classic)
            }
            #expect(secondary?.code == .slowDown && secondary?.message.contains("1m 30s") == true)
            sandbox.github.changeRules {
                $0.secondaryLimit = nil
                $0.failedAttempts = 1
            }
            #expect(try await ask(sandbox, "ghp_unknown", as: GitHub.classic).standing == .rejected)
            let locked = await #expect(throws: Failure.self) { _ = try await ask(sandbox, secret, as: GitHub.classic) }
            #expect(locked?.code == .slowDown)
        }
    }
}
