// Words of a status: those that are taken are those that are named, and an answer tells what the store holds.

import Foundation
import OutlastModel
import Testing

@Suite("words of a status", .timeLimit(.minutes(5)))
struct StatusWordTests {
    private static let job = " --project p --job j --run 1"

    @Test("an end has three words, and GitHub's own spelling of one")
    func ends() async throws {
        try await withScene { scene in
            for word in ["running", "abandoned", "done"] {
                let run = try await scene.run("record finish --status \(word)" + Self.job)
                #expect(run.exit == .usage && run.errors.contains("one of success, failed, canceled"), "\(run.errors)")
                #expect(!run.errors.contains(word) || word == "running", "\(run.errors)")
            }
            let run = try await scene.run("record finish --status cancelled --json" + Self.job)
            #expect(run.exit == .done && run.text("status") == "canceled", "\(run.everything)")
        }
    }

    @Test("what was told first stands, and the answer says so")
    func first() async throws {
        try await withScene { scene in
            try await scene.run("record start --started-at 2024-11-02T10:00:00Z" + Self.job)
            try await scene.run("record finish --status success --finished-at 2024-11-02T10:30:00Z" + Self.job)
            for line in ["record finish --status failed --json", "record start --json"] {
                let run = try await scene.run(line + Self.job)
                #expect(run.exit == .done && run.text("status") == "success", "\(run.everything)")
                #expect(run.text("started_at") == "2024-11-02T10:00:00Z", "\(run.everything)")
                #expect(run.text("finished_at") == "2024-11-02T10:30:00Z")
                #expect(run.errors.contains("has ended before: success at 2024-11-02T10:30:00Z"), "\(run.errors)")
            }
            #expect(try await scene.run("history jobs --json").text("jobs.0.status") == "success")
        }
    }

    @Test("a list is not asked for a word that it cannot have")
    func lists() async throws {
        try await withScene { scene in
            try await scene.run("record finish --status canceled" + Self.job)
            for (list, words) in [
                ("jobs", "running, success, failed, canceled, abandoned"),
                ("tokens", "alive, expired, revoked, rejected, blocked, insufficient_scope"),
                ("rotations", "intended, sent, received, proved, published, retired, refused, in_doubt, lost"),
            ] {
                let run = try await scene.run("history \(list) --status nonsense --json")
                #expect(
                    run.exit == .usage && run.errors.contains("--status takes one of \(words)"), "\(run.everything)")
                for word in words.split(separator: ", ") {
                    #expect(try await scene.run("history \(list) --status \(word)").exit == .done)
                }
            }
            #expect(try await scene.run("history events --status whatever").exit == .done)
            #expect(try await scene.run("history jobs --status cancelled --json")["jobs"]?.elements?.count == 1)
        }
    }
}
