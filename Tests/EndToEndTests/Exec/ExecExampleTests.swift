// The examples of docs/exec.md, run as they stand: each ends with 0 and says what stands behind it.

import Foundation
import Subprocess
import SystemPackage
import Testing

/// docs/exec.md.
enum ExecPage {
    static let text = (try? String(contentsOfFile: Program.repository + "/docs/exec.md", encoding: .utf8)) ?? ""

    /// What all examples begin with.
    static let beginning = text.firstMatch(of: /```sh\n([\s\S]*?)```/).map { String($0.output.1) } ?? ""

    /// The other blocks of shell, each with the lines that it answers among others.
    static let examples: [(script: String, answers: [String])] =
        text.matches(of: /```sh\n([\s\S]*?)```\n```text\n([\s\S]*?)```/).map { match in
            (String(match.output.1), match.output.2.split(separator: "\n").map(String.init))
        }
}

@Suite("docs/exec.md", .timeLimit(.minutes(5)))
struct ExecExampleTests {
    @Test("there are examples to run")
    func found() { #expect(ExecPage.examples.count >= 4 && !ExecPage.beginning.isEmpty) }

    @Test("every example answers as the page says", arguments: ExecPage.examples.indices)
    func runs(_ index: Int) async throws {
        let (example, answers) = ExecPage.examples[index]
        let folder =
            FileManager.default.temporaryDirectory.resolvingSymlinksInPath().path
            + "/outlast-example-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let script = "exec 2>&1; set -eu\n\(ExecPage.beginning)\ntrap 'kill $sandbox' EXIT\n\(example)"
        let environment: [Environment.Key: String] = [
            "PATH": "\(Program.folder):/usr/bin:/bin", "HOME": folder, "NO_PROXY": "127.0.0.1",
            "GIT_CONFIG_NOSYSTEM": "1", "GIT_AUTHOR_NAME": "a", "GIT_AUTHOR_EMAIL": "a@example.invalid",
            "GIT_COMMITTER_NAME": "a", "GIT_COMMITTER_EMAIL": "a@example.invalid",
        ]
        await ProcessGate.shared.enter()
        let result = try? await Subprocess.run(
            .path("/bin/sh"), arguments: ["-c", script], environment: .custom(environment),
            workingDirectory: FilePath(folder), output: .string(limit: 1 << 20), error: .string(limit: 1 << 20))
        await ProcessGate.shared.leave()
        let run = try #require(result)
        #expect(run.terminationStatus.isSuccess, "\(example)\n\(run.standardOutput)\(run.standardError)")
        var rest = run.standardOutput.split(separator: "\n").map(String.init)[...]
        for answer in answers {
            let place = rest.firstIndex { $0.hasPrefix(answer) }
            #expect(place != nil, "\(answer)\n\(run.standardOutput)")
            if let place { rest = rest[(place + 1)...] }
        }
    }
}
