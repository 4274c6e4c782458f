// Publish targets through the program: each of the six takes the new token, what fails is queued and drained by any later
// run.

import Foundation
import OutlastModel
import OutlastSandbox
import Testing

@Suite("refresh: publish targets", .timeLimit(.minutes(5)))
struct RefreshPublishTests {
    /// A token that is due, with these targets; `owner`, `hub` and `jenkins` are there to write them.
    private func prepare(_ stage: Stage, _ targets: String) throws -> [String: String] {
        let sandbox = stage.sandbox
        let token = try sandbox.gitlab.addToken(expiresOn: stage.date(1))
        let owner = try sandbox.gitlab.addToken(.personal(user: "dev"), name: "owner", expiresOn: stage.date(90))
        let hub = stage.scene.secret(sandbox.github.addToken(scopes: ["repo", "admin:org"]))
        let jenkins = stage.scene.secret(sandbox.others.addJenkinsUser("ci"))
        try stage.configure(
            """
            forge: gitlab
            api_url: \(sandbox.gitlabAPI)
            token: {env: RELEASE_TOKEN}
            renew: {method: gitlab-rotate}
            publish:
            \(targets.split(separator: "\n").map { "  - \($0)" }.joined(separator: "\n"))
            """,
            others: """
                owner:
                  forge: gitlab
                  api_url: \(sandbox.gitlabAPI)
                  token: {env: OWNER_TOKEN}
                hub:
                  forge: github
                  api_url: \(sandbox.githubAPI)
                  token: {env: HUB_TOKEN}
                jenkins:
                  forge: generic
                  token: {env: JENKINS_TOKEN}
                """)
        return [
            "RELEASE_TOKEN": token.secret, "OWNER_TOKEN": owner.secret, "HUB_TOKEN": hub,
            "JENKINS_TOKEN": "ci:\(jenkins)",
        ]
    }

    private func current(_ stage: Stage) throws -> String {
        try #require(stage.sandbox.gitlab.tokens.first { $0.previousID != nil && $0.active }).secret
    }

    @Test("each of the six through one renewal")
    func all() async throws {
        try await withStage { stage in
            let sandbox = stage.sandbox
            sandbox.others.setJenkinsCredential("release-token", xml: Self.jenkinsXML)
            let program = try stage.scene.hide("#!/bin/sh\ncat >\"$1\"\n", in: "carry")
            try FileManager.default.setAttributes([.posixPermissions: 0o700], ofItemAtPath: program)
            _ = try stage.scene.hide("OTHER=kept\nexport RELEASE_TOKEN=old\n", in: "job.env")
            let vault = stage.scene.vault
            let variables = try prepare(
                stage,
                """
                gitlab-variable: {project: group/app, key: RELEASE_TOKEN, with: owner}
                gitlab-variable: {group: group, key: RELEASE_TOKEN, with: owner}
                github-secret: {repository: octo-org/app, name: RELEASE_TOKEN, with: hub}
                jenkins-credential: {url: "\(sandbox.jenkinsURL)", id: release-token, with: jenkins}
                file: {path: \(vault)/token}
                dotenv: {path: \(vault)/job.env, name: RELEASE_TOKEN}
                command: {command: [\(program), \(vault)/carried]}
                """)
            let run = try await stage.refresh("--credential release", variables)
            run.expect("renewed", generation: 2)
            let published = run["published"]?.elements ?? []
            #expect(published.count == 7 && published.allSatisfy { $0["status"] == "ok" }, "\(run.output)")
            let token = try current(stage)
            #expect(sandbox.gitlab.variable("RELEASE_TOKEN", project: "group/app") == token)
            #expect(sandbox.gitlab.variable("RELEASE_TOKEN", group: "group") == token)
            #expect(sandbox.github.secret("RELEASE_TOKEN", on: "repos/octo-org/app/actions") == token)
            #expect(sandbox.others.jenkinsCredential("release-token") == token)
            #expect(stage.scene.read("\(vault)/token") == token && stage.scene.read("\(vault)/carried") == token)
            #expect(stage.scene.read("\(vault)/job.env") == "OTHER=kept\nRELEASE_TOKEN=\(token)\n")
            #expect(try stage.scene.permissions("\(vault)/token") == 0o600)
        }
    }

    @Test("without `with` the new token writes its own variable")
    func byItself() async throws {
        try await withStage { stage in
            let variables = try prepare(stage, "gitlab-variable: {project: group/app, key: RELEASE_TOKEN}")
            let run = try await stage.refresh("--credential release", variables)
            run.expect("renewed", generation: 2)
            #expect(run.text("published.0.status") == "ok", "\(run.output)")
            #expect(run.text("published.0.target")?.contains("RELEASE_TOKEN of group/app") == true)
            #expect(stage.sandbox.gitlab.variable("RELEASE_TOKEN", project: "group/app") == (try current(stage)))
        }
    }

    @Test(
        "what fails is queued with 23, and drained by the next run or by --publish-only",
        arguments: ["", "--publish-only"])
    func queue(_ line: String) async throws {
        try await withStage { stage in
            let variables = try prepare(
                stage,
                """
                gitlab-variable: {project: group/app, key: RELEASE_TOKEN, with: owner}
                file: {path: \(stage.home)}
                """)
            stage.sandbox.addFault(
                FaultRule(.status(500, .before, retryAfter: nil), method: "POST", path: "/variables", match: .contains))
            let first = try await stage.refresh("--credential release", variables)
            first.expect("renewed", .publishQueued, generation: 2)
            #expect(first.text("published.0.status") == "queued" && first.text("published.1.status") == "ok")
            #expect(first.text("published.0.error")?.isEmpty == false && first["error"] == nil, "\(first.output)")
            #expect(stage.sandbox.gitlab.variable("RELEASE_TOKEN", project: "group/app") == nil)

            let second = try await stage.refresh("--credential release \(line)", variables)
            second.expect("reused", generation: 2)
            #expect(second["published"]?.elements?.count == 1 && second.text("published.0.status") == "ok")
            #expect(stage.sandbox.gitlab.variable("RELEASE_TOKEN", project: "group/app") == (try current(stage)))
            let third = try await stage.refresh("--credential release \(line)", variables)
            third.expect("reused", generation: 2)
            #expect(third["published"]?.elements?.isEmpty == true, "nothing is queued any more")
            #expect(stage.sandbox.counters.commits(of: "gitlab.rotate") == 1)
        }
    }

    @Test("as long as it fails it stays queued, and --publish-only renews nothing")
    func staysQueued() async throws {
        try await withStage { stage in
            let variables = try prepare(stage, "gitlab-variable: {project: group/app, key: RELEASE_TOKEN, with: owner}")
            stage.sandbox.addFault(
                FaultRule(
                    .status(500, .before, retryAfter: nil), method: "POST", path: "/variables", match: .contains,
                    times: nil))
            try await stage.refresh("--credential release", variables).expect("renewed", .publishQueued)
            for line in ["", "--publish-only"] {
                let run = try await stage.refresh("--credential release \(line)", variables)
                run.expect("reused", .publishQueued, generation: 2)
            }
            #expect(stage.sandbox.counters.commits(of: "gitlab.rotate") == 1)
        }
    }

    @Test("--publish-only on a token that is due leaves it")
    func publishOnly() async throws {
        try await withStage { stage in
            let variables = try prepare(stage, "file: {path: \(stage.home)}")
            let run = try await stage.refresh("--credential release --publish-only", variables)
            run.expect("unchanged", generation: 1)
            #expect(stage.sandbox.counters.requests(of: "gitlab.rotate") == 0 && stage.scene.read(stage.home) == nil)
        }
    }

    @Test("what is queued for a target that has left the configuration breaks no later run, and can be dropped")
    func leftTheConfiguration() async throws {
        try await withStage { stage in
            let file = "file: {path: \(stage.home)}"
            let variables = try prepare(
                stage, "gitlab-variable: {project: group/app, key: RELEASE_TOKEN, with: owner}\n\(file)")
            stage.sandbox.addFault(
                FaultRule(.status(500, .before, retryAfter: nil), method: "POST", path: "/variables", match: .contains))
            try await stage.refresh("--credential release", variables).expect("renewed", .publishQueued)
            let whole = try #require(stage.scene.read(stage.configuration))
            let left = whole.split(separator: "\n", omittingEmptySubsequences: false).filter {
                !$0.contains("gitlab-variable")
            }
            try stage.scene.write(left.joined(separator: "\n"), to: stage.configuration)
            for line in ["", "--publish-only", "--dry-run"] {
                let run = try await stage.refresh("--credential release \(line)", variables)
                run.expect("reused", generation: 2)
                #expect(run.text("published.0.status") == "queued" && run["published"]?.elements?.count == 1)
                #expect(run.text("notes.0")?.contains("does not name it") == true, "\(run.output)")
                #expect(run.errors.contains("outlast secret forget --credential release --queued"), "\(run.errors)")
            }
            let environment = stage.variables
            let gone = try await stage.scene.run("secret forget --credential release --queued --json", environment)
            #expect(gone.exit == .done && gone["superseded"] == false, "\(gone.everything)")
            #expect(gone.text("forgotten.0.queued.0") == "gitlab-variable RELEASE_TOKEN of group/app", "\(gone.output)")
            let again = try await stage.scene.run("secret forget --credential release --queued", environment)
            #expect(
                again.exit == .done && again.output == "nothing to forget: nothing is queued\n", "\(again.everything)")
            let both = try await stage.scene.run("secret forget --queued --superseded", environment)
            #expect(both.exit == .usage, "\(both.everything)")
            let quiet = try await stage.refresh("--credential release", variables)
            quiet.expect("reused", generation: 2)
            #expect(quiet["published"]?.elements?.isEmpty == true && quiet["notes"]?.elements?.isEmpty == true)
            // The one that is named again is new, and is given the current token.
            try stage.scene.write(whole, to: stage.configuration)
            let named = try await stage.refresh("--credential release --publish-only", variables)
            named.expect("reused", generation: 2)
            #expect(named.text("published.0.status") == "ok" && named["published"]?.elements?.count == 1)
            #expect(stage.sandbox.gitlab.variable("RELEASE_TOKEN", project: "group/app") == (try current(stage)))
        }
    }

    @Test("people get a line for each place")
    func text() async throws {
        try await withStage { stage in
            let variables = try prepare(
                stage,
                """
                gitlab-variable: {project: group/app, key: RELEASE_TOKEN, with: owner}
                file: {path: \(stage.home)}
                """)
            stage.sandbox.addFault(
                FaultRule(.status(500, .before, retryAfter: nil), method: "POST", path: "/variables", match: .contains))
            let run = try await stage.scene.run(
                "refresh --credential release --config \(stage.configuration)",
                stage.variables.merging(variables) { $1 })
            for token in stage.sandbox.gitlab.tokens { stage.scene.secret(token.secret) }
            #expect(run.exit == .publishQueued)
            let lines = run.output.split(separator: "\n").map(String.init)
            #expect(lines.count == 3 && lines[0].hasPrefix("renewed: release, generation 2"), "\(run.output)")
            #expect(lines[1].hasPrefix("  queued: gitlab-variable RELEASE_TOKEN of group/app: "), "\(run.output)")
            #expect(lines[2] == "  published: file \(stage.home)", "\(run.output)")
        }
    }

    private static let jenkinsXML = """
        <org.jenkinsci.plugins.plaincredentials.impl.StringCredentialsImpl plugin="plain-credentials@1">
          <scope>GLOBAL</scope><id>release-token</id><description>Release</description><secret>old</secret>
        </org.jenkinsci.plugins.plaincredentials.impl.StringCredentialsImpl>
        """
}
