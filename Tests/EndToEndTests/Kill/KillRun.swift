// A renewal that is killed with SIGKILL at one system call, what it left, and what the next run made of it.

import Foundation
import OutlastModel
import OutlastSandbox
import Subprocess
import SystemPackage
import Testing

/// Where a run was killed.
struct KillPoint: Hashable, Sendable {
    /// The number of the call, from 1.
    let number: Int
    /// Whether the call was made.
    let isAfter: Bool
    /// Only calls of this name are counted; nil for all.
    var name: String?

    var argument: String { "\(isAfter ? "after" : "before"):\(number)" + (name.map { ":\($0)" } ?? "") }
}

/// What came of one kill.
struct KillOutcome: Sendable {
    /// The call at which it ended, `fdatasync` or `write (socket)`; nil when the run had ended by itself.
    var call: String?
    /// The newest state of the journal then; `none` before the first entry.
    var state = "none"
    /// How the next run ended.
    var recovery: Int32 = 0
    /// What is wrong; empty when all invariants hold.
    var complaints: [String] = []
}

extension RenewalRig {
    /// Runs `outlast` under the killer; its report and what the run left behind.
    func runUnderKiller(_ mode: String) async throws -> (calls: [String], run: Run) {
        let report = "\(stage.scene.folder)/report-\(UUID().uuidString)"
        let run = try await run(through: [Program.folder + "/outlast-kill-at", report, mode])
        let lines = (stage.scene.read(report) ?? "").split(separator: "\n").map(String.init)
        try? FileManager.default.removeItem(atPath: report)
        return (lines, run)
    }

    /// Runs `outlast refresh` by another program, which is given its path and its words.
    func run(through others: [String]) async throws -> Run {
        var environment: [Environment.Key: String] = [
            "HOME": stage.scene.home, "PATH": "/usr/bin:/bin", "NO_PROXY": "127.0.0.1",
        ]
        for (name, value) in variables { environment[try #require(Environment.Key(rawValue: name))] = value }
        let result = try await Subprocess.run(
            .path(FilePath(others[0])), arguments: Arguments(others.dropFirst() + [Program.outlast] + words()),
            environment: .custom(environment), workingDirectory: FilePath(stage.scene.work), input: .none,
            output: .bytes(limit: 1 << 20), error: .bytes(limit: 1 << 20))
        let code: Int32 =
            switch result.terminationStatus {
            case .exited(let value): value
            case .signaled(let signal): 128 + signal
            }
        return Run(
            arguments: words(), output: String(decoding: result.standardOutput, as: UTF8.self),
            errors: String(decoding: result.standardError, as: UTF8.self), code: code, took: .zero)
    }

    /// Kills one renewal and lets the next run settle it.
    func kill(at point: KillPoint, afterwards mend: () -> Void = {}) async throws -> KillOutcome {
        var outcome = KillOutcome()
        try await forgetFailures()
        let before = try await newestEntry()
        let killed = try await runUnderKiller(point.argument)
        if killed.run.code == 137, let last = killed.calls.last {
            let words = last.split(separator: " ")
            let isSocket = words.count > 2 && words[2] == "socket"
            outcome.call = words.count > 1 ? String(words[1]) + (isSocket ? " (socket)" : "") : last
        }
        let entry = try await newestEntry()
        if entry.number > before.number { outcome.state = entry.state }
        mend()
        try await forgetFailures()
        try await recover(&outcome)
        return outcome
    }

    /// Here one address is asked about dead tokens by the hundred. The budget that would end that has tests of its own.
    private func forgetFailures() async throws {
        _ = try await Self.sqlite(stage.state, "DELETE FROM host_failures")
    }

    /// The newest entry of the journal, read from a copy: looking must not mend anything.
    func newestEntry() async throws -> (number: Int, state: String) {
        let copy = "\(stage.scene.vault)/look-\(UUID().uuidString)"
        defer { for end in ["", "-wal"] { try? FileManager.default.removeItem(atPath: copy + end) } }
        for end in ["", "-wal"] {
            try? FileManager.default.copyItem(atPath: stage.state + end, toPath: copy + end)
        }
        let said = try await Self.sqlite(copy, "SELECT id || ' ' || state FROM journal ORDER BY id DESC LIMIT 1")
        let words = said.split(whereSeparator: \.isWhitespace)
        return words.count == 2 ? (Int(words[0]) ?? 0, String(words[1])) : (0, "none")
    }

    static func sqlite(_ file: String, _ statement: String) async throws -> String {
        guard FileManager.default.fileExists(atPath: file) else { return "" }
        let result = try await Subprocess.run(
            .name("sqlite3"), arguments: ["-batch", "-cmd", ".timeout 20000", file, statement],
            output: .string(limit: 65_536),
            error: .string(limit: 65_536))
        return result.standardOutput
    }

    /// One clean run: a living token that is published, or 21 and the truth.
    func recover(_ outcome: inout KillOutcome) async throws {
        let run = try await stage.scene.run(words(), variables)
        outcome.recovery = run.code
        switch run.code {
        case 0: checkLiving(run, &outcome)
        case 21: checkAccount(run, &outcome)
        default: outcome.complaints.append("the next run ended with \(run.code): \(run.everything)")
        }
        let replays = stage.sandbox.counters.replays
        if !replays.isEmpty { outcome.complaints.append("spent secrets were sent again: \(replays)") }
        let integrity = try await Self.sqlite(stage.state, "PRAGMA integrity_check")
        if integrity != "ok\n" { outcome.complaints.append("the store is not whole: \(integrity)") }
    }

    func checkLiving(_ run: Run, _ outcome: inout KillOutcome) {
        guard let token = stage.scene.read(home) else {
            outcome.complaints.append("nothing was published: \(run.everything)")
            return
        }
        if stage.fingerprint(token) != run.text("fingerprint") {
            outcome.complaints.append("another token was published: \(run.everything)")
        }
        if !isAlive(token) { outcome.complaints.append("a dead token was published: \(run.everything)") }
    }

    /// 21 is the truth when the forge has spent what the job had, or when nobody can tell.
    private func checkAccount(_ run: Run, _ outcome: inout KillOutcome) {
        guard first != nil else {
            outcome.complaints.append("what can be minted again was called lost: \(run.everything)")
            return
        }
        let saysLost = run.errors.contains("is lost")
        if saysLost && isOldRenewable == true {
            outcome.complaints.append("a living token was called lost: \(run.everything)")
        }
        if run.text("error.hint")?.isEmpty != false {
            outcome.complaints.append("nobody was told what to do: \(run.everything)")
        }
        let accounts = ["is lost", "cannot be told", "cannot be renewed any more"]
        if !accounts.contains(where: { run.errors.contains($0) }) {
            outcome.complaints.append("no account was given: \(run.everything)")
        }
    }
}
