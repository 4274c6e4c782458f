// What forges' lists told of tokens goes along with the history: into packs and exports, and from store to store, where the
// later telling counts and nothing is believed that no list can have said.

import Foundation
import GRDB
import OutlastModel
import OutlastTestKit
import Testing

@testable import OutlastStorage

@Suite struct ListedExchangeTests {
    private static let api = "https://gitlab.example.com"

    private static func at(_ seconds: Int64) -> Instant { Scene.now.advanced(by: .seconds(seconds - 100_000)) }

    private static func listed(_ id: String, _ name: String, at second: Int64, api: String = api) -> ListedToken {
        ListedToken(
            forge: "gitlab", api: api, tokenID: id, kind: "gitlab-group", name: name, owner: "group",
            scopes: ["api", "read_user"], expiry: .at(at(900_000)), standing: .alive, listedAt: at(second))
    }

    private func rows(_ store: SQLiteStore) throws -> [String] {
        try store.perform { db in
            try Row.fetchAll(db, sql: "SELECT * FROM listed_tokens ORDER BY api, forge_id").map { "\($0)" }
        }
    }

    /// The lists that the export names, with the names of their tokens.
    private func exported(_ store: SQLiteStore) throws -> [String] {
        var lines: [String] = []
        try store.export { list, members throws(Failure) in
            let name = members.first { $0.key == "name" }?.value.text ?? "-"
            lines.append("\(list) \(name)")
            return true
        }
        return lines
    }

    @Test func packsAndExportsHoldThem() throws {
        let scene = try Scene()
        let store = try scene.open()
        try store.write([Self.listed("7", "seven", at: 5), Self.listed("8", "eight", at: 6)], wholeOf: nil)
        let path = scene.folder + "/pack.db"
        #expect(try store.pack(to: path, now: Scene.now) == HistoryCount(listedTokens: 2))
        let packed = try scene.open(path, access: .readOnly)
        #expect(try rows(packed) == rows(store))
        #expect(try exported(packed) == ["tokens seven", "tokens eight"])
        // One that a job has presented is the job's.
        var sighting = TokenSighting(
            fingerprint: HistoryRecords.token, credential: "release", kind: "gitlab-group", forge: "gitlab",
            api: Self.api, tokenID: "7", name: "seven", scopes: nil, lifetime: .unknown, standing: nil, clockSkew: nil)
        sighting.name = "presented"
        try store.write(RunRecord(sightings: [sighting]))
        #expect(try exported(store) == ["tokens presented", "tokens eight"])
        #expect(try exported(store).count == store.rows(of: .tokens, filter: .init()).rows.count)
    }

    @Test func ofTwoTellingsTheLaterCounts() throws {
        let (left, right) = (try Scene(), try Scene())
        let (ours, theirs) = (try left.open(), try right.open())
        try ours.write(
            [Self.listed("1", "ours, later", at: 50), Self.listed("2", "ours, earlier", at: 10)], wholeOf: nil)
        try ours.write([Self.listed("5", "ours alone", at: 20)], wholeOf: nil)
        let there = [
            Self.listed("1", "theirs, earlier", at: 5), Self.listed("2", "theirs, later", at: 60),
            Self.listed("3", "theirs alone", at: 7),
            Self.listed("1", "elsewhere", at: 9, api: "https://other.example.com:8443"),
        ]
        for token in there { try theirs.write([token], wholeOf: nil) }
        try theirs.settle()
        let count = try ours.merge(right.path, now: Scene.now)
        #expect(count.listedTokens == ImportCount(added: 2, known: 2) && count.refused == 0)
        let names = try ours.perform {
            try String.fetchAll($0, sql: "SELECT name FROM listed_tokens ORDER BY api, forge_id")
        }
        #expect(names == ["ours, later", "theirs, later", "theirs alone", "ours alone", "elsewhere"])
        let spans = try ours.perform {
            try Row.fetchAll(
                $0, sql: "SELECT first_listed_at, listed_at FROM listed_tokens WHERE api = ? ORDER BY forge_id LIMIT 2",
                arguments: [Self.api]
            ).map { [$0[0] as Int64, $0[1] as Int64] }
        }
        #expect(
            spans == [
                [Self.at(5).milliseconds, Self.at(50).milliseconds],
                [Self.at(10).milliseconds, Self.at(60).milliseconds],
            ])
        let before = try rows(ours)
        let again = try ours.merge(right.path, now: Scene.now)
        #expect(again.listedTokens == ImportCount(known: 4))
        #expect(try rows(ours) == before)
    }

    @Test(arguments: [
        "api = 'https://user:glpat-secret@gitlab.example.com'", "api = 'https://gitlab.example.com/api'",
        "api = 'gitlab.example.com'", "api = 'https://GITLAB.example.com'", "api = printf('%.*c', 5000, 'x')",
        "forge_id = ''", "forge_id = char(0) || '7'", "forge_id = printf('%.*c', 5000, '7')", "kind = char(27) || 'x'",
        "forge = '::error::'", "standing = 'odd'", "listed_at = 99999999999999", "first_listed_at = listed_at + 1",
        "first_listed_at = -1", "scopes = printf('%.*c', 5000, 'x')",
    ])
    func rowsThatNoListCanHaveToldAreLeftOut(_ change: String) throws {
        let (left, right) = (try Scene(), try Scene())
        let (ours, theirs) = (try left.open(), try right.open())
        try theirs.write([Self.listed("7", "seven", at: 5), Self.listed("8", "eight", at: 6)], wholeOf: nil)
        try theirs.settle()
        try tamper(right, "UPDATE listed_tokens SET \(change) WHERE forge_id = '7'")
        let count = try ours.merge(right.path, now: Scene.now)
        #expect(count.listedTokens == ImportCount(added: 1) && count.refused == 1)
        #expect(try exported(ours) == ["tokens eight"])
    }

    @Test func textsOfAForeignStoreAreMadeSafe() throws {
        let (left, right) = (try Scene(), try Scene())
        let (ours, theirs) = (try left.open(), try right.open())
        try theirs.write([Self.listed("7", "seven", at: 5)], wholeOf: nil)
        try theirs.settle()
        try tamper(
            right,
            """
            UPDATE listed_tokens SET name = char(27) || '[31m' || char(10) || '::error::x',
                owner = printf('%.*c', 100000, 'o'), expiry = 'never', expires_at = 5
            """)
        #expect(try ours.merge(right.path, now: Scene.now).listedTokens.added == 1)
        let row = try #require(
            try ours.perform { try Row.fetchOne($0, sql: "SELECT name, owner, expiry, expires_at FROM listed_tokens") })
        let (name, owner) = (row[0] as String, row[1] as String)
        #expect(!name.contains("\u{1B}") && !name.contains("\n") && owner.utf8.count <= 500)
        #expect(row[2] as String == "never" && row[3] as Int64? == nil)
    }

    @Test func whatJobsKnowOfATokenIsNotTaughtByAForeignList() throws {
        let (left, right) = (try Scene(), try Scene())
        let (ours, theirs) = (try left.open(), try right.open())
        try ours.write(HistoryRecords.full)
        func tokens() throws -> [String] {
            try ours.perform { try Row.fetchAll($0, sql: "SELECT * FROM tokens").map { "\($0)" } }
        }
        let known = try tokens()
        let number = try ours.perform { try Row.fetchOne($0, sql: "SELECT forge_id, api FROM tokens") }
        let row = try #require(number)
        try theirs.write(
            [Self.listed(row[0] as String? ?? "12", "theirs", at: 99_000, api: row[1] as String? ?? Self.api)],
            wholeOf: nil)
        try theirs.settle()
        #expect(try ours.merge(right.path, now: Scene.now).listedTokens.added == 1)
        #expect(try tokens() == known)
    }

    private func tamper(_ scene: Scene, _ change: String) throws {
        let queue = try DatabaseQueue(path: scene.path)
        try queue.inDatabase { db in
            try db.execute(sql: "PRAGMA ignore_check_constraints = ON")
            try db.execute(sql: change)
            try db.execute(sql: "PRAGMA wal_checkpoint(TRUNCATE)")
        }
        try queue.close()
    }
}
