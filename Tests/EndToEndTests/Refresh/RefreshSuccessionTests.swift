// `gitlab-replace` and `gitlab-pair` through the program: jobs that run keep a living token.

import OutlastModel
import OutlastSandbox
import Testing

@Suite("refresh: gitlab-replace and gitlab-pair", .timeLimit(.minutes(5)))
struct RefreshSuccessionTests {
    /// A project's token with its owner's, and the configuration of a method.
    private func stage(
        _ renew: String, _ stage: Stage
    ) throws -> (token: SandboxCredential, variables: [String: String]) {
        let token = try stage.sandbox.gitlab.addToken(
            .project("group/app", level: 30), scopes: ["write_repository"], expiresOn: stage.date(1))
        let owner = try stage.sandbox.gitlab.addToken(.personal(user: "dev"), name: "owner", expiresOn: stage.date(90))
        try stage.configure(
            """
            forge: gitlab
            api_url: \(stage.sandbox.gitlabAPI)
            token: {env: RELEASE_TOKEN}
            renew: {\(renew), with: owner}
            """,
            others: """
                owner:
                  forge: gitlab
                  api_url: \(stage.sandbox.gitlabAPI)
                  token: {env: OWNER_TOKEN}
                """)
        return (token, ["RELEASE_TOKEN": token.secret, "OWNER_TOKEN": owner.secret])
    }

    @Test("a successor is made, the old token lives on, and the warning about bot users is told")
    func replaces() async throws {
        try await withStage { stage in
            let (token, variables) = try self.stage("method: gitlab-replace, lifetime: 20d", stage)
            let run = try await stage.refresh("--credential release", variables)
            run.expect("renewed", generation: 2)
            let new = try #require(stage.sandbox.gitlab.tokens.last { $0.name == "ci" })
            #expect(new.id != token.id && run.text("fingerprint") == stage.fingerprint(new.secret))
            #expect(new.scopes == ["write_repository"] && stage.sandbox.gitlab.token(token.id)?.active == true)
            #expect(run.errors.contains("bot user") && run.errors.contains("stays alive until"), "\(run.errors)")
            try await stage.refresh("--credential release", variables).expect("reused", generation: 2)
            #expect(stage.sandbox.counters.commits(of: "gitlab.create") == 1)
            #expect(stage.sandbox.gitlab.token(token.id)?.active == true)
        }
    }

    @Test("the old token is revoked by a later run, once the grace is over")
    func grace() async throws {
        try await withStage { stage in
            let (token, variables) = try self.stage("method: gitlab-replace, grace: 1s", stage)
            try await stage.refresh("--credential release", variables).expect("renewed", generation: 2)
            for _ in 0..<200 where stage.sandbox.gitlab.token(token.id)?.active == true {
                try await stage.refresh("--credential release", variables).expect("reused", generation: 2)
            }
            #expect(stage.sandbox.gitlab.token(token.id)?.revoked == true)
            #expect(stage.sandbox.counters.commits(of: "gitlab.create") == 1)
            try await stage.refresh("--credential release", variables).expect("reused", generation: 2)
        }
    }

    @Test("a pair begins with a second token, then the idle one is rotated in turn")
    func pair() async throws {
        try await withStage { stage in
            let (first, variables) = try self.stage("method: gitlab-pair", stage)
            try await stage.refresh("--credential release", variables).expect("renewed", generation: 2)
            let second = try #require(stage.sandbox.gitlab.tokens.last { $0.name == "ci" })
            #expect(stage.sandbox.gitlab.token(first.id)?.active == true)

            var mine = variables
            mine["RELEASE_TOKEN"] = second.secret
            let turn = try await stage.refresh("--credential release --force", mine)
            turn.expect("renewed", generation: 3)
            #expect(stage.sandbox.gitlab.token(first.id)?.revoked == true, "the idle one was rotated")
            #expect(stage.sandbox.gitlab.token(second.id)?.active == true, "jobs that run keep theirs")
            let third = try #require(stage.sandbox.gitlab.tokens.first { $0.previousID == first.id })
            #expect(turn.text("fingerprint") == stage.fingerprint(third.secret))

            mine["RELEASE_TOKEN"] = third.secret
            try await stage.refresh("--credential release --force", mine).expect("renewed", generation: 4)
            #expect(stage.sandbox.gitlab.token(second.id)?.revoked == true)
            try await stage.refresh("--credential release", variables).expect("reused", generation: 4)
            #expect(stage.sandbox.counters.commits(of: "gitlab.create") == 1)
            #expect(stage.sandbox.counters.commits(of: "gitlab.rotate") == 2 && stage.sandbox.counters.replays.isEmpty)
        }
    }

    @Test(
        "without a managing credential neither can begin, and the configuration is told",
        arguments: ["replace", "pair"])
    func unmanaged(_ method: String) async throws {
        try await withStage { stage in
            let token = try stage.sandbox.gitlab.addToken(expiresOn: stage.date(1))
            try stage.configure(
                """
                forge: gitlab
                api_url: \(stage.sandbox.gitlabAPI)
                token: {env: RELEASE_TOKEN}
                renew: {method: gitlab-\(method)}
                """)
            let run = try await stage.refresh("", ["RELEASE_TOKEN": token.secret])
            run.expect("failed", .configuration)
            #expect(run.text("error.hint")?.contains("with:") == true, "\(run.output)")
            #expect(stage.sandbox.gitlab.tokens.count == 1)
        }
    }
}
