// What a configuration may say about a renewal: who manages, who writes, and which file is believed.

import OutlastModel
import OutlastSandbox
import Testing

@Suite("refresh: configuration", .timeLimit(.minutes(5)))
struct RefreshConfigurationTests {
    private func head(_ stage: Stage) -> String {
        "forge: gitlab\napi_url: \(stage.sandbox.gitlabAPI)\ntoken: {env: T}"
    }

    @Test("`with` that names the renewed credential means its new token, not the dead one")
    func itself() async throws {
        try await withStage { stage in
            let token = try stage.sandbox.gitlab.addToken(expiresOn: stage.date(1))
            try stage.configure(
                head(stage)
                    + "\nrenew: {method: gitlab-rotate, with: release}"
                    + "\npublish: [{gitlab-variable: {project: group/app, key: RELEASE_TOKEN, with: release}}]")
            let run = try await stage.refresh("", ["T": token.secret])
            run.expect("renewed", generation: 2)
            #expect(run.text("published.0.status") == "ok", "\(run.output)")
        }
    }

    @Test(
        "`with` that names nobody, or a credential without a token, is a mistake of the configuration",
        arguments: [("other", "not in this file"), ("owner", "no `token`")])
    func others(_ name: String, _ words: String) async throws {
        try await withStage { stage in
            let token = try stage.sandbox.gitlab.addToken(expiresOn: stage.date(1))
            let target = "{gitlab-variable: {project: group/app, key: RELEASE_TOKEN, with: \(name)}}"
            for more in ["renew: {method: gitlab-rotate, with: \(name)}", "publish: [\(target)]"] {
                try stage.configure(head(stage) + "\n" + more, others: "owner:\n  forge: gitlab")
                let run = try await stage.refresh("--credential release", ["T": token.secret])
                run.expect("failed", .configuration)
                #expect(run.text("error.message")?.contains(words) == true, "\(run.output)")
            }
            #expect(stage.sandbox.questions == 0)
        }
    }

    @Test(
        "a target or method that could never work is told with its line by every command, before any request",
        arguments: [
            ("publish: [{file: {path: rel/x}}]", "publish[1].file.path` is not the absolute path"),
            ("renew: {method: gitlab-replace}", "needs the key `with`"),
            ("renew: {method: gitlab-replace, with: release}", "names the credential itself"),
            ("renew: {method: http, url: 'https://h/x', token_pointer: a}", "is not a JSON pointer"),
        ])
    func hopeless(_ line: String, _ words: String) async throws {
        try await withStage { stage in
            let token = try stage.sandbox.gitlab.addToken(expiresOn: stage.date(1))
            try stage.configure(head(stage) + "\n" + line)
            for command in ["refresh --force", "refresh --dry-run", "preflight", "credential env"] {
                let run = try await stage.scene.run(
                    "\(command) --config \(stage.configuration)", stage.variables.merging(["T": token.secret]) { $1 })
                #expect(run.exit == .configuration, "\(run.everything)")
                #expect(run.errors.contains("outlast.yml:7: ") && run.errors.contains(words), "\(run.errors)")
            }
            #expect(stage.sandbox.questions == 0 && stage.sandbox.gitlab.token(token.id)?.active == true)
        }
    }

    @Test("a credential without a token is for methods that mint one")
    func withoutToken() async throws {
        try await withStage { stage in
            try stage.configure("forge: gitlab\napi_url: \(stage.sandbox.gitlabAPI)\nrenew: {method: gitlab-rotate}")
            let run = try await stage.refresh()
            run.expect("failed", .configuration)
            #expect(run.text("error.hint")?.contains("token") == true, "\(run.output)")
        }
    }

    @Test("a file that was found in the working tree may name a token, and nothing about how it is renewed")
    func found() async throws {
        try await withStage { stage in
            let token = try stage.sandbox.gitlab.addToken(expiresOn: stage.date(1))
            let job = stage.sandbox.gitlabJob.merging(["T": token.secret]) { $1 }
            let lines = "version: 1\ncredentials:\n  mine:\n    forge: gitlab\n    token: {env: T}\n"
            try stage.scene.write(lines + "    renew: {method: gitlab-rotate, lifetime: 300d}\n", to: ".outlast.yml")
            let refused = try await stage.refresh("", job)
            refused.expect("failed", .configuration)
            #expect(refused.text("error.hint")?.contains("--config") == true, "\(refused.output)")
            #expect(stage.sandbox.questions == 0)
            try stage.scene.write(lines, to: ".outlast.yml")
            // From a fork nobody decides which token is spent.
            let fork = ["CI_MERGE_REQUEST_SOURCE_PROJECT_ID": "9", "CI_MERGE_REQUEST_PROJECT_ID": "1"]
            let proposed = try await stage.refresh("", job.merging(fork) { $1 })
            proposed.expect("failed", .renewalFailed)
            #expect(proposed.text("error.hint")?.contains("--config") == true, "\(proposed.output)")
            #expect(stage.sandbox.counters.requests(of: "gitlab.rotate") == 0)
            let run = try await stage.refresh("", job)
            run.expect("renewed", generation: 2)
            #expect(run.text("credential") == "mine")
        }
    }

    @Test("a managing credential that was renewed meanwhile still manages, whichever value the job was started with")
    func renewedManager() async throws {
        try await withStage { stage in
            let token = try stage.sandbox.gitlab.addToken(
                .project("group/app", level: 30), scopes: ["write_repository"], expiresOn: stage.date(1))
            let owner = try stage.sandbox.gitlab.addToken(
                .personal(user: "dev"), name: "owner", expiresOn: stage.date(90))
            try stage.configure(
                head(stage) + "\nrenew: {method: gitlab-rotate, with: owner}",
                others: """
                    owner:
                      forge: gitlab
                      api_url: \(stage.sandbox.gitlabAPI)
                      token: {env: OWNER_TOKEN}
                    """)
            let variables = ["T": token.secret, "OWNER_TOKEN": owner.secret]
            try await stage.refresh("--credential owner --force", variables).expect("renewed", generation: 2)
            try await stage.refresh("--credential release", variables).expect("renewed", generation: 2)
        }
    }
}
