// GitLab's log, read by the program as an administrator would have it read.

import Foundation
import OutlastModel
import OutlastSandbox
import Testing

@Suite("history import gitlab-log", .timeLimit(.minutes(10)))
struct ImportLogTests {
    private static let keys = ["schema", "lines", "matched", "added", "known", "malformed", "bytes"]

    /// lines, matched, added, known, malformed.
    private func figures(_ run: Run) -> [Int64?] {
        ["lines", "matched", "added", "known", "malformed"].map { run.number($0) }
    }

    @Test("refused tokens are listed with class, line and source, and the same file adds nothing again")
    func once() async throws {
        try await withScene { scene in
            let log = LogFixture.log(300, refused: 3)
            try scene.write(log, to: "api_json.log")
            let first = try await scene.run("history import gitlab-log api_json.log --json")
            #expect(first.exit == .done && figures(first) == [300, 3, 3, 0, 0])
            #expect(Shape.missing(Self.keys, in: first.json) == [])
            #expect(first.number("bytes") == Int64(log.utf8.count))
            let again = try await scene.run("history import gitlab-log api_json.log --json")
            #expect(figures(again) == [300, 3, 0, 3, 0])
            let rows = try await scene.sqlite(
                "SELECT at, class, confidence, source, line, job_id IS NULL FROM v_auth_failures ORDER BY at, line")
            #expect(rows.split(separator: "\n").count == 3)
            #expect(
                rows.hasPrefix(
                    "2026-11-20T22:10:00Z|auth_expired|high|gitlab-log|token_expired: PersonalAccessToken/12, "
                        + "GET /api/:version/user, 401|1\n"))
            let events = try await scene.run("history events --json")
            #expect(events["events"]?.elements?.count == 3 && events.text("events.0.outcome") == "auth_expired")
            let text = try await scene.run("history import gitlab-log api_json.log")
            #expect(
                text.output == "300 lines, 3 of refused tokens: 0 new, 3 known before; "
                    + "0 of all these are of tokens that the store knows\n"
                    && text.errors.isEmpty)
        }
    }

    @Test("a log that has grown adds its tail, and its rotated and packed copies add nothing")
    func grown() async throws {
        try await withScene { scene in
            let old = LogFixture.log(100, refused: 2)
            try scene.write(old, to: "api_json.log")
            #expect(figures(try await scene.run("history import gitlab-log api_json.log --json")) == [100, 2, 2, 0, 0])
            // The writer is in the middle of a line.
            let tail = LogFixture.refused(901, second: 1)
            try scene.write(old + tail.prefix(60), to: "api_json.log")
            let half = try await scene.run("history import gitlab-log api_json.log --json")
            #expect(figures(half) == [101, 2, 0, 2, 1])
            try scene.write(old + tail + "\n", to: "api_json.log")
            let whole = try await scene.run("history import gitlab-log api_json.log --json")
            #expect(figures(whole) == [101, 3, 1, 2, 0])
            try FileManager.default.moveItem(
                atPath: scene.work + "/api_json.log", toPath: scene.work + "/api_json.log.1")
            try scene.gzip("api_json.log.1")
            try scene.write(LogFixture.refused(902, second: 2) + "\n", to: "api_json.log")
            let all = try await scene.run(
                "history import gitlab-log api_json.log.1 api_json.log.1.gz api_json.log --json")
            #expect(figures(all) == [203, 7, 1, 6, 0])
        }
    }

    @Test("stdin is read as a file is, packed or not")
    func stdin() async throws {
        try await withScene { scene in
            let log = LogFixture.log(50, refused: 5)
            let run = try await scene.run("history import gitlab-log - --json", input: log)
            #expect(figures(run) == [50, 5, 5, 0, 0])
            try scene.write(log, to: "log")
            let piped = try await scene.shell("gzip -c log | \"$OUTLAST\" history import gitlab-log - --json")
            #expect(figures(piped) == [50, 5, 0, 5, 0])
            let twice = try await scene.run("history import gitlab-log - - --json", input: log)
            #expect(twice.exit == .usage)
        }
    }

    @Test("failures belong to the token with that number on that host, as soon as it is known")
    func joined() async throws {
        try await withForge { scene, sandbox in
            let made = try sandbox.gitlab.addToken(.project("group/app"), expiresOn: "2026-11-21")
            let token = scene.secret(made.secret)
            try await scene.run("preflight --token-env T \(sandbox.gitlab4) --json", ["T": token])
            let fingerprint = try await scene.sqlite("SELECT fingerprint, token_id FROM v_tokens")
            let id = try #require(fingerprint.split(separator: "|").last).trimmingCharacters(in: .newlines)
            let lines = [
                LogFixture.refused(1, token: "PersonalAccessToken/\(id)"),
                LogFixture.refused(2, token: "PersonalAccessToken/\(id)", host: "gitlab.example.org"),
                LogFixture.refused(3, token: "OauthAccessToken/\(id)"),
                LogFixture.refused(4, token: "PersonalAccessToken/99\(id)"),
            ]
            try scene.write(lines.joined(separator: "\n"), to: "log")
            let run = try await scene.run("history import gitlab-log log --json")
            #expect(figures(run) == [4, 4, 4, 0, 0] && run.number("joined") == 1)
            let joined = try await scene.sqlite(
                "SELECT fingerprint || '|' || '\(id)' FROM v_auth_failures WHERE fingerprint IS NOT NULL")
            #expect(joined == fingerprint)
            let events = try await scene.sqlite(
                "SELECT count(*) FROM v_token_events WHERE fingerprint IS NOT NULL AND event = 'failure'")
            #expect(events == "1\n")
            // An administrator who knows the host by another name.
            let named = try await scene.run("history import gitlab-log log --host 127.0.0.1 --json")
            #expect(named.number("added") == 0 && named.number("joined") == 2)
            let both = try await scene.sqlite(
                "SELECT count(*) FROM v_auth_failures WHERE fingerprint IS NOT NULL")
            #expect(both == "2\n")
        }
    }

    @Test("broken lines are counted, the first few shown, and all skipped")
    func broken() async throws {
        try await withScene { scene in
            let canary = scene.secret("glpat-aB3dE6gH9jK2mN5pQ8sT")
            let long = #"{"a":""# + String(repeating: "x", count: 10 << 20)
            var bytes = Array((LogFixture.refused(1) + "\n::error::stop \(canary)\n").utf8)
            bytes += Array("{\"auth_fail_reason\":\u{1B}[31m \u{202E}\(canary)}\n".utf8)
            bytes += [0, 0xFF, 0xFE, 10] + Array("\n{\n}\n".utf8)
            bytes += Array((long + "\"}\n" + long + "auth_fail_reason\"}\n").utf8)
            bytes += Array(("{" + String(repeating: "[", count: 100_000) + "auth_fail_reason}\n").utf8)
            bytes += Array((LogFixture.refused(2).replacing("token_expired", with: "token_\u{0}") + "\n").utf8)
            bytes += Array((LogFixture.refused(3) + "\r\n").utf8)
            try scene.write(bytes, to: scene.vault + "/log")
            let run = try await scene.run("history import gitlab-log \(scene.vault)/log --json")
            #expect(run.exit == .done && figures(run) == [12, 2, 2, 0, 9], "\(run.everything)")
            let notes = run.notes
            #expect(notes.count == 4 && notes.prefix(3).allSatisfy { $0.hasPrefix("skipped \(scene.vault)/log:") })
            #expect(notes.first?.hasSuffix(#"/log:2: :\:error::stop ***"#) == true)
            #expect(notes.last == "skipped 6 more malformed lines")
        }
    }

    @Test("a file without one good line ends with 65 and says what to name", arguments: [true, false])
    func foreign(_ isJSON: Bool) async throws {
        try await withScene { scene in
            try scene.write("Started GET \"/\" for 127.0.0.1\nProcessing\n", to: "production.log")
            try scene.write("", to: "empty.log")
            try scene.write(LogFixture.refused(1) + "\n", to: "good.log")
            for files in ["production.log", "empty.log", "empty.log production.log", "good.log production.log"] {
                let run = try await scene.run("history import gitlab-log \(files)" + (isJSON ? " --json" : ""))
                #expect(run.exit == .malformedInput, "\(files)")
                #expect(run.errors.contains("not one good line") && run.errors.contains("api_json.log"))
                if isJSON { #expect(Shape.missing(Self.keys + ["error"], in: run.json) == []) }
            }
            // One that was rotated just now is no mistake beside others.
            #expect(try await scene.run("history import gitlab-log empty.log good.log").exit == .done)
            let stored = try await scene.sqlite("SELECT count(*) FROM v_auth_failures")
            #expect(stored == "1\n")
        }
    }

    @Test("a packed log that is cut or damaged keeps what came before, and ends with 65")
    func cut() async throws {
        try await withScene { scene in
            try scene.write(LogFixture.log(4000, refused: 400), to: "log")
            try scene.gzip("log")
            let whole = Array(try Data(contentsOf: URL(filePath: scene.work + "/log.gz")))
            try scene.write(Array(whole.prefix(whole.count / 2)), to: "cut.gz")
            let run = try await scene.run("history import gitlab-log cut.gz --json")
            #expect(run.exit == .malformedInput && run.errors.contains("ends early"), "\(run.everything)")
            let before = try await scene.sqlite("SELECT count(*) FROM v_auth_failures")
            let count = try #require(Int64(before.trimmingCharacters(in: .newlines)))
            #expect(count > 50 && count < 400)
            let rest = try await scene.run("history import gitlab-log log.gz --json")
            #expect(figures(rest) == [4000, 400, 400 - count, count, 0])
        }
    }

    @Test("a small file that unpacks to very much takes little memory")
    func bomb() async throws {
        try await withScene { scene in
            let script = """
                { printf '{'; head -c 400000000 /dev/zero; printf '}\\n'; } | gzip -1 >bomb.gz
                ulimit -v 3000000
                "$OUTLAST" history import gitlab-log bomb.gz --json
                """
            let run = try await scene.shell(script)
            #expect(figures(run) == [1, 0, 0, 0, 0], "\(run.everything)")
            #expect(run.number("bytes") == 400_000_003)
        }
    }

    #if os(Linux)
    @Test("an import that is killed anywhere is gone on with by the next one", arguments: [1, 3, 5, 7, 8, 10])
    func killed(_ number: Int) async throws {
        try await withScene { scene in
            // More than two batches.
            try scene.write((0..<9000).map { LogFixture.refused($0) + "\n" }.joined(), to: "log")
            try await scene.run(["record", "start", "--project", "p", "--job", "j", "--run", "1"])
            let script =
                "\(Program.folder)/outlast-kill-at report after:\(number):fdatasync \"$OUTLAST\" history import gitlab-log log"
            let killed = try await scene.shell(script)
            // Whoever has made more calls than that has finished.
            #expect(killed.code == 137 || (killed.code == 0 && number > 5), "\(killed.everything)")
            let stored = try await scene.sqlite("SELECT count(*) FROM v_auth_failures")
            let count = try #require(Int64(stored.trimmingCharacters(in: .newlines)))
            let rest = try await scene.run("history import gitlab-log log --json")
            #expect(figures(rest) == [9000, 9000, 9000 - count, count, 0], "\(rest.everything)")
            let check = try await scene.sqlite("PRAGMA integrity_check; PRAGMA foreign_key_check")
            #expect(check == "ok\n")
        }
    }
    #endif

    @Test("mistakes in the arguments end with 64, and no store is made")
    func mistakes() async throws {
        try await withScene { scene in
            try scene.write(LogFixture.refused(1) + "\n", to: "good.log")
            for line in [
                "history import gitlab-log", "history import gitlab-log missing.log",
                "history import gitlab-log good.log missing.log", "history import gitlab-log .",
                "history import other-log good.log", "history import gitlab-log good.log --host https://x",
            ] {
                let run = try await scene.run(line)
                #expect(run.exit == .usage, "\(line): \(run.everything)")
            }
            #expect(!FileManager.default.fileExists(atPath: scene.state))
            let unusable = try await scene.run("history import gitlab-log good.log --state /proc/none/s.db --json")
            #expect(unusable.exit == .stateUnusable && Shape.missing(Self.keys, in: unusable.json) == [])
        }
    }

    @Test("a progress bar is shown on a terminal only")
    func progress() async throws {
        try await withScene { scene in
            try scene.write(LogFixture.log(3000, refused: 10), to: "log")
            let piped = try await scene.run("history import gitlab-log log")
            #expect(piped.errors.isEmpty)
            let script = "script -qec '\"$OUTLAST\" history import gitlab-log log >out.txt' /dev/null </dev/null"
            let shown = try await scene.shell(script)
            #expect(shown.output.contains("[####################] 100 %") && shown.output.hasSuffix("\r\u{1B}[K"))
            #expect(scene.read("out.txt")?.hasPrefix("3000 lines") == true)
        }
    }
}
