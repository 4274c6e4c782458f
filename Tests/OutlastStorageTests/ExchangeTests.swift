// History that goes from store to store: nothing is told twice, nothing is believed that contradicts itself, and what is
// no history stays where it is.

import Foundation
import GRDB
import OutlastModel
import OutlastTestKit
import Testing

@testable import OutlastStorage

@Suite struct ExchangeTests {
    private static let token = Fingerprint(of: Secret("glpat-aaaaaaaaaaaaaaaaaaaaaaaa"), salt: [])

    private static func job(_ run: Int, leg: String = "", legIsSeries: Bool = false) -> JobIdentity {
        JobIdentity(
            forge: "gitlab", server: "ci", project: "group/app", job: "build", run: "\(run)", leg: leg,
            legIsSeries: legIsSeries)
    }

    private static func at(_ seconds: Int64) -> Instant { Scene.now.advanced(by: .seconds(seconds - 100_000)) }

    /// Some jobs with a token, a diagnosis and lines of a log.
    private func fill(_ store: SQLiteStore, jobs: Range<Int>) throws {
        for run in jobs {
            let start = Int64(run * 100)
            let update = JobUpdate(
                identity: Self.job(run, leg: run % 2 == 0 ? "a" : "", legIsSeries: run % 2 == 0),
                startedAt: Self.at(start), finishedAt: Self.at(start + 60), status: run % 3 == 0 ? .failed : .success,
                decision: .sufficient, timeout: .seconds(3600), slot: "1/0", seenAt: Self.at(start + 60))
            let sighting = TokenSighting(
                fingerprint: Self.token, credential: "release", kind: "gitlab-project", forge: "gitlab",
                api: "https://gitlab.example.com", tokenID: "12", name: "deploy", scopes: ["api"],
                lifetime: Lifetime(expiry: .at(Self.at(900_000)), source: .forge, checkedAt: Self.at(start)),
                standing: .alive, clockSkew: nil)
            let diagnosis = Diagnosis(class: .network, confidence: .high, line: "line \(run)", advice: "wait")
            try store.write(
                RunRecord(
                    job: update, sightings: [sighting],
                    events: [
                        Event(at: Self.at(start), event: "start", outcome: "running", isOnce: true),
                        Event(
                            at: Self.at(start + 1), event: "preflight", outcome: "sufficient", fingerprint: Self.token),
                        Event(
                            at: Self.at(start + 2), event: "failure", outcome: "network", detail: "line \(run)",
                            diagnosis: diagnosis),
                    ]))
        }
        let lines = jobs.map { run in
            LoggedFailure(
                key: LoggedFailure.key(of: Array("line \(run)".utf8)), at: Self.at(0), class: .authExpired,
                confidence: .high, line: "log \(run)", forge: "gitlab", host: "gitlab.example.com", tokenID: "12",
                kinds: ["gitlab-project"])
        }
        _ = try store.write(lines, from: "gitlab-log")
    }

    /// The rows of all views, without numbers of rows, in an order of their own.
    private func content(_ store: SQLiteStore) throws -> [String] {
        var lines: [String] = []
        try store.export { list, members throws(Failure) in
            lines.append(JSONValue.object([.init("list", .string(list))] + members).encoded)
            return true
        }
        return lines.sorted()
    }

    private func uses(_ store: SQLiteStore) throws -> [String] {
        try store.perform { db in
            try String.fetchAll(
                db,
                sql: """
                    SELECT t.fingerprint || j.job_key || u.begun_at || s.leg FROM uses u JOIN tokens t ON t.id = u.token_id
                    JOIN jobs j ON j.id = u.job_id JOIN series s ON s.id = j.series_id
                    JOIN token_series x ON x.token_id = t.id AND x.series_id = s.id ORDER BY 1
                    """)
        }
    }

    @Test func mergingBringsTogetherWhatTwoStoresSawAndAgainChangesNothing() throws {
        let (left, right, whole) = (try Scene(), try Scene(), try Scene())
        let (ours, theirs, both) = (try left.open(), try right.open(), try whole.open())
        try fill(ours, jobs: 0..<30)
        // Other numbers for the same rows.
        try theirs.write(RunRecord(job: JobUpdate(identity: Self.job(999), seenAt: Self.at(5))))
        try fill(theirs, jobs: 20..<50)
        try fill(both, jobs: 0..<30)
        try both.write(RunRecord(job: JobUpdate(identity: Self.job(999), seenAt: Self.at(5))))
        try fill(both, jobs: 20..<50)
        try theirs.settle()
        let count = try ours.merge(right.path, now: Scene.now)
        #expect(count.jobs == ImportCount(added: 21, known: 10) && count.refused == 0)
        #expect(count.tokens == ImportCount(known: 1))
        #expect(count.events == ImportCount(added: 80, known: 40))
        let (found, expected) = (try content(ours), try content(both))
        // Refusals of one moment are apart by milliseconds, which views do not show.
        #expect(found == expected)
        #expect(try uses(ours) == uses(both))
        // A store that nobody uses any more has nothing made beside it.
        let copy = right.folder + "/copy.db"
        try FileManager.default.copyItem(atPath: right.path, toPath: copy)
        let names = try FileManager.default.contentsOfDirectory(atPath: right.folder).sorted()
        let again = try ours.merge(copy, now: Scene.now)
        #expect(try FileManager.default.contentsOfDirectory(atPath: right.folder).sorted() == names)
        #expect(again.jobs.added + again.tokens.added + again.events.added == 0 && again.events.known == 120)
        #expect(try content(ours) == found)
    }

    @Test func mergingIntoAnEmptyStoreIsTheSameAsWritingThere() throws {
        let (left, right) = (try Scene(), try Scene())
        let (ours, theirs) = (try left.open(), try right.open())
        try fill(theirs, jobs: 0..<1000)
        try theirs.settle()
        let count = try ours.merge(right.path, now: Scene.now)
        #expect(count.jobs.added == 1000 && count.events.added == 4000 && count.refused == 0)
        #expect(try content(ours) == content(theirs))
        #expect(try uses(ours) == uses(theirs))
        // What a forge said is asked again, not believed.
        #expect(try ours.remembered(Self.token, api: "https://gitlab.example.com") == nil)
    }

    @Test(arguments: [
        ("UPDATE jobs SET job_key = 'ffffffffffffffff' WHERE run = '1'", 4),
        ("UPDATE jobs SET attempt = 7 WHERE run = '1'", 4), ("UPDATE series SET project = 'p' WHERE leg = ''", 20),
        ("UPDATE series SET project = '' WHERE leg = ''", 20),
        ("UPDATE jobs SET last_seen_at = 9e15, begun_at = -1 WHERE run = '1'", 4),
        ("UPDATE jobs SET run = printf('%.*c', 5000, 'x') WHERE run = '1'", 4),
        ("UPDATE events SET at = 99999999999999 WHERE id = 1", 1), ("UPDATE events SET code = -1 WHERE id = 1", 1),
        ("UPDATE event_kinds SET event = '::error::' WHERE event = 'start'", 10),
        ("UPDATE tokens SET last_seen_at = 99999999999999", 21), ("UPDATE tokens SET digest = zeroblob(32)", 0),
        ("UPDATE tokens SET kind = char(27)", 21), ("UPDATE tokens SET expiry_source = 'odd'", 21),
        ("PRAGMA foreign_keys = OFF; DELETE FROM tokens", 20),
        ("PRAGMA foreign_keys = OFF; DELETE FROM jobs WHERE run = '1'", 3),
        ("UPDATE tokens SET name = printf('%.*c', 500000, 'x'), family = 'glpat', api = 'x'", 0),
        ("UPDATE diagnoses SET line = char(27) || '::error::' || char(10) || '##[x', class = 'odd'", 0),
    ])
    func rowsThatContradictThemselvesAreLeftOut(_ change: String, _ refused: Int) throws {
        let (left, right) = (try Scene(), try Scene())
        let (ours, theirs) = (try left.open(), try right.open())
        try fill(theirs, jobs: 0..<10)
        try theirs.settle()
        try tamper(right, change)
        let count = try ours.merge(right.path, now: Scene.now)
        #expect(count.refused == refused, "\(change)")
        let check = try ours.perform { try String.fetchAll($0, sql: "PRAGMA integrity_check; ") }
        let keys = try ours.perform { try Row.fetchAll($0, sql: "PRAGMA foreign_key_check").count }
        #expect(check == ["ok"] && keys == 0)
        for text in try content(ours) { #expect(!text.contains("##[") && text.utf8.count < 5000) }
        let again = try ours.merge(right.path, now: Scene.now)
        #expect(again.jobs.added + again.tokens.added + again.events.added == 0)
    }

    @Test(arguments: [
        "CREATE TRIGGER evil AFTER INSERT ON events BEGIN DELETE FROM jobs; END",
        "DROP VIEW v_jobs; CREATE VIEW v_jobs AS SELECT 1", "CREATE TABLE extra(a)", "PRAGMA application_id = 7",
        "PRAGMA user_version = 0", "DROP TABLE log_lines",
        "PRAGMA user_version = 99; CREATE TRIGGER evil AFTER INSERT ON events BEGIN DELETE FROM jobs; END",
        "PRAGMA user_version = 99; UPDATE store SET min_reader = 99",
    ])
    func aForeignSchemaIsRefusedAsAMalformedFile(_ change: String) throws {
        let (left, right) = (try Scene(), try Scene())
        let (ours, theirs) = (try left.open(), try right.open())
        try theirs.settle()
        try tamper(right, change)
        let refusal = try #require(failure { try ours.merge(right.path, now: Scene.now) })
        #expect(refusal.code == .malformedInput, "\(refusal)")
    }

    @Test func filesThatAreNoStoresAreRefused() throws {
        let scene = try Scene()
        let store = try scene.open()
        func code(_ path: String) -> OutlastModel.ExitCode? {
            failure { try store.merge(path, now: Scene.now) }?.code
        }
        let folder = scene.folder + "/"
        try Data("no database at all, but long enough to be taken for one".utf8).write(
            to: URL(filePath: folder + "text"))
        try Data().write(to: URL(filePath: folder + "empty"))
        mkfifo(folder + "pipe", 0o600)
        try Data().write(to: URL(filePath: folder + "beside"))
        mkfifo(folder + "beside-wal", 0o600)
        #expect(code(folder + "beside") == .usage)
        #expect(code(folder + "text") == .malformedInput && code(folder + "empty") == .malformedInput)
        #expect(code(folder + "pipe") == .usage && code(folder + "none") == .usage && code(folder) == .usage)
        #expect(code(scene.path) == .usage)
        let half = try Scene()
        try fill(try half.open(), jobs: 0..<50)
        try half.open().settle()
        let bytes = try Data(contentsOf: URL(filePath: half.path))
        for part in 1...9 {
            try bytes.prefix(bytes.count * part / 10).write(to: URL(filePath: folder + "cut"))
            #expect([.malformedInput, nil].contains(code(folder + "cut")))
        }
        var random = SeededRandom(seed: 7)
        for _ in 0..<40 {
            var damaged = bytes
            for _ in 0..<20 {
                damaged[Int.random(in: 100..<damaged.count, using: &random)] = .random(in: 0...255, using: &random)
            }
            try damaged.write(to: URL(filePath: folder + "damaged"))
            #expect([.malformedInput, nil].contains(code(folder + "damaged")))
        }
        let check = try store.perform { try String.fetchAll($0, sql: "PRAGMA integrity_check") }
        #expect(check == ["ok"])
    }

    @Test func anOlderStoreIsMergedWithoutBeingChanged() throws {
        let (left, right) = (try Scene(), try Scene())
        let ours = try left.open()
        for version in 1..<Schema.version {
            let path = right.folder + "/old-\(version).db"
            let queue = try DatabaseQueue(path: path)
            try queue.inDatabase { db in
                try db.inTransaction {
                    for object in Schema.objects(of: version) { try db.execute(sql: object.sql) }
                    try StoreIdentity.create(
                        db, mark: BirthMark(inode: 1, birth: nil, markerChanged: nil), now: Scene.now, minReader: 1)
                    try db.execute(
                        sql: "PRAGMA application_id = \(Schema.applicationID); PRAGMA user_version = \(version)")
                    let job = JobUpdate(identity: Self.job(Int(version)), startedAt: Self.at(1), seenAt: Self.at(2))
                    try RunWriter(
                        db: db,
                        record: RunRecord(job: job, events: [Event(at: Self.at(1), event: "start", outcome: "ok")])
                    ).write()
                    return .commit
                }
            }
            try queue.close()
            let before = try Data(contentsOf: URL(filePath: path))
            let count = try ours.merge(path, now: Scene.now)
            #expect(count.jobs.added == 1 && count.events.added == 1, "version \(version)")
            #expect(try Data(contentsOf: URL(filePath: path)) == before)
        }
    }

    @Test func aPackHoldsTheHistoryAndCountsAsACopy() throws {
        let scene = try Scene()
        let store = try scene.open()
        try fill(store, jobs: 0..<30)
        let path = scene.folder + "/pack.db"
        let count = try store.pack(to: path, now: Scene.now)
        #expect(count == HistoryCount(jobs: 30, tokens: 1, events: 120))
        #expect(try scene.permissions(path) == 0o600)
        #expect(try FileManager.default.contentsOfDirectory(atPath: scene.folder).sorted() == ["pack.db", "state"])
        let packed = try scene.open(path, access: .readOnly)
        #expect(packed.isCopy && packed.salt != store.salt && packed.storeID != store.storeID)
        #expect(try content(packed) == content(store))
        #expect(try packed.remembered(Self.token, api: "https://gitlab.example.com") != nil)
        // Packing again replaces it, whatever a use of it has left beside it.
        try scene.open(path).write(HistoryRecords.full)
        #expect(try store.pack(to: path, now: Scene.now) == count)

        #expect(try content(scene.open(path, access: .readOnly)) == content(store))
    }

    @Test func packsAreWrittenOverNothingElse() throws {
        let (scene, other) = (try Scene(), try Scene())
        let store = try scene.open()
        let path = scene.folder + "/text"
        try Data("notes".utf8).write(to: URL(filePath: path))
        try FileManager.default.createSymbolicLink(atPath: scene.folder + "/link", withDestinationPath: path)
        let family = FamilyID(text: String(repeating: "a", count: 32))
        let sealing = try #require(try other.open().renewals)
        _ = try sealing.apply(
            RenewalChange(
                sealed: [SealedRow(family: family, generation: 1, purpose: .access, sealed: [1], createdAt: Scene.now)]
            ),
            to: family)
        try other.open().settle()
        for target in [path, scene.folder + "/link", scene.folder, scene.path, other.path] {
            #expect(failure { try store.pack(to: target, now: Scene.now) }?.code == .usage, "\(target)")
        }
        #expect(failure { try store.pack(to: scene.folder + "/none/pack", now: Scene.now) }?.code == .stateUnusable)
        #expect(try Data(contentsOf: URL(filePath: path)) == Data("notes".utf8))
        #expect(
            try FileManager.default.contentsOfDirectory(atPath: scene.folder).sorted() == ["link", "state", "text"])
    }

    @Test func pruningTouchesNothingThatIsNoHistory() throws {
        let scene = try Scene()
        let store = try scene.open()
        try fill(store, jobs: 0..<400)
        let family = FamilyID(text: String(repeating: "a", count: 32))
        let entry = JournalEntry(
            family: family, generation: 1, method: "gitlab-rotate", credential: "release", state: .received,
            intendedAt: Self.at(0), requestTimeout: .seconds(60), changedAt: Self.at(0), oldFingerprint: Self.token,
            jobID: Self.job(1).id)
        let change = RenewalChange(
            sealed: [
                SealedRow(family: family, generation: 1, purpose: .access, sealed: [1, 2], createdAt: Self.at(0))
            ],
            journal: JournalRow(entry: entry, seal: [1]))
        _ = try #require(store.renewals).apply(change, to: family)
        let others = Set(Schema.objects.filter { $0.type == "table" }.map(\.name)).subtracting(Schema.packedTables)
        func rest() throws -> [String] {
            try store.perform { db in
                try others.sorted().flatMap { try Row.fetchAll(db, sql: "SELECT * FROM \($0)").map { "\($0)" } }
            }
        }
        let before = try rest()
        try store.settle()
        let size = try #require(try scene.files.status(of: scene.path)).size
        let count = try store.prune(before: Scene.now.advanced(by: .seconds(86_400)), now: Scene.now)
        #expect(count == HistoryCount(jobs: 400, tokens: 0, events: 1600))
        #expect(try rest() == before)
        #expect(try #require(try scene.files.status(of: scene.path)).size < size / 2)
        let left = try store.perform {
            try Row.fetchAll(
                $0,
                sql:
                    "SELECT * FROM diagnoses UNION ALL SELECT 1, forge, host, forge_id, NULL, NULL, NULL FROM log_lines UNION ALL SELECT id, forge, server, project, job, leg, NULL FROM series"
            ).count
        }
        #expect(left == 0)
        // The store works on, and a log that was imported once may be so again.
        try fill(store, jobs: 0..<2)
        let keys = try store.perform { try Row.fetchAll($0, sql: "PRAGMA foreign_key_check").count }
        #expect(keys == 0)
    }

    @Test func storesThatAreOnlyReadTakeNothingIn() throws {
        let scene = try Scene()
        try fill(try scene.open(), jobs: 0..<3)
        let store = try scene.open(access: .readOnly)
        #expect(failure { try store.prune(before: Scene.now, now: Scene.now) }?.code == .stateUnusable)
        #expect(failure { try store.merge(scene.path, now: Scene.now) }?.code == .stateUnusable)
        #expect(try store.pack(to: scene.folder + "/pack", now: Scene.now).jobs == 3)
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
