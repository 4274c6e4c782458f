// A machine for handovers: real files below a folder of the test's own, a clock, and callers that the test makes up.

import Foundation
import OutlastModel
import OutlastSystem
import OutlastTestKit
import Synchronization
import Testing

@testable import OutlastFlows

/// The machine.
final class HandoverScene: Sendable {
    /// Links in it are followed.
    let folder: String
    let files: RedirectedFiles
    let clock = FixedClock(SystemClock().now())
    let callers = MadeUpProcesses()
    private let count = Mutex<UInt8>(0)

    init() throws {
        let base = FileManager.default.temporaryDirectory.resolvingSymlinksInPath().path
        folder = "\(base)/outlast-handover-\(UUID().uuidString)"
        files = RedirectedFiles(sharedMemory: folder + "/shm")
        for name in ["", "/run", "/work", "/out"] {
            try files.makeFolder(folder + name, permissions: 0o700)
        }
    }

    deinit { try? FileManager.default.removeItem(atPath: folder) }

    /// Where files for shells lie.
    var exports: String { folder + "/run/outlast" }

    func world(
        _ variables: [String: String] = [:], pipeline: (any Pipeline)? = nil, pipelines: [any Pipeline] = [],
        forges: [any Forge] = []
    ) -> World {
        var world = World.trapping(
            clock: clock, variables: ["XDG_RUNTIME_DIR": folder + "/run"].merging(variables) { $1 }, forges: forges,
            pipeline: pipeline, files: files, store: .failure(Failure(.unexpected, "nobody needs a store")),
            pipelines: pipelines, processTable: callers)
        world.random = { [unowned self] length in
            let next = count.withLock { count in
                count += 1
                return count
            }
            return [UInt8](repeating: next, count: length)
        }
        return world
    }

    func names(_ folder: String) -> [String] { ((try? files.names(in: folder)) ?? []).sorted() }

    func text(_ path: String) throws -> String { String(decoding: try files.read(path, limit: 1 << 20), as: UTF8.self) }
}

/// Processes as a test says they are.
final class MadeUpProcesses: ProcessTable {
    private let state = Mutex<(ProcessAncestry?, Set<Int32>)>((nil, []))

    func set(_ ancestry: ProcessAncestry?, alive: Set<Int32>) { state.withLock { $0 = (ancestry, alive) } }
    func ancestry() -> ProcessAncestry? { state.withLock { $0.0 } }
    func isAlive(_ process: Int32) -> Bool { state.withLock { $0.1.contains(process) } }
}

/// A failure's code; nil when there was none.
func failure(_ body: () throws(Failure) -> Void) -> Failure? {
    do throws(Failure) {
        try body()
        return nil
    } catch { return error }
}
