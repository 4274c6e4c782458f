// Many processes and one token: exactly one request that spends it, whoever comes first and whoever dies.

import Foundation
import OutlastModel
import OutlastSandbox
import Subprocess
import SystemPackage
import Testing

@Suite("a hundred processes on one token", .serialized, .timeLimit(.minutes(30)))
struct HerdTests {
    private static let size = 100
    private static let kinds: [RigKind] = [.gitlabRotate, .gitlabOAuth, .oauth, .githubApp]

    @Test("started together, one of them renews and all get the same token", arguments: kinds)
    func together(kind: RigKind) async throws {
        try await herd(kind) { _ in .zero }
    }

    @Test("staggered over the renewal, one of them renews and all get the same token", arguments: kinds)
    func staggered(kind: RigKind) async throws {
        try await herd(kind, delay: 3000) { .milliseconds($0 * 60) }
    }

    @Test("the first is killed while the forge takes its time, and the others go on", arguments: kinds)
    func killedHolder(kind: RigKind) async throws {
        try await withStage { stage in
            try await prepare(stage)
            let rig = try RenewalRig.make(kind, on: stage, number: 1)
            stage.sandbox.addFault(
                FaultRule(.delay(milliseconds: 4000, .before), method: "POST", path: "/", times: 1))
            let path = Self.log(of: kind)
            async let first = killed(rig) {
                stage.sandbox.log.contains { $0.path.contains(path) && $0.method == "POST" }
            }
            let code = try await first
            #expect(code != 0)
            // What was on the wire is withdrawn with its connection, or has arrived: either way nobody spends it twice.
            let runs = try await start(rig, count: 30) { _ in .zero }
            let codes = Set(runs.map(\.code))
            #expect(codes == [0] || codes == [21], "\(codes) \(runs.first?.everything ?? "")")
            #expect(stage.sandbox.counters.replays.isEmpty)
            if codes == [0] { #expect(Set(runs.map { $0.text("fingerprint") }).count == 1) }
        }
    }

    private func herd(
        _ kind: RigKind, delay: Int = 300, _ offset: @escaping @Sendable (Int) -> Duration
    ) async throws {
        try await withStage { stage in
            try await prepare(stage)
            let rig = try RenewalRig.make(kind, on: stage, number: 1)
            stage.sandbox.addFault(
                FaultRule(.delay(milliseconds: delay, .after), method: "POST", path: "/", times: 1))
            let runs = try await start(rig, count: Self.size, offset)
            #expect(runs.count == Self.size)
            #expect(runs.allSatisfy { $0.code == 0 }, "\(runs.first { $0.code != 0 }?.everything ?? "")")
            let fingerprints = Set(runs.map { $0.text("fingerprint") })
            #expect(fingerprints.count == 1 && fingerprints.first != nil)
            #expect(runs.count { $0.text("outcome") == "renewed" } == 1)
            #expect(stage.sandbox.counters.commits(of: Self.operation(of: kind)) == 1, "\(stage.sandbox.counters)")
            #expect(stage.sandbox.counters.requests(of: Self.operation(of: kind)) == 1)
            #expect(stage.sandbox.counters.replays.isEmpty)
            let token = try #require(stage.scene.read(rig.home))
            #expect(rig.isAlive(token) && stage.fingerprint(token) == fingerprints.first ?? nil)
        }
    }

    private func prepare(_ stage: Stage) async throws {
        _ = try await stage.scene.run(
            ["record", "start", "--project", "g/p", "--job", "j", "--run", "1"], stage.variables)
    }

    /// Starts processes without a gate: that they all run at once is what is tested.
    private func start(
        _ rig: RenewalRig, count: Int, _ offset: @escaping @Sendable (Int) -> Duration
    ) async throws -> [Run] {
        try await withThrowingTaskGroup(of: Run.self) { group in
            for number in 0..<count {
                group.addTask {
                    try await Task.sleep(for: offset(number))
                    return try await rig.run()
                }
            }
            var runs: [Run] = []
            for try await run in group { runs.append(run) }
            return runs
        }
    }

    private func killed(_ rig: RenewalRig, when isTime: @escaping @Sendable () -> Bool) async throws -> Int32 {
        try await rig.run(killWhen: isTime).code
    }

    /// What the sandbox calls the request that renews.
    private static func operation(of kind: RigKind) -> String {
        switch kind {
        case .gitlabRotate: "gitlab.rotate"
        case .gitlabOAuth: "gitlab.oauth.refresh"
        case .oauth: "oauth.token"
        default: "github.mint"
        }
    }

    private static func log(of kind: RigKind) -> String {
        switch kind {
        case .gitlabRotate: "rotate"
        case .gitlabOAuth, .oauth: "token"
        default: "access_tokens"
        }
    }
}

extension RenewalRig {
    /// Runs `outlast refresh` at once, with as many others as there are; with a question, it is killed when that comes true.
    func run(killWhen: (@Sendable () -> Bool)? = nil) async throws -> Run {
        var environment: [Environment.Key: String] = [
            "HOME": stage.scene.home, "PATH": "/usr/bin:/bin", "NO_PROXY": "127.0.0.1",
        ]
        for (name, value) in variables { environment[try #require(Environment.Key(rawValue: name))] = value }
        var rig = self
        if killWhen == nil { rig.patience = "60s" }
        let words = rig.words()
        let result = try await Subprocess.run(
            .path(FilePath(Program.outlast)), arguments: Arguments(words), environment: .custom(environment),
            workingDirectory: FilePath(stage.scene.work), input: .none, output: .bytes(limit: 1 << 20),
            error: .bytes(limit: 1 << 20)
        ) { execution in
            guard let killWhen else { return }
            while !killWhen() { try await Task.sleep(for: .milliseconds(10)) }
            try execution.send(signal: .kill)
        }
        var code: Int32 = 137
        if case .exited(let value) = result.terminationStatus { code = value }
        return Run(
            arguments: words, output: String(decoding: result.standardOutput, as: UTF8.self),
            errors: String(decoding: result.standardError, as: UTF8.self), code: code, took: .zero)
    }
}
