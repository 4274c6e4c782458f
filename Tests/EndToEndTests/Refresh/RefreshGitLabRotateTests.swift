// `gitlab-rotate` through the program: a token that rotates itself, and one that a managing credential rotates.

import OutlastModel
import OutlastSandbox
import Testing

@Suite("refresh: gitlab-rotate", .timeLimit(.minutes(5)))
struct RefreshGitLabRotateTests {
    @Test("a token of the command line rotates itself; whoever still has the old one gets the new one")
    func itself() async throws {
        try await withStage { stage in
            let token = try stage.sandbox.gitlab.addToken(scopes: ["self_rotate"], expiresOn: stage.date(1))
            let line = "--token-env T \(stage.sandbox.gitlab4)"
            let first = try await stage.refresh(line, ["T": token.secret])
            first.expect("renewed", generation: 2)
            let new = try #require(stage.sandbox.gitlab.tokens.first { $0.active })
            #expect(first.text("credential") == "token" && first.text("previous_fingerprint") == token.fingerprint)
            #expect(first.text("fingerprint") == stage.fingerprint(new.secret))
            #expect(first.text("expires_at") == new.expiresOn?.midnight.text)
            #expect(first["published"]?.elements?.isEmpty == true && first.errors.isEmpty)

            let questions = stage.sandbox.questions
            let again = try await stage.refresh(line, ["T": token.secret])
            again.expect("reused", generation: 2)
            #expect(again.text("fingerprint") == stage.fingerprint(new.secret))
            #expect(again.text("previous_fingerprint") == token.fingerprint)
            let holder = try await stage.refresh(line, ["T": new.secret])
            holder.expect("unchanged", generation: 2)
            #expect(holder["previous_fingerprint"] == .null)
            #expect(stage.sandbox.questions == questions, "the store knows")
            #expect(stage.sandbox.counters.commits(of: "gitlab.rotate") == 1)
            #expect(stage.sandbox.counters.replays.isEmpty)
        }
    }

    @Test(
        "enough left is unchanged; the limit comes from the command line, else the configuration, else it is two days")
    func limits() async throws {
        let rows: [(days: Int, configured: String?, line: String, outcome: String)] = [
            (3, nil, "", "unchanged"), (1, nil, "", "renewed"), (3, "5d", "", "renewed"), (1, "1h", "", "unchanged"),
            (3, nil, "--if-remaining-below 5d", "renewed"), (3, "5d", "--if-remaining-below 1d", "unchanged"),
            (20, nil, "--force", "renewed"),
        ]
        for row in rows {
            try await withStage { stage in
                let token = try stage.sandbox.gitlab.addToken(expiresOn: stage.date(row.days + 1))
                try stage.configure(
                    """
                    forge: gitlab
                    api_url: \(stage.sandbox.gitlabAPI)
                    token: {env: RELEASE_TOKEN}
                    \(row.configured.map { "min_remaining: \($0)" } ?? "")
                    renew: {method: gitlab-rotate, by: operator}
                    """)
                let run = try await stage.refresh(row.line, ["RELEASE_TOKEN": token.secret])
                run.expect(row.outcome, generation: row.outcome == "renewed" ? 2 : 1)
                #expect(run.text("credential") == "release")
                #expect(stage.sandbox.gitlab.token(token.id)?.active == (row.outcome == "unchanged"))
            }
        }
    }

    @Test("--force renews once for the token that was presented; a superseded one is reused")
    func force() async throws {
        try await withStage { stage in
            let token = try stage.sandbox.gitlab.addToken(expiresOn: stage.date(20))
            let line = "--force --token-env T \(stage.sandbox.gitlab4)"
            try await stage.refresh(line, ["T": token.secret]).expect("renewed", generation: 2)
            try await stage.refresh(line, ["T": token.secret]).expect("reused", generation: 2)
            let second = try #require(stage.sandbox.gitlab.tokens.first { $0.active })
            try await stage.refresh(line, ["T": second.secret]).expect("renewed", generation: 3)
            let last = try await stage.refresh(line, ["T": token.secret])
            last.expect("reused", generation: 3)
            #expect(stage.sandbox.counters.commits(of: "gitlab.rotate") == 2)
            #expect(stage.sandbox.counters.replays.isEmpty)
        }
    }

    @Test("a superseded token whose current one has too little left renews that, and is never sent itself")
    func chain() async throws {
        try await withStage { stage in
            let token = try stage.sandbox.gitlab.addToken(expiresOn: stage.date(20))
            let line = "--if-remaining-below 300d --token-env T \(stage.sandbox.gitlab4)"
            try await stage.refresh(line, ["T": token.secret]).expect("renewed", generation: 2)
            let second = try await stage.refresh(line, ["T": token.secret])
            second.expect("renewed", generation: 3)
            let rotations = stage.sandbox.log.filter { $0.operation == "gitlab.rotate" }.compactMap(\.fingerprint)
            #expect(rotations.count == 2 && Set(rotations).count == 2)
            #expect(stage.sandbox.counters.replays.isEmpty)
        }
    }

    @Test(
        "a managing credential rotates tokens of every kind, with the life that was asked for",
        arguments: ["project", "group", "service account", "personal"])
    func managed(_ sort: String) async throws {
        let kinds: [String: SandboxTokenKind] = [
            "project": .project("group/app", level: 30), "group": .group("group", level: 30),
            "service account": .serviceAccount(group: "group"), "personal": .personal(user: "dev"),
        ]
        let kind = try #require(kinds[sort])
        try await withStage { stage in
            let sandbox = stage.sandbox
            let token = try sandbox.gitlab.addToken(kind, scopes: ["write_repository"], expiresOn: stage.date(1))
            let owner = try sandbox.gitlab.addToken(
                .personal(user: sort == "personal" ? "root" : "dev"), expiresOn: stage.date(90))
            try stage.configure(
                """
                forge: gitlab
                api_url: \(sandbox.gitlabAPI)
                token: {env: RELEASE_TOKEN}
                renew: {method: gitlab-rotate, lifetime: 10d, with: owner}
                """,
                others: """
                    owner:
                      forge: gitlab
                      api_url: \(sandbox.gitlabAPI)
                      token: {env: OWNER_TOKEN}
                    """)
            let variables = ["RELEASE_TOKEN": token.secret, "OWNER_TOKEN": owner.secret]
            let run = try await stage.refresh("--credential release", variables)
            run.expect("renewed", generation: 2)
            let new = try #require(sandbox.gitlab.tokens.first { $0.previousID == token.id })
            #expect(run.text("fingerprint") == stage.fingerprint(new.secret) && new.scopes == ["write_repository"])
            let day = try #require(new.expiresOn)
            #expect((9...10).contains(day.number - sandbox.now.day.number), "whole days of UTC, midnight may pass")
            try await stage.refresh("--credential release", variables).expect("reused", generation: 2)
            #expect(sandbox.gitlab.token(owner.id)?.active == true)
            #expect(sandbox.counters.commits(of: "gitlab.rotate") == 1 && sandbox.counters.replays.isEmpty)
        }
    }

    @Test("people get one line, and the token is in none")
    func text() async throws {
        try await withStage { stage in
            let token = try stage.sandbox.gitlab.addToken(expiresOn: stage.date(1))
            stage.scene.secret(token.secret)
            let words = ["refresh", "--token-stdin"] + stage.sandbox.gitlab4.split(separator: " ").map(String.init)
            let run = try await stage.scene.run(words, stage.variables, input: token.secret + "\n")
            for token in stage.sandbox.gitlab.tokens { stage.scene.secret(token.secret) }
            #expect(run.exit == .done && run.errors.isEmpty, "\(run.everything)")
            let lines = run.output.split(separator: "\n")
            #expect(lines.count == 1 && run.output.hasPrefix("renewed: token, generation 2, ends "), "\(run.output)")
            #expect(run.output.hasSuffix(" left\n"), "\(run.output)")
        }
    }
}
