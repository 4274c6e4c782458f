// Saved answers of CIs' own interfaces, imported by the program.

import Foundation
import OutlastModel
import Testing

@Suite("record import", .timeLimit(.minutes(5)))
struct ImportJobsTests {
    private static let keys = [
        "schema", "jobs", "added", "known", "unfinished", "malformed", "unmatched", "state", "state_reason",
    ]

    /// jobs, added, known, unfinished, malformed.
    private func figures(_ run: Run) -> [Int64?] {
        ["jobs", "added", "known", "unfinished", "malformed"].map { run.number($0) }
    }

    private static func gitlab(_ id: Int, _ status: String = "success", minutes: Int = 20) -> String {
        #"{"id":\#(id),"status":"\#(status)","name":"release","started_at":"2024-11-\#(String(format: "%02d", id % 20 + 1))T10:00:00.5Z","#
            + #""finished_at":"2024-11-\#(String(format: "%02d", id % 20 + 1))T10:\#(minutes):00.7Z","#
            + #""web_url":"https://gitlab.example.com/group/app/-/jobs/\#(id)"}"#
    }

    private static func github(_ run: Int, _ name: String, _ conclusion: String = "success") -> String {
        #"{"id":\#(run)0,"run_id":\#(run),"run_attempt":1,"workflow_name":"CI","status":"completed","conclusion":"\#(conclusion)","#
            + #""started_at":"2024-11-02T10:00:00Z","completed_at":"2024-11-02T10:30:00Z","name":"\#(name)","#
            + #""runner_name":"r1","html_url":"https://github.com/o/r/actions/runs/\#(run)/job/\#(run)0"}"#
    }

    private static let gitlabJob = [
        "GITLAB_CI": "true", "CI_SERVER_URL": "https://gitlab.example.com", "CI_PROJECT_PATH": "group/app",
        "CI_JOB_NAME": "release", "CI_JOB_ID": "9001",
    ]

    @Test("estimates work from the first day, and the same pages add nothing again")
    func gitlab() async throws {
        try await withScene { scene in
            let pages = [1...8, 9...15].map { page in
                "[" + page.map { Self.gitlab($0, minutes: 20 + $0) }.joined(separator: ",\n ") + "]\n"
            }
            try scene.write(
                pages.joined() + "[" + Self.gitlab(16, "running") + "," + Self.gitlab(17, "skipped") + "]",
                to: "jobs.json")
            let first = try await scene.run("record import --ci gitlab jobs.json --json")
            #expect(first.exit == .done && figures(first) == [15, 15, 0, 2, 0], "\(first.everything)")
            #expect(Shape.missing(Self.keys, in: first.json) == [] && first.text("state") == "ok")
            try scene.gzip("jobs.json")
            #expect(figures(try await scene.run("record import --ci gitlab jobs.json.gz --json")) == [15, 0, 15, 2, 0])
            let piped = try await scene.run("record import --ci gitlab - --json", input: pages[0])
            #expect(figures(piped) == [8, 0, 8, 0, 0])
            let estimate = try await scene.run("history estimate --json", Self.gitlabJob)
            #expect(estimate.number("samples") == 15 && estimate.text("source") == "history", "\(estimate.everything)")
            #expect(try #require(estimate.number("estimate_s")) >= 34 * 60)
            let text = try await scene.run("record import --ci gitlab jobs.json")
            #expect(text.output == "15 jobs: 0 new, 15 known before; 2 left out that did not run to an end\n")
        }
    }

    @Test("a job that recorded itself is the same job")
    func recorded() async throws {
        try await withScene { scene in
            let job = Self.gitlabJob.merging(["CI_JOB_ID": "3"]) { $1 }
            try await scene.run("record start --started-at 2024-11-04T10:00:01Z", job)
            try scene.write("[\(Self.gitlab(3, "failed"))]", to: "jobs.json")
            #expect(figures(try await scene.run("record import --ci gitlab jobs.json --json")) == [1, 1, 0, 0, 0])
            let jobs = try await scene.run("history jobs --json")
            #expect(jobs["jobs"]?.elements?.count == 1 && jobs.text("jobs.0.status") == "failed")
        }
    }

    @Test("names of a GitHub list are matched to keys, and those that tell none are kept and listed")
    func github() async throws {
        try await withScene { scene in
            let jobs = [
                Self.github(1, "build (ubuntu-latest, 3.9)"), Self.github(2, "deploy / release"),
                Self.github(3, "Unit tests (3.9)"), Self.github(4, "lint", "skipped"), Self.github(5, "Docs"),
                Self.github(6, "Smoke tests (a)"),
            ]
            // The store knows these jobs' keys by the jobs themselves.
            for key in ["docs", "smoke-tests"] {
                try await scene.run(
                    "record start",
                    [
                        "GITHUB_ACTIONS": "true", "GITHUB_SERVER_URL": "https://github.com", "GITHUB_REPOSITORY": "o/r",
                        "GITHUB_WORKFLOW": "CI", "GITHUB_JOB": key, "GITHUB_RUN_ID": "77", "RUNNER_NAME": "r1",
                    ])
            }
            try scene.write(#"{"total_count":6,"jobs":["# + jobs.joined(separator: ",") + "]}\n", to: "page.json")
            let run = try await scene.run("record import --ci github page.json --json")
            #expect(run.exit == .done && figures(run) == [5, 5, 0, 1, 0], "\(run.everything)")
            #expect(run["unmatched"]?.elements == ["Unit tests (3.9)"])
            #expect(run.errors.contains("--job-key"))
            let names = try await scene.sqlite("SELECT job FROM v_jobs WHERE run <> 77 ORDER BY run")
            #expect(names == "CI / build\nCI / release\nCI / Unit tests (3.9)\nCI / docs\nCI / smoke-tests\n")
            let named = try await scene.run(
                ["record", "import", "--ci", "github", "page.json", "--job-key", "Unit tests=unit", "--json"])
            #expect(named["unmatched"]?.elements == [] && figures(named) == [5, 0, 5, 1, 0], "\(named.everything)")
            let unit = try await scene.sqlite("SELECT job FROM v_jobs WHERE run = 3")
            #expect(unit == "CI / unit\n")
            let shown = "SELECT count(*) FROM series WHERE job = 'CI / Unit tests (3.9)'"
            #expect(try await scene.sqlite(shown) == "0\n")
            // An import that is not told the key keeps the shown name again, until one that is.
            #expect(try await scene.run("record import --ci github page.json --json").number("added") == 1)
            #expect(try await scene.sqlite("SELECT count(*) FROM v_jobs WHERE run = 3") == "2\n")
            let again = try await scene.run(
                ["record", "import", "--ci", "github", "page.json", "--job-key", "Unit tests=unit", "--json"])
            #expect(figures(again) == [5, 0, 5, 1, 0], "\(again.everything)")
            #expect(try await scene.sqlite("SELECT job FROM v_jobs WHERE run = 3") == "CI / unit\n")
            #expect(try await scene.sqlite(shown) == "0\n")
        }
    }

    @Test("legs of a matrix that one runner ran one after another are jobs of their own, however a list has them")
    func legs() async throws {
        func leg(_ id: Int, _ name: String, _ conclusion: String, _ hour: Int) -> String {
            #"{"id":\#(id),"run_id":7,"run_attempt":1,"workflow_name":"CI","status":"completed","name":"\#(name)","#
                + #""conclusion":"\#(conclusion)","started_at":"2024-11-02T\#(hour):00:00Z","#
                + #""completed_at":"2024-11-02T\#(hour):30:00Z","runner_name":"self1","#
                + #""html_url":"https://github.com/o/r/actions/runs/7/job/\#(id)"}"#
        }
        let first = leg(70, "build (3.9)", "success", 10)
        let second = leg(71, "build (3.10)", "failure", 11)
        try await withScene { scene in
            // The first one recorded itself.
            try await scene.run(
                "record finish --started-at 2024-11-02T10:00:01Z --finished-at 2024-11-02T10:30:00Z",
                [
                    "GITHUB_ACTIONS": "true", "GITHUB_SERVER_URL": "https://github.com", "GITHUB_REPOSITORY": "o/r",
                    "GITHUB_WORKFLOW": "CI", "GITHUB_JOB": "build", "GITHUB_RUN_ID": "7", "RUNNER_NAME": "self1",
                ])
            for (round, jobs) in [[first, second], [second, first]].enumerated() {
                try scene.write(#"{"jobs":["# + jobs.joined(separator: ",") + "]}\n", to: "page.json")
                for _ in 0..<2 {
                    let run = try await scene.run("record import --ci github page.json page.json --json")
                    #expect(run.number("jobs") == 4, "\(run.everything)")
                    let rows = try await scene.sqlite("SELECT job, leg, status FROM v_jobs ORDER BY started_at")
                    #expect(rows == "CI / build|self1|success\nCI / build|self1 71|failed\n", "\(round)")
                }
            }
        }
    }

    @Test("builds of Jenkins are read, those of a multibranch project by their branch")
    func jenkins() async throws {
        try await withScene { scene in
            let builds = (1...3).map {
                #"{"number":\#($0),"result":"SUCCESS","building":false,"timestamp":1731968000000,"duration":\#($0)000000,"#
                    + #""url":"https://ci.example.com/job/folder/job/app/job/main/\#($0)/"}"#
            }
            try scene.write(#"{"_class":"x","builds":["# + builds.joined(separator: ",") + "]}", to: "builds.json")
            let plain = try await scene.run("record import --ci jenkins builds.json --json")
            #expect(figures(plain) == [3, 3, 0, 0, 0], "\(plain.everything)")
            let branches = try await scene.run("record import --ci jenkins --multibranch builds.json --json")
            #expect(figures(branches) == [3, 3, 0, 0, 0])
            let rows = try await scene.sqlite("SELECT DISTINCT project, job, leg FROM v_jobs ORDER BY 1")
            #expect(rows == "folder/app|app|main\nfolder/app/main|main|\n")
        }
    }

    @Test("what is no list ends with 65 and says where to get one; what came before is stored")
    func malformed() async throws {
        try await withScene { scene in
            let texts = [
                ("page.html", "<html>Sign in</html>"), ("error.json", #"{"message":"401 Unauthorized"}"#),
                ("cut.json", "[\(Self.gitlab(1)),{\"id\":"),
                ("deep.json", "{\"a\":" + String(repeating: "[", count: 100_000)),
                ("nul.json", "\u{0}"), ("text.json", "\"::error::\""),
            ]
            for (name, text) in texts {
                try scene.write(text, to: name)
                let run = try await scene.run("record import --ci gitlab \(name) --json")
                #expect(run.exit == .malformedInput, "\(name): \(run.everything)")
                #expect(Shape.missing(Self.keys + ["error"], in: run.json) == [])
                #expect(run.text("error.hint")?.contains("/jobs") == true)
            }
            #expect(try await scene.run("history jobs --json")["jobs"]?.elements?.count == 1)
            try scene.write("[]", to: "none.json")
            #expect(try await scene.run("record import --ci gitlab none.json").exit == .done)
            try scene.write("[\(Self.gitlab(2)),{\"odd\":1}]", to: "odd.json")
            let odd = try await scene.run("record import --ci gitlab odd.json --json")
            #expect(odd.exit == .done && figures(odd) == [1, 1, 0, 0, 1])
        }
    }

    @Test("mistakes in the arguments end with 64")
    func mistakes() async throws {
        try await withScene { scene in
            try scene.write("[]", to: "f")
            for line in [
                "record import f", "record import --ci gitlab", "record import --ci azure f",
                "record import --ci gitlab missing", "record import --ci gitlab --multibranch f",
                "record import --ci gitlab --job-key a=b f", "record import --ci github --job-key a f",
                "record import --ci github --job-key =b f", "record import --ci gitlab - -",
                "record import --ci gitlab .",
            ] {
                let run = try await scene.run(line)
                #expect(run.exit == .usage, "\(line): \(run.everything)")
            }
        }
    }

    @Test("a store that cannot be used is told of, and fails nothing unless strict")
    func withoutStore() async throws {
        try await withScene { scene in
            try scene.write("[\(Self.gitlab(1))]", to: "jobs.json")
            let run = try await scene.run("record import --ci gitlab jobs.json --state /proc/none/s.db --json")
            #expect(run.exit == .done && run.text("state") == "unavailable" && figures(run) == [1, 0, 0, 0, 0])
            let strict = try await scene.run("record import --ci gitlab jobs.json --state /proc/none/s.db --strict")
            #expect(strict.exit == .stateUnusable)
        }
    }

    @Test("text of a list reaches nobody as it is")
    func hostile() async throws {
        try await withScene { scene in
            let name = #"::error::\u001b[31m\u202e##[group]x\nhttps://user:hunter2-hunter2@host/"#
            try scene.write(#"{"jobs":["# + Self.github(1, name) + "]}", to: "page.json")
            for form in ["", "--json"] {
                let run = try await scene.run("record import --ci github page.json \(form)")
                #expect(run.exit == .done && !run.everything.contains("hunter2"))
            }
            try await scene.run("history jobs")
        }
    }
}
