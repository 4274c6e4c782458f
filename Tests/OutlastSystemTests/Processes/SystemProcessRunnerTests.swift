// Real programs: what they are given, and how they are stopped.

import Foundation
import OutlastModel
import Testing

@testable import OutlastSystem

@Suite(.timeLimit(.minutes(2))) struct SystemProcessRunnerTests {
    private static let path = ["PATH": "/usr/local/bin:/usr/bin:/bin"]

    private func shell(
        _ script: String, environment: [String: String] = path, input: Secret? = nil, timeout: Duration = .seconds(60),
        largestOutput: Int = 1 << 16
    ) async throws -> ProcessAnswer {
        try await SystemProcessRunner().ask(
            ProcessQuestion(
                ["sh", "-c", script], environment: environment, input: input, timeout: timeout,
                largestOutput: largestOutput))
    }

    private func failure(_ body: () async throws -> ProcessAnswer) async throws -> Failure {
        try #require(await #expect(throws: Failure.self) { _ = try await body() })
    }

    @Test func answerHasCodeAndBothStreams() async throws {
        let answer = try await shell("printf out; printf err >&2; exit 3")
        #expect(answer.code == 3)
        #expect(answer.output.reveal() == "out")
        #expect(answer.errors == "err")
    }

    @Test func signalIsTheCodeThatShellsGive() async throws {
        #expect(try await shell("kill -9 $$").code == 137)
    }

    @Test func environmentIsExactlyAsGiven() async throws {
        let given = ["PATH": "/usr/bin:/bin", "A": "b c", "EMPTY": "", "1ODD": "x", "=": "y", "": "z"]
        let answer = try await SystemProcessRunner().ask(ProcessQuestion(["env"], environment: given))
        let lines = answer.output.reveal().split(separator: "\n").sorted()
        #expect(lines == ["A=b c", "EMPTY=", "PATH=/usr/bin:/bin"])
    }

    @Test func whatIsWithheldReachesNoProgram() async throws {
        let given = ["PATH": "/usr/bin:/bin", "KEY": "a", "KEY_FILE": "b", "NEW_KEY": "c", "MONKEY": "d", "key": "e"]
        let runner = SystemProcessRunner(withholding: ["KEY", "NEW_"])
        let answer = try await runner.ask(ProcessQuestion(["env"], environment: given))
        let lines = answer.output.reveal().split(separator: "\n").sorted()
        #expect(lines == ["MONKEY=d", "PATH=/usr/bin:/bin", "key=e"])
    }

    @Test func inputIsReadToItsEnd() async throws {
        let text = String(repeating: "0123456789", count: 50_000)
        let answer = try await shell("cat", input: Secret(text), largestOutput: 1 << 20)
        #expect(answer.output.reveal() == text)
        #expect(try await shell("cat").output.count == 0)
    }

    @Test func unreadInputDoesNoHarm() async throws {
        let answer = try await shell("exec 0<&-; printf ok", input: Secret(String(repeating: "x", count: 50_000)))
        #expect(answer.output.reveal() == "ok")
    }

    @Test func noFileOfOursIsInherited() async throws {
        let folder = try TemporaryFolder()
        try folder.write("x", to: "file")
        // Not close-on-exec, as a careless library would open it.
        let leaked = open(folder["file"], O_RDONLY)
        defer { close(leaked) }
        let answer = try await shell("for f in /dev/fd/*; do printf '%s ' \"${f##*/}\"; done")
        let numbers = answer.output.reveal().split(separator: " ").compactMap { Int($0) }
        #expect(!numbers.contains(Int(leaked)))
        #expect(numbers.allSatisfy { $0 <= 3 }, "\(numbers)")
    }

    @Test func programHasNoTerminalToAskOn() async throws {
        #expect(
            try await shell("if (: </dev/tty) 2>/dev/null; then printf yes; else printf no; fi").output.reveal() == "no"
        )
    }

    @Test func slowProgramIsStoppedWithAllThatItStarted() async throws {
        let folder = try TemporaryFolder()
        // A child that ignores the friendly signal, holds no stream of ours, and would tell that it lived on.
        let script = """
            (trap '' TERM; exec >/dev/null 2>&1; echo $$ >"$1/started"; while :; do :; done) &
            trap '' TERM
            while :; do :; done
            """
        let error = try await failure {
            try await SystemProcessRunner().ask(
                ProcessQuestion(
                    ["sh", "-c", script, "sh", folder.path], environment: Self.path, timeout: .milliseconds(500)))
        }
        #expect(error.message == "sh did not end within 500ms and was stopped")
        let group = try #require(Int32(try folder.read("started").trimmingCharacters(in: .whitespacesAndNewlines)))
        // Killed already; at most not yet reaped by whoever inherited them.
        while kill(-group, 0) == 0 { sched_yield() }
        #expect(errno == ESRCH)
    }

    @Test func programThatClosesItsStreamsIsStoppedToo() async throws {
        let error = try await failure {
            try await shell("exec >&- 2>&- <&-; while :; do :; done", timeout: .milliseconds(300))
        }
        #expect(error.message.contains("did not end within 300ms"))
    }

    @Test func grandchildThatHoldsTheStreamsDoesNotHoldUs() async throws {
        let answer = try await shell("sleep 600 & printf '%s' $!")
        let orphan = try #require(Int32(answer.output.reveal()))
        #expect(answer.code == 0)
        kill(orphan, SIGKILL)
    }

    @Test func tooMuchOutputIsAFailure() async throws {
        #expect(try await shell("printf 12345", largestOutput: 5).output.count == 5)
        let error = try await failure { try await shell("printf 123456; while :; do :; done", largestOutput: 5) }
        #expect(error.message == "sh wrote more than 5 bytes and was stopped")
        _ = try await failure { try await shell("exec yes", largestOutput: 1 << 20) }
    }

    @Test func errorsAreCutToTheLimit() async throws {
        let answer = try await shell("printf 1234567890 >&2", largestOutput: 5)
        #expect(answer.errors == "12345")
        let much = try await shell("head -c 1000000 /dev/zero >&2; printf ok", largestOutput: 10)
        #expect(much.output.reveal() == "ok")
        #expect(much.errors.utf8.count == 10)
    }

    @Test func programIsFoundInThePathItIsGiven() async throws {
        let folder = try TemporaryFolder()
        try folder.write("#!/bin/sh\nprintf found\n", to: "tool")
        let missing = try await failure {
            try await SystemProcessRunner().ask(ProcessQuestion(["tool"], environment: ["PATH": folder.path]))
        }
        #expect(missing.message == "cannot start \(folder["tool"]): it may not be executed")
        try SystemFileSystem().setPermissions(of: folder["tool"], to: 0o700)
        for command in [["tool"], [folder["tool"]]] {
            let answer = try await SystemProcessRunner().ask(
                ProcessQuestion(command, environment: ["PATH": "/nonexistent:\(folder.path)"]))
            #expect(answer.output.reveal() == "found")
        }
    }

    @Test(arguments: [
        (["no-such-program-here"], "in no folder of PATH"), (["/no/such/program"], "there is no such file"),
        ([], "without a name"), ([""], "without a name"), (["/usr"], "may not be executed"),
    ]) func missingProgramIsNamed(_ command: [String], _ words: String) async throws {
        let error = try await failure {
            try await SystemProcessRunner().ask(ProcessQuestion(command, environment: Self.path))
        }
        #expect(error.message.contains(words), "\(error.message)")
    }

    @Test func relativeFoldersOfPathAreNotSearched() {
        #expect(ProgramSearch(environment: ["PATH": ".:bin::/usr/bin"]).folders == ["/usr/bin"])
        #expect(ProgramSearch(environment: [:]).folders == ["/usr/local/bin", "/usr/bin", "/bin"])
    }

    @Test func messageHasNeitherArgumentsNorVariables() async throws {
        let error = try await failure {
            try await SystemProcessRunner().ask(
                ProcessQuestion(["sh", canary + "\u{0}"], environment: ["PATH": "/bin", "TOKEN": canary]))
        }
        #expect(!error.description.contains("CANARY"))
        let late = try await failure {
            try await shell(": \(canary); while :; do :; done", timeout: .milliseconds(200))
        }
        #expect(!late.description.contains("CANARY"))
    }

    @Test func stoppedRunStopsTheProgram() async throws {
        let folder = try TemporaryFolder()
        let path = folder["started"]
        let task = Task { try await failure { try await shell("echo x >'\(path)'; while :; do :; done") } }
        while !FileManager.default.fileExists(atPath: path) { await Task.yield() }
        task.cancel()
        #expect(try await task.value.message.contains("was stopped"))
    }
}
