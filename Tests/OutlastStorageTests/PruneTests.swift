// A large history is cut short some rows at a time: others write meanwhile, and the file becomes small all the same.

import Foundation
import GRDB
import OutlastModel
import OutlastTestKit
import Synchronization
import Testing

@testable import OutlastStorage

@Suite struct PruneTests {
    private static func at(_ seconds: Int64) -> Instant { Scene.now.advanced(by: .seconds(seconds - 1_000_000)) }

    /// Jobs with events of one day each, and as many events of one and the same moment.
    private func fill(_ store: SQLiteStore, jobs: Int) throws {
        let updates = (0..<jobs).map { number in
            JobUpdate(
                identity: JobIdentity(forge: "gitlab", server: "ci", project: "p", job: "j", run: "\(number)"),
                startedAt: Self.at(Int64(number)), finishedAt: Self.at(Int64(number) + 9), status: .success,
                seenAt: Self.at(Int64(number) + 9))
        }
        _ = try store.write(updates)
        try store.perform { db in
            try db.execute(
                sql: """
                    INSERT INTO event_kinds(event, outcome) VALUES ('start', 'running'), ('usage', 'ok');
                    INSERT INTO events(at, kind_id, job_id, series_id, code, detail)
                        SELECT begun_at, 1, id, series_id, 0, hex(randomblob(40)) FROM jobs;
                    INSERT INTO events(at, kind_id, job_id, series_id, code)
                        SELECT (SELECT min(begun_at) + 77777 FROM jobs), 2, id, series_id, 0 FROM jobs;
                    """)
        }
    }

    private func number(_ store: SQLiteStore, _ sql: String) throws -> Int64 {
        try store.perform { try Int64.fetchOne($0, sql: sql) ?? -1 }
    }

    @Test func manySlicesRemoveWhatIsOldAndNothingElse() throws {
        let scene = try Scene()
        let store = try scene.open()
        #expect(try number(store, "PRAGMA auto_vacuum") == 2)
        try fill(store, jobs: 7000)
        try store.settle()
        let size = try #require(try scene.files.status(of: scene.path)).size
        // The jobs that ended in the last 500 seconds stay, with the events from then on.
        let count = try store.prune(before: Self.at(6500), now: Scene.now)
        #expect(count == HistoryCount(jobs: 6491, events: 13_500))
        #expect(try number(store, "SELECT count(*) FROM jobs") == 509)
        #expect(try number(store, "SELECT count(*) FROM events") == 500)
        #expect(try number(store, "SELECT count(*) FROM pragma_foreign_key_check") == 0)
        #expect(try number(store, "PRAGMA freelist_count") == 0)
        #expect(try number(store, "PRAGMA secure_delete") == 1)
        #expect(try #require(try scene.files.status(of: scene.path)).size < size / 4)
        #expect(try store.prune(before: Self.at(6500), now: Scene.now) == HistoryCount())
    }

    @Test func aJobThatWasToldOfLateIsAsOldAsItsEnd() throws {
        let store = try Scene().open()
        for (run, isOver) in [("1", true), ("2", false)] {
            try store.write(
                RunRecord(
                    job: JobUpdate(
                        identity: JobIdentity(forge: "gitlab", server: "ci", project: "p", job: "j", run: run),
                        startedAt: Self.at(0), finishedAt: isOver ? Self.at(60) : nil, status: isOver ? .failed : nil,
                        seenAt: Scene.now),
                    events: [Event(at: Self.at(60), event: "note", outcome: "x")]))
        }
        #expect(
            try store.prune(before: Scene.now.advanced(by: .seconds(-9)), now: Scene.now)
                == HistoryCount(jobs: 1, events: 2))
        #expect(try number(store, "SELECT count(*) FROM jobs WHERE run = '2'") == 1)
    }

    @Test func aStoreThatWasMadeBeforeGivesItsRoomBackAsWell() throws {
        let scene = try Scene()
        let store = try scene.open()
        try fill(store, jobs: 3000)
        try store.perform { db in try db.execute(sql: "PRAGMA auto_vacuum = NONE; VACUUM") }
        try store.settle()
        let size = try #require(try scene.files.status(of: scene.path)).size
        #expect(try number(store, "PRAGMA auto_vacuum") == 0)
        let count = try store.prune(before: Scene.now, now: Scene.now)
        #expect(count == HistoryCount(jobs: 3000, events: 6000))
        #expect(try number(store, "PRAGMA auto_vacuum") == 2)
        #expect(try #require(try scene.files.status(of: scene.path)).size < size / 4)
        #expect(try scene.open(access: .readOnly).rows(of: .jobs, filter: .init()).rows.isEmpty)
    }

    @Test func jobsAreRecordedWhileAnotherProcessPrunes() throws {
        let scene = try Scene()
        let (store, other) = (try scene.open(), try scene.open())
        try fill(store, jobs: 12_000)
        let isOver = Mutex(false)
        let written = Mutex(0)
        let failures = Mutex<[String]>([])
        TogetherTests.onThreads(2) { thread in
            do {
                if thread == 0 {
                    defer { isOver.withLock { $0 = true } }
                    let count = try store.prune(before: Scene.now, now: Scene.now)
                    if count.jobs != 12_000 { failures.withLock { $0.append("\(count)") } }
                    return
                }
                while !isOver.withLock({ $0 }) {
                    let number = written.withLock { $0 }
                    let job = JobIdentity(forge: "gitlab", project: "p", job: "other", run: "\(number)")
                    try other.write(
                        RunRecord(
                            job: JobUpdate(identity: job, startedAt: Scene.now, seenAt: Scene.now),
                            events: [Event(at: Scene.now, event: "start", outcome: "running")]))
                    written.withLock { $0 += 1 }
                }
            } catch { failures.withLock { $0.append("\(error)") } }
        }
        #expect(failures.withLock { $0 } == [] && written.withLock { $0 } > 0)
        #expect(try number(store, "SELECT count(*) FROM jobs") == Int64(written.withLock { $0 }))
        #expect(try number(store, "SELECT count(*) FROM events") == Int64(written.withLock { $0 }))
    }
}
