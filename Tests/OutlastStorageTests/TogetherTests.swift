// Many at once: one makes the store, all write, nobody is turned away.

import Foundation
import GRDB
import OutlastModel
import Synchronization
import Testing

@testable import OutlastStorage

@Suite(.serialized) struct TogetherTests {
    @Test func aHundredOpeningsAtOnceMakeOneStore() throws {
        let scene = try Scene()
        let found = Mutex<[[UInt8]]>([])
        let failures = Mutex<[String]>([])
        onThreads(100) { number in
            do {
                let store = try scene.open()
                try store.write(Self.record(number))
                found.withLock { $0.append(store.storeID) }
            } catch { failures.withLock { $0.append("\(error)") } }
        }
        #expect(failures.withLock { $0 } == [])
        #expect(Set(found.withLock { $0 }).count == 1)
        try check(scene, events: 100)
    }

    @Test func processesThatOpenAtOnceMakeOneStore() async throws {
        let scene = try Scene()
        let path = scene.path
        await withTaskGroup(of: Void.self) { group in
            for process in 0..<8 {
                group.addTask {
                    await #expect(processExitsWith: .success) { [path = path as String, process = process as Int] in
                        let own = try Scene()
                        // Five of each process, so that locks within and between processes are both at work.
                        let broken = Atomic(0)
                        TogetherTests.onThreads(5) { number in
                            do {
                                try own.open(path).write(TogetherTests.record(process * 5 + number))
                            } catch { broken.add(1, ordering: .relaxed) }
                        }
                        guard broken.load(ordering: .relaxed) == 0 else { exit(1) }
                    }
                }
            }
        }
        try check(scene, events: 40)
    }

    @Test func eightWritersOfFiftyRecordsEachLoseNone() throws {
        let scene = try Scene()
        _ = try scene.open()
        let failures = Mutex<[String]>([])
        onThreads(8) { writer in
            do {
                let store = try scene.open()
                for number in 0..<50 { try store.write(Self.record(writer * 50 + number)) }
                try store.settle()
            } catch { failures.withLock { $0.append("\(error)") } }
        }
        #expect(failures.withLock { $0 } == [])
        try check(scene, events: 400)
    }

    @Test func aStoreThatStaysLockedEndsInASentence() throws {
        let scene = try Scene()
        let store = try scene.open()
        try store.perform { StoreConnection.bePatient($0, 20) }
        let other = try scene.open()
        try other.perform { db in
            try db.inTransaction(.immediate) {
                let refusal = failure { try store.write(Self.record(1)) }
                #expect(refusal?.message.contains("locked") == true)
                return .rollback
            }
        }
        try store.write(Self.record(1))
    }

    private static func record(_ number: Int) -> RunRecord {
        var record = HistoryRecords.full
        record.job?.identity.run = "\(number)"
        record.job?.slot = "\(number)"
        record.events = [Event(at: Scene.now, event: "start", outcome: "ok")]
        return record
    }

    private func check(_ scene: Scene, events: Int) throws {
        let store = try scene.open()
        #expect(try store.rows(of: .events, filter: HistoryFilter(limit: 1000)).rows.count == events)
        #expect(try store.perform { try String.fetchOne($0, sql: "PRAGMA integrity_check") } == "ok")
        #expect(
            try store.perform { try Int.fetchOne($0, sql: "SELECT count(*) FROM migrations") }
                == Schema.migrations.count)
        #expect(!store.isCopy)
    }

    private func onThreads(_ count: Int, _ body: @escaping @Sendable (Int) -> Void) { Self.onThreads(count, body) }

    /// Runs a body on that many threads at once: SQLite blocks, which tasks must not.
    static func onThreads(_ count: Int, _ body: @escaping @Sendable (Int) -> Void) {
        let ready = DispatchGroup()
        for number in 0..<count {
            ready.enter()
            Thread.detachNewThread {
                body(number)
                ready.leave()
            }
        }
        ready.wait()
    }
}
