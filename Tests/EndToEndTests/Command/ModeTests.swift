// One variable turns the tool down or off in every pipeline, whatever the subcommand and however it was called.

import Foundation
import OutlastModel
import OutlastSandbox
import Testing

@Suite("OUTLAST_MODE", .timeLimit(.minutes(10)))
struct ModeTests {
    /// Every subcommand with the code that it ends with here.
    static let commands: [(String, OutlastModel.ExitCode)] = [
        ("preflight --token-env T --expires-at 2001-01-01", .expired),
        ("preflight --token-env UNSET", .usage),
        ("preflight --token-env T --config missing.yml", .configuration),
        ("preflight --token-env T --strict --state /proc/none/state.db", .stateUnusable),
        ("record start --strict --state /proc/none/state.db --project a --job b --run 1", .stateUnusable),
        ("record finish --strict --state /proc/none/state.db --project a --job b --run 1", .stateUnusable),
        ("record start", .usage), ("record finish --status wonderful", .usage),
        ("history jobs", .stateUnusable), ("history tokens", .stateUnusable), ("history events", .stateUnusable),
        ("history rotations", .stateUnusable), ("history estimate", .stateUnusable), ("version --format xml", .usage),
        ("key check", .cacheLocked), ("key rotate", .usage), ("secret list", .stateUnusable),
        ("secret forget --superseded", .stateUnusable), ("secret forget", .usage),
        ("credential env", .usage), ("credential erase --no-such-option", .usage), ("no-such-command", .usage),
        ("preflight --no-such-option", .usage),
    ]

    @Test("`off` does nothing at all and ends with 0", arguments: commands)
    func off(_ command: (line: String, code: OutlastModel.ExitCode)) async throws {
        try await withScene { scene in
            let token = scene.secret("off-0123456789-off-0123456789-off")
            let run = try await scene.run(command.line, ["OUTLAST_MODE": "off", "T": token])
            #expect(run.code == 0 && run.everything.isEmpty)
            let json = try await scene.run(command.line + " --json", ["OUTLAST_MODE": "off", "T": token])
            #expect(json.code == 0 && json.errors.isEmpty && json.text("mode") == "off")
            #expect(try FileManager.default.contentsOfDirectory(atPath: scene.home).isEmpty)
        }
    }

    @Test("`warn` says the same and ends with 0", arguments: commands)
    func warn(_ command: (line: String, code: OutlastModel.ExitCode)) async throws {
        try await withScene { scene in
            let token = scene.secret("warn-0123456789-warn-0123456789-warn")
            for mode in ["enforce", ""] {
                let run = try await scene.run(command.line, ["OUTLAST_MODE": mode, "T": token])
                #expect(run.exit == command.code, "\(run.everything)")
            }
            let plain = try await scene.run(command.line + " --json", ["T": token])
            let run = try await scene.run(command.line + " --json", ["OUTLAST_MODE": "warn", "T": token])
            #expect(run.code == 0, "\(run.everything)")
            #expect(run.json["decision"] == plain.json["decision"] && run.json["error"] == plain.json["error"])
            #expect(run.errors.contains("\(command.code.rawValue)"), "\(run.errors)")
        }
    }

    @Test("turned off, no forge is asked and no store is made")
    func silence() async throws {
        try await withForge { scene, sandbox in
            var variables = sandbox.gitlabJob
            variables["T"] = scene.secret(try sandbox.gitlab.addToken().secret)
            variables["OUTLAST_MODE"] = "off"
            for line in ["preflight --token-env T --json", "record start", "record finish"] {
                #expect(try await scene.run(line, variables).code == 0)
            }
            #expect(sandbox.questions == 0)
            #expect(try FileManager.default.contentsOfDirectory(atPath: scene.home).isEmpty)
        }
    }

    @Test("an unknown value is a configuration error in every subcommand", arguments: commands)
    func unknown(_ command: (line: String, code: OutlastModel.ExitCode)) async throws {
        try await withScene { scene in
            let run = try await scene.run(command.line + " --json", ["OUTLAST_MODE": "sideways"])
            #expect(run.exit == .configuration && run.errors.contains("OUTLAST_MODE"))
        }
    }

    @Test("in GitHub Actions `warn` annotates with a warning, never with an error")
    func annotation() async throws {
        try await withScene { scene in
            let token = scene.secret("annotated-0123456789-annotated")
            let github = ["GITHUB_ACTIONS": "true", "T": token]
            let line = "preflight --token-env T --forge generic --expires-at 2001-01-01"
            let hard = try await scene.run(line, github)
            #expect(hard.exit == .expired && hard.output.contains("\n::error::expired: token"))
            let soft = try await scene.run(line, github.merging(["OUTLAST_MODE": "warn"]) { $1 })
            #expect(soft.code == 0 && soft.output.contains("\n::warning::expired: token"), "\(soft.output)")
            #expect(!soft.everything.contains("::error::"))
        }
    }
}
