// A job's script, run by a real shell that finds the program: what it showed, and what it left.

import Foundation
import OutlastSandbox
import Subprocess
import SystemPackage
import Testing

/// What a script left.
struct ScriptRun: Sendable, CustomStringConvertible {
    let output: String
    let errors: String
    let code: Int32
    var description: String { "ended with \(code)\n\(output)\(errors)" }
}

/// A shell as a CI calls it.
struct JobShell: Sendable, CustomTestStringConvertible {
    let words: [String]
    var testDescription: String { words.joined(separator: " ") }

    static let all = [["sh"], ["bash"], ["busybox", "sh"], ["mksh"], ["zsh"]].map { JobShell(words: $0) }
    static let sh = JobShell(words: ["sh"])
}

extension Stage {
    /// The folder in memory, as systemd makes one for each user; searched for secrets like all others.
    var runtime: String { scene.folder + "/run" }

    /// What lies there.
    var handovers: [String] { (try? FileManager.default.contentsOfDirectory(atPath: runtime + "/outlast")) ?? [] }

    /// A token that ends tomorrow, and the options that name it.
    func dueToken(scopes: [String] = ["api"], days: Int = 1) throws -> (line: String, variables: [String: String]) {
        let token = try sandbox.gitlab.addToken(scopes: scopes, expiresOn: date(days))
        return ("--token-env T \(sandbox.gitlab4)", ["T": scene.secret(token.secret)])
    }

    /// Runs a script, which the shell reads from stdin, as GitLab's runner has it.
    func script(
        _ text: String, by shell: JobShell = .sh, flags: [String] = [], _ more: [String: String] = [:],
        without: [String] = []
    ) async throws -> ScriptRun {
        try FileManager.default.createDirectory(
            atPath: runtime, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        var all = variables.merging(more) { $1 }
        all.merge([
            "HOME": scene.home, "PATH": "\(Program.folder):/usr/bin:/bin", "NO_PROXY": "127.0.0.1",
            "XDG_RUNTIME_DIR": runtime, "VAULT": scene.vault,
        ]) { $1 }
        for name in without { all[name] = nil }
        var environment: [Environment.Key: String] = [:]
        for (name, value) in all { environment[try #require(Environment.Key(rawValue: name))] = value }
        await ProcessGate.shared.enter()
        let result = try? await Subprocess.run(
            .path("/usr/bin/env"), arguments: Arguments(shell.words + flags), environment: .custom(environment),
            workingDirectory: FilePath(scene.work), input: .string(text), output: .string(limit: 1 << 20),
            error: .string(limit: 1 << 20))
        await ProcessGate.shared.leave()
        let run = try #require(result)
        for token in sandbox.gitlab.tokens { scene.secret(token.secret) }
        scene.overheard(run.standardOutput + run.standardError)
        var code: Int32 = 0
        switch run.terminationStatus {
        case .exited(let value): code = value
        case .signaled(let signal): code = 128 + signal
        }
        return ScriptRun(output: run.standardOutput, errors: run.standardError, code: code)
    }

    /// A variable as a script saw it when it wrote its environment to `$VAULT/seen`.
    func seen(_ name: String = "T") -> String? {
        let lines = scene.read(scene.vault + "/seen")?.split(separator: "\n") ?? []
        return lines.first { $0.hasPrefix(name + "=") }.map { String($0.dropFirst(name.count + 1)) }
    }

    /// The forge's living token.
    func living() throws -> String { try #require(sandbox.gitlab.tokens.first { $0.active }).secret }

    /// Does something while the forge has renewed and its answer is still under way.
    func whileAnswerTravels(
        _ job: @escaping @Sendable () async throws -> ScriptRun, _ body: () async throws -> Void
    ) async throws -> ScriptRun {
        sandbox.addFault(
            FaultRule(
                .delay(milliseconds: 6000, .after), method: "POST", path: "/api/v4/personal_access_tokens/self/rotate"))
        let running = Task { try await job() }
        for _ in 0..<6000 where sandbox.counters.commits(of: "gitlab.rotate") == 0 {
            try await Task.sleep(for: .milliseconds(20))
        }
        try await body()
        return try await running.value
    }
}
