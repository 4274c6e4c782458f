// A key that is not there, or is none: who goes on without it says so, and who is strict ends before anything is done.

import Foundation
import OutlastModel
import OutlastSandbox
import Testing

@Suite("a key that cannot be used", .timeLimit(.minutes(5)))
struct LockedKeyTests {
    private static let question = "printf 'protocol=http\\nhost=%s\\n\\n' \"$H\" | \"$OUTLAST\" credential get"

    private func prepare(_ stage: Stage, _ key: String?) throws -> [String: String] {
        var variables = try stage.rotate().variables
        variables["OUTLAST_KEY"] = key
        return variables
    }

    @Test(
        "exec, git's helper, keep and preflight hand on the token that they were given, and say so",
        arguments: [nil, "bad"])
    func goingOn(_ key: String?) async throws {
        try await withStage { stage in
            let run = try await stage.scene.shell(
                """
                cd "$PLACE"
                "$OUTLAST" exec --report exec.json -- sh -c 'printf %s "$T"' >given; test "$(cat given)" = "$T"
                \(Self.question) | grep -q "^password=$T$"
                "$OUTLAST" keep --file kept --for 1s --foreground --json >keep.json; test "$(cat kept)" = "$T"
                "$OUTLAST" preflight --min-remaining 60d --on-insufficient refresh --json >preflight.json || test $? = 10
                """, try prepare(stage, key))
            #expect(run.code == 0, "\(run.everything)")
            for name in ["exec", "keep", "preflight"] {
                let text = stage.scene.read("\(stage.scene.vault)/\(name).json") ?? ""
                let json = (try? JSONValue(parsing: Array(text.utf8))) ?? .null
                #expect(json["state"]?.text == "unavailable", "\(name): \(text)")
                #expect(json["state_reason"]?.text?.contains("key") == true, "\(name): \(text)")
            }
            #expect(stage.sandbox.counters.requests(of: "gitlab.rotate") == 0)
        }
    }

    @Test(
        "with --strict none of them does anything", arguments: [(nil, 41), ("bad", 78)] as [(key: String?, code: Int)])
    func strict(_ locked: (key: String?, code: Int)) async throws {
        try await withStage { stage in
            let run = try await stage.scene.shell(
                """
                cd "$PLACE"
                "$OUTLAST" exec --strict -- touch ran || echo "exec $?"
                "$OUTLAST" keep --strict --file kept -- touch ran || echo "keep $?"
                "$OUTLAST" keep --strict --file kept --for 1s --foreground || echo "alone $?"
                \(Self.question) --strict >answer || echo "get $?"
                "$OUTLAST" preflight --strict --min-remaining 60d --on-insufficient refresh --json >preflight.json ||
                    echo "preflight $?"
                test ! -e ran; test ! -e kept; test ! -s answer; cat preflight.json
                """, try prepare(stage, locked.key))
            let ends = "exec 125\nkeep 125\nalone \(locked.code)\nget \(locked.code)\npreflight \(locked.code)\n"
            #expect(run.code == 0 && run.output.hasPrefix(ends), "\(run.everything)")
            #expect(run.output.contains("\"state\":\"unavailable\""), "\(run.everything)")
            #expect(run.errors.components(separatedBy: "(code \(locked.code))").count == 3, "\(run.errors)")
        }
    }

    @Test("a credential that nothing is sealed for needs no key, however strict")
    func unneeded() async throws {
        try await withStage { stage in
            var variables = try stage.rotate().variables
            variables["OUTLAST_KEY"] = nil
            try stage.configure("forge: gitlab\napi_url: \(stage.sandbox.gitlabAPI)\ntoken: {env: T}")
            let run = try await stage.scene.shell(
                """
                cd "$PLACE"; "$OUTLAST" exec --strict --report report -- true; cat report
                \(Self.question) --strict | grep -q "^password=$T$"
                "$OUTLAST" keep --strict --file kept --for 1s --foreground --json
                """, variables)
            #expect(run.code == 0, "\(run.everything)")
            #expect(run.output.components(separatedBy: "\"state\":\"ok\",\"state_reason\":null").count == 3)
        }
    }

    @Test("what is amiss with the state, the key or the token is said once")
    func once() async throws {
        try await withStage { stage in
            let (token, variables) = try stage.rotate()
            var keyless = variables
            keyless["OUTLAST_KEY"] = nil
            let broken = variables.merging(["OUTLAST_STATE": "/proc/none/state.db"]) { $1 }
            for environment in [keyless, broken] {
                let run = try await stage.scene.shell(
                    "cd \"$PLACE\"; \"$OUTLAST\" keep --file kept -- true", environment)
                let lines = run.errors.split(separator: "\n")
                #expect(run.code == 0 && !lines.isEmpty && Set(lines).count == lines.count, "\(run.everything)")
            }
            stage.sandbox.gitlab.revokeToken(token.id)
            // A state that has not met the token asks its forge.
            let fresh = variables.merging(["OUTLAST_STATE": stage.scene.vault + "/fresh/state.db"]) { $1 }
            let run = try await stage.scene.shell(Self.question + " >\"$PLACE/answer\"", fresh)
            let refusals = run.errors.components(separatedBy: "the token of release is not accepted").count - 1
            #expect(run.code == 0 && refusals == 1, "\(run.everything)")
        }
    }
}
