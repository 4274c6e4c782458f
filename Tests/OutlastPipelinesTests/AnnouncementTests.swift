import OutlastModel
import OutlastPipelines
import Testing

@Suite struct AnnouncementTests {
    private static let delimiter = "d41d8cd98f00b204e9800998ecf8427e"

    private func notice(
        _ level: PreflightNotice.Level, text: String = "release ends 20 minutes too early"
    ) -> PreflightNotice {
        PreflightNotice(
            outputs: [("decision", "insufficient"), ("remaining_s", "1200"), ("needed_s", "2400"), ("expires_at", "")],
            table: [["credential", "verdict"], ["release", text]], sentence: text, level: level)
    }

    private func announce(_ variables: [String: String], _ notice: PreflightNotice) throws -> [Announcement] {
        let values = Variables(variables)
        return try #require(Pipelines.current(in: values)).announce(notice, in: values, delimiter: Self.delimiter)
    }

    private static let github = ContextTests.github.merging([
        "GITHUB_OUTPUT": "/tmp/out", "GITHUB_STEP_SUMMARY": "/tmp/summary",
    ]) { $1 }

    @Test func tellsGitHubByOutputsSummaryAndAWarning() throws {
        let end = "outlast_" + Self.delimiter
        let outputs = """
            decision<<\(end)
            insufficient
            \(end)
            remaining_s<<\(end)
            1200
            \(end)
            needed_s<<\(end)
            2400
            \(end)
            expires_at<<\(end)

            \(end)

            """
        let table = """

            | credential | verdict |
            | --- | --- |
            | release | release ends 20 minutes too early |

            """
        #expect(
            try announce(Self.github, notice(.warning)) == [
                .append(path: "/tmp/out", text: outputs), .append(path: "/tmp/summary", text: table),
                .log("::warning::release ends 20 minutes too early"),
            ])
        #expect(try announce(Self.github, notice(.error)).last == .log("::error::release ends 20 minutes too early"))
        #expect(try announce(Self.github, notice(.quiet)).count == 2)
        #expect(try announce(ContextTests.github, notice(.quiet)).isEmpty)
        let relative = ContextTests.github.merging(["GITHUB_OUTPUT": "out", "GITHUB_STEP_SUMMARY": "s"]) { $1 }
        #expect(try announce(relative, notice(.quiet)).isEmpty)
    }

    @Test func escapesWhatGitHubDecodes() throws {
        #expect(
            try announce(ContextTests.github, notice(.error, text: "50% a\nb%0Ac")) == [
                .log("::error::50%25 a\\nb%250Ac")
            ])
    }

    @Test func tellsAzureByCommands() throws {
        #expect(
            try announce(ContextTests.azure, notice(.warning, text: "50% left")) == [
                .log("##vso[task.setvariable variable=decision;isOutput=true]insufficient"),
                .log("##vso[task.setvariable variable=remaining_s;isOutput=true]1200"),
                .log("##vso[task.setvariable variable=needed_s;isOutput=true]2400"),
                .log("##vso[task.setvariable variable=expires_at;isOutput=true]"),
                .log("##vso[task.logissue type=warning]50%AZP25 left"),
            ])
        #expect(try announce(ContextTests.azure, notice(.quiet)).count == 4)
    }

    @Test(arguments: [
        ContextTests.gitlab, ContextTests.jenkins, ContextTests.circle, ContextTests.bitbucket, ContextTests.buildkite,
    ])
    func tellsTheOthersNothing(variables: [String: String]) throws {
        #expect(try announce(variables, notice(.error)).isEmpty)
    }

    @Test("a value byte for byte, between delimiters that it does not hold")
    func handsVariablesOn() throws {
        let values = Variables(ContextTests.github.merging(["GITHUB_ENV": "/tmp/env"]) { $1 })
        let end = "outlast_" + Self.delimiter
        let later = [
            LaterVariable(name: "A", value: Secret("x::y%0A##[z]")),
            LaterVariable(name: "B", value: Secret("1\n\(end)\nPATH=/evil")),
        ]
        let addition = try #require(
            try GitHubPipeline().handover(later, in: values, delimiter: Self.delimiter + "\n<<"))
        #expect(addition.path == "/tmp/env")
        let read = try #require(GitHubOutputReader.read(addition.text.reveal()))
        #expect(read == ["A": "x::y%0A##[z]", "B": "1\n\(end)\nPATH=/evil"])
    }

    @Test("a runner is told a secret in its own escapes, on one line, where it is told at all")
    func masksSecrets() {
        let forms = [Secret("a%0Ab;]"), Secret("c\nd\re")]
        let told = { (pipeline: any Pipeline) in pipeline.masks(forms).map { $0.reveal() } }
        #expect(told(GitHubPipeline()) == ["::add-mask::a%250Ab;]", "::add-mask::c%0Ad%0De"])
        #expect(told(AzurePipeline()) == ["##vso[task.setsecret]a%AZP250Ab;]", "##vso[task.setsecret]c%0Ad%0De"])
        for other in Pipelines.all where !["github", "azure-pipelines"].contains(other.id) {
            #expect(told(other).isEmpty, "\(other.id)")
        }
    }

    @Test func givesRowsAsManyCellsAsHeadings() throws {
        let uneven = PreflightNotice(
            outputs: [], table: [["a", "b"], ["1"], ["1", "2", "3"]], sentence: "", level: .quiet)
        let text = "\n| a | b |\n| --- | --- |\n| 1 |  |\n| 1 | 2 |\n"
        #expect(try announce(Self.github, uneven) == [.append(path: "/tmp/summary", text: text)])
        let long = PreflightNotice(
            outputs: [], table: Array(repeating: ["x"], count: 5000), sentence: "", level: .quiet)
        guard case .append(_, let bounded)? = try announce(Self.github, long).first else { return }
        #expect(bounded.utf8.count < 1 << 20 && bounded.hasSuffix("\nand 4799 more\n"))
    }
}

/// Names of projects, jobs and tokens that try to be more than names.
@Suite struct HostileNameTests {
    static let names = [
        "::error::boo", "x\n::add-mask::e\n", "\u{3000}::warning::x", "##[error]x",
        "##vso[task.setvariable variable=PATH]x",
        "##VSO[task.complete result=Succeeded]", "a\r##vso[task.x]", "\u{1B}[2Jgone", "\u{202E}gnp.exe",
        "\u{2066}a\u{2069}b",
        "a|b|c", "|\u{301}x|", "`code` **b** [l](javascript:alert(1)) ![i](http://e/i.png)",
        "<script>alert(1)</script>",
        "<!-- hide", "</table>", "@team #1", "%0A::error::x", "%25", "\u{2028}::error::", "a\u{0}b",
        "https://u:pw@host/x",
        "outlast_DELIMITER", "DELIMITER", "x\noutlast_DELIMITER\nPATH=/evil\n", "decision=sufficient", "a<<EOF",
        "$(id) `id` $x",
        String(repeating: "A", count: 100_000), "]x;y=z",
    ]

    private func announce(_ ci: [String: String], _ name: String) throws -> [Announcement] {
        let delimiter = "DELIMITER"
        let variables = Variables(
            ci.merging(["GITHUB_OUTPUT": "/o", "GITHUB_STEP_SUMMARY": "/s", "CI_JOB_NAME": name, "JOB_NAME": name]) {
                $1
            })
        let notice = PreflightNotice(
            outputs: [("decision", name), (name, "value"), ("a", "b")], table: [["credential", name], [name, name]],
            sentence: name, level: .error)
        return try #require(Pipelines.current(in: variables)).announce(notice, in: variables, delimiter: delimiter)
    }

    @Test(arguments: names)
    func stayNamesInTheLog(name: String) throws {
        for ci in ContextTests.all {
            for case .log(let line) in try announce(ci, name) {
                #expect(!line.unicodeScalars.contains(where: SafeText.isUnsafe))
                let command = line.hasPrefix("::error::") ? "::error::" : String(line.prefix { $0 != "]" }) + "]"
                let rest = line.dropFirst(command.count)
                #expect(
                    ["::error::", "##vso[task.logissue type=error]"].contains(command)
                        || command.hasPrefix("##vso[task.setvariable variable="))
                #expect(!rest.lowercased().contains("##vso[") && !rest.contains("##["))
                #expect(!rest.contains("%0A") && !rest.contains("%0D") && !rest.contains("u:pw"))
                #expect(line.utf8.count < 1700)
            }
        }
    }

    @Test(arguments: names)
    func cannotEndAnOutput(name: String) throws {
        guard case .append("/o", let text)? = try announce(ContextTests.github, name).first else {
            Issue.record("no outputs")
            return
        }
        let read = try #require(GitHubOutputReader.read(text))
        #expect(Set(read.keys).isSubset(of: ["decision", "a", name]) && read["a"] == "b")
        #expect(read["decision"] == SafeText.line(name))
    }

    @Test(arguments: names)
    func stayInTheirCellOfTheSummary(name: String) throws {
        guard case .append("/s", let text) = try announce(ContextTests.github, name)[1] else {
            Issue.record("no summary")
            return
        }
        let lines = text.split(separator: "\n")
        #expect(lines.count == 3)
        for line in lines {
            #expect(line.unicodeScalars.count { $0 == "|" } == 3)
            #expect(!line.unicodeScalars.contains { "<>`[]@$".unicodeScalars.contains($0) })
            #expect(!line.unicodeScalars.contains(where: SafeText.isUnsafe))
        }
    }

    @Test(arguments: names)
    func stayOnTheirLineOfADotenvReport(name: String) {
        let text = Dotenv.text([("decision", name), (name, "x"), ("expires_at", "2026-11-20T22:10:00Z")])
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
        #expect(lines.last == "" && lines.count <= 4)
        #expect(text.hasSuffix("OUTLAST_EXPIRES_AT=2026-11-20T22:10:00Z\n"))
        for line in lines.dropLast() {
            let parts = line.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            #expect(parts.count == 2 && parts[0].hasPrefix("OUTLAST_"))
            #expect(
                parts[1].utf8.allSatisfy {
                    (0x2B...0x7A).contains($0) && $0 != UInt8(ascii: "=") && $0 != UInt8(ascii: ";")
                })
        }
    }

    @Test func dotenvKeepsPlainValuesAsTheyAre() {
        #expect(
            Dotenv.text([("decision", "sufficient"), ("remaining_s", "1200"), ("expires_at", "")])
                == "OUTLAST_DECISION=sufficient\nOUTLAST_REMAINING_S=1200\nOUTLAST_EXPIRES_AT=\n")
    }
}

/// Reads an output file as the runner does (facts, section 9.1): written against the facts, not against our writer.
enum GitHubOutputReader {
    static func read(_ text: String) -> [String: String]? {
        var lines = text.split(separator: "\n", omittingEmptySubsequences: false)[...]
        var result: [String: String] = [:]
        while let line = lines.popFirst() {
            if line.isEmpty { continue }
            let equals = line.firstIndex(of: "=") ?? line.endIndex
            guard let mark = line.firstRange(of: "<<"), mark.lowerBound < equals else { return nil }
            let end = line[mark.upperBound...]
            var value: [Substring] = []
            while true {
                guard let next = lines.popFirst() else { return nil }
                if next == end { break }
                value.append(next)
            }
            result[String(line[..<mark.lowerBound])] = value.joined(separator: "\n")
        }
        return result
    }
}
