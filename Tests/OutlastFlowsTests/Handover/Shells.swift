// Real shells, each with only what a test gives it.

import OutlastModel
import Subprocess
import SystemPackage
import Testing

/// A shell, and how it is called so that it speaks POSIX.
struct Shell: Sendable, CustomTestStringConvertible {
    let words: [String]
    var testDescription: String { words.joined(separator: " ") }

    static let all = [
        ["dash"], ["bash"], ["bash", "--posix"], ["busybox", "sh"], ["mksh"], ["ksh93"], ["zsh", "--emulate", "sh"],
        ["zsh"],
    ].map { Shell(words: $0) }

    /// What a run left.
    struct Answer {
        let output: String
        let errors: String
        let code: Int32
    }

    /// Runs a script with these flags, such as `-eu`.
    func run(_ script: String, flags: [String] = [], _ variables: [String: String] = [:]) async throws -> Answer {
        var environment: [Environment.Key: String] = ["PATH": "/usr/bin:/bin"]
        for (name, value) in variables { environment[try #require(Environment.Key(rawValue: name))] = value }
        let result = try await Subprocess.run(
            .path(FilePath("/usr/bin/env")), arguments: Arguments(words + flags), environment: .custom(environment),
            input: .string(script), output: .string(limit: 1 << 20), error: .string(limit: 1 << 20))
        var code: Int32 = 0
        switch result.terminationStatus {
        case .exited(let value): code = value
        case .signaled(let signal): code = 128 + signal
        }
        return Answer(output: result.standardOutput, errors: result.standardError, code: code)
    }
}
