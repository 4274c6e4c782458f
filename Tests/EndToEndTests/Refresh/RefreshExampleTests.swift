// The examples of docs/renewing.md, run as they stand.

import Foundation
import Subprocess
import SystemPackage
import Testing

/// docs/renewing.md.
enum RenewingPage {
    static let text = (try? String(contentsOfFile: Program.repository + "/docs/renewing.md", encoding: .utf8)) ?? ""

    /// The blocks of shell: what all of them begin with, then the examples.
    static let blocks: [String] = text.matches(of: /```sh\n([\s\S]*?)```/).map { String($0.output.1) }

    /// How the answers of an example begin, by the comments behind its commands.
    static func answers(_ block: String) -> [String] {
        block.split(separator: "\n").compactMap { line in
            guard line.hasPrefix("outlast refresh"), let mark = line.range(of: "# ", options: .backwards) else {
                return nil
            }
            return String(line[mark.upperBound...])
        }
    }
}

@Suite("docs/renewing.md", .timeLimit(.minutes(5)))
struct RefreshExampleTests {
    @Test("there are examples to run, for every method and target of a configuration")
    func found() {
        #expect(RenewingPage.blocks.count >= 11)
        for method in [
            "gitlab-rotate", "gitlab-replace", "gitlab-pair", "oauth2", "github-app", "github-user", "command", "http",
        ] {
            #expect(RenewingPage.blocks.contains { $0.contains("method: \(method)") }, "\(method)")
        }
    }

    @Test("every example answers as the page says", arguments: RenewingPage.blocks.indices.dropFirst())
    func runs(_ index: Int) async throws {
        let example = RenewingPage.blocks[index]
        let answers = RenewingPage.answers(example)
        #expect(answers.count >= 2, "\(example)")
        let folder =
            FileManager.default.temporaryDirectory.resolvingSymlinksInPath().path
            + "/outlast-example-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let script = "set -eu\n\(RenewingPage.blocks[0])\ntrap 'kill $sandbox' EXIT\n\(example)"
        let environment: [Environment.Key: String] = [
            "PATH": "\(Program.folder):/usr/bin:/bin", "HOME": folder, "NO_PROXY": "127.0.0.1",
        ]
        await ProcessGate.shared.enter()
        let result = try? await Subprocess.run(
            .path("/bin/sh"), arguments: ["-c", script], environment: .custom(environment),
            workingDirectory: FilePath(folder), output: .string(limit: 1 << 20), error: .string(limit: 1 << 20))
        await ProcessGate.shared.leave()
        let run = try #require(result)
        #expect(run.terminationStatus.isSuccess, "\(example)\n\(run.standardOutput)\(run.standardError)")
        let said = run.standardOutput.split(separator: "\n").filter { !$0.hasPrefix(" ") }.map(String.init)
        #expect(said.count == answers.count, "\(said)")
        for (line, answer) in zip(said, answers) { #expect(line.hasPrefix(answer), "\(line)\n\(run.standardError)") }
    }
}
