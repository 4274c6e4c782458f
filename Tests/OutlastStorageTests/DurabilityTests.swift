// What is written stays, is there for the next process, and is foldable into one file.

import Foundation
import GRDB
import OutlastModel
import OutlastTestKit
import Testing

@testable import OutlastStorage

@Suite struct DurabilityTests {
    @Test func everyCommitIsDurableAndTheStoreIsDeafToCode() throws {
        let store = try Scene().open()
        let pragmas: [(String, String)] = [
            ("journal_mode", "wal"), ("synchronous", "2"), ("foreign_keys", "1"), ("trusted_schema", "0"),
            ("busy_timeout", "10000"),
        ]
        for (name, value) in pragmas {
            let found = try store.perform { try Row.fetchOne($0, sql: "PRAGMA \(name)")?[0] as DatabaseValue? }
            #expect(found.map { "\($0)".replacing("\"", with: "") } == value, "\(name)")
        }
        // DEFENSIVE: neither is the schema writable nor the journal.
        try store.perform { db in
            try db.execute(sql: "PRAGMA writable_schema = ON")
            #expect(throws: DatabaseError.self) { try db.execute(sql: "DELETE FROM sqlite_master") }
            try db.execute(sql: "PRAGMA journal_mode = OFF")
            #expect(try String.fetchOne(db, sql: "PRAGMA journal_mode") == "wal")
        }
    }

    @Test func theRowsOfARunAreInOneTransaction() throws {
        let scene = try Scene()
        let store = try scene.open()
        let before = try commits(scene)
        try store.write(HistoryRecords.full)
        #expect(try commits(scene) == before + 1)
    }

    @Test("a record that may be lost is there at once for every other process, and the next one is synced again")
    func mayBeLost() throws {
        let scene = try Scene()
        let store = try scene.open()
        var record = HistoryRecords.full
        record.mayBeLost = true
        try store.write(record)
        let other = try scene.open(access: .readOnly)
        #expect(try other.rows(of: .events, filter: .init()).rows.count == record.events.count)
        #expect(try store.perform { try Int.fetchOne($0, sql: "PRAGMA synchronous") } == 2)
    }

    @Test(
        "a token that is only seen again is noted once in a minute, whatever is new about it at once",
        arguments: [(0, 1000), (59, 1000), (61, 62_000)])
    func seenAgain(later: Int64, lastSeen: Int64) throws {
        let store = try Scene().open()
        let fingerprint = Fingerprint(of: Secret("glpat-abcdefghijklmnopqrst"), salt: store.salt)
        func record(at second: Int64, _ lifetime: Lifetime, credential: String = "release") -> RunRecord {
            let sighting = TokenSighting(
                fingerprint: fingerprint, credential: credential, kind: "gitlab-personal", forge: "gitlab", api: nil,
                tokenID: nil, name: nil, scopes: nil, lifetime: lifetime, standing: nil, clockSkew: nil)
            let event = Event(
                at: Instant(milliseconds: second * 1000), event: "credential", outcome: "given",
                fingerprint: fingerprint, detail: "release")
            return RunRecord(sightings: [sighting], events: [event], mayBeLost: true)
        }
        func cell(_ column: String) throws -> Int64? {
            try store.perform { try Int64.fetchOne($0, sql: "SELECT \(column) FROM tokens") }
        }
        try store.write(record(at: 1, .unknown))
        try store.write(record(at: 1 + later, .unknown))
        #expect(try cell("last_seen_at") == lastSeen)
        let end = Instant(milliseconds: 9_000_000)
        try store.write(record(at: 2, Lifetime(expiry: .at(end), source: .jwt, checkedAt: nil)))
        #expect(try cell("expires_at") == end.milliseconds)
        try store.write(record(at: 3, .unknown, credential: "other"))
        #expect(try cell("credential = 'other'") == 1)
        #expect(try store.rows(of: .events, filter: .init()).rows.count == 4 - (later == 0 ? 1 : 0))
    }

    @Test func openingWarmWritesNothing() throws {
        let scene = try Scene()
        let keepsTheLog = try scene.open()
        try keepsTheLog.write(HistoryRecords.full)
        let before = try scene.files.status(of: scene.path + "-wal")
        _ = try scene.open()
        _ = try scene.open(access: .readOnly).rows(of: .jobs, filter: .init())
        #expect(try scene.files.status(of: scene.path + "-wal")?.size == before?.size)
    }

    /// Commits in the log: frames whose header tells a size of the database (SQLite file format, section 4.1).
    private func commits(_ scene: Scene) throws -> Int {
        let bytes = [UInt8](try Data(contentsOf: URL(fileURLWithPath: scene.path + "-wal")))
        return stride(from: 32, to: bytes.count, by: 24 + 4096).count { bytes[$0 + 4..<$0 + 8] != [0, 0, 0, 0] }
    }

    @Test func settlingLeavesEverythingInTheMainFile() throws {
        let scene = try Scene()
        let store = try scene.open()
        try store.write(HistoryRecords.full)
        try store.settle()
        #expect(try scene.files.status(of: scene.path + "-wal")?.size == 0)
        try FileManager.default.createDirectory(
            atPath: scene.folder + "/cache", withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        try FileManager.default.copyItem(atPath: scene.path, toPath: scene.folder + "/cache/state.db")
        let cached = try scene.open(scene.folder + "/cache/state.db")
        #expect(try cached.rows(of: .jobs, filter: .init()).rows.count == 1)
        #expect(cached.copyReason == .moved)
    }

    @Test func aLogThatNobodySettlesDoesNotGrowWithoutEnd() throws {
        let scene = try Scene()
        for run in 0..<60 {
            var record = HistoryRecords.full
            record.events = record.events.map { event in
                var event = event
                event.at = event.at.advanced(by: .seconds(run))
                return event
            }
            try scene.open().write(record)
            let log = try #require(try scene.files.status(of: scene.path + "-wal"))
            #expect(log.size < SQLiteStore.longestLog + 200_000)
        }
        #expect(try scene.open().rows(of: .events, filter: .init()).rows.count >= 60)
    }

    @Test func settlingWhileAnotherReadsIsNoError() throws {
        let scene = try Scene()
        let store = try scene.open()
        try store.write(HistoryRecords.full)
        let reader = try scene.open(access: .readOnly)
        try reader.perform { db in
            try db.inTransaction(.deferred) {
                _ = try Row.fetchAll(db, sql: "SELECT * FROM jobs")
                try store.settle()
                return .commit
            }
        }
        #expect(try reader.rows(of: .jobs, filter: .init()).rows.count == 1)
    }

    @Test func aStoreOpenedForReadingCannotBeWritten() throws {
        let scene = try Scene()
        _ = try scene.open()
        let reader = try scene.open(access: .readOnly)
        #expect(failure { try reader.write(HistoryRecords.full) }?.code == .stateUnusable)
        try reader.settle()
    }

    @Test func aFolderThatCannotBeWrittenIsReadAsItLies() async throws {
        await #expect(processExitsWith: .success) {
            let scene = try Scene()
            do {
                let store = try scene.open()
                try store.write(HistoryRecords.full)
                try store.settle()
            }
            for suffix in ["-wal", "-shm"] { unlink(scene.path + suffix) }
            for path in [scene.folder + "/state", scene.path] { chmod(path, path == scene.path ? 0o444 : 0o555) }
            // Root may write everywhere; the files are root's or our own either way.
            if geteuid() == 0 { guard setuid(65534) == 0 else { exit(3) } }
            let store = try scene.open(access: .readOnly)
            guard try store.rows(of: .jobs, filter: .init()).rows.count == 1 else { exit(4) }
            guard store.warnings.contains(where: { $0.contains("as it lies there") }) else { exit(5) }
            let refusal = OutlastStorageTests.failure { try scene.open() }
            guard refusal?.code == .stateUnusable else { exit(6) }
        }
    }

    @Test func noByteOfATokenReachesTheDisk() throws {
        let scene = try Scene()
        let canary = "glpat-CANARYcanaryCANARYcanary"
        let token = Fingerprint(of: Secret(canary), salt: [])
        let store = try scene.open()
        var record = HistoryRecords.full
        record.sightings[0].fingerprint = token
        record.events[0].fingerprint = token
        try store.write(record)
        for suffix in ["", "-wal", ".birth"] {
            let bytes = try Data(contentsOf: URL(fileURLWithPath: scene.path + suffix))
            #expect(bytes.range(of: Data(canary.utf8)) == nil)
            #expect(bytes.range(of: Data("CANARY".utf8)) == nil)
        }
        #expect(try store.rows(of: .tokens, filter: HistoryFilter(token: token.text)).rows.count == 1)
    }
}

/// Records to write.
enum HistoryRecords {
    static let job = JobIdentity(forge: "gitlab", server: "ci", project: "group/app", job: "build", run: "1")
    static let token = Fingerprint(of: Secret("glpat-aaaaaaaaaaaaaaaaaaaaaaaa"), salt: [])

    /// A job, a token that its forge told of, two events.
    static let full = RunRecord(
        job: JobUpdate(
            identity: job, startedAt: Scene.now, status: .running, decision: .sufficient, timeout: .seconds(3600),
            slot: "12/0", seenAt: Scene.now),
        sightings: [
            TokenSighting(
                fingerprint: token, credential: "release", kind: "gitlab-project", forge: "gitlab",
                api: "https://gitlab.example.com", tokenID: "12", name: "deploy", scopes: ["api", "read_user"],
                lifetime: Lifetime(
                    expiry: .at(Scene.now.advanced(by: .seconds(86_400))), source: .forge, checkedAt: Scene.now),
                standing: .alive, clockSkew: .milliseconds(1500))
        ],
        events: [
            Event(at: Scene.now, event: "preflight", outcome: "sufficient", fingerprint: token, detail: "1d left"),
            Event(at: Scene.now, event: "start", outcome: "ok"),
        ])
}
