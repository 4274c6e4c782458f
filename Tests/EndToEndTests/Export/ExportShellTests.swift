// `eval "$(outlast refresh --export shell)"` in the shells that jobs are written for: the variable is there, nothing is shown
// with tracing on, and a failure ends a script that ends on failures.

import Foundation
import OutlastModel
import OutlastSandbox
import Subprocess
import Testing

@Suite("refresh --export shell", .timeLimit(.minutes(5)))
struct ExportShellTests {
    private func eval(_ line: String) -> String { #"eval "$(outlast refresh \#(line) --export shell)""# }

    @Test(
        "the job has the new token, which works; no byte of it is shown, and the file is gone", arguments: JobShell.all,
        [["-e"], ["-xe"], ["-x"], ["-euxv"]])
    func handed(_ shell: JobShell, _ flags: [String]) async throws {
        try await withStage { stage in
            let (line, variables) = try stage.dueToken()
            let run = try await stage.script(
                """
                \(eval(line))
                env > "$VAULT/seen"
                outlast preflight \(line) --min-remaining 2d --fresh
                echo "went on"
                """, by: shell, flags: flags, variables)
            #expect(run.code == 0, "\(run)")
            #expect(run.output.contains("sufficient: token") && run.output.hasSuffix("went on\n"), "\(run)")
            #expect(run.errors.contains("outlast: renewed: token, generation 2, ends "), "\(run)")
            #expect(flags == ["-e"] || run.errors.contains("echo"), "traced before and after: \(run)")
            #expect(try stage.seen() == stage.living())
            #expect(stage.sandbox.gitlab.tokens.count == 2 && stage.handovers == [])
        }
    }

    @Test("whoever has the old value gets the current one, and an unchanged token is handed on as well")
    func reused() async throws {
        try await withStage { stage in
            let (line, variables) = try stage.dueToken()
            for _ in 1...2 {
                let run = try await stage.script("\(eval(line))\nenv > \"$VAULT/seen\"", flags: ["-xe"], variables)
                #expect(try run.code == 0 && stage.seen() == stage.living(), "\(run)")
            }
            #expect(stage.sandbox.counters.commits(of: "gitlab.rotate") == 1)
            let living = try stage.living()
            let file = try stage.scene.hide(living)
            let other = "--token-file \(file) \(stage.sandbox.gitlab4)"
            let run = try await stage.script("\(eval(other))\nenv > \"$VAULT/seen\"", flags: ["-xe"])
            #expect(run.code == 0 && stage.seen("OUTLAST_TOKEN") == living, "\(run)")
            #expect(run.errors.contains("unchanged: token"), "\(run)")
        }
    }

    @Test("the variable is the credential's own, else OUTLAST_TOKEN")
    func names() async throws {
        try await withStage { stage in
            let (_, variables) = try stage.dueToken()
            try stage.configure("forge: gitlab\napi_url: \(stage.sandbox.gitlabAPI)\ntoken: {env: RELEASE_TOKEN}")
            let run = try await stage.script(
                "\(eval("--credential release --config \(stage.configuration)"))\nenv > \"$VAULT/seen\"",
                flags: ["-xe"], ["RELEASE_TOKEN": variables["T"] ?? ""])
            #expect(try run.code == 0 && stage.seen("RELEASE_TOKEN") == stage.living(), "\(run)")
            #expect(stage.seen("OUTLAST_TOKEN") == nil)
        }
    }

    /// Ways to fail, each with its code.
    static let failures: [(what: String, code: OutlastModel.ExitCode)] = [
        ("revoked", .rejected), ("ended", .expired), ("narrow", .insufficientScope), ("no key", .cacheLocked),
        ("no state", .stateUnusable), ("no forge", .unreachable), ("a mistake", .usage), ("twice", .usage),
    ]

    @Test("a failed refresh ends a script with -e with its code; without -e the code is in $?", arguments: failures)
    func failed(_ failure: (what: String, code: OutlastModel.ExitCode)) async throws {
        for shell in JobShell.all.prefix(3) {
            try await withStage { stage in
                var (line, variables) = try stage.dueToken(
                    scopes: [failure.what == "narrow" ? "read_api" : "api"], days: failure.what == "ended" ? 0 : 1)
                switch failure.what {
                case "revoked": stage.sandbox.gitlab.tokens.forEach { stage.sandbox.gitlab.revokeToken($0.id) }
                case "no key": variables["OUTLAST_KEY"] = ""
                case "no state": variables["OUTLAST_STATE"] = "/proc/outlast/state.db"
                case "no forge":
                    stage.sandbox.addFault(
                        FaultRule(.drop(.before), path: "/api/v4/personal_access_tokens", times: nil))
                case "a mistake": line += " --wait soon"
                case "twice": line += " --export=file:twice"
                default: break
                }
                let script = "trap 'echo code $?' EXIT\n\(eval(line))\necho \"went on with $?\""
                let strict = try await stage.script(script, by: shell, flags: ["-xe"], variables)
                #expect(strict.code == failure.code.rawValue, "\(failure.what): \(strict)")
                #expect(strict.output == "code \(failure.code.rawValue)\n", "\(strict)")
                let lax = try await stage.script(script, by: shell, flags: ["-x"], variables)
                #expect(lax.code == 0, "\(lax)")
                #expect(lax.output == "went on with \(failure.code.rawValue)\ncode 0\n", "\(lax)")
                #expect(stage.sandbox.counters.requests(of: "gitlab.rotate") == 0 && stage.handovers == [])
            }
        }
    }

    @Test("a queued publication is 23, and the job has the token all the same", arguments: JobShell.all.prefix(3))
    func queued(_ shell: JobShell) async throws {
        try await withStage { stage in
            let (_, variables) = try stage.dueToken()
            try stage.configure(
                """
                forge: gitlab
                api_url: \(stage.sandbox.gitlabAPI)
                token: {env: T}
                publish: [{command: {command: [/bin/false]}}]
                """)
            let run = try await stage.script(
                """
                trap 'env > "$VAULT/seen"' EXIT
                \(eval("--config \(stage.configuration)"))
                echo "went on"
                """, by: shell, flags: ["-xe"], variables)
            #expect(run.code == OutlastModel.ExitCode.publishQueued.rawValue && run.output.isEmpty, "\(run)")
            #expect(try stage.seen() == stage.living() && stage.handovers == [], "\(run)")
        }
    }

    @Test("a state that breaks after the renewal is 40, and the job has the token all the same")
    func broken() async throws {
        try await withStage { stage in
            let (line, variables) = try stage.dueToken()
            let script = "trap 'env > \"$VAULT/seen\"' EXIT\n\(eval(line))\necho \"went on\""
            let state = stage.state
            let run = try await stage.whileAnswerTravels {
                try await stage.script(script, flags: ["-xe"], variables)
            } _: {
                let sabotage = "ALTER TABLE secrets RENAME TO gone"
                let done = try await Subprocess.run(
                    .name("sqlite3"), arguments: ["-batch", state, sabotage], output: .discarded,
                    error: .string(limit: 4096))
                #expect(done.terminationStatus.isSuccess, "\(done.standardError)")
            }
            #expect(run.code == OutlastModel.ExitCode.stateUnusable.rawValue && run.output.isEmpty, "\(run)")
            #expect(run.errors.contains("handed on by --export alone"), "\(run)")
            #expect(try stage.seen() == stage.living() && stage.handovers == [], "\(run)")
        }
    }

    @Test("--dry-run hands nothing on; OUTLAST_MODE=warn hands on what there is, and forgives; off says nothing")
    func modes() async throws {
        try await withStage { stage in
            let (line, variables) = try stage.dueToken()
            let token = try #require(variables["T"])
            let other = "--token-file \(try stage.scene.hide(token)) \(stage.sandbox.gitlab4)"
            let script = "\(eval(other))\nenv > \"$VAULT/seen\""
            let dry = try await stage.script(script.replacing("refresh", with: "refresh --dry-run"), flags: ["-xe"])
            #expect(dry.code == 0 && stage.seen("OUTLAST_TOKEN") == nil, "\(dry)")
            let warn = try await stage.script(script, flags: ["-xe"], ["OUTLAST_MODE": "warn"])
            #expect(warn.code == 0 && stage.seen("OUTLAST_TOKEN") == token, "\(warn)")
            let off = try await stage.script(script, flags: ["-xe"], ["OUTLAST_MODE": "off"])
            #expect(off.code == 0 && stage.seen("OUTLAST_TOKEN") == nil, "\(off)")
            let forgiven = try await stage.script(
                "\(eval(line))\necho \"went on with $?\"", flags: ["-xe"],
                variables.merging(["OUTLAST_KEY": "", "OUTLAST_MODE": "warn"]) { $1 })
            #expect(forgiven.code == 0 && forgiven.output == "went on with 0\n", "\(forgiven)")
            #expect(stage.sandbox.counters.requests(of: "gitlab.rotate") == 0 && stage.handovers == [])
        }
    }

    @Test("with --json it is a mistake, told before anything is asked")
    func json() async throws {
        try await withStage { stage in
            let (line, variables) = try stage.dueToken()
            let run = try await stage.refresh("\(line) --export shell", variables)
            run.expect("failed", .usage)
            #expect(stage.sandbox.questions == 0)
        }
    }
}
