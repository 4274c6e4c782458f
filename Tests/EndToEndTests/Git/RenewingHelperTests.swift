// git's helper with credentials that are renewed: the current token wherever it was made, one renewal for everybody, and
// the presented token where nothing better can be had.

import OutlastModel
import OutlastSandbox
import Testing

@Suite("git with tokens that are renewed", .timeLimit(.minutes(5)))
struct RenewingHelperTests {
    private let setUp = "eval \"$(\"$OUTLAST\" credential env)\"; "
    private let commit = "git init -q -b main .; date >f; git add f; git commit -q -m f; "
    private let minting = "github.mint"
    private let rotating = "gitlab.rotate"

    /// What `get` answers, so many times at once, as lines of the files `answer.*`.
    private func get(_ stage: Stage, _ variables: [String: String], times: Int = 1) async throws -> [String] {
        let run = try await stage.scene.shell(
            """
            rm -f "$PLACE"/answer.*
            i=0; while [ $i -lt \(times) ]; do
            printf 'protocol=http\\nhost=%s\\n\\n' "$H" | "$OUTLAST" credential get >"$PLACE/answer.$i" &
            i=$((i+1)); done; wait
            """, variables)
        #expect(run.code == 0 && run.errors.isEmpty, "\(run.errors)")
        return try (0..<times).map { number in
            let text = try #require(stage.scene.read("\(stage.scene.vault)/answer.\(number)"))
            let line = text.split(separator: "\n").first { $0.hasPrefix("password=") }
            return stage.scene.secret(String(try #require(line, "\(text)").dropFirst("password=".count)))
        }
    }

    @Test("a token that another process has rotated meanwhile is the one that git pushes with")
    func rotatedMeanwhile() async throws {
        try await withStage { stage in
            let (old, variables) = try stage.rotate()
            let push = "git push -q \"$S/group/app.git\" HEAD:main; "
            let before = try await stage.scene.shell("mkdir a; cd a; " + commit + setUp + push, variables)
            #expect(before.code == 0, "\(before.everything)")
            try await stage.refresh("--force", ["T": old.secret]).expect("renewed", generation: 2)
            let asked = stage.sandbox.questions
            let after = try await stage.scene.shell(
                "cd a; " + setUp + "git commit -q --allow-empty -m g; " + push + "git ls-remote \"$S/group/app.git\"",
                variables)
            #expect(after.code == 0 && after.errors.isEmpty, "\(after.everything)")
            #expect(stage.sandbox.log.dropFirst(asked).allSatisfy { $0.fingerprint != old.fingerprint })
            #expect(stage.sandbox.counters.commits(of: rotating) == 1 && stage.sandbox.counters.replays.isEmpty)
        }
    }

    @Test("a token of an App with less left than it must have is minted anew, once for twenty who ask at once")
    func mintedOnce() async throws {
        try await withStage { stage in
            // What was minted forty minutes ago has twenty left.
            stage.sandbox.advanceClock(by: -2400)
            let variables = try stage.mint(limit: "30m")
            let first = try await get(stage, variables)
            stage.sandbox.advanceClock(by: 2400)
            #expect(stage.sandbox.counters.commits(of: minting) == 1)
            let all = try await get(stage, variables, times: 20)
            #expect(Set(all).count == 1 && all[0] != first[0] && stage.sandbox.github.isAlive(all[0]))
            #expect(stage.sandbox.counters.commits(of: minting) == 2)
            let questions = stage.sandbox.questions
            #expect(try await get(stage, variables) == [all[0]])
            #expect(stage.sandbox.questions == questions, "what is known is not asked")
        }
    }

    @Test("a token that git saw refused and that is dead is minted anew once, for the next answer")
    func dead() async throws {
        try await withStage { stage in
            let variables = try stage.mint(limit: "10m")
            let first = try await get(stage, variables)[0]
            stage.sandbox.github.revokeToken(first)
            let list = "git ls-remote \"$G/octo-org/app.git\""
            let run = try await stage.scene.shell(setUp + "! " + list + " 2>/dev/null; " + list, variables)
            #expect(run.code == 0, "\(run.everything)")
            let second = try await get(stage, variables)[0]
            #expect(second != first && stage.sandbox.github.isAlive(second))
            #expect(stage.sandbox.counters.commits(of: minting) == 2)
        }
    }

    @Test("a token that ends on a date is left alone while the job can end before it")
    func dated() async throws {
        try await withStage { stage in
            let (token, variables) = try stage.rotate(days: 2)
            #expect(try await get(stage, variables) == [token.secret])
            let questions = stage.sandbox.questions
            #expect(try await get(stage, variables, times: 3) == Array(repeating: token.secret, count: 3))
            #expect(stage.sandbox.questions == questions, "what is known is not asked")
            let (other, longer) = try stage.rotate(days: 2, more: "default_duration: 60h\n")
            let given = try await get(stage, longer, times: 3)
            #expect(Set(given).count == 1 && given[0] != other.secret)
            #expect(stage.sandbox.counters.commits(of: rotating) == 1)
        }
    }

    @Test("what only an operator renews is never renewed here, and the newer generation is given all the same")
    func operators() async throws {
        try await withStage { stage in
            let (token, variables) = try stage.rotate(days: 1, by: "operator", more: "default_duration: 60h\n")
            #expect(try await get(stage, variables) == [token.secret])
            #expect(stage.sandbox.counters.requests(of: rotating) == 0)
            try await stage.refresh("--force", ["T": token.secret]).expect("renewed", generation: 2)
            let given = try await get(stage, variables)
            #expect(given[0] != token.secret)
            #expect(try await get(stage, variables.merging(["OUTLAST_MODE": "warn"]) { $1 }) == given)
            #expect(stage.sandbox.counters.requests(of: rotating) == 1)
        }
    }

    @Test("where a renewal cannot be had, a token that lives is handed on with a word about it")
    func handedOn() async throws {
        try await withStage { stage in
            let (token, variables) = try stage.rotate(days: 1, more: "default_duration: 60h\n")
            var keyless = variables
            keyless["OUTLAST_KEY"] = nil
            var homeless = variables.merging(stage.sandbox.gitlabJob) { $1 }
            homeless["OUTLAST_STATE"] = nil
            let broken = variables.merging(["OUTLAST_STATE": "/proc/none/state.db"]) { $1 }
            for (environment, word) in [
                (keyless, "key"), (homeless, "only in this job's own folder"), (broken, "state store"),
            ] {
                let run = try await stage.scene.shell(
                    "printf 'protocol=http\\nhost=%s\\n\\n' \"$H\" | \"$OUTLAST\" credential get >\"$PLACE/answer\"",
                    environment)
                #expect(run.code == 0 && run.errors.contains(word), "\(word): \(run.everything)")
                let answer = stage.scene.read("\(stage.scene.vault)/answer") ?? ""
                #expect(answer.contains("password=\(token.secret)\n"), "\(word)")
            }
            #expect(stage.sandbox.counters.requests(of: rotating) == 0)
        }
    }
}
