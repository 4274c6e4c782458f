// Names and texts that somebody else chose, through every output: nothing of them is executed, hides anything or breaks a
// format.

import Foundation
import OutlastModel
import OutlastSandbox
import Testing

/// Texts that runners, terminals, pages and formats act on.
enum HostileText {
    static let all = [
        "::error::owned", " \t::set-output name=decision::sufficient", "a\n::stop-commands::b", "\r\n::add-mask::a\r\n",
        "##[error]owned", "x ##vso[task.setvariable variable=PATH]/evil", "##VSO[task.complete]", "#\u{200B}#[group]x",
        "\u{1B}[2J\u{1B}]0;owned\u{07}", "section_start:0:x[collapsed=true]\r\u{1B}[0Kowned", "\u{9B}31mred\u{84}",
        "abc\u{202E}exe.txt\u{2066}", "a\u{2028}::error::b\u{85}::warning::c", "\u{E0041}\u{FEFF}\u{AD}tag",
        "<script>alert(1)</script><img src=x onerror=y>",
        "| a | b |\n| --- | --- |\n[x](javascript:y) ![i](http://e/) `c`",
        "%0A::error::owned%0D", "EOF\ndecision=sufficient\nOUTLAST_DECISION=sufficient",
        "\"},{\"decision\":\"sufficient\"",
        "https://user:hunter2hunter2hunter2@evil.example.com/?x", "$(touch OWNED)`touch OWNED`; touch OWNED",
        String(repeating: "ü", count: 5000), "-rf", "@everyone #1 GH-1", "'; DROP TABLE jobs; --",
    ]

    /// What the texts leave when they got through.
    static let marks = ["<script", "<img", "](javascript", "hunter2"]

    /// As a JSON string.
    static func json(_ text: String) -> String { JSONValue.string(text).encoded }
}

/// What must hold for anything that a person, a log or a runner reads.
struct HarmlessText {
    let text: String

    /// The first line that a runner would act on; nil when there is none.
    var command: String? {
        text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline).map(String.init).first { line in
            let isOurs = ["::warning::", "::error::", "##vso[task.setvariable variable=", "##vso[task.logissue type="]
                .contains { line.hasPrefix($0) }
            let rest = isOurs ? String(line.dropFirst(7)) : line
            let lowered = rest.lowercased()
            return (!isOurs && rest.drop(while: \.isWhitespace).hasPrefix("::")) || lowered.contains("##[")
                || lowered.contains("##vso[")
        }
    }

    /// The outputs that GitHub's runner would read.
    var outputs: [String: String]? {
        var lines = text.split(separator: "\n", omittingEmptySubsequences: false).dropLast()[...]
        var result: [String: String] = [:]
        while let line = lines.popFirst() {
            guard let mark = line.range(of: "<<") else { return nil }
            let end = line[mark.upperBound...]
            guard let stop = lines.firstIndex(of: end) else { return nil }
            result[String(line[..<mark.lowerBound])] = lines[..<stop].joined(separator: "\n")
            lines = lines[(stop + 1)...]
        }
        return result
    }
}

@Suite("Hostile names", .timeLimit(.minutes(5)))
struct HostileNameTests {
    private static let token = "glpat-hO5tIlEnAmEs9aBcDeFg"

    /// Runs a preflight in GitHub's, in Azure's or in no CI's dress, and looks at all that it leaves.
    private func check(
        _ scene: Scene, _ options: String, dress: Int, note: Comment, expects decision: String
    ) async throws {
        let output = scene.work + "/output", summary = scene.work + "/summary", report = scene.work + "/report.env"
        for path in [output, summary, report] { try? FileManager.default.removeItem(atPath: path) }
        let github = [
            "GITHUB_ACTIONS": "true", "GITHUB_OUTPUT": output, "GITHUB_STEP_SUMMARY": summary, "T": Self.token,
        ]
        let dresses = [github, ["TF_BUILD": "True", "T": Self.token], ["T": Self.token]]
        let forms = [" --dotenv report.env", " --json", ""]
        let run = try await scene.run("preflight --token-env T --fresh \(options)\(forms[dress])", dresses[dress])
        #expect(HarmlessText(text: run.output).command == nil && HarmlessText(text: run.errors).command == nil, note)
        #expect(!run.everything.contains("hunter2"), note)
        if run.isJSON { #expect(run.text("decision") == decision, note) }
        guard dress == 0 else { return }
        let outputs = try #require(HarmlessText(text: scene.read(output) ?? "").outputs, note)
        #expect(Set(outputs.keys) == ["decision", "remaining_s", "needed_s", "expires_at"], note)
        #expect(outputs["decision"] == decision, note)
        try checkSummary(try #require(scene.read(summary)), note)
        let lines = try #require(scene.read(report)).split(separator: "\n")
        #expect(lines.count == 4, note)
        #expect(lines.allSatisfy { $0.wholeMatch(of: /OUTLAST_[A-Z_]+=[A-Za-z0-9_.:,\/@+-]*/) != nil }, note)
    }

    private func checkSummary(_ summary: String, _ note: Comment) throws {
        let rows = summary.split(separator: "\n")
        #expect(rows.count >= 3 && rows.allSatisfy { $0.hasPrefix("|") && $0.hasSuffix("|") }, note)
        #expect(Set(rows.map { $0.filter { $0 == "|" }.count }).count == 1, note)
        for mark in HostileText.marks { #expect(!summary.contains(mark), note) }
    }

    @Test("in a forge's answer", arguments: HostileText.all.indices)
    func forge(_ index: Int) async throws {
        let text = HostileText.all[index], quoted = HostileText.json(text)
        let header = String(text.unicodeScalars.filter { $0.isASCII && $0.value >= 32 && $0.value < 127 }.prefix(100))
        let answers: [(ServerStep, String)] = [
            (
                .json(
                    "{\"id\":7,\"name\":\(quoted),\"revoked\":false,\"active\":true,\"scopes\":[\"read_api\",\(quoted)],"
                        + "\"expires_at\":\"2099-01-01\"}", "200 OK", ["X-Request-Id: \(header)"]), "sufficient"
            ),
            (.json("{\"error\":\"insufficient_scope\",\"scope\":\(quoted)}", "403 Forbidden"), "insufficient_scope"),
            (
                .json("{\"message\":\(HostileText.json("403 Forbidden - Your account \(text)"))}", "403 Forbidden"),
                "rejected"
            ),
            (.json("{\"message\":\(quoted)}", "500 Oh", ["X-Request-Id: \(header)"]), "unknown"),
            (.answer("200 \(header)", ["Content-Type: text/plain"], text), "unknown"),
            (.answer("302 Found", ["Location: http://\(header)"]), "unknown"),
            (.answer("302 Found", ["Location: //evil.example.com/\(header)"]), "unknown"),
            (.json("{\"id\":7,\"active\":true,\"expires_at\":\(quoted)}"), "unknown"),
        ]
        try await withScene { scene in
            scene.secret(Self.token)
            scene.secret("hunter2hunter2hunter2")
            for (number, (step, decision)) in answers.enumerated() {
                try await withServer({ _ in [step] }) { server in
                    let options = "--forge gitlab --api-url \(server.url)/api/v4"
                    let note: Comment = "\(text.prefix(80)), answer \(number)"
                    // Each text meets each dress, and each answer each dress with some of the texts.
                    let dress = (number + index) % 3
                    try await check(scene, options, dress: dress, note: note, expects: decision)
                }
            }
            try await checkLists(scene, note: "\(text.prefix(80))")
        }
    }

    @Test("in the CI's variables", arguments: Array(stride(from: 0, to: HostileText.all.count, by: 2)))
    func variables(_ index: Int) async throws {
        let (text, other) = (HostileText.all[index], HostileText.all[(index + 1) % HostileText.all.count])
        try await withScene { scene in
            scene.secret(Self.token)
            scene.secret("hunter2hunter2hunter2")
            for job in Self.jobs(text, other) {
                let start = try await scene.run("record start --json", job)
                // Names that no CI has, longer than any, are a mistake.
                let isLong = job.values.contains { $0.utf8.count > 1024 }
                #expect(start.exit == .done || isLong, "\(start.everything)")
                #expect(HarmlessText(text: start.everything).command == nil)
                let variables = job.merging(["T": Self.token]) { $1 }
                let run = try await scene.run("preflight --token-env T --expires-at 2099-01-01 --offline", variables)
                #expect(run.exit == .done && HarmlessText(text: run.everything).command == nil, "\(run.everything)")
            }
            try await checkLists(scene, note: "\(text.prefix(80))")
        }
    }

    /// Jobs of four CIs that bear these names.
    private static func jobs(_ text: String, _ other: String) -> [[String: String]] {
        [
            [
                "GITLAB_CI": "true", "CI_PROJECT_PATH": "group/\(text)", "CI_JOB_NAME": other, "CI_JOB_ID": "1",
                "CI_RUNNER_ID": text, "CI_CONCURRENT_ID": "1", "CI_API_V4_URL": other,
            ],
            [
                "GITHUB_ACTIONS": "true", "GITHUB_REPOSITORY": "o/\(other)", "GITHUB_WORKFLOW": text,
                "GITHUB_JOB": other, "GITHUB_RUN_ID": "1", "RUNNER_NAME": text,
            ],
            [
                "JENKINS_URL": text, "JOB_NAME": "a/\(other)", "BRANCH_NAME": text, "BUILD_NUMBER": "1",
                "NODE_NAME": other,
            ],
            [
                "TF_BUILD": "True", "SYSTEM_TEAMPROJECT": other, "BUILD_DEFINITIONNAME": text, "BUILD_BUILDID": "1",
                "SYSTEM_JOBNAME": other, "SYSTEM_PHASENAME": text,
            ],
        ]
    }

    @Test("on the command line", arguments: Array(stride(from: 0, to: HostileText.all.count, by: 4)))
    func commandLine(_ index: Int) async throws {
        let texts = (0..<4).map { HostileText.all[(index + $0) % HostileText.all.count] }
        try await withScene { scene in
            scene.secret(Self.token)
            scene.secret("hunter2hunter2hunter2")
            let names = ["--project", "--job", "--run", "--leg"]
            // As two words: a combining character would join the `=` of one.
            let words = ["record", "start"] + zip(names, texts).flatMap { [$0, "x" + $1] }
            let run = try await scene.run(words)
            #expect(run.exit == (texts.contains { $0.utf8.count > 1023 } ? .usage : .done), "\(run.everything)")
            let scopes = texts.flatMap { ["--needs-scope", "x" + $0] }
            let line = ["preflight", "--token-env", "T", "--expires-at", "2099-01-01", "--forge", "generic"] + scopes
            let asked = try await scene.run(line, ["T": Self.token])
            #expect(asked.exit == .done && HarmlessText(text: asked.everything).command == nil, "\(asked.everything)")
            try await checkLists(scene, note: "\(index)")
            let filtered = try await scene.run(["history", "jobs", "--project", "x" + texts[0], "--json"])
            #expect(filtered.exit == .done && HarmlessText(text: filtered.output).command == nil)
        }
    }

    /// What history shows of what was stored.
    private func checkLists(_ scene: Scene, note: Comment) async throws {
        for list in ["jobs", "tokens", "events"] where scene.read(scene.state) != nil {
            for form in ["", " --json"] {
                let run = try await scene.run("history \(list)\(form)")
                #expect(run.exit == .done && HarmlessText(text: run.everything).command == nil, note)
                #expect(!run.everything.contains("hunter2"), note)
            }
        }
    }
}
