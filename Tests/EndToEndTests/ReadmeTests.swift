// README says what the program does: its commands run, its tables are the program's own.
// `OUTLAST_REWRITE_README=1` writes the tables anew.

import Foundation
import OutlastForges
import OutlastModel
import OutlastSandbox
import Subprocess
import SystemPackage
import Testing

/// README.md.
enum Readme {
    static let path = Program.repository + "/README.md"
    static let text = (try? String(contentsOfFile: path, encoding: .utf8)) ?? ""

    /// The commands of the program in code blocks and in backticks, as words.
    static let commands: [[String]] = {
        let blocks = text.split(separator: "\n").compactMap { line -> String? in
            var bare = line.drop { " $-".contains($0) }
            if let inner = bare.firstMatch(of: /^eval "\$\((.*)\)"/) { bare = inner.output.1 }
            return bare.hasPrefix("outlast ") ? String(bare) : nil
        }
        let inline = text.matches(of: /`(outlast [^`]+)`/).map { String($0.output.1) }
        return (blocks + inline).map(words)
    }()

    /// A line as a shell would cut it; an expression of a workflow is one word.
    private static func words(_ line: String) -> [String] {
        let plain = line.replacing(/\$\{\{.*\}\}/, with: "success").replacing(/\ +#.*$/, with: "")
        return plain.split(separator: " ").map { $0.trimmingCharacters(in: ["'", "\""]) }
    }

    /// The rows of the table under a heading, without its two head lines.
    static func rows(under heading: String) -> [String] {
        guard let start = text.range(of: "\n## \(heading)\n") else { return [] }
        let lines = text[start.upperBound...].split(separator: "\n", omittingEmptySubsequences: false)
        return lines.drop { !$0.hasPrefix("|") }.prefix { !$0.isEmpty }.dropFirst(2).map(String.init)
    }

    /// Puts rows in the place of those under a heading.
    static func rewrite(_ heading: String, _ rows: [String]) throws {
        var text = try String(contentsOfFile: path, encoding: .utf8)
        let old = Self.rows(under: heading).joined(separator: "\n")
        guard let start = text.range(of: "\n## \(heading)\n"),
            let place = text.range(of: old, range: start.upperBound..<text.endIndex)
        else { return }
        text.replaceSubrange(place, with: rows.joined(separator: "\n"))
        try text.write(toFile: path, atomically: true, encoding: .utf8)
    }

    /// Whether the tables are to be written anew.
    static let isRewritten = ProcessInfo.processInfo.environment["OUTLAST_REWRITE_README"] == "1"
}

@Suite("README", .timeLimit(.minutes(10)))
struct ReadmeTests {
    @Test("there are commands to look at")
    func found() { #expect(Readme.commands.count >= 10 && !Readme.text.contains("\nKINDS\n")) }

    @Test("every command is understood by the program", arguments: Readme.commands)
    func commands(_ words: [String]) async throws {
        let state = words.contains("--state")
        try await withForge { scene, sandbox in
            var variables = sandbox.gitlabJob
            variables["RELEASE_TOKEN"] = scene.secret(try sandbox.gitlab.addToken(expiresOn: "2099-01-01").secret)
            (variables["OUTLAST_KEY"], variables["OUTLAST_NEW_KEY"]) = (GivenKey.key(1).text, GivenKey.key(2).text)
            try await scene.run("record start", variables)
            var arguments = Array(words.dropFirst()) + (words.contains("--help") || state ? [] : ["--offline"])
            if ["refresh", "credential", "exec", "keep"].contains(arguments.first) {
                // What renews asks the forge, and needs what an operator gives it; git's helper needs credentials.
                arguments.removeLast()
                let stage = Stage(scene, sandbox)
                try stage.configure("forge: gitlab\napi_url: \(sandbox.gitlabAPI)\ntoken: {env: RELEASE_TOKEN}")
                variables.merge(stage.variables) { $1 }
                variables["OUTLAST_CONFIG"] = stage.configuration
                // What is handed on goes to places where secrets are not looked for.
                (variables["XDG_RUNTIME_DIR"], variables["GITHUB_ENV"]) = (scene.vault, scene.vault + "/variables")
                try FileManager.default.setAttributes([.posixPermissions: 0o700], ofItemAtPath: scene.vault)
                arguments = arguments.map { $0.replacing("/run/build/", with: scene.vault + "/") }
                // What is wrapped is the reader's own business.
                if let end = arguments.firstIndex(of: "--") { arguments = arguments[...end] + ["true"] }
            }
            let run = try await scene.run(arguments, variables)
            #expect(run.exit == .done, "\(words.joined(separator: " ")): \(run.everything)")
        }
    }

    @Test("the table of exit codes is the program's")
    func exitCodes() throws {
        let rows = OutlastModel.ExitCode.allCases.map { "| \($0.rawValue) | \($0.meaning) |" }
        if Readme.isRewritten { return try Readme.rewrite("Exit codes", rows) }
        #expect(Readme.rows(under: "Exit codes") == rows)
    }

    @Test("the table of kinds is the program's")
    func kinds() throws {
        let rows = KindTable.rows
        if Readme.isRewritten { return try Readme.rewrite("Kinds of tokens, and how far each is known", rows) }
        #expect(Readme.rows(under: "Kinds of tokens, and how far each is known") == rows)
    }

    @Test("the example of JSON has the keys of an answer")
    func json() async throws {
        let block = try #require(Readme.text.firstMatch(of: /```json\n([^`]+)```/))
        let example = try JSONValue(parsing: Array(String(block.output.1).utf8))
        try await withForge { scene, sandbox in
            let token = scene.secret(try sandbox.gitlab.addToken(.project("group/app"), expiresOn: "2026-11-21").secret)
            let run = try await scene.run("preflight --token-env T \(sandbox.gitlab4) --json", ["T": token])
            #expect(keys(example) == keys(run.json), "\(run.output)")
            #expect(Shape.complaint(example, .object(Shape.preflight)) == nil)
        }
    }

    private func keys(_ value: JSONValue) -> [String] {
        switch value {
        case .object(let members):
            members.flatMap { member in [member.key] + keys(member.value).map { "\(member.key).\($0)" } }
        case .array(let elements): elements.prefix(1).flatMap { keys($0) }
        default: []
        }
    }

    @Test("the sandbox's commands and every link to a file of this repository are there")
    func others() async throws {
        for command in Readme.text.matches(of: /`outlast-sandbox ([a-z]+)([^`]*)`/) {
            let help = try await Subprocess.run(
                .path(FilePath(Program.folder + "/outlast-sandbox")),
                arguments: [String(command.output.1), "--help"], output: .string(limit: 65_536), error: .discarded)
            #expect(help.terminationStatus.isSuccess)
            for option in command.output.2.split(separator: " ") {
                #expect(help.standardOutput.contains(option), "outlast-sandbox \(command.output.1) \(option)")
            }
        }
        for link in Readme.text.matches(of: /\]\(([A-Za-z][A-Za-z0-9_.\/-]*)\)/) where !link.output.1.contains("://") {
            let path = Program.repository + "/" + link.output.1
            #expect(FileManager.default.fileExists(atPath: path), "\(link.output.1)")
        }
    }
}

/// The table of kinds, made of the kinds themselves.
enum KindTable {
    static var rows: [String] {
        Forges.all.flatMap { forge in
            forge.kinds.map { kind in
                let prefixes = kind.prefixes.map { "`\($0)`" }.joined(separator: " ")
                let obstacle = forge.obstacle(toInspecting: kind)
                let renewal =
                    kind.renewal.method.map { "`\($0)`: \(kind.renewal.reason)" } ?? "no: \(kind.renewal.reason)"
                let cells = [
                    "`\(kind.id)`", prefixes.isEmpty ? "–" : prefixes, end(kind.expiry),
                    obstacle.map { "no: \($0)" } ?? "yes", renewal, tags(kind.source),
                ]
                return "| " + cells.joined(separator: " | ") + " |"
            }
        }
    }

    private static func end(_ rule: TokenKind.ExpiryRule) -> String {
        switch rule {
        case .date: "a date: dead from its 00:00 UTC on"
        case .moment: "a moment, told by forge or token"
        case .job(let longest): "dies with the job" + (longest.map { ", after \($0.text) at the latest" } ?? "")
        case .life(let length): "\(length.text) after it was made"
        case .untold: "not told"
        }
    }

    /// What stands in brackets behind the section: how the row is known.
    private static func tags(_ source: String) -> String {
        guard let open = source.firstIndex(of: "["), let close = source.lastIndex(of: "]") else { return "–" }
        return String(source[source.index(after: open)..<close])
    }
}
