// The forge has renewed, and its answer never arrives, is an error, or is cut: no secret is spent twice, and what can be
// known is said.

import Foundation
import OutlastModel
import OutlastSandbox
import Testing

@Suite("renewals whose answer is lost", .timeLimit(.minutes(30)))
struct LostAnswerTests {
    private static let faults: [(name: String, kind: FaultKind)] = [
        ("closed before", .drop(.before)), ("closed after", .drop(.after)),
        ("500 before", .status(500, .before, retryAfter: nil)), ("500 after", .status(500, .after, retryAfter: nil)),
        ("502 after", .status(502, .after, retryAfter: nil)), ("cut", .truncate(bytes: 25)),
        ("empty", .empty(.after)), ("a page", .html(.after)),
        ("no JSON", .body("{\"token\":\"glp", contentType: "application/json", .after)),
    ]

    /// What can be renewed again whatever became of the answer.
    private static let harmless: [RigKind] = [.githubApp, .gitlabReplace, .http]

    @Test("lost, failed or cut after the forge has renewed", arguments: RigKind.allCases.filter { $0 != .command })
    func answer(kind: RigKind) async throws {
        try await withStage { stage in
            try await stage.makeStore()
            for (number, fault) in Self.faults.enumerated() {
                stage.sandbox.clearFaults()
                stage.sandbox.addFault(
                    kind == .http
                        ? FaultRule(fault.kind, path: "/mint-\(number)", match: .exact)
                        : FaultRule(fault.kind, method: "POST", path: "token", match: .contains))
                let rig = try RenewalRig.make(kind, on: stage, number: number)
                let run = try await stage.scene.run(rig.words(), rig.variables)
                #expect(stage.sandbox.log.contains { $0.fault != nil }, "\(fault.name)")
                var outcome = KillOutcome()
                rig.checkAnswer(run, &outcome)
                try await rig.settle(run, &outcome)
                #expect(outcome.complaints == [], "\(kind), \(fault.name), first: \(run.everything)")
                if Self.harmless.contains(kind) {
                    #expect(outcome.recovery == 0, "\(kind), \(fault.name)")
                } else {
                    #expect(run.code != 0, "\(kind), \(fault.name): \(run.everything)")
                }
                // A third run sends nothing more for what is lost.
                if outcome.recovery == 21 {
                    let commits = stage.sandbox.counters.commits
                    let third = try await stage.scene.run(rig.words(), rig.variables)
                    #expect(third.code == 21 && stage.sandbox.counters.commits == commits, "\(third.everything)")
                    #expect(stage.sandbox.counters.replays.isEmpty)
                }
            }
        }
    }
}
