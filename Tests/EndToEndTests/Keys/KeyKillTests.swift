// A rotation of the key that is killed leaves one of the two keys that opens, and the same command finishes the rest.

import Foundation
import OutlastModel
import Subprocess
import SystemPackage
import Testing

@Suite("A rotation of the key that is killed", .timeLimit(.minutes(10)))
struct KeyKillTests {
    private static let keys = [GivenKey.key(0x21), .key(0x42)]

    /// After a kill: exactly one key opens; the command, run again, makes that the new one; the sealed token opens.
    private func settle(
        _ scene: Scene, _ family: SealedFamily, _ old: GivenKey, _ new: GivenKey, _ label: String
    ) async throws {
        let codes = [
            try await scene.run("key check", old.current).exit, try await scene.run("key check", new.current).exit,
        ]
        #expect(codes == [.done, .cacheLocked] || codes == [.cacheLocked, .done], "\(label): \(codes)")
        let again = try await scene.run("key rotate --json", old.current.merging(new.successor) { $1 })
        #expect(again.exit == .done, "\(label): \(again.everything)")
        #expect(again.text("outcome") == (codes[0] == .done ? "rotated" : "unchanged"), "\(label)")
        #expect(try scene.opens(family, with: new), "\(label)")
        #expect(try await scene.run("key check", old.current).exit == .cacheLocked, "\(label)")
        #expect(try await scene.sqlite("PRAGMA integrity_check") == "ok\n", "\(label)")
    }

    private func process(_ scene: Scene, _ program: String, _ arguments: [String], _ variables: [String: String]) throws
        -> Process
    {
        let process = Process()
        process.executableURL = URL(filePath: program)
        process.arguments = arguments
        process.environment = ["HOME": scene.home, "PATH": "/usr/bin:/bin"].merging(variables) { $1 }
        process.standardOutput = FileHandle.nullDevice
        process.standardError = FileHandle.nullDevice
        return process
    }

    @Test("at every call that changes a file")
    func everyCall() async throws {
        try await withScene { scene in
            let family = try scene.seal("release", with: Self.keys[0])
            var turn = 0, kills: [String: Int] = [:]
            for call in ["pwrite64", "write", "fsync", "fdatasync", "ftruncate", "fallocate", "unlink", "rename"] {
                for number in 1...60 {
                    let (old, new) = (Self.keys[turn % 2], Self.keys[(turn + 1) % 2])
                    let variables = old.current.merging(new.successor) { $1 }
                    let process = try process(
                        scene, "/usr/bin/strace",
                        [
                            "-f", "-qq", "-o", "/dev/null", "-e", "trace=\(call)", "-e",
                            "inject=\(call):signal=SIGKILL:when=\(number)", Program.outlast, "key", "rotate",
                        ], variables)
                    let wasKilled = try await process.isKilled()
                    try await settle(scene, family, old, new, "\(call) \(number)")
                    turn += 1
                    if !wasKilled { break }
                    kills[call, default: 0] += 1
                }
            }
            // Before and after the one write that counts: the log's frames and their sync, and the truncation.
            #expect(kills["pwrite64", default: 0] >= 5 && kills["fdatasync", default: 0] >= 1, "\(kills)")
            #expect(kills["ftruncate", default: 0] >= 1, "\(kills)")
        }
    }

    @Test("at thirty moments spread over a run")
    func moments() async throws {
        try await withScene { scene in
            let family = try scene.seal("release", with: Self.keys[0])
            let whole = try await scene.run("key rotate", Self.keys[0].current.merging(Self.keys[1].successor) { $1 })
            #expect(whole.exit == .done)
            var killed = 0
            for moment in 0..<30 {
                let (old, new) = (Self.keys[(moment + 1) % 2], Self.keys[moment % 2])
                let process = try process(
                    scene, Program.outlast, ["key", "rotate"], old.current.merging(new.successor) { $1 })
                if try await process.isKilled(after: whole.took * (Double(moment) / 25)) { killed += 1 }
                try await settle(scene, family, old, new, "moment \(moment)")
            }
            #expect(killed >= 1)
        }
    }
}

extension Process {
    /// Runs it to its end, which comes by SIGKILL after a while if it did not come before; whether a signal ended it.
    fileprivate func isKilled(after moment: Duration? = nil) async throws -> Bool {
        await ProcessGate.shared.enter()
        let killed = try await withCheckedThrowingContinuation { (next: CheckedContinuation<Bool, any Error>) in
            terminationHandler = { process in
                next.resume(returning: process.terminationReason == .uncaughtSignal)
            }
            do { try run() } catch { return next.resume(throwing: error) }
            guard let moment else { return }
            let pid = processIdentifier
            let seconds = Double(moment.components.seconds) + Double(moment.components.attoseconds) * 1e-18
            DispatchQueue.global().asyncAfter(deadline: .now() + seconds) { [self] in
                if isRunning { kill(pid, SIGKILL) }
            }
        }
        await ProcessGate.shared.leave()
        return killed
    }
}
