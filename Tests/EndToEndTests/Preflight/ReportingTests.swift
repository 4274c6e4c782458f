// What is told to whom: a warning instead of a failure, a report for later jobs, and what happens where it cannot be written.

import Foundation
import OutlastModel
import OutlastSandbox
import Testing

@Suite("Telling the CI", .timeLimit(.minutes(10)))
struct ReportingTests {
    private static let token = "reporting-0123456789-reporting-0123456789"
    private static let short = "preflight --token-env T --forge generic --expires-at 2001-01-01 --duration 1h"

    @Test("--on-insufficient warn says the same on stderr and ends with 0")
    func warn() async throws {
        try await withScene { scene in
            scene.secret(Self.token)
            let fail = try await scene.run(Self.short, ["T": Self.token])
            #expect(fail.exit == .expired && fail.errors.isEmpty)
            let warn = try await scene.run(Self.short + " --on-insufficient warn", ["T": Self.token])
            // How long ago it ended is told in words that change with the minute.
            let told = { (run: Run) in run.output.replacing(#/ended .* ago/#, with: "ended") }
            #expect(warn.exit == .done && told(warn) == told(fail))
            #expect(warn.errors.contains("expired: token (opaque) ended") && warn.errors.contains("end with 11"))
            let json = try await scene.run(Self.short + " --on-insufficient warn --json", ["T": Self.token])
            #expect(json.exit == .done && json.text("decision") == "expired")
            let config = try scene.write("version: 1\non_insufficient: warn\n", to: "\(scene.home)/c.yml")
            #expect(try await scene.run(Self.short + " --config \(config)", ["T": Self.token]).exit == .done)
            let over = "\(Self.short) --config \(config) --on-insufficient fail"
            #expect(try await scene.run(over, ["T": Self.token]).exit == .expired)
        }
    }

    @Test("--dotenv writes plain lines that a later job can read, for its owner alone")
    func dotenv() async throws {
        try await withScene { scene in
            scene.secret(Self.token)
            let line = "preflight --token-env T --expires-at 2099-01-01 --min-remaining 1h --dotenv report.env"
            try await scene.run(line, ["T": Self.token])
            let lines = try #require(scene.read("report.env")).split(separator: "\n").map(String.init)
            #expect(
                lines.map { $0.prefix { $0 != "=" } } == [
                    "OUTLAST_DECISION", "OUTLAST_REMAINING_S", "OUTLAST_NEEDED_S", "OUTLAST_EXPIRES_AT",
                ])
            #expect(lines.contains("OUTLAST_DECISION=sufficient") && lines.contains("OUTLAST_NEEDED_S=3600"))
            #expect(lines.last == "OUTLAST_EXPIRES_AT=2099-01-01T00:00:00Z")
            let attributes = try FileManager.default.attributesOfItem(atPath: scene.work + "/report.env")
            #expect((attributes[.posixPermissions] as? Int) == 0o600)
        }
    }

    @Test("a report that cannot be written is said, and takes nothing from the verdict")
    func unwritable() async throws {
        try await withScene { scene in
            scene.secret(Self.token)
            let github = [
                "GITHUB_ACTIONS": "true", "GITHUB_OUTPUT": scene.folder + "/no/such/output",
                "GITHUB_STEP_SUMMARY": scene.work, "T": Self.token,
            ]
            let good = try await scene.run(
                "preflight --token-env T --forge generic --expires-at 2099-01-01 --json", github)
            #expect(good.exit == .done && good.text("decision") == "sufficient", "\(good.everything)")
            #expect(good.notes.count == 2, "\(good.errors)")
            let bad = try await scene.run(Self.short + " --dotenv no/such/report.env --json", ["T": Self.token])
            #expect(bad.exit == .expired && bad.text("decision") == "expired", "\(bad.everything)")
            #expect(bad.errors.contains("report.env"), "\(bad.errors)")
        }
    }

    @Test("a remedy that cannot be carried out is none")
    func remedies() async throws {
        try await withScene { scene in
            scene.secret(Self.token)
            for remedy in ["refresh", "ssh-fallback", "auto"] {
                let run = try await scene.run(Self.short + " --on-insufficient \(remedy) --json", ["T": Self.token])
                #expect(run.exit == .expired && run.text("remedy") == "none", "\(remedy)")
            }
        }
    }
}
