// The helper as git calls it: who is answered, who is not, and what a refusal leads to.

import Foundation
import OutlastModel
import OutlastSandbox
import Testing

@Suite("outlast credential", .timeLimit(.minutes(5)))
struct HelperProtocolTests {
    /// A configuration with one token, in the variable `T`.
    private func configure(_ scene: Scene, _ sandbox: Sandbox, _ more: String = "") throws -> [String: String] {
        let file = try scene.write(
            """
            version: 1
            credentials:
              release:
                forge: gitlab
                api_url: \(sandbox.gitlabAPI)
                token: {env: T}
            \(more)
            """, to: "\(scene.home)/outlast.yml")
        return ["OUTLAST_CONFIG": file]
    }

    private func ask(_ sandbox: Sandbox, _ more: String = "") -> String {
        "protocol=http\nhost=127.0.0.1:\(sandbox.port)\n\(more)\n"
    }

    /// User name and password alone: the end is told on this machine's clock, which goes on while the forge's stands.
    private func login(_ run: Run) -> [Substring] { run.output.split(separator: "\n").prefix(2).map { $0 } }

    @Test("our server is answered with user, token and its end; later answers need no forge")
    func given() async throws {
        try await withForge { scene, sandbox in
            var variables = try configure(scene, sandbox)
            let token = try sandbox.gitlab.addToken().secret
            variables["T"] = token
            let old = try await scene.run("credential get", variables, input: ask(sandbox))
            #expect(old.code == 0 && old.errors.isEmpty, "\(old.everything)")
            #expect(old.output.hasPrefix("username=oauth2\npassword=\(token)\npassword_expiry_utc="))
            let questions = sandbox.questions
            #expect(questions > 0 && sandbox.log.allSatisfy { $0.method == "GET" })
            let new = try await scene.run(
                "credential get --timeout 5s", variables,
                input: ask(sandbox, "capability[]=authtype\npath=group/app.git\n"))
            #expect(
                new.output.hasPrefix("capability[]=authtype\nusername=oauth2\n")
                    && new.output.hasSuffix("ephemeral=1\n"))
            #expect(sandbox.questions == questions)
            for action in ["store", "capability", "no-such-action"] {
                let run = try await scene.run("credential \(action)", variables, input: ask(sandbox, "password=x\n"))
                #expect(run.code == 0 && run.everything.isEmpty, "\(run.everything)")
            }
        }
    }

    @Test("of two credentials for one server the first answers, and git's trace and `credential env` name the other")
    func passedOver() async throws {
        try await withForge { scene, sandbox in
            var variables = try configure(
                scene, sandbox,
                "  second:\n    forge: gitlab\n    api_url: \(sandbox.gitlabAPI)\n    token: {env: U}")
            variables["T"] = scene.secret(try sandbox.gitlab.addToken().secret)
            variables["U"] = scene.secret(try sandbox.gitlab.addToken().secret)
            let secret = try #require(variables["T"])
            let quiet = try await scene.shell(
                "printf '\(ask(sandbox).replacing("\n", with: "\\n"))' | \"$OUTLAST\" credential get >\"$PLACE/answer\"",
                variables.merging(["PLACE": scene.vault]) { $1 })
            #expect(quiet.code == 0 && quiet.errors.isEmpty, "\(quiet.errors)")
            #expect(scene.read("\(scene.vault)/answer")?.contains("password=\(secret)\n") == true)
            let traced = try await scene.shell(
                "printf '\(ask(sandbox).replacing("\n", with: "\\n"))' | \"$OUTLAST\" credential get >/dev/null",
                variables.merging(["GIT_TRACE": "1"]) { $1 })
            #expect(
                traced.errors.contains("release answers for 127.0.0.1:\(sandbox.port); second would answer, too"),
                "\(traced.errors)")
            let environment = try await scene.run("credential env", variables)
            #expect(environment.errors.contains("second is passed over for 127.0.0.1"), "\(environment.errors)")
            let doctor = try await scene.run("doctor", variables.merging(["HTTPS_PROXY": ""]) { $1 })
            #expect(
                doctor.output.contains("warn  git-credential second: is passed over for 127.0.0.1:\(sandbox.port)"),
                "\(doctor.output)")
        }
    }

    @Test("whoever is not meant gets silence, and a broken question 65")
    func hostile() async throws {
        try await withForge { scene, sandbox in
            var variables = try configure(
                scene, sandbox, "    hosts: [\"127.0.0.1:\(sandbox.port)/group\", git.example.com/group]")
            let token = scene.secret(try sandbox.gitlab.addToken().secret)
            variables["T"] = token
            let port = sandbox.port
            let silent = [
                "protocol=http\nhost=127.0.0.1:\(port)\n", "protocol=http\nhost=127.0.0.1:\(port)\npath=groups/app\n",
                "protocol=http\nhost=127.0.0.1:\(port)\npath=group/../other\n",
                "protocol=http\nhost=127.0.0.1:\(port)\npath=group%2fapp\n",
                "protocol=http\nhost=127.0.0.1:\(port)\npath=other/group\n",
                "protocol=http\nhost=127.0.0.1:\(port + 1)\npath=group/app\n",
                "protocol=http\nhost=localhost:\(port)\npath=group/app\n",
                "protocol=ssh\nhost=127.0.0.1:\(port)\npath=group/app\n",
                "protocol=http\nhost=git.example.com\npath=group/app\n",
                "protocol=https\nhost=GIT.EXAMPLE.COM.\npath=group/app\n",
                "protocol=https\nhost=git.example.com:444\npath=group/app\n",
                "protocol=https\nhost=git.example.com.evil.example\npath=group/app\n", "", "host=git.example.com\n",
            ]
            for input in silent {
                let run = try await scene.run("credential get", variables, input: input)
                #expect(run.code == 0 && run.everything.isEmpty, "\(input): \(run.everything)")
            }
            for input in [
                "protocol", "protocol=https\nhost=a\nhost=b\n", "host=a\r\n", "host=\0",
                String(repeating: "a=b\n", count: 30_000),
            ] {
                for action in ["get", "erase"] {
                    let run = try await scene.run("credential \(action)", variables, input: input)
                    #expect(run.exit == .malformedInput && run.output.isEmpty, "\(run.everything)")
                }
            }
            #expect(sandbox.questions == 0 && scene.read(scene.state) == nil)
        }
    }

    @Test("a refused token that its forge accepts is given again, and the refusal is told as what it is")
    func doubt() async throws {
        try await withForge { scene, sandbox in
            var variables = try configure(scene, sandbox)
            let token = try sandbox.gitlab.addToken(.project("group/app")).secret
            variables["T"] = token
            let first = try await scene.run("credential get", variables, input: ask(sandbox))
            sandbox.clearLog()
            let others = "username=oauth2\npassword=someone-elses-0123456789\n"
            _ = try await scene.run("credential erase", variables, input: ask(sandbox, others))
            let calm = try await scene.run("credential get", variables, input: ask(sandbox))
            #expect(login(calm) == login(first) && sandbox.questions == 0)
            let ours = "path=group/lib.git\nusername=oauth2\npassword=\(token)\n"
            let erase = try await scene.run("credential erase", variables, input: ask(sandbox, ours))
            #expect(erase.code == 0 && erase.output.isEmpty && sandbox.questions == 0)
            // git itself says no more than that it failed.
            #expect(erase.errors.contains("did not take the token") && erase.errors.contains("group/lib.git"))
            let again = try await scene.run("credential get", variables, input: ask(sandbox))
            #expect(login(again) == login(first) && sandbox.questions > 0)
            #expect(sandbox.log.allSatisfy { $0.method == "GET" && !$0.committed })
            sandbox.clearLog()
            _ = try await scene.run("credential get", variables, input: ask(sandbox))
            #expect(sandbox.questions == 0)
            let events = try await scene.run("history events --json", variables)
            #expect(events.output.contains("forbidden") && events.output.contains("group/lib.git"))
            let failures = try await scene.sqlite("SELECT class, source, confidence FROM v_auth_failures")
            #expect(failures == "forbidden|git|medium\n")
        }
    }

    @Test("a token that its forge calls dead makes everybody stop")
    func dead() async throws {
        try await withForge { scene, sandbox in
            var variables = try configure(scene, sandbox)
            let token = try sandbox.gitlab.addToken()
            variables["T"] = scene.secret(token.secret)
            sandbox.gitlab.revokeToken(token.id)
            let run = try await scene.run("credential get", variables, input: ask(sandbox))
            #expect(run.code == 0 && run.output == "quit=1\n", "\(run.everything)")
            #expect(run.errors.contains("release") && run.errors.contains("revoked"), "\(run.errors)")
        }
    }

    @Test("without a state store the presented token is handed on as it is, unless told to be strict")
    func noState() async throws {
        try await withForge { scene, sandbox in
            var variables = try configure(scene, sandbox)
            let token = try sandbox.gitlab.addToken().secret
            variables["T"] = token
            variables["OUTLAST_STATE"] = "/proc/none/state.db"
            let run = try await scene.run("credential get", variables, input: ask(sandbox))
            #expect(run.code == 0 && run.output == "username=oauth2\npassword=\(token)\n", "\(run.everything)")
            #expect(run.errors.contains("state") && sandbox.questions == 0)
            let strict = try await scene.run("credential get --strict", variables, input: ask(sandbox))
            #expect(strict.exit == .stateUnusable && strict.output.isEmpty)
        }
    }

    @Test("turned off, the presented token is handed on without state, network or a word")
    func off() async throws {
        try await withForge { scene, sandbox in
            var variables = try configure(scene, sandbox)
            let token = try sandbox.gitlab.addToken()
            sandbox.gitlab.revokeToken(token.id)
            variables["T"] = token.secret
            variables["OUTLAST_MODE"] = "off"
            let run = try await scene.run("credential get", variables, input: ask(sandbox))
            #expect(run.code == 0 && run.output == "username=oauth2\npassword=\(token.secret)\n" && run.errors.isEmpty)
            for line in ["credential env", "credential erase", "credential store"] {
                let quiet = try await scene.run(line, variables, input: ask(sandbox))
                #expect(quiet.code == 0 && quiet.everything.isEmpty)
            }
            variables["T"] = nil
            let none = try await scene.run("credential get", variables, input: ask(sandbox))
            #expect(none.code == 0 && none.everything.isEmpty)
            #expect(sandbox.questions == 0 && scene.read(scene.state) == nil)
        }
    }

    @Test("in a job without any configuration the CI's own token answers for the CI's own server")
    func ciToken() async throws {
        try await withForge { scene, sandbox in
            var variables = sandbox.gitlabJob
            let token = try sandbox.gitlab.addJob().secret
            variables["CI_JOB_TOKEN"] = token
            let run = try await scene.run("credential get", variables, input: ask(sandbox))
            #expect(run.output == "username=gitlab-ci-token\npassword=\(token)\n", "\(run.everything)")
            let elsewhere = try await scene.run(
                "credential get", variables, input: "protocol=https\nhost=gitlab.com\n\n")
            #expect(elsewhere.code == 0 && elsewhere.everything.isEmpty)
        }
    }

    @Test("without anything to give there is silence, but what git would never write is still refused")
    func nothingConfigured() async throws {
        try await withScene { scene in
            for action in ["get", "erase", "store"] {
                let run = try await scene.run("credential \(action)", input: "protocol=https\nhost=git.example.com\n\n")
                #expect(run.code == 0 && run.everything.isEmpty, "\(run.everything)")
            }
            #expect(try await scene.run("credential get", input: "protocol").exit == .malformedInput)
            #expect(try await scene.run("credential env").output == "(exit 64)\n")
        }
    }

    @Test("mistakes end with the contract's codes, and a shell that evaluates them ends with them too")
    func mistakes() async throws {
        try await withForge { scene, sandbox in
            let variables = try configure(scene, sandbox)
            let unset = try await scene.run("credential get", variables, input: ask(sandbox))
            #expect(unset.exit == .configuration && unset.output.isEmpty && unset.errors.contains("T"))
            let broken = try await scene.run("credential env --config missing.yml", variables)
            #expect(broken.exit == .configuration && broken.output == "(exit 78)\n", "\(broken.everything)")
            let line = "set -e; eval \"$(\"$OUTLAST\" credential env --config missing.yml)\"; echo went on"
            let shell = try await scene.shell(line)
            #expect(shell.code == 78 && !shell.output.contains("went on"))
            for line in [
                "credential get --token-stdin", "credential get --export shell", "credential env --export nowhere",
                "credential",
            ] {
                #expect(try await scene.run(line, variables).exit == .usage, "\(line)")
            }
        }
    }
}
