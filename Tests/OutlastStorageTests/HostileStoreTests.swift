// A store is input: what is not ours, or was changed, is refused with a sentence; what is merely newer works on.

import Foundation
import GRDB
import OutlastModel
import OutlastTestKit
import Testing

@testable import OutlastStorage

@Suite struct HostileStoreTests {
    @Test(arguments: [
        "CREATE TRIGGER evil AFTER INSERT ON events BEGIN DELETE FROM jobs; END",
        "DROP VIEW v_jobs; CREATE VIEW v_jobs AS SELECT 1 AS job_id",
        "CREATE TABLE extra(a)", "CREATE INDEX extra ON jobs(run)", "DROP INDEX events_once",
        "ALTER TABLE jobs ADD COLUMN extra TEXT", "CREATE VIRTUAL TABLE extra USING fts5(a)",
        "DROP VIEW v_rotations",
        "DROP VIEW v_rotations; CREATE VIEW v_rotations AS SELECT hex(sealed) AS at FROM secrets",
        "CREATE TRIGGER evil AFTER INSERT ON secrets BEGIN DELETE FROM journal; END", "DROP INDEX journal_open",
        "CREATE TEMP TABLE x(a); PRAGMA writable_schema = ON; "
            + "UPDATE sqlite_master SET sql = replace(sql, 'STRICT', '') WHERE name = 'series'",
    ])
    func aChangedSchemaIsRefused(_ change: String) throws {
        let scene = try Scene()
        _ = try scene.open()
        try tamper(scene, change)
        for access in [StoreAccess.readWrite, .readOnly] {
            let refusal = try #require(failure { try scene.open(access: access) })
            #expect(refusal.code == .stateUnusable && refusal.isTampering)
            #expect(refusal.message.contains("was changed by something other"))
        }
    }

    @Test func aTriggerThatAppearsAfterTheOpeningDoesNotRun() throws {
        let scene = try Scene()
        let store = try scene.open()
        try store.write(HistoryRecords.full)
        try tamper(scene, "CREATE TRIGGER evil AFTER INSERT ON events BEGIN UPDATE jobs SET run = 'evil'; END")
        try store.write(RunRecord(events: [Event(at: Scene.now, event: "doctor", outcome: "ok")]))
        let table = try store.rows(of: .jobs, filter: .init())
        #expect(table.rows.count == 1)
        #expect(!table.rows[0].contains("evil"))
    }

    @Test(arguments: [
        "CREATE TABLE future(a); ALTER TABLE jobs ADD COLUMN weather TEXT; CREATE INDEX later ON jobs(weather)",
        "ALTER TABLE tokens ADD COLUMN mood TEXT NOT NULL DEFAULT 'calm'; "
            + "DROP VIEW v_jobs; CREATE VIEW v_jobs AS SELECT job_key AS job_id, 1 AS more FROM jobs",
    ])
    func aStoreOfANewerMinorVersionWorksOn(_ additions: String) throws {
        let scene = try Scene()
        _ = try scene.open()
        try tamper(scene, additions + "; PRAGMA user_version = \(Schema.version + 3)")
        try scene.open().write(HistoryRecords.full)
        try scene.open().write(HistoryRecords.full)
        let store = try scene.open(access: .readOnly)
        #expect(try store.rows(of: .jobs, filter: .init()).rows.count == 1)
        #expect(try store.rows(of: .tokens, filter: .init()).rows.count == 1)
        #expect(try store.perform { try Int64.fetchOne($0, sql: "PRAGMA user_version") } == Schema.version + 3)
    }

    @Test(arguments: [
        "CREATE TRIGGER evil AFTER INSERT ON events BEGIN DELETE FROM jobs; END", "DROP TABLE uses", "DROP VIEW v_jobs",
        "DROP INDEX events_once", "DROP INDEX jobs_by_time; CREATE INDEX jobs_by_time ON jobs(run)",
        "ALTER TABLE jobs ADD COLUMN made TEXT GENERATED ALWAYS AS (run || 'x')",
        "CREATE VIRTUAL TABLE extra USING fts5(a)",
        "DROP TABLE token_series; CREATE TABLE token_series(token_id, series_id, first_used_at, last_used_at)",
    ])
    func aNewerVersionIsNoExcuseForWhatIsHostile(_ change: String) throws {
        let scene = try Scene()
        _ = try scene.open()
        try tamper(scene, change + "; PRAGMA user_version = \(Schema.version + 1)")
        #expect(failure { try scene.open() }?.message.contains("was changed by something other") == true)
    }

    @Test(arguments: ["UPDATE store SET min_reader = \(Schema.version + 1)", "DROP TABLE store"])
    func aStoreOfANewerMajorVersionIsRefused(_ change: String) throws {
        let scene = try Scene()
        _ = try scene.open()
        try tamper(scene, change + "; PRAGMA user_version = \(Schema.version + 1)")
        for access in [StoreAccess.readWrite, .readOnly] {
            let refusal = try #require(failure { try scene.open(access: access) })
            #expect(refusal.code == .stateUnusable)
            #expect(refusal.message.contains("newer outlast"))
            #expect(refusal.hint?.contains("update outlast") == true)
        }
    }

    @Test func aDatabaseOfAnotherProgramIsRefusedAndLeftAlone() throws {
        for set in ["", "; PRAGMA application_id = 77; PRAGMA user_version = 1", "; PRAGMA user_version = 1"] {
            let scene = try Scene()
            try folder(scene)
            try tamper(scene, "CREATE TABLE bookmarks(url)" + set)
            let before = try Data(contentsOf: URL(fileURLWithPath: scene.path))
            for access in [StoreAccess.readWrite, .readOnly] {
                #expect(failure { try scene.open(access: access) }?.code == .stateUnusable)
            }
            #expect(try Data(contentsOf: URL(fileURLWithPath: scene.path)) == before)
        }
    }

    @Test(arguments: [
        "this is a text file, and a long one, so that nobody takes it for an empty database", "SQLite format 3\0", "\0",
    ])
    func whatIsNoDatabaseIsRefused(_ content: String) throws {
        let scene = try Scene()
        try folder(scene)
        try Data(content.utf8 + [UInt8](repeating: 120, count: 4096)).write(to: URL(fileURLWithPath: scene.path))
        chmod(scene.path, 0o600)
        let refusal = try #require(failure { try scene.open() })
        #expect(refusal.code == .stateUnusable)
        #expect(refusal.hint != nil)
    }

    @Test func anEmptyFileBecomesAStore() throws {
        let scene = try Scene()
        try folder(scene)
        #expect(try scene.files.createExclusively(scene.path, permissions: 0o600))
        #expect(failure { try scene.open(access: .readOnly) }?.message.contains("holds no state store") == true)
        #expect(try scene.open().salt.count == 32)
    }

    @Test func damagedPagesEndInASentence() throws {
        let scene = try Scene()
        do {
            let store = try scene.open()
            try store.write(HistoryRecords.full)
            try store.settle()
        }
        let handle = try #require(FileHandle(forUpdatingAtPath: scene.path))
        try handle.seek(toOffset: 4096)
        try handle.write(contentsOf: Data(repeating: 0x5A, count: 400_000))
        try handle.close()
        let refusal = try #require(
            failure {
                let store = try scene.open()
                _ = try store.rows(of: .jobs, filter: .init())
                try store.write(HistoryRecords.full)
                return store
            })
        #expect(refusal.code == .stateUnusable)
        #expect(!refusal.description.contains("SELECT") && !refusal.description.contains("INSERT"))
    }

    @Test func valuesOfTheWrongTypeReadAsNone() throws {
        let scene = try Scene()
        try scene.open().write(HistoryRecords.full)
        try tamper(
            scene,
            "PRAGMA ignore_check_constraints = ON; UPDATE jobs SET status = 'weird', ended_at = NULL; "
                + "UPDATE tokens SET expiry = 'soon', standing = 'undead'; UPDATE readings SET standing = 'undead'")
        let store = try scene.open()
        #expect(try store.remembered(HistoryRecords.token, api: "https://gitlab.example.com") == nil)
        #expect(try store.rows(of: .jobs, filter: .init()).rows.count == 1)
        #expect(
            failure {
                try store.write(HistoryRecords.full); return store
            }?.code == .stateUnusable)
    }

    @Test func messagesNameTheStoreAndNeverTheStatement() throws {
        let place = StorePlace(.sqlite(path: "/srv/\u{1B}[2Jstate.db", sharedWithGroup: false), directory: "/")
        for code in [
            ResultCode.SQLITE_FULL, .SQLITE_READONLY, .SQLITE_BUSY, .SQLITE_CORRUPT, .SQLITE_NOTADB,
            .SQLITE_IOERR, .SQLITE_CANTOPEN, .SQLITE_CONSTRAINT, .SQLITE_NOMEM, .SQLITE_TOOBIG,
        ] {
            let error = DatabaseError(
                resultCode: code, message: "near canary", sql: "INSERT INTO canary", arguments: ["canary"])
            let failure = StoreFailure.from(error, at: place)
            #expect(failure.code == .stateUnusable)
            #expect(failure.message.contains("state.db") && !failure.message.contains("\u{1B}"))
            #expect(!failure.description.contains("canary"))
            #expect(failure.hint != nil)
        }
    }

    /// Changes a store as anyone with the file could.
    private func tamper(_ scene: Scene, _ sql: String) throws {
        var configuration = Configuration()
        configuration.acceptsDoubleQuotedStringLiterals = true
        let queue = try DatabaseQueue(path: scene.path, configuration: configuration)
        try queue.inDatabase { try $0.execute(sql: sql) }
        try queue.close()
        chmod(scene.path, 0o600)
    }

    private func folder(_ scene: Scene) throws {
        try FileManager.default.createDirectory(
            atPath: scene.folder + "/state", withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
    }

    private func failure(_ body: () throws -> SQLiteStore) -> Failure? { OutlastStorageTests.failure(of: body) }
}
