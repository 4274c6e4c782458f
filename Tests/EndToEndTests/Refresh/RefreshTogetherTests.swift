// Several processes at once on one token, and what the history says afterwards.

import OutlastModel
import OutlastSandbox
import Testing

@Suite("refresh: together", .timeLimit(.minutes(5)))
struct RefreshTogetherTests {
    @Test("processes that begin together make one renewal and end with one token")
    func together() async throws {
        try await withStage { stage in
            let token = try stage.sandbox.gitlab.addToken(expiresOn: stage.date(1))
            stage.sandbox.addFault(
                FaultRule(
                    .delay(milliseconds: 500, .after), method: "POST",
                    path: "/api/v4/personal_access_tokens/self/rotate"))
            let runs = try await withThrowingTaskGroup { group in
                for _ in 0..<4 {
                    group.addTask {
                        try await stage.refresh("--token-env T \(stage.sandbox.gitlab4)", ["T": token.secret])
                    }
                }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            #expect(runs.allSatisfy { $0.exit == .done }, "\(runs.map(\.everything))")
            #expect(Set(runs.map { $0.text("fingerprint") }).count == 1)
            #expect(runs.filter { $0.text("outcome") == "renewed" }.count == 1)
            #expect(runs.allSatisfy { $0.number("generation") == 2 })
            #expect(stage.sandbox.counters.requests(of: "gitlab.rotate") == 1 && stage.sandbox.counters.replays.isEmpty)
        }
    }

    @Test("the history tells the rotation, the family and both generations, by fingerprints alone")
    func history() async throws {
        try await withStage { stage in
            let token = try stage.sandbox.gitlab.addToken(expiresOn: stage.date(1))
            let job = stage.sandbox.gitlabJob.merging(["T": token.secret]) { $1 }
            let run = try await stage.refresh("--token-env T", job)
            run.expect("renewed", generation: 2)
            let rotations = try await stage.scene.run("history rotations --json", stage.variables)
            #expect(rotations["rotations"]?.elements?.count == 1, "\(rotations.output)")
            #expect(rotations.text("rotations.0.credential") == "token")
            #expect(rotations.text("rotations.0.method") == "gitlab-rotate")
            #expect(rotations.text("rotations.0.state") == "retired")
            #expect(rotations.text("rotations.0.old_fingerprint") == token.fingerprint)
            #expect(rotations["rotations.0.new_fingerprint"] == run["fingerprint"])
            #expect(rotations.text("rotations.0.job_id")?.isEmpty == false, "\(rotations.output)")

            let tokens = try await stage.scene.run("history tokens --json", stage.variables)
            let rows = tokens["tokens"]?.elements ?? []
            let new = rows.first { $0["fingerprint"] == run["fingerprint"] }
            let old = rows.first { $0["fingerprint"] == .string(token.fingerprint) }
            #expect(new?["generation"] == 2 && new?["expires_at"] == run["expires_at"], "\(tokens.output)")
            #expect(new?["family"]?.text != nil && new?["family"] == old?["family"], "\(tokens.output)")
            let events = try await stage.scene.run("history events --json", stage.variables)
            #expect(
                events["events"]?.elements?.contains { $0["fingerprint"] == run["fingerprint"] } == true,
                "\(events.output)")
        }
    }
}
