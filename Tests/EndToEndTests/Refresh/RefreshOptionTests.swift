// The command line of `refresh`: one credential, options that contradict each other, and the modes that renew nothing.

import Foundation
import OutlastModel
import OutlastSandbox
import Subprocess
import SystemPackage
import Testing

@Suite("refresh: options", .timeLimit(.minutes(5)))
struct RefreshOptionTests {
    private func one(_ stage: Stage, _ name: String) -> String {
        """
        \(name):
          forge: gitlab
          api_url: \(stage.sandbox.gitlabAPI)
          token: {env: T}
        """
    }

    private func configureOne(_ stage: Stage) throws {
        try stage.configure(
            """
            forge: gitlab
            api_url: \(stage.sandbox.gitlabAPI)
            token: {env: T}
            """)
    }

    @Test("exactly one credential: the only one is meant, of several one has to be named, and the names are told")
    func which() async throws {
        try await withStage { stage in
            let token = try stage.sandbox.gitlab.addToken(expiresOn: stage.date(20))
            try configureOne(stage)
            try await stage.refresh("", ["T": token.secret]).expect("unchanged")
            let unknown = try await stage.refresh("--credential other", ["T": token.secret])
            unknown.expect("failed", .usage)
            #expect(unknown.text("error.hint")?.contains("release") == true)

            try stage.configure(
                "forge: gitlab\napi_url: \(stage.sandbox.gitlabAPI)\ntoken: {env: T}", others: one(stage, "second"))
            let several = try await stage.refresh("", ["T": token.secret])
            several.expect("failed", .usage)
            #expect(several.text("error.hint")?.contains("release, second") == true, "\(several.output)")
            let second = try await stage.refresh("--credential second", ["T": token.secret])
            second.expect("unchanged")
            #expect(second.text("credential") == "second")
            for line in [
                "--credential release --credential second", "--credential release --token-env T",
                "--token-env T --token-stdin",
            ] {
                let run = try await stage.refresh(line, ["T": token.secret])
                run.expect("failed", .usage)
                #expect(run.text("error.message")?.contains("2 were named") == true, "\(run.output)")
            }
            #expect(stage.sandbox.gitlab.tokens.count == 1)
        }
    }

    @Test("what the forge said of a token before it was rotated is not believed afterwards")
    func rotatedSince() async throws {
        try await withStage { stage in
            let token = try stage.sandbox.gitlab.addToken(scopes: ["api", "self_rotate"], expiresOn: stage.date(20))
            try stage.configure(
                """
                forge: gitlab
                api_url: \(stage.sandbox.gitlabAPI)
                token: {env: T}
                renew: {method: gitlab-rotate, lifetime: 30d}
                publish: [{file: {path: \(stage.scene.vault)/published}}]
                """)
            let variables = stage.variables.merging(["T": token.secret]) { $1 }
            let line = "preflight --credential release --config \(stage.configuration) --json"
            let before = try await stage.scene.run(line, variables)
            #expect(before.code == 0 && before.text("decision") == "sufficient", "\(before.everything)")
            try await stage.refresh("--force", ["T": token.secret]).expect("renewed")
            let after = try await stage.scene.run(line, variables)
            #expect(after.code != 0 && after.text("decision") != "sufficient", "\(after.everything)")
            #expect(after.everything.contains("was replaced by outlast's own renewal at "), "\(after.everything)")
            let doctor = try await stage.scene.run(
                "doctor --json --config \(stage.configuration)", variables.merging(["HTTPS_PROXY": ""]) { $1 })
            #expect(doctor.output.contains("was replaced by outlast's own renewal at "), "\(doctor.everything)")
            #expect(!doctor.output.contains("rotated elsewhere"), "its renewal begins with the current token")
        }
    }

    @Test("without a configuration and a token there is nothing to renew")
    func nothing() async throws {
        try await withStage { stage in
            let run = try await stage.refresh()
            run.expect("failed", .usage)
            #expect(run.text("error.hint")?.contains("--token-env") == true)
            let text = try await stage.scene.run("refresh", stage.variables)
            #expect(text.exit == .usage && text.output.isEmpty && text.errors.contains("hint: "))
        }
    }

    @Test(
        "options that contradict each other are told so",
        arguments: [
            "--force --publish-only", "--force --if-remaining-below 2d", "--publish-only --if-remaining-below 2d",
            "--offline --force", "--offline --publish-only", "--unpublished", "--expires-at 2099-01-01",
            "--wait soon", "--if-remaining-below 5", "--timeout 0",
        ])
    func contradictions(_ line: String) async throws {
        try await withStage { stage in
            let token = try stage.sandbox.gitlab.addToken(expiresOn: stage.date(1))
            let run = try await stage.refresh("--token-env T \(stage.sandbox.gitlab4) \(line)", ["T": token.secret])
            #expect(run.exit == .usage && run.text("outcome") == "failed", "\(run.everything)")
            #expect(stage.sandbox.questions == 0)
        }
    }

    @Test("tokens that nobody can renew without a configuration are 20 with the reason")
    func unrenewable() async throws {
        try await withStage { stage in
            let job = try stage.sandbox.gitlab.addJob().secret
            let classic = stage.scene.secret(stage.sandbox.github.addToken())
            stage.scene.secret(job)
            for (line, token) in [
                (stage.sandbox.gitlab4, job), (stage.sandbox.github3, classic), ("", "opaque-0123456789-0123456789"),
            ] {
                let run = try await stage.refresh("--token-env T \(line)", ["T": stage.scene.secret(token)])
                run.expect("failed", .renewalFailed)
                #expect(run.text("error.hint")?.contains("renew:") == true, "\(run.output)")
            }
            try stage.configure(
                "forge: gitlab\napi_url: \(stage.sandbox.gitlabAPI)\ntoken: {env: T}\nrenew: {method: none}")
            let token = try stage.sandbox.gitlab.addToken(expiresOn: stage.date(1))
            try await stage.refresh("", ["T": token.secret]).expect("failed", .renewalFailed)
            #expect(stage.sandbox.gitlab.tokens.count == 1)
        }
    }

    @Test("--dry-run and OUTLAST_MODE=warn say what would happen and do nothing; off says nothing")
    func harmless() async throws {
        try await withStage { stage in
            let token = try stage.sandbox.gitlab.addToken(expiresOn: stage.date(1))
            let line = "--token-env T \(stage.sandbox.gitlab4)"
            let dry = try await stage.refresh(line + " --dry-run", ["T": token.secret])
            dry.expect("unchanged", generation: 1)
            #expect(
                dry["dry_run"] == true && dry.errors.contains("would renew token by gitlab-rotate"), "\(dry.everything)"
            )
            let warn = try await stage.refresh(line, ["T": token.secret, "OUTLAST_MODE": "warn"])
            warn.expect("unchanged", generation: 1)
            #expect(warn.errors.contains("OUTLAST_MODE=warn: nothing was renewed"), "\(warn.errors)")
            #expect(warn.errors.contains("would renew token by gitlab-rotate"))
            let locked = try await stage.refresh(
                line, ["T": token.secret, "OUTLAST_MODE": "warn"], without: ["OUTLAST_KEY"])
            #expect(locked.exit == .done && locked.number("error.code") == 41, "\(locked.everything)")
            let off = try await stage.refresh(line, ["T": token.secret, "OUTLAST_MODE": "off"])
            #expect(off.exit == .done && off["outcome"] == .null && off.errors.isEmpty)
            #expect(stage.sandbox.counters.requests(of: "gitlab.rotate") == 0)
            #expect(stage.sandbox.gitlab.token(token.id)?.active == true)
        }
    }

    @Test("--offline hands on what the store holds, and asks nobody whatever is due")
    func offline() async throws {
        try await withStage { stage in
            let token = try stage.sandbox.gitlab.addToken(expiresOn: stage.date(1))
            let line = "--token-env T \(stage.sandbox.gitlab4)"
            let unknown = try await stage.refresh(line + " --offline", ["T": token.secret])
            unknown.expect("failed", .unreachable)
            #expect(unknown.text("error.message")?.contains("--offline") == true, "\(unknown.output)")
            try await stage.refresh(line, ["T": token.secret]).expect("renewed", generation: 2)
            let questions = stage.sandbox.questions
            try await stage.refresh(line + " --offline", ["T": token.secret]).expect("reused", generation: 2)
            try await stage.refresh(line + " --offline --if-remaining-below 300d", ["T": token.secret])
                .expect("failed", .unreachable)
            #expect(stage.sandbox.questions == questions)
            try await stage.refresh(line, ["T": token.secret]).expect("reused", generation: 2)
        }
    }

    @Test("a signal in the middle of a renewal: the answer is sealed, the code is the signal's, the next run goes on")
    func signal() async throws {
        try await withStage { stage in
            let token = try stage.sandbox.gitlab.addToken(expiresOn: stage.date(1))
            stage.sandbox.addFault(
                FaultRule(
                    .delay(milliseconds: 3000, .after), method: "POST",
                    path: "/api/v4/personal_access_tokens/self/rotate"))
            let words =
                ["refresh", "--json", "--token-env", "T"] + stage.sandbox.gitlab4.split(separator: " ").map(String.init)
            let process = Process()
            process.executableURL = URL(filePath: Program.outlast)
            process.arguments = words
            process.environment = stage.variables.merging(["T": token.secret, "HOME": stage.scene.home]) { $1 }
            let (output, errors) = (stage.scene.folder + "/signal.out", stage.scene.folder + "/signal.err")
            for path in [output, errors] { try stage.scene.write("", to: path) }
            process.standardOutput = FileHandle(forWritingAtPath: output)
            process.standardError = FileHandle(forWritingAtPath: errors)
            try process.run()
            while stage.sandbox.counters.commits(of: "gitlab.rotate") == 0 && process.isRunning { await Task.yield() }
            process.terminate()
            while process.isRunning { await Task.yield() }
            #expect(process.terminationReason == .exit && process.terminationStatus == 128 + SIGTERM)
            let told = try JSONValue(parsing: Array((stage.scene.read(output) ?? "").utf8))
            #expect(told["error"]?["code"]?.wholeNumber == 143, "\(told)")
            #expect(told["generation"]?.wholeNumber == 2 && told["expires_at"]?.text != nil, "\(told)")
            #expect(told["previous_fingerprint"]?.text == stage.fingerprint(token.secret), "\(told)")
            let said = stage.scene.read(errors) ?? ""
            #expect(said.components(separatedBy: "ended by signal 15").count == 2, "\(said)")

            let next = try await stage.refresh("--token-env T \(stage.sandbox.gitlab4)", ["T": token.secret])
            next.expect("reused", generation: 2)
            let new = try #require(stage.sandbox.gitlab.tokens.first { $0.active })
            #expect(next.text("fingerprint") == stage.fingerprint(new.secret))
            #expect(told["fingerprint"]?.text == stage.fingerprint(new.secret), "\(told)")
            #expect(stage.sandbox.counters.requests(of: "gitlab.rotate") == 1)
        }
    }

    @Test("an option that is refused in any case is not listed, and is refused with the reason")
    func unlisted() async throws {
        try await withStage { stage in
            let help = try await stage.scene.run("refresh --help")
            #expect(help.output.contains("--token-env") && !help.output.contains("--expires-at"), "\(help.output)")
            let other = try await stage.scene.run("preflight --help")
            #expect(other.output.contains("--expires-at"))
            let run = try await stage.refresh(
                "--token-env T --expires-at 2099-01-01", ["T": "opaque-0123456789-abcdef"])
            #expect(run.exit == .usage && run.text("error.message")?.contains("judging") == true, "\(run.everything)")
        }
    }
}
