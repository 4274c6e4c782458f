// SIGKILL at points spread over the whole renewal, before and after every kind of system call that leaves a trace, for every
// method. OUTLAST_KILLS=N kills N renewals of each kind instead of the few that suffice for a change; the table that comes
// out is published in docs/renewal-under-kill.md.

import Foundation
import OutlastModel
import OutlastSandbox
import Synchronization
import Testing

@Suite("renewals that are killed", .serialized, .timeLimit(.minutes(60)))
struct KillTests {
    private static let perKind = ProcessInfo.processInfo.environment["OUTLAST_KILLS"].flatMap { Int($0) } ?? 24
    /// More than this of a call or a state, in a full run.
    private static let least = 10

    @Test("no kill loses a token, spends one twice, or leaves a store that is not whole")
    func everywhere() async throws {
        var tally = KillTally()
        for kind in RigKind.allCases { try await kill(kind, &tally) }
        for kind in [RigKind.gitlabRotate, .gitlabOAuth, .githubUser] {
            try await kill(kind, .drop(.after), &tally)
        }
        try await kill(.gitlabRotate, .drop(.before), &tally)
        if Self.perKind >= 100 {
            for call in tally.rareCalls(below: Self.least) { try await killAlone(at: call, &tally) }
        }
        print(tally.table)  // for docs/renewal-under-kill.md
        #expect(tally.complaints == [])
        #expect(tally.kills >= Self.perKind * RigKind.allCases.count * 8 / 10, "nearly every point was reached")
        if Self.perKind >= 100 {
            #expect(tally.rare(below: Self.least) == [], "each state and call was met often enough")
        }
    }

    /// Kills renewals to which the forge answers in its own time.
    private func kill(_ kind: RigKind, _ tally: inout KillTally) async throws {
        let outcomes = Mutex<[KillOutcome]>([])
        try await withRigs(kind) { stage in
            stage.sandbox.addFault(FaultRule(.drip(milliseconds: 0), method: "POST", path: "/", times: nil))
            let counted = try await RenewalRig.make(kind, on: stage, number: 0).runUnderKiller("count")
            try #require(counted.run.code == 0 && !counted.calls.isEmpty, "\(kind): \(counted)")
            let points = Self.points(of: counted.calls, count: Self.perKind)
            await withTaskGroup(of: KillOutcome.self) { group in
                var next = 0
                func add() {
                    guard next < points.count else { return }
                    let (number, point) = (next + 1, points[next])
                    next += 1
                    group.addTask {
                        do {
                            return try await RenewalRig.make(kind, on: stage, number: number).kill(at: point)
                        } catch { return KillOutcome(complaints: ["\(error)"]) }
                    }
                }
                for _ in 0..<3 { add() }
                for await outcome in group {
                    outcomes.withLock { $0.append(outcome) }
                    add()
                }
            }
        }
        tally.add(kind.rawValue, outcomes.withLock { $0 })
    }

    /// Kills renewals whose answer is lost, from the moment that it is missed: while they find out what that means.
    private func kill(_ kind: RigKind, _ fault: FaultKind, _ tally: inout KillTally) async throws {
        var outcomes: [KillOutcome] = []
        try await withRigs(kind) { stage in
            let rule = FaultRule(fault, method: "POST", path: "/", times: nil)
            stage.sandbox.addFault(rule)
            let lost = try RenewalRig.make(kind, on: stage, number: 0, patience: "10s")
            var counted = try await lost.runUnderKiller("count")
            // On a busy machine the questions before the request may find no answer in time; nothing was sent then.
            for _ in 0..<4 where counted.run.code == 69 { counted = try await lost.runUnderKiller("count") }
            try #require([20, 21].contains(counted.run.code), "\(kind): \(counted)")
            // More of these only where the table is wanted: what was not renewed after all is told by waiting.
            let count = max(4, Self.perKind / (Self.perKind >= 100 ? 2 : 4))
            let syncs = counted.calls.count { Self.name(of: $0) == "fdatasync" }
            let (all, part) = (counted.calls.count, counted.calls.count / 4)
            for number in 1...count {
                stage.sandbox.clearFaults()
                stage.sandbox.addFault(rule)
                let place = all - part + part * (number - 1) / count + 1
                // The last thing to reach the disk is what was found out.
                let point =
                    number % 2 == 0
                    ? KillPoint(number: place, isAfter: number % 4 == 0)
                    : KillPoint(number: syncs, isAfter: true, name: "fdatasync")
                let rig = try RenewalRig.make(kind, on: stage, number: number, patience: "10s")
                outcomes.append(try await rig.kill(at: point) { stage.sandbox.clearFaults() })
            }
        }
        tally.add("\(kind.rawValue), the answer lost", outcomes)
    }

    /// Kills renewals one after the other at a call that only the last user of a store makes, and that is seldom met while
    /// others use it too.
    private func killAlone(at call: String, _ tally: inout KillTally) async throws {
        var outcomes: [KillOutcome] = []
        try await withRigs(.gitlabRotate) { stage in
            for number in 1...(2 * Self.least) {
                let rig = try RenewalRig.make(.gitlabRotate, on: stage, number: number)
                outcomes.append(try await rig.kill(at: KillPoint(number: 1, isAfter: number % 2 == 0, name: call)))
            }
        }
        tally.add(RigKind.gitlabRotate.rawValue, outcomes)
    }

    /// A stage whose store is there already: its making has tests of its own.
    private func withRigs(_ kind: RigKind, _ body: (Stage) async throws -> Void) async throws {
        try await withStage { stage in
            _ = try await stage.scene.run(
                ["record", "start", "--project", "g/p", "--job", "j", "--run", "1"], stage.variables)
            try await body(stage)
        }
    }

    /// Points in equal distances, before and after a call in turns; as many again take the kinds of calls in turns, so that
    /// a long answer, read byte by byte, does not crowd out the rest.
    private static func points(of calls: [String], count: Int) -> [KillPoint] {
        let even = (0..<count / 2).map { $0 * calls.count * 2 / max(1, count / 2) }
        var chosen = even.map { KillPoint(number: $0 / 2 + 1, isAfter: $0 % 2 == 1) }
        let names = calls.map(name)
        let kinds = Set(names).sorted()
        for turn in 0..<(count - chosen.count) {
            let name = kinds[turn % kinds.count]
            let times = names.count { $0 == name }
            chosen.append(
                KillPoint(
                    number: turn / kinds.count * 7 % times + 1, isAfter: turn / kinds.count % 2 == 1, name: name))
        }
        return chosen
    }

    /// A call by its name, as the killer names it.
    private static func name(of call: String) -> String {
        let words = call.split(separator: " ")
        return words.count > 2 && words[2] == "socket" ? "\(words[1]) (socket)" : String(words[1])
    }

    @Test("a store that is set back to before a renewal is caught sending a spent secret")
    func plantedReplay() async throws {
        try await withStage { stage in
            let rig = try RenewalRig.make(.blindOAuth, on: stage, number: 1)
            _ = try await stage.scene.run(
                ["record", "start", "--project", "g/p", "--job", "j", "--run", "1"], stage.variables)
            let before = try #require(FileManager.default.contents(atPath: stage.state))
            let first = try await stage.scene.run(rig.words(), rig.variables)
            #expect(first.code == 0 && stage.sandbox.counters.replays.isEmpty)
            // The same file with its old bytes: no copy that the store could notice.
            for end in ["-wal", "-shm"] { try? FileManager.default.removeItem(atPath: stage.state + end) }
            let file = try #require(FileHandle(forWritingAtPath: stage.state))
            try file.truncate(atOffset: 0)
            try file.write(contentsOf: before)
            try file.close()
            let outcome = try await rig.kill(at: KillPoint(number: 1_000_000, isAfter: false))
            #expect(!stage.sandbox.counters.replays.isEmpty)
            #expect(outcome.complaints.contains { $0.hasPrefix("spent secrets were sent again") })
        }
    }
}

/// Kills by kind, state and call.
struct KillTally {
    private(set) var kills = 0
    private(set) var complaints: [String] = []
    private var byKind: [String: (kills: Int, living: Int, told: Int)] = [:]
    private var byState: [String: Int] = [:]
    private var byCall: [String: Int] = [:]

    mutating func add(_ kind: String, _ outcomes: [KillOutcome]) {
        for outcome in outcomes {
            complaints += outcome.complaints.map { "\(kind), \(outcome.state), \(outcome.call ?? "-"): \($0)" }
            guard let call = outcome.call else { continue }
            kills += 1
            byState[outcome.state, default: 0] += 1
            byCall[call, default: 0] += 1
            byKind[kind, default: (0, 0, 0)].kills += 1
            if outcome.recovery == 0 {
                byKind[kind, default: (0, 0, 0)].living += 1
            } else {
                byKind[kind, default: (0, 0, 0)].told += 1
            }
        }
    }

    /// States and calls that were met less often than that.
    func rare(below least: Int) -> [String] {
        (byState.filter { $0.value < least }.map { "\($0.key): \($0.value)" }
            + byCall.filter { $0.value < least }.map { "\($0.key): \($0.value)" }).sorted()
    }

    /// Calls that were met less often than that.
    func rareCalls(below least: Int) -> [String] { byCall.filter { $0.value < least }.keys.sorted() }

    /// The tables of the documentation.
    var table: String {
        var lines = [
            "", "| renewal | kills | living token afterwards | 21 and a true account |", "| --- | --- | --- | --- |",
        ]
        for (kind, figures) in byKind.sorted(by: { $0.key < $1.key }) {
            lines.append("| \(kind) | \(figures.kills) | \(figures.living) | \(figures.told) |")
        }
        lines += ["", "| journal at the kill | kills |", "| --- | --- |"]
        lines += byState.sorted { $0.value > $1.value }.map { "| \($0.key) | \($0.value) |" }
        lines += ["", "| system call | kills |", "| --- | --- |"]
        lines += byCall.sorted { $0.value > $1.value }.map { "| \($0.key) | \($0.value) |" }
        return lines.joined(separator: "\n") + "\n"
    }
}
