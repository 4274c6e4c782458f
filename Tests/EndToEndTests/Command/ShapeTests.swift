// The JSON shapes of the contract, on success and on every sort of failure: one object, every key, times and durations in
// their one form.

import Foundation
import OutlastModel
import OutlastSandbox
import Testing

@Suite("JSON", .timeLimit(.minutes(10)))
struct ShapeTests {
    private static let token = "shape-0123456789-shape-0123456789-shape"
    private static let record = [
        "schema", "job_id", "status", "started_at", "finished_at", "state", "state_reason",
    ]

    private static let logImport = ["schema", "lines", "matched", "added", "known", "malformed", "bytes", "joined"]

    private static let report = [
        "schema", "file", "bytes", "since", "until", "jobs", "tokens", "failures", "care", "left_out",
    ]
    private static let estimate = ["estimate_s", "quantile", "samples", "source", "unsettled", "reason"]

    @Test("preflight has every key with a value of its sort, whatever the verdict")
    func preflight() async throws {
        try await withScene { scene in
            scene.secret(Self.token)
            for options in [
                "", "--expires-at 2099-01-01", "--expires-at 2001-01-01", "--expires-at 2099-01-01 --min-remaining 90d",
                "--needs-scope api", "--forge generic", "--forge oauth2 --offline", "--require-known",
            ] {
                for form in ["--json", "--format json", "--format=json"] {
                    let run = try await scene.run("preflight --token-env T \(options) \(form)", ["T": Self.token])
                    #expect(Shape.complaint(run.json, .object(Shape.preflight)) == nil, "\(run.output)")
                    #expect(run.json.members?.first?.key == "schema" && run.number("schema") == 1)
                }
            }
        }
    }

    @Test("an error has every key of its command's shape beside the error")
    func errors() async throws {
        try await withScene { scene in
            let pasted = "glpat-aB3dE6gH9jK2mN5pQ8sT"
            scene.secret(pasted)
            let preflight = Shape.preflight.map(\.0)
            let cases: [(String, [String], [String: String])] = [
                ("preflight", preflight, [:]), ("preflight --token-env UNSET", preflight, [:]),
                ("preflight --nonsense", preflight, [:]), ("preflight --token-env \(pasted)", preflight, [:]),
                ("preflight --config missing.yml", preflight, [:]),
                ("preflight --token-env T", preflight, ["OUTLAST_MODE": "sideways"]),
                ("preflight --token-env T", preflight, ["OUTLAST_STRICT": "sideways"]),
                ("preflight --token-env T", preflight, ["OUTLAST_MODE": "off"]),
                ("refresh", Shape.refresh.map(\.0), [:]), ("refresh --nonsense", Shape.refresh.map(\.0), [:]),
                ("refresh --token-env T", Shape.refresh.map(\.0), ["OUTLAST_MODE": "off"]),
                ("record start", Self.record, [:]), ("record finish --status odd", Self.record, [:]),
                ("record finish --nonsense", Self.record, [:]),
                ("record start", Self.record, ["OUTLAST_MODE": "off"]),
                ("history jobs --state /proc/none/s.db", ["schema", "jobs"], [:]),
                ("history tokens --limit x", ["schema", "tokens"], [:]),
                ("history events --nonsense", ["schema", "events"], [:]),
                ("history rotations --since x", ["schema", "rotations"], ["OUTLAST_MODE": "warn"]),
                ("history estimate", ["schema"] + Self.estimate, [:]),
                ("history import gitlab-log", Self.logImport, [:]),
                ("history import gitlab-log x --state /proc/none/s.db", Self.logImport, [:]),
                ("history pack", ["schema", "packed"], [:]), ("history prune", ["schema", "pruned"], [:]),
                ("history merge /proc/none", ["schema", "jobs", "tokens", "events", "refused"], [:]),
                ("history export", ["schema"], [:]),
                ("record import x", ["schema", "jobs", "added", "known", "unfinished", "malformed", "unmatched"], [:]),
                ("history explain --nonsense", Shape.explain.map(\.0), [:]),
                ("history explain --state /proc/none/s.db", Shape.explain.map(\.0), [:]),
                ("history show", ["schema", "job", "tokens", "events", "rotations", "failures"], [:]),
                ("history expiring --within x", ["schema", "tokens"], [:]),
                ("history no-expiry --limit 0", ["schema", "tokens"], [:]),
                ("history calendar --limit x", ["schema", "dates"], [:]),
                ("history stats --since x", ["schema", "jobs", "failures", "renewals", "tokens", "events"], [:]),
                ("history sql", ["schema", "columns", "rows"], [:]),
                ("history metrics --state /proc/none/s.db", ["schema", "metrics"], [:]),
                ("history report --html x --state /proc/none/s.db", Self.report, [:]),
                ("history report", Self.report, [:]),
                ("key generate --nonsense", ["schema", "key"], [:]),
                ("key check", ["schema", "sealed", "sealed_with"], [:]),
                ("key rotate", ["schema", "outcome", "sealed_with"], [:]),
                ("secret list --state /proc/none/s.db", ["schema", "secrets"], [:]),
                ("secret forget", ["schema", "superseded", "forgotten", "held"], [:]),
                ("version --format xml", ["schema", "version"], [:]), ("nonsense", ["schema"], [:]),
            ]
            for (line, keys, variables) in cases {
                let run = try await scene.run(
                    "\(line) --json", variables.merging(["T": Self.token]) { $1 })
                #expect(Shape.missing(keys, in: run.json) == [], "\(line): \(run.output)")
                #expect((run["error"] == nil) == (variables["OUTLAST_MODE"] == "off"), "\(line): \(run.output)")
            }
        }
    }

    @Test("record tells the attempt, its times and the store")
    func record() async throws {
        try await withScene { scene in
            let job = "--project a/b --job build --run 7 --started-at 2026-11-20T22:10:00+01:00 --json"
            let start = try await scene.run("record start \(job)")
            #expect(Shape.missing(Self.record, in: start.json) == [])
            #expect(start.text("status") == "running" && start.text("started_at") == "2026-11-20T21:10:00Z")
            let finish = try await scene.run(
                "record finish \(job) --finished-at 2026-11-20T21:40:30.999Z --status failed")
            #expect(finish.text("status") == "failed" && finish.text("finished_at") == "2026-11-20T21:40:30Z")
            #expect(finish.text("job_id") == start.text("job_id") && finish.text("job_id")?.count == 16)
            let jobs = try await scene.run("history jobs --json")
            #expect(jobs["jobs"]?.elements?.count == 1 && jobs.number("jobs.0.duration_s") == 1830)
        }
    }

    @Test("lists have the columns of the public views, newest first")
    func lists() async throws {
        try await withForge { scene, sandbox in
            let token = scene.secret(try sandbox.gitlab.addToken(name: "ci bot", expiresOn: "2099-01-01").secret)
            var variables = sandbox.gitlabJob
            variables["T"] = token
            for id in ["1", "2"] {
                variables["CI_JOB_ID"] = id
                try await scene.run("record start --started-at 2026-11-20T22:1\(id):00Z", variables)
                try await scene.run("preflight --token-env T --json", variables)
            }
            for (list, view, keys) in [
                ("jobs", "v_jobs", Shape.jobs), ("tokens", "v_tokens", Shape.tokens),
                ("events", "v_token_events", Shape.events), ("rotations", "v_rotations", []),
            ] {
                let run = try await scene.run("history \(list) --json")
                let rows = try #require(run[list]?.elements)
                for row in rows { #expect(Shape.missing(keys, in: row) == [], "\(row.encoded)") }
                let count = try await scene.sqlite("SELECT count(*) FROM \(view)")
                #expect(count == "\(rows.count)\n", "\(list)")
                let text = try await scene.run("history \(list)")
                #expect(text.output.split(separator: "\n").count == max(rows.count, 0) + 1, "\(text.output)")
            }
            let jobs = try await scene.run("history jobs --json")
            #expect(jobs.text("jobs.0.run") == "2" && jobs.text("jobs.1.decision") == "sufficient")
            let tokens = try await scene.run("history tokens --json --token \(Self.prefix(of: jobs))")
            #expect(tokens.exit == .done)
            let limited = try await scene.run("history events --limit 1 --json")
            #expect(limited["events"]?.elements?.count == 1)
        }
    }

    private static func prefix(of run: Run) -> String { String((run.text("jobs.0.job_id") ?? "").prefix(4)) }

    @Test("filters pick what they say")
    func filters() async throws {
        try await withScene { scene in
            for (run, project, status) in [("1", "a/b", "success"), ("2", "a/b", "failed"), ("3", "a/c", "success")] {
                let job = "--project \(project) --job build --run \(run) --started-at 2026-11-2\(run)T00:00:00Z"
                try await scene.run("record finish \(job) --finished-at 2026-11-2\(run)T00:10:00Z --status \(status)")
            }
            let cases = [
                ("--project a/b", ["2", "1"]), ("--status success", ["3", "1"]), ("--job build --limit 2", ["3", "2"]),
                ("--since 2026-11-22", ["3", "2"]), ("--until 2026-11-22", ["1"]), ("--project nobody", []),
                ("--since 2026-11-22 --until 2026-11-23T00:00:00Z --project a/b", ["2"]),
            ]
            for (filter, runs) in cases {
                let list = try await scene.run("history jobs \(filter) --json")
                #expect(list["jobs"]?.elements?.compactMap { $0["run"]?.text } == runs, "\(filter): \(list.output)")
            }
        }
    }
}
