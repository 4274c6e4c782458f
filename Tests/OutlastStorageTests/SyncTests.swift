// A step of a renewal is on the disk when `apply` returns: seen from outside, by the kernel's own account.

import Foundation
import OutlastModel
import Testing

@testable import OutlastStorage

#if os(Linux)
@Suite struct SyncTests {
    private static let family = FamilyID(text: String(repeating: "ab", count: 16))

    /// The changes of a renewal and what else must last, by name.
    private static let steps: [(name: String, run: @Sendable (any RenewalStore) throws -> Void)] = [
        ("key", { _ = try $0.replaceKeyEnvelope(nil, by: KeyEnvelope(wrapped: [1])) }),
        ("intended", { _ = try $0.apply(RenewalChange(journal: entry(.intended)), to: family) }),
        (
            "received",
            {
                let sealed = SealedRow(
                    family: family, generation: 2, purpose: .access, sealed: [1, 2, 3], createdAt: Scene.now)
                _ = try $0.apply(
                    RenewalChange(sealed: [sealed], journal: entry(.received), history: HistoryRecords.full),
                    to: family)
            }
        ),
        ("dropped", { _ = try $0.apply(RenewalChange(droppedGenerations: [2]), to: family) }),
        ("failure", { try $0.noteAuthentication(at: "h", succeeded: false, now: Scene.now) }),
        ("wait", { try $0.noteWait(for: "h", until: Scene.now) }),
        ("forgotten", { _ = try $0.forget(credential: nil, family: family) }),
    ]

    private static func entry(_ state: RenewalState) -> JournalRow {
        JournalRow(
            entry: JournalEntry(
                family: family, generation: 1, method: "gitlab-rotate", credential: "release", state: state,
                intendedAt: Scene.now, requestTimeout: .seconds(60), changedAt: Scene.now,
                oldFingerprint: HistoryRecords.token), seal: [1])
    }

    /// Does all steps, each between two questions about files that no one has: marks that cost nothing and that the
    /// account shows.
    @Test(arguments: [FileSystemNature.local, .remote("nfs")])
    func stepsWithMarks(_ nature: FileSystemNature) throws {
        let scene = try Scene(files: DiskFiles(kind: nature))
        let store = try #require(try scene.open().renewals)
        let kind = nature == .local ? "log" : "journal"
        for step in Self.steps {
            access("/outlast-begin-\(kind)-\(step.name)", F_OK)
            try step.run(store)
            access("/outlast-end-\(kind)-\(step.name)", F_OK)
        }
    }

    @Test func everyStepIsSyncedBeforeItReturns() throws {
        let account = FileManager.default.temporaryDirectory.path + "/outlast-syncs-\(UUID().uuidString)"
        defer { try? FileManager.default.removeItem(atPath: account) }
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        let program = try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
        process.arguments = [
            "strace", "-f", "-qq", "-o", account, "-e",
            "trace=?access,?faccessat,?faccessat2,fsync,fdatasync", program, "--testing-library", "swift-testing",
            "--filter", "stepsWithMarks",
        ]
        process.standardOutput = FileHandle.nullDevice
        process.standardError = FileHandle.nullDevice
        try process.run()
        process.waitUntilExit()
        try #require(process.terminationStatus == 0, "strace is missing, or its program failed")
        let lines = try String(contentsOfFile: account, encoding: .utf8).split(separator: "\n")
        for kind in ["log", "journal"] {
            for step in Self.steps {
                let begin = lines.firstIndex { $0.contains("/outlast-begin-\(kind)-\(step.name)\"") }
                let end = lines.firstIndex { $0.contains("/outlast-end-\(kind)-\(step.name)\"") }
                let between = lines[try #require(begin)..<(try #require(end))]
                let syncs = between.count { $0.contains("sync") && $0.hasSuffix("= 0") }
                #expect(syncs >= 1, "\(kind) \(step.name)")
            }
        }
    }
}
#endif
