// Each CI as its jobs really look: who the job is, since when, for how long, and how the CI is told.

import Foundation
import OutlastModel
import OutlastSandbox
import Testing

/// A CI's environment, and what history then says of the job.
struct PipelineCase: Sendable, CustomTestStringConvertible {
    let name: String
    let variables: [String: String]
    /// Columns of the job's row.
    let row: [String: JSONValue]
    /// The time-out in seconds, where the CI tells one.
    var timeout: Int64?
    /// Whether the CI tells when the job began.
    var tellsStart = false
    /// How it ended by the CI's word in the last step.
    var end: (String, String, JSONValue)?

    var testDescription: String { name }

    static let all = [
        PipelineCase(
            name: "gitlab",
            variables: [
                "GITLAB_CI": "true", "CI_SERVER_URL": "https://gitlab.example.com:8443",
                "CI_PROJECT_PATH": "group/sub/app",
                "CI_JOB_NAME": "build: [linux]", "CI_JOB_ID": "4711", "CI_JOB_STARTED_AT": "2026-11-20T22:10:00Z",
                "CI_JOB_TIMEOUT": "5400", "CI_API_V4_URL": "https://gitlab.example.com:8443/api/v4",
                "CI_RUNNER_ID": "12",
                "CI_CONCURRENT_ID": "3",
            ],
            row: [
                "forge": "gitlab", "server": "gitlab.example.com", "project": "group/sub/app", "job": "build: [linux]",
                "run": "4711", "attempt": 1, "started_at": "2026-11-20T22:10:00Z", "timeout_s": 5400,
            ], timeout: 5400, tellsStart: true, end: ("CI_JOB_STATUS", "failed", "failed")),
        PipelineCase(
            name: "github",
            variables: [
                "GITHUB_ACTIONS": "true", "GITHUB_SERVER_URL": "https://github.com", "GITHUB_REPOSITORY": "o/r",
                "GITHUB_API_URL": "https://api.github.com", "GITHUB_WORKFLOW": "CI", "GITHUB_JOB": "build",
                "GITHUB_RUN_ID": "99", "GITHUB_RUN_ATTEMPT": "2", "RUNNER_NAME": "fast-1",
                "RUNNER_ENVIRONMENT": "self-hosted",
            ],
            row: [
                "forge": "github", "server": "github.com", "project": "o/r", "job": "CI / build", "run": "99",
                "attempt": 2, "leg": "fast-1",
            ]),
        PipelineCase(
            name: "jenkins",
            variables: [
                "JENKINS_URL": "https://ci.example.com/jenkins/", "JOB_NAME": "team/app/feature%2Fx",
                "BRANCH_NAME": "feature/x", "BUILD_NUMBER": "17", "NODE_NAME": "linux-2", "EXECUTOR_NUMBER": "0",
            ],
            row: [
                "forge": "jenkins", "server": "ci.example.com", "project": "team/app", "job": "app", "run": "17",
                "leg": "feature%2Fx",
            ]),
        PipelineCase(
            name: "azure",
            variables: [
                "TF_BUILD": "True", "SYSTEM_COLLECTIONURI": "https://dev.azure.com/org/",
                "SYSTEM_TEAMPROJECT": "My Project",
                "BUILD_DEFINITIONNAME": "nightly", "SYSTEM_STAGENAME": "__default", "SYSTEM_PHASENAME": "build",
                "SYSTEM_JOBNAME": "__default", "BUILD_BUILDID": "501", "SYSTEM_JOBATTEMPT": "1",
                "SYSTEM_STAGEATTEMPT": "1", "SYSTEM_PIPELINESTARTTIME": "2026-11-20 22:10:00+00:00",
            ],
            row: [
                "forge": "azure-devops", "server": "dev.azure.com", "project": "org/My Project",
                "job": "nightly / build", "run": "501", "started_at": "2026-11-20T22:10:00Z",
            ], tellsStart: true, end: ("AGENT_JOBSTATUS", "Canceled", "canceled")),
        PipelineCase(
            name: "circleci",
            variables: [
                "CIRCLECI": "true", "CIRCLE_PROJECT_USERNAME": "o", "CIRCLE_PROJECT_REPONAME": "r",
                "CIRCLE_JOB": "test",
                "CIRCLE_BUILD_NUM": "321", "CIRCLE_NODE_INDEX": "2",
                "CIRCLE_BUILD_URL": "https://circleci.com/gh/o/r/321",
            ],
            row: ["forge": "circleci", "project": "o/r", "job": "test", "run": "321", "leg": "2"]),
        PipelineCase(
            name: "bitbucket",
            variables: [
                "BITBUCKET_BUILD_NUMBER": "8", "BITBUCKET_REPO_FULL_NAME": "ws/repo", "BITBUCKET_STEP_UUID": "{abc}",
                "BITBUCKET_STEP_RUN_NUMBER": "2", "BITBUCKET_GIT_HTTP_ORIGIN": "http://bitbucket.org/ws/repo",
            ],
            row: ["forge": "bitbucket", "project": "ws/repo", "job": "repo", "run": "8", "attempt": 2, "leg": "{abc}"],
            end: ("BITBUCKET_EXIT_CODE", "1", "failed")),
        PipelineCase(
            name: "buildkite",
            variables: [
                "BUILDKITE": "true", "BUILDKITE_ORGANIZATION_SLUG": "o", "BUILDKITE_PIPELINE_SLUG": "p",
                "BUILDKITE_BUILD_NUMBER": "44", "BUILDKITE_STEP_KEY": "unit", "BUILDKITE_RETRY_COUNT": "1",
                "BUILDKITE_TIMEOUT": "45", "BUILDKITE_BUILD_URL": "https://buildkite.com/o/p/builds/44",
            ],
            row: [
                "forge": "buildkite", "project": "o/p", "job": "unit", "run": "44", "attempt": 2, "timeout_s": 2700,
            ], timeout: 2700, end: ("BUILDKITE_COMMAND_EXIT_STATUS", "0", "success")),
    ]
}

@Suite("Each CI", .timeLimit(.minutes(10)))
struct PipelineTests {
    private static let token = "pipeline-0123456789-pipeline-0123456789"

    @Test("tells who the job is, since when and for how long", arguments: PipelineCase.all)
    func identity(_ ci: PipelineCase) async throws {
        try await withScene { scene in
            scene.secret(Self.token)
            let start = try await scene.run("record start --json", ci.variables)
            #expect(start.exit == .done && start.errors.isEmpty, "\(start.everything)")
            let variables = ci.variables.merging(["T": Self.token]) { $1 }
            let line = "preflight --token-env T --expires-at 2099-01-01 --forge generic --json"
            let run = try await scene.run(line, variables)
            #expect(run.exit == .done, "\(run.everything)")
            #expect(run.text("needed.source") == (ci.timeout == nil ? "default" : "ci-timeout"))
            if let timeout = ci.timeout { #expect(run.number("needed.estimate_s") == timeout) }
            if ci.tellsStart { #expect(try #require(run.number("needed.elapsed_s")) > 0) }
            var last = ci.variables
            if let (name, value, _) = ci.end { last[name] = value }
            try await scene.run("record finish", last)
            try await scene.run("record finish", last)
            let jobs = try await scene.run("history jobs --json")
            #expect(jobs["jobs"]?.elements?.count == 1, "one attempt, however often it is told: \(jobs.output)")
            for (column, value) in ci.row { #expect(jobs["jobs.0.\(column)"] == value, "\(column): \(jobs.output)") }
            #expect(jobs["jobs.0.status"] == ci.end?.2 ?? "success" && jobs.text("jobs.0.decision") == "sufficient")
            #expect(jobs.text("jobs.0.job_id") == start.text("job_id"))
            let events = try await scene.run("history events --json")
            let names = events["events"]?.elements?.compactMap { $0["event"]?.text } ?? []
            #expect(names.sorted() == ["finish", "preflight", "start"], "\(events.output)")
        }
    }

    @Test("a job that says that it ends while the CI says that it runs has ended well")
    func endWithinTheScript() async throws {
        try await withScene { scene in
            var job = PipelineCase.all[0].variables
            job["CI_JOB_STATUS"] = "running"
            let run = try await scene.run("record finish --json", job)
            #expect(run.exit == .done && run.text("status") == "success", "\(run.everything)")
            job["CI_JOB_STARTED_AT"] = "2999-01-01T00:00:00Z"
            job["CI_JOB_ID"] = "4712"
            let ahead = try await scene.run("record finish --json", job)
            #expect(ahead.exit == .done, "a clock that is ahead breaks no build: \(ahead.everything)")
        }
    }

    @Test("GitHub gets outputs, a table and an annotation; with --json stdout stays one object")
    func github() async throws {
        try await withScene { scene in
            scene.secret(Self.token)
            let output = try scene.write("", to: "output"), summary = try scene.write("", to: "summary")
            var job = PipelineCase.all[1].variables
            job.merge(["GITHUB_OUTPUT": output, "GITHUB_STEP_SUMMARY": summary, "T": Self.token]) { $1 }
            let line = "preflight --token-env T --forge generic --expires-at 2001-01-01"
            let text = try await scene.run(line, job)
            #expect(text.exit == .expired)
            #expect(
                text.output.split(separator: "\n").last?.hasPrefix("::error::expired: token (opaque) ended") == true)
            let outputs = try #require(HarmlessText(text: scene.read(output) ?? "").outputs)
            #expect(outputs["decision"] == "expired" && outputs["expires_at"] == "2001-01-01T00:00:00Z")
            #expect(outputs["needed_s"] == "3900" && Int(outputs["remaining_s"] ?? "").map { $0 < 0 } == true)
            #expect(try #require(scene.read(summary)).contains("| token | expired | opaque | 2001-01-01"))
            let json = try await scene.run(line + " --on-insufficient warn --json", job)
            #expect(
                json.exit == .done && json.errors.contains("\n::warning::expired: token")
                    || json.errors.hasPrefix("::warning::"))
            let good = try await scene.run("preflight --token-env T --forge generic --expires-at 2099-01-01", job)
            #expect(!good.everything.contains("::"), "\(good.everything)")
        }
    }

    @Test("Azure gets output variables and an issue; the others nothing but the exit code")
    func others() async throws {
        try await withScene { scene in
            scene.secret(Self.token)
            let line = "preflight --token-env T --forge generic --expires-at 2001-01-01"
            let azure = try await scene.run(line, PipelineCase.all[3].variables.merging(["T": Self.token]) { $1 })
            #expect(azure.output.contains("##vso[task.setvariable variable=decision;isOutput=true]expired\n"))
            #expect(azure.output.contains("##vso[task.logissue type=error]expired: token"))
            for index in [0, 2, 4, 5, 6] {
                let job = PipelineCase.all[index].variables.merging(["T": Self.token]) { $1 }
                let run = try await scene.run(line, job)
                #expect(run.exit == .expired && run.output.split(separator: "\n").count == 3, "\(run.output)")
            }
        }
    }

    @Test("one CI's variables carried along into another's do not confuse them")
    func nested() async throws {
        try await withScene { scene in
            let both = PipelineCase.all[0].variables.merging(PipelineCase.all[2].variables) { $1 }
            let run = try await scene.run("record start --json", both)
            let jobs = try await scene.run("history jobs --json")
            #expect(run.exit == .done && jobs.text("jobs.0.forge") == "gitlab")
        }
    }
}
