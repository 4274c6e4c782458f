// How much time is needed: the flag, the job's own history, the CI's time-out, the default, and what is gone already.

import OutlastModel
import OutlastSandbox
import Testing

@Suite("The time that is needed", .timeLimit(.minutes(10)))
struct NeededTimeTests {
    private static let token = "needed-0123456789-needed-0123456789"
    private static let line = "preflight --token-env T --forge generic --expires-at 2099-01-01 --json"
    private static let job = [
        "GITLAB_CI": "true", "CI_PROJECT_PATH": "group/app", "CI_JOB_NAME": "release", "CI_JOB_ID": "100",
        "CI_SERVER_URL": "https://gitlab.example.com", "T": token,
    ]

    /// Records runs of the job that took so many seconds each.
    private func record(_ seconds: [Int], _ scene: Scene) async throws {
        for (index, length) in seconds.enumerated() {
            let start = Instant(seconds: 1_700_000_000 + Int64(index) * 86_400)
            let end = start.advanced(by: .seconds(length))
            var job = Self.job
            job["CI_JOB_ID"] = String(index + 1)
            for line in [
                "record start --started-at \(start.text)",
                "record finish --status success --started-at \(start.text) --finished-at \(end.text)",
            ] {
                let run = try await scene.run(line, job)
                #expect(run.exit == .done && run.everything.isEmpty, "success is silent: \(run.everything)")
            }
        }
    }

    @Test("--duration wins, --min-remaining replaces the sum, and without both it is an hour")
    func flags() async throws {
        try await withScene { scene in
            scene.secret(Self.token)
            let plain = try await scene.run(Self.line, ["T": Self.token])
            #expect(plain.text("needed.source") == "default" && plain.number("needed.needed_s") == 3900)
            let flag = try await scene.run(Self.line + " --duration 2h --margin 10m", ["T": Self.token])
            #expect(flag.text("needed.source") == "flag" && flag.number("needed.needed_s") == 7800)
            #expect(flag.number("needed.margin_s") == 600 && flag.number("needed.estimate_s") == 7200)
            let floor = try await scene.run(Self.line + " --min-remaining 2d", ["T": Self.token])
            #expect(floor.text("needed.source") == "min-remaining" && floor.number("needed.needed_s") == 172_800)
            for key in ["estimate_s", "elapsed_s", "margin_s", "quantile", "samples"] {
                #expect(floor["needed.\(key)"] == .null, "\(key)")
            }
            let short = try await scene.run(Self.line + " --min-remaining 3650d --duration 1h", ["T": Self.token])
            #expect(short.exit == .usage)
        }
    }

    @Test("five runs are believed; fewer leave it to the time-out, and both are shown")
    func history() async throws {
        try await withScene { scene in
            scene.secret(Self.token)
            try await record([600, 660, 630, 615], scene)
            var job = Self.job
            job["CI_JOB_TIMEOUT"] = "7200"
            let few = try await scene.run(Self.line, job)
            #expect(few.text("needed.source") == "ci-timeout" && few.number("needed.estimate_s") == 7200)
            #expect(few.number("needed.samples") == 4)
            #expect(few.text("needed.reason")?.contains("4 runs") == true, "\(few.output)")
            try await record([600, 660, 630, 615, 645], scene)
            let enough = try await scene.run(Self.line, job)
            #expect(enough.text("needed.source") == "history" && enough.number("needed.samples") == 5)
            #expect(enough["needed.quantile"] == .number(0.95))
            let estimate = try #require(enough.number("needed.estimate_s"))
            #expect((660...990).contains(estimate), "an upper bound, and not a wild one: \(estimate)")
            let quantile = try await scene.run(Self.line + " --quantile 0.5", job)
            #expect(quantile["needed.quantile"] == .number(0.5))
            job["CI_JOB_TIMEOUT"] = "600"
            let cut = try await scene.run(Self.line, job)
            #expect(cut.number("needed.estimate_s") == 600, "no job outlives its time-out")
            job["CI_JOB_NAME"] = "other"
            let other = try await scene.run(Self.line, job)
            #expect(other.text("needed.source") == "ci-timeout" && other.number("needed.samples") == 0)
        }
    }

    @Test("what has run already counts, by the CI's start or by `record start`")
    func elapsed() async throws {
        try await withScene { scene in
            scene.secret(Self.token)
            var job = Self.job
            job["CI_JOB_STARTED_AT"] = "2001-01-01T00:00:00Z"
            let ancient = try await scene.run(Self.line + " --duration 1h", job)
            #expect(ancient.number("needed.needed_s") == 300, "the margin stays: \(ancient.output)")
            #expect(try #require(ancient.number("needed.elapsed_s")) > 700_000_000)
            job["CI_JOB_STARTED_AT"] = "2999-01-01T00:00:00Z"
            let future = try await scene.run(Self.line + " --duration 1h", job)
            #expect(future.number("needed.needed_s") == 3900, "a clock that is ahead takes nothing away")
            let identity = "--project a/b --job build --run 7"
            try await scene.run("record start \(identity) --started-at 2001-01-01T00:00:00Z")
            let jenkins = ["JENKINS_URL": "https://ci.example.com/", "JOB_NAME": "a/b", "BUILD_NUMBER": "7"]
            try await scene.run("record start --started-at 2001-01-01T00:00:00Z", jenkins)
            let recorded = try await scene.run(
                Self.line + " --duration 1h", jenkins.merging(["T": Self.token]) { $1 })
            #expect(recorded.number("needed.needed_s") == 300, "\(recorded.output)")
        }
    }

    @Test("the verdict's second line says which figures it rests on")
    func text() async throws {
        try await withForge { scene, sandbox in
            let token = scene.secret(
                try sandbox.gitlab.addToken(.project("group/app"), expiresOn: "2026-11-21").secret)
            let run = try await scene.run(
                "preflight --token-env T \(sandbox.gitlab4) --duration 2h", ["T": token])
            let lines = run.output.split(separator: "\n").map(String.init)
            #expect(run.exit == .willExpire && lines.count == 3, "\(run.output)")
            #expect(lines[0].hasPrefix("insufficient: token (gitlab-project, id "))
            #expect(lines[0].hasSuffix(", at 2026-11-21 00:00 UTC; the job needs 2h 5m"), "\(lines[0])")
            #expect(lines[1] == "  needed: 2h 5m (job up to 2h, margin 5m; flag: --duration says 2h)", "\(lines[1])")
            #expect(lines[2].hasPrefix("  next: renew it by `outlast refresh` ("))
        }
    }
}
