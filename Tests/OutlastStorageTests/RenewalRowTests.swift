// Rows of renewals are input: what is not as outlast writes it ends in 41, what was forgotten is gone from the file.

import Foundation
import GRDB
import OutlastModel
import OutlastTestKit
import Testing

@testable import OutlastStorage

@Suite struct RenewalRowTests {
    private static let family = FamilyID(text: String(repeating: "ab", count: 16))
    private static let identity = FamilyIdentity([("forge", "gitlab")])
    private static let digest = SHA256Digest(hashing: "secret".utf8)

    private static func entry(_ state: RenewalState) -> JournalEntry {
        JournalEntry(
            family: family, generation: 1, method: "gitlab-rotate", credential: "release", state: state,
            intendedAt: Scene.now, sentAt: Scene.now, requestTimeout: .seconds(60), changedAt: Scene.now,
            oldFingerprint: HistoryRecords.token)
    }

    /// One of each row, with `sealed` as the sealed bytes.
    private static func step(sealed: [UInt8] = [1, 2, 3]) -> RenewalChange {
        RenewalChange(
            family: FamilyRow(
                id: family, identity: identity, credential: "release", method: "gitlab-rotate", forge: "gitlab",
                generation: 1, fingerprint: HistoryRecords.token, expiry: .at(Scene.now), tokenID: "12",
                createdAt: Scene.now, seal: [1]),
            addedMembers: [
                MemberRow(
                    digest: digest, family: family, identity: identity, generation: 1, purpose: .access,
                    wrappedKey: [4, 5], createdAt: Scene.now)
            ],
            sealed: [
                SealedRow(family: family, generation: 1, purpose: .access, sealed: sealed, createdAt: Scene.now)
            ], journal: JournalRow(entry: entry(.sent), seal: [6]),
            queued: [
                OutboxRow(
                    family: family, generation: 1, target: digest, label: "file", queuedAt: Scene.now, attempts: 1,
                    lastError: "no", seal: [7])
            ])
    }

    private func filled(_ scene: Scene, sealed: [UInt8] = [1, 2, 3]) throws -> any RenewalStore {
        let store = try #require(try scene.open().renewals)
        _ = try store.apply(Self.step(sealed: sealed), to: Self.family)
        #expect(try store.replaceKeyEnvelope(nil, by: KeyEnvelope(wrapped: [9])))
        return store
    }

    /// Everything that reads a row of renewals.
    private func readAll(_ store: any RenewalStore) throws {
        _ = try store.keyEnvelope()
        _ = try store.member(Self.digest, identity: Self.identity)
        _ = try store.family(Self.family)
        _ = try store.sealed(Self.family, generation: 1, purpose: .access)
        _ = try store.openJournal(of: Self.family)
        _ = try store.outbox(of: Self.family)
        _ = try store.listSecrets()
    }

    @Test(arguments: [
        "UPDATE families SET digest = x'00'", "UPDATE families SET identity = zeroblob(33)",
        "UPDATE families SET generation = -1", "UPDATE families SET expiry = 'soon'",
        "UPDATE families SET expiry = 'never'", "UPDATE families SET expires_at = -5",
        "UPDATE families SET created_at = -1", "UPDATE families SET seal = zeroblob(65)",
        "UPDATE families SET credential = printf('%070000d', 1)", "UPDATE members SET wrapped_key = zeroblob(5000)",
        "UPDATE members SET family = '../../../../etc/passwd'", "UPDATE members SET family = upper(family)",
        "UPDATE members SET purpose = 'everything'", "UPDATE members SET generation = -9223372036854775808",
        "UPDATE members SET created_at = -1", "UPDATE secrets SET sealed = zeroblob(1048577)",
        "UPDATE secrets SET created_at = -9", "UPDATE secrets SET purpose = ''",
        "UPDATE journal SET state = 'undead'", "UPDATE journal SET old_digest = x''",
        "UPDATE journal SET new_digest = x'01'", "UPDATE journal SET timeout_ms = -1",
        "UPDATE journal SET sent_at = -1",
        "UPDATE journal SET changed_at = -1", "UPDATE journal SET id = -7", "UPDATE outbox SET target = x'0102'",
        "UPDATE outbox SET attempts = -1", "UPDATE outbox SET label = printf('%070000d', 1)",
        "UPDATE key_envelope SET wrapped = zeroblob(4097)", "UPDATE key_envelope SET cost_n = 5",
        "UPDATE key_envelope SET cost_n = -1, cost_r = 8, cost_p = 1",
        "UPDATE key_envelope SET cost_n = 0, cost_r = 0, cost_p = 0",
        """
        WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 10001)
        INSERT INTO journal(family, generation, method, credential, state, intended_at, timeout_ms, changed_at,
            old_digest, seal) SELECT j.family, 1, '', '', 'sent', 1, 1, 1, j.old_digest, x'' FROM n, journal j
        """,
    ])
    func malformedRowsAreTamperedWithAndNothingElse(_ change: String) throws {
        let scene = try Scene()
        let store = try filled(scene)
        try readAll(store)
        try tamper(scene, "PRAGMA ignore_check_constraints = ON; " + change)
        let refusal = try #require(failure { try readAll(store) })
        #expect(refusal.code == .cacheLocked)
        #expect(refusal.message.contains("was tampered with") && refusal.message.contains("state.db"))
        #expect(refusal.hint != nil)
    }

    @Test func aCellTooLargeForAnybodyIsNotEvenRead() throws {
        let scene = try Scene()
        let store = try filled(scene)
        try tamper(scene, "PRAGMA ignore_check_constraints = ON; UPDATE secrets SET sealed = zeroblob(20000000)")
        #expect(failure { try readAll(store) }?.code == .stateUnusable)
        #expect(try store.forget(credential: nil, family: Self.family) == 1)
    }

    @Test func sealedBytesThatWereForgottenAreGoneFromTheFiles() throws {
        let scene = try Scene()
        let mark = [UInt8]("SEALEDcanarySEALEDcanary".utf8)
        // Large enough to lie in pages of its own, too.
        let long = (0..<1000).flatMap { _ in mark }
        for (sealed, forget) in [
            (mark, { try $0.forget(credential: nil, family: Self.family) }),
            (long, { try $0.forget(credential: "release", family: nil) }),
        ] as [([UInt8], (any RenewalStore) throws -> Int)] {
            let store = try filled(scene, sealed: sealed)
            #expect(try found(mark, scene))
            #expect(try forget(store) == 1)
            #expect(try !found(mark, scene))
            try scene.open().perform { try $0.execute(sql: "DELETE FROM key_envelope") }
        }
    }

    @Test func supersededBytesAreGoneFromTheFilesToo() throws {
        let scene = try Scene()
        let mark = [UInt8]("SEALEDcanarySEALEDcanary".utf8)
        let store = try filled(scene, sealed: mark)
        var row = try #require(Self.step().family)
        row.generation = 2
        _ = try store.apply(RenewalChange(family: row), to: Self.family)
        #expect(try store.forgetSuperseded(credential: nil, family: nil) == 1)
        #expect(try !found(mark, scene))
        #expect(try store.family(Self.family)?.generation == 2)
    }

    @Test func historyThatContradictsTheStoreKeepsNoTokenFromBeingSealed() throws {
        let scene = try Scene()
        let store = try scene.open()
        try store.write(HistoryRecords.full)
        try tamper(
            scene, "PRAGMA ignore_check_constraints = ON; UPDATE jobs SET status = 'weird', ended_at = NULL")
        #expect(throws: Failure.self) { try store.write(HistoryRecords.full) }
        let renewals = try #require(store.renewals)
        var step = Self.step()
        step.history = HistoryRecords.full
        #expect(try renewals.apply(step, to: Self.family) > 0)
        #expect(try renewals.sealed(Self.family, generation: 1, purpose: .access)?.sealed == [1, 2, 3])
    }

    @Test func aStoreOpenedForReadingRefusesEveryChange() throws {
        let scene = try Scene()
        _ = try filled(scene)
        let store = try #require(try scene.open(access: .readOnly).renewals)
        try readAll(store)
        #expect(try store.listSecrets().count == 1)
        for change in [
            { _ = try store.apply(Self.step(), to: Self.family) },
            { _ = try store.forget(credential: nil, family: Self.family) },
            { _ = try store.forgetSuperseded(credential: nil, family: nil) },
            { _ = try store.replaceKeyEnvelope(nil, by: KeyEnvelope(wrapped: [])) },
            { try store.noteWait(for: "h", until: Scene.now) },
            { try store.noteAuthentication(at: "h", succeeded: false, now: Scene.now) },
        ] as [() throws -> Void] {
            #expect(failure { try change() }?.code == .stateUnusable)
        }
    }

    @Test func whatIsSharedAndWhatIsDoubtful() throws {
        let scene = try Scene()
        #expect(try scene.open().renewals?.sharing == .original)
        let reasons = [
            (scene.context(workspace: scene.folder), DiskFiles(), "the job's workspace"),
            (scene.context(isDefaultInJob: true), DiskFiles(), "the default one of a CI job"),
            (scene.context(), DiskFiles(kind: .remote("nfs")), "several machines need PostgreSQL"),
        ]
        for (context, files, words) in reasons {
            let sharing = try scene.open(context: context, files: files).renewals?.sharing
            guard case .doubtful(let reason) = sharing else {
                Issue.record("\(words): \(String(describing: sharing))")
                continue
            }
            #expect(reason.contains(words) && reason.contains("state.db"))
        }
        try FileManager.default.createDirectory(
            atPath: scene.folder + "/copy", withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        try scene.open().settle()
        try FileManager.default.copyItem(atPath: scene.path, toPath: scene.folder + "/copy/state.db")
        guard case .doubtful(let reason) = try scene.open(scene.folder + "/copy/state.db").renewals?.sharing else {
            Issue.record("a copy counts as an original")
            return
        }
        #expect(reason.contains("is a copy of the one it was made as"))
    }

    @Test func locksLieBesideTheFileWhicheverWayItIsNamed() {
        for text in ["/srv/a/state.db", "sqlite:/srv/./b/../a/state.db", "a/state.db"] {
            let location = try? StateLocation(parsing: text, from: .environment)
            #expect(location?.leaseFolder(from: "/srv") == "/srv/a/state.db.leases")
        }
    }

    private func found(_ mark: [UInt8], _ scene: Scene) throws -> Bool {
        try ["", "-wal"].contains { suffix in
            try Data(contentsOf: URL(fileURLWithPath: scene.path + suffix)).range(of: Data(mark)) != nil
        }
    }

    /// Changes a store as anyone with the file could.
    private func tamper(_ scene: Scene, _ sql: String) throws {
        let queue = try DatabaseQueue(path: scene.path)
        try queue.inDatabase { try $0.execute(sql: sql) }
        try queue.close()
        chmod(scene.path, 0o600)
    }
}
