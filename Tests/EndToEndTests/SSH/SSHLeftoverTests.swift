// What a job leaves that was killed, who takes it away, and what nobody may touch.

import Foundation
import OutlastModel
import Subprocess
import SystemPackage
import Testing

#if canImport(Glibc)
import Glibc
#endif

@Suite("SSH fallback: leftovers", .timeLimit(.minutes(20)))
struct SSHLeftoverTests {
    private func job(_ number: Int, slot: Int) -> [String: String] {
        [
            "GITLAB_CI": "true", "CI_SERVER_URL": "https://git.example.com", "CI_PROJECT_PATH": "group/app",
            "CI_JOB_NAME": "release", "CI_JOB_ID": String(number), "CI_RUNNER_ID": "7",
            "CI_CONCURRENT_ID": String(slot), "CI_API_V4_URL": "https://git.example.com/api/v4",
        ]
    }

    private func words(_ server: SSHServer, _ more: [String] = []) -> [String] {
        [
            "ssh-fallback", "--key-file", "\(server.folder)/deploy", "--repo", server.address(), "--host-key",
            server.hostKey, "--for", "git.example.com",
        ] + more
    }

    @Test("the slot's next job takes away what was left, and nothing of a job beside it")
    func twoJobs() async throws {
        try await withSSH { scene, server in
            _ = try await server.key("deploy")
            let one = server.variables.merging(job(1, slot: 0)) { $1 }
            let two = server.variables.merging(job(2, slot: 1)) { $1 }
            #expect(try await scene.run(words(server), one).code == 0)
            let left = try #require(server.leftovers.first)
            #expect(try await scene.run(words(server, ["--no-agent"]), two).code == 0)
            let beside = try #require(server.leftovers.first { $0 != left })
            let before = try await scene.shell(
                "find . -type f | sort | xargs sha256sum", at: "\(server.runtime)/outlast/\(beside)")
            // Job 1 was killed: it never said --off. Its slot begins job 3.
            let three = server.variables.merging(job(3, slot: 0)) { $1 }
            #expect(try await scene.run("ssh-fallback --status --json", three)["active"] == false)
            #expect(try await scene.run(words(server), three).code == 0)
            #expect(!server.leftovers.contains(left) && server.leftovers.contains(beside))
            let after = try await scene.shell(
                "find . -type f | sort | xargs sha256sum", at: "\(server.runtime)/outlast/\(beside)")
            #expect(before.output == after.output && !before.output.isEmpty)
            #expect(try await scene.run("ssh-fallback --status --json", two)["active"] == true)
            #expect(try await scene.run("ssh-fallback --off", three).code == 0)
            #expect(server.leftovers == [beside])
            #expect(try await scene.run("ssh-fallback --off", two).code == 0)
            #expect(server.leftovers == [] && server.agents == [])
        }
    }

    @Test("of two builds at once one is killed in the midst: the other's folder, agent and files are untouched")
    func killedBesideAnother() async throws {
        try await withSSH { scene, server in
            _ = try await server.key("deploy")
            let living = server.variables.merging(job(2, slot: 1)) { $1 }
            #expect(try await scene.run(words(server, ["--agent"]), living).code == 0)
            let folder = try #require(server.leftovers.first)
            let agents = Set(server.agents)
            let look = "find . -type f | sort | xargs sha256sum; ls -lA --full-time"
            let before = try await scene.shell(look, at: "\(server.runtime)/outlast/\(folder)")
            // Late: when its agent runs and its files are written.
            let calls = try await kill(words(server, ["--agent"]), "count", scene, server, job(1, slot: 0))
            let killed = try await kill(
                words(server, ["--agent"]), "after:\(calls.lines.count - 3)", scene, server, job(3, slot: 0))
            #expect(killed.code == 137 && server.leftovers.count == 2 && server.agents.count > agents.count)
            #expect(try await scene.run(words(server), server.variables.merging(job(4, slot: 0)) { $1 }).code == 0)
            #expect(server.leftovers.count == 2 && agents.isSubset(of: server.agents))
            let after = try await scene.shell(look, at: "\(server.runtime)/outlast/\(folder)")
            #expect(before.output == after.output)
            #expect(
                try await scene.run("ssh-fallback --off", server.variables.merging(job(4, slot: 0)) { $1 }).code == 0)
            #expect(server.leftovers == [folder] && Set(server.agents) == agents)
            #expect(try await scene.run("ssh-fallback --off", living).code == 0)
            #expect(server.leftovers == [] && server.agents == [])
        }
    }

    @Test("where there is nothing to take back, --off says so")
    func nothing() async throws {
        try await withSSH { scene, server in
            let run = try await scene.run("ssh-fallback --off", server.variables)
            #expect(run.code == 0 && run.output.contains("nothing to take back"), "\(run.everything)")
            _ = try await server.key("deploy")
            #expect(try await scene.run(words(server, []), server.variables).code == 0)
            let off = try await scene.run("ssh-fallback --off", server.variables)
            #expect(off.code == 0 && off.output.contains("is taken back"), "\(off.everything)")
        }
    }

    @Test("a life that ends before the proof is said to have ended, and the server is not blamed")
    func outlived() async throws {
        try await withSSH { scene, server in
            _ = try await server.key("deploy")
            // A server that answers when the agent is gone: whatever is asked next finds no key.
            let path = server.folder + "/authorized"
            let slow = try String(contentsOfFile: path, encoding: .utf8)
                .replacingOccurrences(of: "command=\"", with: "command=\"sleep 3; exec ")
            try Data(slow.utf8).write(to: URL(filePath: path))
            let line = words(server, ["--agent", "--lifetime", "2s", "--need-push", "--json"])
            let run = try await scene.run(line, server.variables)
            #expect(run.exit == .sshUnproved && run.errors.contains("the lifetime of 2s was over"), "\(run.everything)")
            #expect(!run.errors.contains("does not accept the key"), "\(run.everything)")
            #expect(server.leftovers == [] && server.agents == [])
        }
    }

    @Test("an agent ends with its lifetime, and then what belongs to it is a leftover")
    func lifetime() async throws {
        try await withSSH { scene, server in
            _ = try await server.key("deploy")
            let run = try await scene.run(words(server, ["--agent", "--lifetime", "3s", "--json"]), server.variables)
            #expect(run.code == 0, "\(run.everything)")
            for _ in 0..<3000 where !server.agents.isEmpty { try await Task.sleep(for: .milliseconds(20)) }
            #expect(server.agents == [])
            let status = try await scene.run("ssh-fallback --status --json", server.variables)
            #expect(status["active"] == false)
            let elsewhere = server.variables.merging(job(9, slot: 5)) { $1 }
            #expect(try await scene.run("ssh-fallback --off", elsewhere).code == 0)
            #expect(server.leftovers == [])
        }
    }

    @Test(
        "an agent that was killed alone leaves a process that waits for it: the slot's next job ends that, and no other"
    )
    func watcher() async throws {
        try await withSSH { scene, server in
            _ = try await server.key("deploy")
            let one = server.variables.merging(job(1, slot: 0)) { $1 }
            let two = server.variables.merging(job(2, slot: 1)) { $1 }
            #expect(try await scene.run(words(server, ["--agent"]), one).code == 0)
            let left = try #require(server.leftovers.first)
            #expect(try await scene.run(words(server, ["--agent"]), two).code == 0)
            let watched = Set(server.watched)
            let living = Set(server.agents.filter { !server.isAgent($0, of: left) })
            #expect(watched.count == 2 && living.count == 1)
            for agent in server.agents where server.isAgent(agent, of: left) {
                Glibc.kill(try #require(Int32(agent)), SIGKILL)
            }
            for _ in 0..<3000 where Set(server.agents) != living { try await Task.sleep(for: .milliseconds(20)) }
            #expect(Set(server.watched) == watched)
            #expect(try await scene.run("ssh-fallback --status --json", one)["active"] == false)
            #expect(try await scene.run("ssh-fallback --status --json", two)["active"] == true)
            // The slot of the one that was killed begins another job; the other's is left alone.
            let three = server.variables.merging(job(3, slot: 0)) { $1 }
            #expect(try await scene.run("ssh-fallback --off", three).code == 0)
            for _ in 0..<3000 where server.watched.count != 1 { try await Task.sleep(for: .milliseconds(20)) }
            #expect(server.watched.count == 1 && Set(server.watched).isSubset(of: watched))
            #expect(Set(server.agents) == living && !server.leftovers.contains(left))
            #expect(try await scene.run("ssh-fallback --off", two).code == 0)
            #expect(server.leftovers == [] && server.agents == [])
        }
    }

    @Test("a substitution ends although the agent lives on, and so does the agent when its shell is gone")
    func detached() async throws {
        try await withSSH { scene, server in
            _ = try await server.key("deploy")
            let run = try await scene.shell(
                "sh -c 'x=$(\(SSHFallbackTests.fallback) --agent --export shell); echo \"$x\" >lines'; . ./lines; git ls-remote -q https://git.example.com/group/app.git HEAD",
                server.variables)
            #expect(run.code == 0 && run.output.contains("HEAD"), "\(run.everything)")
            #expect(!server.agents.isEmpty)
            #expect(try await scene.run("ssh-fallback --off", server.variables).code == 0)
            #expect(server.leftovers == [] && server.agents == [])
        }
    }

    @Test("killed at any step, the next run takes away all of it, and every other byte is what it was")
    func killed() async throws {
        try await withSSH { scene, server in
            _ = try await server.key("deploy")
            try scene.write("Host x\n", to: "\(scene.home)/.ssh/config")
            try scene.write("[user]\n\tname = me\n", to: "\(scene.home)/.gitconfig")
            let set = try await scene.shell(
                "git init -q -b main .; git remote add origin https://git.example.com/group/app.git")
            #expect(set.code == 0)
            let state =
                "cat .git/config; ls -A .git; cd; find . -type f -not -path './.local/*' | sort | xargs sha256sum"
            let before = try await scene.shell(state)
            let make = words(server, ["--local", "--agent"])
            let calls = try await kill(make, "count", scene, server)
            #expect(calls.code == 0 && calls.lines.count > 20, "\(calls)")
            #expect(try await scene.run("ssh-fallback --off", server.variables).code == 0)
            var kills = 0
            // Every place once, before or after it in turn: a run takes a second.
            for number in 1...calls.lines.count {
                let killed = try await kill(make, "\(number % 2 == 0 ? "after" : "before"):\(number)", scene, server)
                guard killed.code == 137 else { continue }
                kills += 1
                let next = try await scene.run("ssh-fallback --off", server.variables)
                let label: Comment = "\(number): \(killed.lines.last ?? "") \(next.everything)"
                #expect(next.code == 0, label)
                #expect(server.leftovers == [], label)
                #expect(server.agents == [], label)
                #expect(try await scene.shell(state).output == before.output, label)
            }
            #expect(kills > calls.lines.count / 2)
        }
    }

    /// Runs the program under the killer.
    private func kill(
        _ arguments: [String], _ mode: String, _ scene: Scene, _ server: SSHServer, _ job: [String: String] = [:]
    ) async throws -> (code: Int32, lines: [String]) {
        let report = "\(scene.vault)/report"
        try? FileManager.default.removeItem(atPath: report)
        var environment: [Environment.Key: String] = ["HOME": scene.home, "PATH": "/usr/bin:/bin"]
        for (name, value) in server.variables.merging(job, uniquingKeysWith: { $1 }) {
            environment[try #require(Environment.Key(rawValue: name))] = value
        }
        let result = try await Subprocess.run(
            .path(FilePath(Program.folder + "/outlast-kill-at")),
            arguments: Arguments([report, mode, Program.outlast] + arguments), environment: .custom(environment),
            workingDirectory: FilePath(scene.work), input: .none, output: .bytes(limit: 1 << 20),
            error: .bytes(limit: 1 << 20))
        var code: Int32 = 0
        switch result.terminationStatus {
        case .exited(let value): code = value
        case .signaled(let signal): code = 128 + signal
        }
        return (code, (scene.read(report) ?? "").split(separator: "\n").map(String.init))
    }
}

extension Scene {
    /// Runs lines of a shell in a folder.
    fileprivate func shell(_ script: String, at folder: String) async throws -> Run {
        try await shell("cd '\(folder)'; " + script)
    }
}
