// A store goes from version to version without losing a row, and the versions go on working beside each other.

import Foundation
import GRDB
import OutlastModel
import OutlastTestKit
import Testing

@testable import OutlastStorage

@Suite struct MigrationTests {
    /// A store as the first version left it, with a job in it.
    private func firstVersion(_ scene: Scene, then change: String = "") throws {
        try FileManager.default.createDirectory(
            atPath: scene.folder + "/state", withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        _ = try scene.files.createExclusively(scene.path + ".birth", permissions: 0o600)
        _ = try scene.files.createExclusively(scene.path, permissions: 0o600)
        let place = StorePlace(.sqlite(path: scene.path, sharedWithGroup: false), directory: "/")
        let mark = try BirthMark(of: place, files: scene.files)
        let queue = try DatabaseQueue(path: scene.path)
        try queue.inDatabase { db in
            try db.inTransaction {
                for object in Schema.objects(of: 1) { try db.execute(sql: object.sql) }
                try StoreIdentity.create(db, mark: mark, now: Scene.now, minReader: 1)
                try db.execute(sql: "INSERT INTO migrations(version, name, applied_at) VALUES (1, 'history', 1)")
                try db.execute(sql: "PRAGMA application_id = \(Schema.applicationID); PRAGMA user_version = 1")
                try RunWriter(db: db, record: HistoryRecords.full).write()
                return .commit
            }
            try db.execute(sql: change)
        }
        try queue.close()
    }

    @Test func aStoreOfTheFirstVersionKeepsItsRowsAndGetsRenewals() throws {
        let scene = try Scene()
        try firstVersion(scene)
        #expect(throws: Failure.self) { try scene.open(access: .readOnly) }
        let store = try scene.open()
        #expect(!store.isCopy)
        #expect(try store.rows(of: .jobs, filter: .init()).rows.count == 1)
        #expect(try store.rows(of: .tokens, filter: .init()).rows.count == 1)
        #expect(try store.renewals?.keyEnvelope() == nil)
        let names = try store.perform { try String.fetchAll($0, sql: "SELECT name FROM migrations ORDER BY version") }
        #expect(names == ["history", "renewals", "diagnoses", "doubts", "questions", "logs"])
        #expect(try scene.open(access: .readOnly).rows(of: .rotations, filter: .init()).rows.isEmpty)
    }

    @Test(arguments: [
        "CREATE TRIGGER evil AFTER INSERT ON events BEGIN DELETE FROM jobs; END",
        "CREATE TABLE secrets(family, generation, purpose, sealed, created_at)", "CREATE VIEW families AS SELECT 1",
        "DROP VIEW v_rotations; CREATE TABLE v_rotations(a)",
    ])
    func whatWasDoneToAnOldStoreIsNotBuiltOn(_ change: String) throws {
        let scene = try Scene()
        try firstVersion(scene, then: change)
        let refusal = try #require(failure { try scene.open() })
        #expect(refusal.code == .stateUnusable && refusal.message.contains("was changed by something other"))
        let queue = try DatabaseQueue(path: scene.path)
        #expect(try queue.inDatabase { try Int64.fetchOne($0, sql: "PRAGMA user_version") } == 1)
    }

    @Test(arguments: [1, 2, 3, 4]) func anOlderVersionWorksOnWithAMigratedStore(_ version: Int64) throws {
        let scene = try Scene()
        let store = try scene.open()
        let place = StorePlace(.sqlite(path: scene.path, sharedWithGroup: false), directory: "/")
        try store.perform { db in
            // What a program of that version asks of a store that is newer than it.
            try StoreIdentity.requireReadable(db, place: place)
            #expect(try Int64.fetchOne(db, sql: "SELECT min_reader FROM store") == 1)
            try SchemaCheck(place: place, expected: Schema.objects(of: version)).requireCompatibleSchema(db)
            // What it writes: the tokens' columns for renewals were there and stayed empty.
            try db.inTransaction {
                try RunWriter(db: db, record: HistoryRecords.full).write()
                return .commit
            }
        }
        #expect(try store.rows(of: .tokens, filter: .init()).rows.count == 1)
    }
}
