// `history report`: the page made by the real program from jobs that really asked a forge.

import Foundation
import OutlastModel
import OutlastSandbox
import Testing

@Suite("history: the page", .timeLimit(.minutes(5)))
struct ReportPageTests {
    /// Six nights of one job, a token renewed on the way, one that ends soon, one that was revoked, and failures.
    private func prepare(_ night: Night) async throws {
        let now = Int64(Date().timeIntervalSince1970)
        for day in 1...6 {
            let start = Instant(seconds: now - Int64(day) * 86_400 - 7200)
            let end = start.advanced(by: .seconds(Int64(3000 + day)))
            try await night.scene.run(
                "record finish --status success --started-at \(start.text) --finished-at \(end.text)",
                night.job("\(day)"))
        }
        try night.configure("renew: {method: gitlab-rotate}")
        let first = try night.sandbox.gitlab.addToken(name: "renewed", expiresOn: night.stage.date(5))
        let job = night.job("10", token: first.secret)
        try await night.preflight(job)
        try await night.stage.refresh("--credential release --force", job).expect("renewed", generation: 2)
        try await night.scene.run(
            "record failure --stderr-file -", job, input: "fatal: unable to access: Could not resolve host: x")
        try await night.scene.run("record finish --status failed", job)
        let revoked = try night.sandbox.gitlab.addToken(name: "gone", expiresOn: night.stage.date(50))
        let other = night.job("11", "deploy", token: revoked.secret)
        try await night.preflight(other)
        night.sandbox.gitlab.revokeToken(revoked.id)
        try await night.preflight(other, "--fresh")
        try await night.scene.run("record finish --status failed", other)
        let endless = try night.sandbox.gitlab.addToken(name: "never", expiresOn: nil)
        try await night.preflight(night.job("12", "deploy", token: endless.secret))
    }

    private static let shape: [(String, Sort)] = [
        ("file", .text), ("bytes", .number), ("since", .moment), ("until", .moment), ("jobs", .number),
        ("tokens", .number), ("failures", .number), ("care", .number), ("left_out", .listOf(.text)),
    ]

    @Test("one page about real jobs: what is in it, and nothing of a token but its fingerprint")
    func page() async throws {
        try await withNight { night in
            try await prepare(night)
            let path = night.scene.folder + "/report.html"
            let run = try await night.scene.run("history report --html \(path) --json", night.stage.variables)
            #expect(Shape.complaint(run.json, .object(Self.shape)) == nil, "\(run.everything)")
            #expect(run.text("file") == path && run.number("jobs") == 9 && run.number("failures") == 1, "\(run.output)")
            #expect(run["left_out"] == [])
            let text = try #require(night.scene.read(path))
            #expect(run.number("bytes") == Int64(text.utf8.count))
            for word in [
                "Generations of tokens", ">group/app<", "release", "deploy", "generation 1:", "generation 2:", "no end",
                "a job will fail",
                "refused", ">dns<", "Calendar of ends", "6 runs",
            ] { #expect(text.contains(word), "\(word)") }
            let permissions = try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int
            #expect(permissions == 0o644)
            // Again over it, as text and to stdout: the same page.
            let again = try await night.scene.run("history report --html report.html --days 30", night.stage.variables)
            #expect(
                again.code == 0 && again.output.contains("report.html: ") && again.output.contains("9 jobs"),
                "\(again.everything)")
            let stdout = try await night.scene.run("history report --html -", night.stage.variables)
            #expect(stdout.output.hasPrefix("<!DOCTYPE html>\n") && stdout.output.hasSuffix("</html>\n"))
        }
    }

    @Test("one job's page has that job alone")
    func ofOneJob() async throws {
        try await withNight { night in
            try await prepare(night)
            let run = try await night.scene.run(
                "history report --html one.html --project group/app --job deploy --json", night.stage.variables)
            #expect(run.number("jobs") == 2 && run.number("failures") == 0, "\(run.everything)")
            let text = try await night.scene.run(
                "history report --html - --project group/app --job deploy", night.stage.variables
            ).output
            #expect(
                text.contains("group/app / deploy") && !text.contains("Durations of release") && !text.contains(">dns<")
            )
            #expect(text.contains("The calendar is about all tokens"))
        }
    }

    @Test("an empty store gives a page, and what is no page is never replaced")
    func places() async throws {
        try await withScene { scene in
            try await scene.run("record start --project p --job j --run 1")
            try await scene.sqlite("DELETE FROM events; DELETE FROM jobs")
            #expect(try await scene.run("history report --html empty.html").code == 0)
            let store = try await scene.run("history report --html \(scene.state) --json")
            #expect(store.exit == .usage, "\(store.everything)")
            #expect(try await scene.run("history jobs").code == 0)
            for (place, content) in [("other.txt", "precious"), ("cut.html", "<!DOCTYPE html>")] {
                try scene.write(content, to: scene.folder + "/" + place)
                let refused = try await scene.run("history report --html \(scene.folder)/\(place) --json")
                #expect(refused.exit == .usage && refused["file"] == .null, "\(refused.everything)")
                #expect(scene.read(scene.folder + "/" + place) == content)
            }
            for line in [
                "--html /dev/null", "--html \(scene.folder)", "--html /nowhere/x.html", "", "--html", "--html - --json",
                "--html x --days 0", "--html x --days 1 --since 2026-01-01", "--html x --since 2999-01-01",
                "--html x --quantile 2", "--html ",
            ] {
                let run = try await scene.run("history report \(line)")
                #expect(run.exit == .usage, "\(line): \(run.everything)")
            }
        }
    }

    @Test("a store whose cells are out of all bounds makes a page all the same", arguments: EndsTests.broken)
    func withstands(_ statement: String) async throws {
        try await withScene { scene in
            let variables = [
                "GITLAB_CI": "true", "CI_PROJECT_PATH": "p", "CI_JOB_NAME": "j", "CI_JOB_ID": "1",
                "CI_SERVER_HOST": "h", "T": scene.secret("glpat-0123456789abcdefghij"),
            ]
            try await scene.run("preflight --token-env T --forge generic --expires-at 2099-01-01", variables)
            try await scene.run("record finish --status failed", variables)
            try await scene.sqlite(statement)
            let run = try await scene.run("history report --html - --days 3650")
            #expect(run.code == 0 && run.output.hasSuffix("</html>\n"), "\(run.errors)")
            let odd = run.output.unicodeScalars.filter { $0 != "\n" && SafeText.isUnsafe($0) }
            #expect(odd.isEmpty)
        }
    }
}
