// The book of facts of the other forges: every refusal in it is told apart, or named as what it is.

import OutlastModel
import OutlastSandbox
import OutlastTestKit
import Testing

@testable import OutlastForges

@Suite("Facts of GitHub, Azure DevOps and Bitbucket")
struct OtherFactTests {
    private func reading(_ forge: any Forge, _ kind: TokenKind, _ fact: String) async throws -> TokenReading {
        let lines = [
            "github": (GitHubTests.api, GitHubTests.userLine),
            "azure-devops": (OtherForgeTests.azure, OtherForgeTests.azureLine),
            "bitbucket": (OtherForgeTests.bitbucket, OtherForgeTests.bitbucketLine),
        ]
        let (api, line) = try #require(lines[forge.id])
        let answer = try HTTPResponse.fact(
            fact, ["accepted": "contents=read", "organization": "o", "user": "7", "location": "https://x/_signin"])
        return try await forge.ask(kind, at: api, [.init(line, answer)]).reading
    }

    @Test(
        "refusals of GitHub",
        arguments: [
            ("github.badCredentials", .rejected), ("github.suspended", .blocked), ("github.ipAllowList", .blocked),
            ("github.sso", .insufficientScope(needs: [])),
            ("github.notForFineGrained", .insufficientScope(needs: ["contents=read"])),
        ] as [(String, TokenStanding)])
    func github(_ fact: String, _ standing: TokenStanding) async throws {
        let reading = try await reading(GitHub(), GitHub.classic, fact)
        #expect(reading.standing == standing)
    }

    @Test(
        "answers of GitHub that say nothing about the token",
        arguments: [
            ("github.requiresAuthentication", .unreachable), ("github.notFound", .unreachable),
            ("github.noUserAgent", .unreachable), ("github.secondaryLimit", .slowDown),
            ("github.primaryLimit", .slowDown), ("github.tooManyAttempts", .slowDown),
        ] as [(String, ExitCode)])
    func githubFailures(_ fact: String, _ code: ExitCode) async throws {
        let failure = await #expect(throws: Failure.self) {
            _ = try await reading(GitHub(), GitHub.classic, fact)
        }
        #expect(failure?.code == code)
    }

    @Test("refusals of Azure DevOps and Bitbucket")
    func others() async throws {
        for fact in ["azure.unauthorized", "azure.signInPage", "azure.redirect"] {
            let refused = try await reading(AzureDevOps(), AzureDevOps.personal, fact)
            #expect(refused.standing == .rejected, "\(fact)")
        }
        let alive = try await reading(AzureDevOps(), AzureDevOps.personal, "azure.connection")
        #expect(alive.standing == .alive)
        let dead = try await reading(Bitbucket(), Bitbucket.accessToken, "bitbucket.unauthorized")
        #expect(dead.standing == .rejected)
        let living = try await reading(Bitbucket(), Bitbucket.accessToken, "bitbucket.user")
        #expect(living.standing == .alive)
    }
}
