// A disk that fills up, breaks or becomes read-only at any step of a renewal: no secret is spent twice, what the program
// says is true, and the next run leaves a living token or a true account. OUTLAST_DISK_FAULTS=all breaks every call with
// every error, for good and once, instead of taking turns.

#if arch(x86_64)

import Foundation
import OutlastModel
import OutlastSandbox
import Subprocess
import SystemPackage
import Testing

@Suite("renewals whose disk fails", .serialized, .timeLimit(.minutes(60)))
struct DiskTests {
    private static let isThorough = ProcessInfo.processInfo.environment["OUTLAST_DISK_FAULTS"] == "all"
    private static let errors = ["ENOSPC", "EROFS", "EIO"]
    private static let kinds: [RigKind] = [.gitlabRotate, .gitlabOAuth, .blindOAuth, .githubApp, .gitlabReplace]

    @Test("the state's files fail at every call that writes or syncs them", arguments: kinds)
    func everyCall(kind: RigKind) async throws {
        let turn = Self.kinds.firstIndex(of: kind) ?? 0
        try await breakDisk(kind, "state.db") { number in
            if Self.isThorough {
                return Self.errors.flatMap { error in
                    [true, false].map { DiskFault(error: error, number: number, isForEver: $0, name: "state.db") }
                }
            }
            // The renewals make the same calls in the same order: each call fails for one of them.
            guard number % Self.kinds.count == turn else { return [] }
            let error = Self.errors[number / Self.kinds.count % Self.errors.count]
            return [DiskFault(error: error, number: number, isForEver: number % 4 != 0, name: "state.db")]
        }
    }

    @Test(
        "every file fails, also the one that the token is published to", arguments: [RigKind.gitlabRotate, .blindOAuth])
    func everyFile(kind: RigKind) async throws {
        try await breakDisk(kind, "") { number in
            guard Self.isThorough || number % 6 == 0 else { return [] }
            return [DiskFault(error: "ENOSPC", number: number, isForEver: true, name: "")]
        }
    }

    private func breakDisk(
        _ kind: RigKind, _ name: String, _ faults: @Sendable (Int) -> [DiskFault]
    ) async throws {
        try await withStage { stage in
            try await stage.makeStore()
            let counting = DiskFault(error: "EIO", number: 1_000_000, isForEver: false, name: name)
            let whole = try await RenewalRig.make(kind, on: stage, number: 0).runUnderKiller(counting.argument)
            try #require(whole.run.code == 0 && whole.calls.count >= 12, "\(kind): \(whole)")
            let all = (1...whole.calls.count).flatMap { faults($0) }
            let outcomes = try await stage.each(all) { number, fault in
                try await RenewalRig.make(kind, on: stage, number: number + 1).fail(by: fault)
            }
            #expect(outcomes.flatMap(\.complaints) == [])
            #expect(outcomes.count { $0.call != nil } * 10 >= all.count * 8, "nearly every fault was met")
            let states = Set(outcomes.map(\.state))
            #expect(states.count >= 3, "\(states)")
            #expect(outcomes.contains { $0.recovery == 0 })
        }
    }

    /// What the kernel really refuses, writes that were cut short before it included.
    @Test("a file may not grow any further")
    func limit() async throws {
        try await withStage { stage in
            try await stage.makeStore()
            let before = stage.sizeOfLog
            let whole = try await RenewalRig.make(.gitlabRotate, on: stage, number: 0).run(through: ["/usr/bin/env"])
            try #require(whole.code == 0, "\(whole.everything)")
            let growth = stage.sizeOfLog - before
            try #require(growth > 20_000)
            var codes: Set<Int32> = []
            for number in 1...12 {
                let rig = try RenewalRig.make(.gitlabRotate, on: stage, number: number)
                let limit = stage.sizeOfLog + growth * number / 12 - 1000
                // Without the signal, which would be one more kill.
                let run = try await rig.run(through: [
                    "/bin/sh", "-c", "trap '' XFSZ; exec \"$0\" \"$@\"", "/usr/bin/prlimit", "--fsize=\(limit)",
                ])
                var outcome = KillOutcome()
                rig.checkAnswer(run, &outcome)
                try await rig.settle(run, &outcome)
                #expect(outcome.complaints == [], "at \(limit)")
                codes.insert(run.code)
            }
            #expect(codes.contains(40), "\(codes)")
        }
    }

    @Test(
        "the state is made read-only while the forge answers",
        arguments: [RigKind.gitlabRotate, .blindOAuth, .githubApp])
    func readOnly(kind: RigKind) async throws {
        try await withStage { stage in
            try await stage.makeStore()
            let rig = try RenewalRig.make(kind, on: stage, number: 1)
            stage.sandbox.addFault(
                FaultRule(.delay(milliseconds: 5000, .after), method: "POST", path: "token", match: .contains))
            async let ending = rig.run(through: stage.withoutPrivileges)
            while stage.sandbox.counters.commits.isEmpty { try await Task.sleep(for: .milliseconds(5)) }
            try stage.setWritable(false)
            let run = try await ending
            var outcome = KillOutcome()
            rig.checkAnswer(run, &outcome)
            let asked = stage.sandbox.counters.commits
            // A renewal that would be due does not begin.
            var due = rig.variables
            if rig.first != nil { due["RELEASE_TOKEN"] = stage.scene.read(rig.home) }
            let next = try await RenewalRig(
                kind: kind, stage: stage, variables: due, home: rig.home, configuration: rig.configuration,
                first: rig.first ?? ""
            ).run(through: stage.withoutPrivileges)
            #expect(next.code == 40, "\(next.everything)")
            #expect(stage.sandbox.counters.commits == asked)
            try stage.setWritable(true)
            try await rig.settle(run, &outcome)
            #expect(outcome.complaints == [])
        }
    }
}

/// How a disk fails.
struct DiskFault: Sendable {
    let error: String
    /// The first call that fails, from 1.
    let number: Int
    let isForEver: Bool
    /// How the names of the files begin.
    let name: String

    var argument: String { "fail:\(error):\(number)\(isForEver ? "+" : ""):\(name)" }
}

extension RenewalRig {
    /// Renews on a disk that fails, and lets the next run settle it.
    func fail(by fault: DiskFault) async throws -> KillOutcome {
        var outcome = KillOutcome()
        let before = try await newestEntry()
        let broken = try await runUnderKiller(fault.argument)
        if broken.calls.count >= fault.number { outcome.call = broken.calls[fault.number - 1] }
        let entry = try await newestEntry()
        if entry.number > before.number { outcome.state = entry.state }
        checkAnswer(broken.run, &outcome)
        try await settle(broken.run, &outcome)
        outcome.complaints = outcome.complaints.map {
            "\(kind), \(fault.argument), \(outcome.call ?? "-"), \(outcome.state): \($0); first \(broken.run.everything)"
        }
        return outcome
    }
}

extension Stage {
    /// What takes root's power over permission bits away; nothing where there is none.
    fileprivate var withoutPrivileges: [String] {
        geteuid() == 0 ? ["/usr/bin/setpriv", "--bounding-set=-all", "--inh-caps=-all"] : ["/usr/bin/env"]
    }

    /// The size of the file that a renewal's rows are written to.
    fileprivate var sizeOfLog: Int { FileManager.default.contents(atPath: state + "-wal")?.count ?? 0 }

    fileprivate func setWritable(_ isWritable: Bool) throws {
        let folder = scene.folder + "/volume"
        for name in try FileManager.default.contentsOfDirectory(atPath: folder) where name.hasPrefix("state.db") {
            let isFolder = name.hasSuffix(".leases")
            let mode = (isFolder ? 0o500 : 0o400) | (isWritable ? 0o200 : 0)
            try FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: "\(folder)/\(name)")
        }
        try FileManager.default.setAttributes(
            [.posixPermissions: isWritable ? 0o700 : 0o500], ofItemAtPath: folder)
    }
}

#endif
