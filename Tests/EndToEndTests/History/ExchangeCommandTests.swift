// History taken elsewhere and brought together, by the program.

import Foundation
import OutlastModel
import Testing

@Suite("history pack, merge, export, prune", .timeLimit(.minutes(5)))
struct ExchangeCommandTests {
    private static func job(_ run: Int) -> [String: String] {
        [
            "GITLAB_CI": "true", "CI_SERVER_URL": "https://gitlab.example.com", "CI_PROJECT_PATH": "group/app",
            "CI_JOB_NAME": "release", "CI_JOB_ID": "\(run)",
        ]
    }

    /// Jobs of some numbers, with the times of a day of their own.
    private func record(_ scene: Scene, _ runs: ClosedRange<Int>, state: String, month: Int = 10) async throws {
        let jobs = runs.map { run in
            let day = "2024-\(String(format: "%02d", month))-\(String(format: "%02d", run))"
            return #"{"id":\#(run),"status":"success","name":"release","started_at":"\#(day)T10:00:00Z","#
                + #""finished_at":"\#(day)T10:20:00Z","web_url":"https://gitlab.example.com/group/app/-/jobs/\#(run)"}"#
        }
        try scene.write("[" + jobs.joined(separator: ",") + "]", to: "jobs.json")
        let run = try await scene.run("record import --ci gitlab jobs.json --state \(state)")
        #expect(run.exit == .done, "\(run.everything)")
    }

    @Test("a pack holds the history and not one byte of what is sealed")
    func pack() async throws {
        try await withScene { scene in
            let family = try scene.seal("release", with: .key(1))
            try await record(scene, 1...9, state: scene.state)
            try await scene.run("record failure --stderr-file -", Self.job(3), input: "fatal: unable to access\n")
            let run = try await scene.run("history pack cache/history.db --json")
            #expect(run.exit == .stateUnusable)
            try FileManager.default.createDirectory(atPath: scene.work + "/cache", withIntermediateDirectories: true)
            let packed = try await scene.run("history pack cache/history.db --json")
            #expect(packed.exit == .done && packed.number("packed.jobs") == 9, "\(packed.everything)")
            #expect(try FileManager.default.contentsOfDirectory(atPath: scene.work + "/cache") == ["history.db"])
            let bytes = try Data(contentsOf: URL(filePath: scene.work + "/cache/history.db"))
            var marks = (1...2).flatMap { family.marks($0) } + [Data(family.id.text.utf8), GivenKey.key(1).bytes]
            marks += family.tokens.flatMap { token in
                [Data(token.utf8), Data(SHA256Digest(hashing: token.utf8).bytes), Data(token.utf8.prefix(16))]
            }
            let store = try Data(contentsOf: URL(filePath: scene.state))
            let log = FileManager.default.contents(atPath: scene.state + "-wal") ?? Data()
            #expect(family.marks(2).allSatisfy { store.range(of: $0) != nil || log.range(of: $0) != nil })
            for mark in marks { #expect(bytes.range(of: mark) == nil) }
            for table in ["key_envelope", "families", "members", "secrets", "journal", "outbox", "doubts"] {
                let count = try await scene.shell("sqlite3 cache/history.db 'SELECT count(*) FROM \(table)'")
                #expect(count.output == "0\n")
            }
            // What a cache gives back to the next job serves estimates there.
            let estimate = try await scene.run(
                "history estimate --json --state cache/history.db",
                Self.job(99).merging(["CI_PROJECT_DIR": scene.work]) { $1 })
            #expect(estimate.number("samples") == 9 && estimate.errors.contains("copy"))
            let again = try await scene.run("history pack cache/history.db")
            #expect(again.output == "packed: 9 jobs, 0 tokens, 1 events\n", "\(again.everything)")
        }
    }

    @Test("stores of several runners come together, once, and into a store that was not there before")
    func merge() async throws {
        try await withScene { scene in
            try await record(scene, 1...6, state: "one/state.db")
            try await record(scene, 4...9, state: "two/state.db")
            let first = try await scene.run("history merge one/state.db two/state.db --json")
            #expect(first.exit == .done, "\(first.everything)")
            #expect(first.number("jobs.added") == 9 && first.number("jobs.known") == 3 && first.number("refused") == 0)
            let again = try await scene.run("history merge one/state.db two/state.db")
            #expect(again.output.hasPrefix("jobs: 0 new, 12 known before\n"))
            let jobs = try await scene.run("history jobs --json")
            let runs = jobs["jobs"]?.elements?.compactMap { $0["run"]?.text }
            #expect(runs == (1...9).reversed().map(String.init))
            let ids = Set(jobs["jobs"]?.elements?.compactMap { $0["job_id"]?.text } ?? [])
            let theirs = try await scene.run("history jobs --json --state two/state.db")
            #expect(ids.isSuperset(of: theirs["jobs"]?.elements?.compactMap { $0["job_id"]?.text } ?? ["none"]))
        }
    }

    @Test("what is no store ends with 65, what is not there with 64, and nothing is made for it")
    func refusals() async throws {
        try await withScene { scene in
            try scene.write("no store", to: "text.db")
            for line in ["history merge", "history merge none.db", "history pack", "history merge text.db none.db"] {
                #expect(try await scene.run(line).exit == .usage, "\(line)")
            }
            #expect(!FileManager.default.fileExists(atPath: scene.state))
            let text = try await scene.run("history merge text.db --json")
            #expect(
                text.exit == .malformedInput
                    && Shape.missing(["jobs", "tokens", "events", "refused"], in: text.json) == [])
            let own = try await scene.run("history merge \(scene.state)")
            #expect(own.exit == .usage)
            try scene.write("notes", to: "notes")
            #expect(try await scene.run("history pack notes").exit == .usage)
            #expect(scene.read("notes") == "notes")
        }
    }

    @Test("an export has an object on each line, and a reader may go away")
    func export() async throws {
        try await withScene { scene in
            try await record(scene, 1...28, state: scene.state)
            try scene.write((0..<3000).map { LogFixture.refused($0) + "\n" }.joined(), to: "log")
            try await scene.run("history import gitlab-log log")
            let whole = try await scene.run("history export --jsonl")
            let lines = whole.output.split(separator: "\n")
            #expect(whole.exit == .done && lines.count == 28 + 3000 + 3000)
            var lists: [String: Int] = [:]
            for line in lines {
                let object = try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any]
                lists[object?["list"] as? String ?? "", default: 0] += 1
            }
            #expect(lists == ["jobs": 28, "events": 3000, "auth_failures": 3000])
            let head = try await scene.shell("\"$OUTLAST\" history export --jsonl | head -n 1")
            #expect(head.code == 0 && head.output.hasPrefix(#"{"list":"jobs","job_id":"#) && head.errors.isEmpty)
            for line in ["history export", "history export --jsonl --json"] {
                #expect(try await scene.run(line).exit == .usage)
            }
        }
    }

    @Test("pruning says how many rows went, and leaves secrets where they are")
    func prune() async throws {
        try await withScene { scene in
            let family = try scene.seal("release", with: .key(1))
            try await record(scene, 1...9, state: scene.state, month: 1)
            let recent = try await scene.run(
                ["record", "finish", "--status", "success", "--project", "p", "--job", "j", "--run", "1"])
            #expect(recent.exit == .done)
            let run = try await scene.run("history prune --older-than 30d --json")
            #expect(run.number("pruned.jobs") == 9 && run.number("pruned.events") == 0, "\(run.everything)")
            let left = try await scene.run("history jobs --json")
            #expect(left["jobs"]?.elements?.count == 1)
            #expect(try scene.opens(family, with: .key(1)))
            let text = try await scene.run("history prune --older-than 30d")
            #expect(text.output == "removed: 0 jobs, 0 tokens, 0 events\n")
            for line in ["history prune", "history prune --older-than 0", "history prune --older-than 7"] {
                #expect(try await scene.run(line).exit == .usage)
            }
            #expect(try await scene.run("history prune --older-than 1d --state none/s.db").exit == .stateUnusable)
        }
    }
}
