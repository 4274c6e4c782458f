// `history expiring`, `no-expiry`, `calendar`, `show`, `stats` and `metrics` over jobs that really asked a forge.

import Foundation
import OutlastModel
import OutlastSandbox
import Testing

@Suite("history: ends of tokens and figures", .timeLimit(.minutes(5)))
struct EndsTests {
    /// Four nights of a job, and tokens of three kinds of ends.
    private func prepare(_ night: Night) async throws -> [String: String] {
        let now = Int64(Date().timeIntervalSince1970)
        for day in 1...4 {
            let start = Instant(seconds: now - Int64(day) * 86_400 - 7200)
            let end = start.advanced(by: .seconds(3600))
            try await night.scene.run(
                "record finish --status success --started-at \(start.text) --finished-at \(end.text)",
                night.job("\(day)"))
        }
        try night.configure()
        var tokens: [String: String] = [:]
        for (name, end) in [("soon", night.stage.date(5)), ("late", night.stage.date(60)), ("never", nil)] {
            let token = try night.sandbox.gitlab.addToken(name: name, expiresOn: end)
            tokens[name] = token.secret
            try await night.preflight(night.job("10", token: token.secret))
        }
        return tokens
    }

    @Test("tokens that end soon: who uses them, what is left, and the first job to fail")
    func expiring() async throws {
        try await withNight { night in
            _ = try await prepare(night)
            let run = try await night.scene.run("history expiring --within 30d --json", night.stage.variables)
            #expect(
                Shape.complaint(run.json, .object([("tokens", .listOf(.object(Shape.ending)))])) == nil, "\(run.output)"
            )
            #expect(run["tokens"]?.elements?.count == 1 && run.text("tokens.0.name") == "soon", "\(run.output)")
            #expect(run.text("tokens.0.used_by.0") == "group/app / release")
            #expect(run.text("tokens.0.expires_at") == night.stage.date(5) + "T00:00:00Z")
            let left = run.number("tokens.0.remaining_s") ?? 0
            #expect(left > 4 * 86_400 - 60 && left <= 5 * 86_400)
            let next = try #require(run.text("tokens.0.next_failure.at").flatMap(Instant.init(text:)))
            let end = try #require(run.text("tokens.0.expires_at").flatMap(Instant.init(text:)))
            #expect(next > end.advanced(by: .seconds(-2 * 3600)) && next <= end.advanced(by: .seconds(86_400)))
            #expect(run.text("tokens.0.next_failure.job") == "release")
            let failing = try await night.scene.run("history expiring --fail --json", night.stage.variables)
            #expect(failing.exit == .willExpire && failing["tokens"]?.elements?.count == 1)
            let none = try await night.scene.run("history expiring --within 1d --fail", night.stage.variables)
            #expect(none.exit == .done && none.output == "no token ends in that time\n")
            let text = try await night.scene.run("history expiring", night.stage.variables)
            #expect(text.output.contains("release (id ") && text.output.contains("group/app / release"))
            #expect(try await night.scene.run("history expiring --within 3", night.stage.variables).exit == .usage)
        }
    }

    @Test("tokens without an end, and the day with most ends as the longest bar")
    func others() async throws {
        try await withNight { night in
            _ = try await prepare(night)
            let extra = try night.sandbox.gitlab.addToken(
                .project("group/app"), name: "x", expiresOn: night.stage.date(60))
            try await night.preflight(night.job("11", token: extra.secret))
            let endless = try await night.scene.run("history no-expiry --json", night.stage.variables)
            #expect(
                Shape.complaint(endless.json, .object([("tokens", .listOf(.object(Shape.ending)))])) == nil)
            #expect(endless["tokens"]?.elements?.count == 1 && endless.text("tokens.0.name") == "never")
            #expect(endless["tokens.0.expires_at"] == .null && endless["tokens.0.remaining_s"] == .null)
            let calendar = try await night.scene.run("history calendar --json", night.stage.variables)
            let shape: [(String, Sort)] = [("date", .text), ("count", .number), ("kinds", .object([]))]
            #expect(Shape.complaint(calendar.json, .object([("dates", .listOf(.object(shape)))])) == nil)
            #expect(calendar.text("dates.0.date") == night.stage.date(60) && calendar.number("dates.0.count") == 2)
            #expect(calendar.text("dates.1.date") == night.stage.date(5) && calendar.number("dates.1.count") == 1)
            let kinds = calendar["dates.0.kinds"]?.members?.map(\.key) ?? []
            #expect(kinds == kinds.sorted() && !kinds.isEmpty)
            let chart = try await night.scene.run("history calendar", night.stage.variables)
            let bars = chart.output.split(separator: "\n").map { $0.filter { $0 == "#" }.count }
            #expect(chart.output.hasPrefix("\(night.stage.date(60)): 2 tokens end\n") && bars == [0, 40, 20])
            let narrow = try await night.scene.run("history calendar --within 10d --json", night.stage.variables)
            #expect(narrow["dates"]?.elements?.count == 1)
        }
    }

    @Test("a token that was replaced or revoked no longer ends; one that lives for a job does only when asked for")
    func dead() async throws {
        try await withNight { night in
            let token = try night.sandbox.gitlab.addToken(name: "old", expiresOn: night.stage.date(5))
            try night.configure("renew: {method: gitlab-rotate}")
            let job = night.job(token: token.secret)
            try await night.preflight(job)
            try await night.stage.refresh("--credential release --force", job).expect("renewed", generation: 2)
            let revoked = try night.sandbox.gitlab.addToken(name: "gone", expiresOn: night.stage.date(5))
            try await night.preflight(night.job("2", token: revoked.secret))
            night.sandbox.gitlab.revokeToken(revoked.id)
            try await night.preflight(night.job("2", token: revoked.secret), "--fresh")
            let run = try await night.scene.run("history expiring --json", night.stage.variables)
            let generations = run["tokens"]?.elements?.compactMap { $0["fingerprint"]?.text } ?? []
            #expect(generations.count == 1 && generations[0] != night.stage.fingerprint(token.secret), "\(run.output)")
        }
    }

    @Test("all that is known of one job")
    func show() async throws {
        try await withNight { night in
            _ = try await prepare(night)
            let jobs = try await night.scene.run("history jobs --limit 1 --json", night.stage.variables)
            let id = jobs.text("jobs.0.job_id") ?? ""
            let run = try await night.scene.run("history show \(id) --json", night.stage.variables)
            let shape: [(String, Sort)] = [
                ("schema", .number), ("job", .object(Shape.job)), ("tokens", .listOf(.anything)),
                ("events", .listOf(.anything)), ("rotations", .list), ("failures", .list),
            ]
            #expect(Shape.complaint(run.json, .object(shape)) == nil, "\(run.output)")
            #expect(run["tokens"]?.elements?.count == 3 && run["events"]?.elements?.count == 3, "\(run.output)")
            for token in run["tokens"]?.elements ?? [] { #expect(Shape.missing(Shape.tokens, in: token) == []) }
            for event in run["events"]?.elements ?? [] { #expect(Shape.missing(Shape.events, in: event) == []) }
            let text = try await night.scene.run("history show \(id)", night.stage.variables)
            #expect(text.output.hasPrefix("group/app / release\n") && text.output.contains("\ntokens:\n"))
            #expect(try await night.scene.run("history show nosuchjob --json", night.stage.variables).exit == .usage)
        }
    }

    @Test("figures for people and for a node exporter, written whole and readable by others")
    func figures() async throws {
        try await withNight { night in
            _ = try await prepare(night)
            try await night.scene.run("record failure --stderr-file -", night.job("10"), input: "fatal: nothing known")
            let stats = try await night.scene.run("history stats --json", night.stage.variables)
            #expect(stats.number("jobs.success") == 4 && stats.number("jobs.running") == 1, "\(stats.output)")
            #expect(stats.number("failures.unknown") == 1 && stats.number("decisions.sufficient") == 1)
            let path = night.scene.folder + "/metrics/outlast.prom"
            try night.scene.write("old", to: path)
            let written = try await night.scene.run("history metrics --file \(path)", night.stage.variables)
            #expect(written.code == 0 && written.output.isEmpty, "\(written.everything)")
            let text = try #require(night.scene.read(path))
            #expect(text.contains("outlast_jobs{status=\"success\"} 4\n"), "\(text)")
            #expect(text.contains("outlast_tokens_without_expiry 1\n"))
            let lines = text.split(separator: "\n").filter { !$0.hasPrefix("#") }
            let form = /[a-z_]+(\{([a-z_]+="([^"\\]|\\.)*",?)*\})? [0-9]+/
            #expect(lines.allSatisfy { $0.wholeMatch(of: form) != nil }, "\(text)")
            let permissions = try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int
            #expect(permissions == 0o644)
            let json = try await night.scene.run("history metrics --json", night.stage.variables)
            #expect(json["metrics"]?.elements?.count == lines.count)
            #expect(try await night.scene.run("history metrics --file /nowhere/x", night.stage.variables).code != 0)
        }
    }

    @Test("a statement of the asker's own, as a table and as JSON")
    func sql() async throws {
        try await withNight { night in
            _ = try await prepare(night)
            func ask(_ statement: String, _ more: [String] = []) async throws -> Run {
                try await night.scene.run(["history", "sql", statement] + more, night.stage.variables)
            }
            let json = try await ask(
                "SELECT run, duration_s FROM v_jobs WHERE status = 'success' ORDER BY run", ["--json"])
            #expect(json["columns"] == ["run", "duration_s"], "\(json.output)")
            #expect(json["rows"] == [["1", 3600], ["2", 3600], ["3", 3600], ["4", 3600]])
            let text = try await ask("SELECT count(*) AS n FROM v_tokens")
            #expect(text.output == "n\n3\n")
            let cut = try await ask("SELECT run FROM v_jobs", ["--limit", "2", "--json"])
            #expect(
                cut["rows"]?.elements?.count == 2 && cut["complete"] == .bool(false) && cut.errors.contains("--limit"))
            for statement in [
                "SELECT * FROM secrets", "PRAGMA user_version", "ATTACH 'x' AS y", "DELETE FROM v_jobs", "",
            ] {
                let refused = try await ask(statement, ["--json"])
                #expect(refused.exit == .usage && refused["columns"] == [] && refused["rows"] == [])
            }
            let endless = "WITH RECURSIVE c(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c) SELECT max(n) FROM c"
            #expect(try await ask(endless, ["--time-limit", "1s"]).exit == .usage)
        }
    }

    @Test("names that somebody else chose, through every answer")
    func hostile() async throws {
        try await withScene { scene in
            let failure = "fatal: Authentication failed for 'http://127.0.0.1/group/app.git/'"
            for (number, text) in HostileText.all.enumerated() where text != "-rf" && text.utf8.count < 1000 {
                let job = ["--project", text, "--job", text, "--run", "\(number)", "--forge", "gitlab"]
                try await scene.run(["record", "start"] + job)
                try await scene.run(["record", "failure", "--stderr-file", "-"] + job, input: failure)
                try await scene.run(["record", "finish", "--status", "failed"] + job)
                for line in [
                    "explain --last-failed", "explain --last-failed --json", "explain --last-failed --markdown",
                    "metrics", "stats",
                ] { try await check(scene, line, "\(text.debugDescription)") }
            }
            for line in [
                "jobs", "jobs --json", "expiring", "calendar", "metrics --json", "stats --json",
                "sql SELECT+*+FROM+v_jobs", "sql SELECT+*+FROM+v_jobs --json",
            ] { try await check(scene, line, "all") }
        }
    }

    static let broken = [
        "UPDATE jobs SET begun_at = 9223372036854775806, started_at = -9223372036854775808, last_seen_at = -9223372036854775808",
        "UPDATE events SET at = -9223372036854775808",
        "UPDATE tokens SET expires_at = 9223372036854775807, expiry = 'at', clock_skew_ms = -9223372036854775808",
        "UPDATE tokens SET kind = '', forge = '', credential = char(27) || '[2J', name = char(10) || '::error::x'",
        "UPDATE series SET project = char(0) || 'x', job = ''",
        "INSERT INTO diagnoses(event_id, class, confidence, line, source) SELECT id, 'newer', 'huge', char(27), '' FROM events",
        """
        INSERT INTO journal(family, generation, method, credential, state, intended_at, timeout_ms, changed_at,
            old_digest, job_id, seal)
        SELECT substr(hex(digest), 1, 32), 0, char(27), char(27), 'odd', 9223372036854775807, 0,
            -9223372036854775808, digest, (SELECT job_key FROM jobs), x'' FROM tokens
        """,
        """
        INSERT INTO listed_tokens(api, forge_id, forge, kind, expiry, expires_at, standing, first_listed_at, listed_at)
        VALUES (char(27), char(27), '', char(27), 'at', 9223372036854775806, '', 9223372036854775807, -9223372036854775808)
        """,
    ]

    @Test("a store whose cells are out of all bounds is answered from all the same", arguments: broken)
    func withstands(_ statement: String) async throws {
        try await withScene { scene in
            let variables = [
                "GITLAB_CI": "true", "CI_PROJECT_PATH": "p", "CI_JOB_NAME": "j", "CI_JOB_ID": "1",
                "CI_SERVER_HOST": "h",
                "T": scene.secret("glpat-0123456789abcdefghij"),
            ]
            try await scene.run("preflight --token-env T --forge generic --expires-at 2099-01-01", variables)
            try await scene.run("record finish --status failed", variables)
            try await scene.sqlite(statement)
            let jobs = try await scene.run("history jobs --json")
            for line in [
                "explain --last", "explain --last --json", "explain --last-failed --markdown", "expiring --all",
                "expiring --within 3650d --json", "no-expiry", "calendar", "stats", "metrics", "tokens", "events",
                "rotations --json", "show \(jobs.text("jobs.0.job_id") ?? "")",
            ] { try await check(scene, line, "\(line) after \(statement)") }
        }
    }

    private func check(_ scene: Scene, _ line: String, _ note: Comment) async throws {
        let words = ("history " + line).split(separator: " ").map { String($0).replacing("+", with: " ") }
        let run = try await scene.run(words)
        #expect(run.code == 0, "\(line): \(run.everything)")
        #expect(HarmlessText(text: run.output).command == nil && HarmlessText(text: run.errors).command == nil, note)
        #expect(!run.everything.contains("hunter2"), note)
        guard line.contains("--markdown") else { return }
        #expect(!HostileText.marks.contains { run.output.contains($0) }, "\(run.output)")
        let rows = run.output.split(separator: "\n").filter { $0.hasPrefix("|") }
        #expect(rows.allSatisfy { $0.filter { $0 == "|" }.count == 4 }, "\(run.output)")
    }
}
