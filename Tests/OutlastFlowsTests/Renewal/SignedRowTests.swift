// Family, journal and outbox rows are believed only as they were written: any word of them that was changed ends in 41.

import OutlastModel
import OutlastTestKit
import Testing

@testable import OutlastFlows

@Suite struct SignedRowTests {
    private let scene: VaultScene
    private var ledger: FamilyLedger { scene.first.ledger }
    private var other: FamilyID { scene.second.ledger.family }

    init() throws { scene = try VaultScene() }

    @Test func rowsComeBackAsTheyWereWritten() throws {
        #expect(try ledger.row()?.credential == "release")
        #expect(try ledger.openEntries().map(\.state) == [.sent])
        #expect(try ledger.outbox().map(\.label) == ["file"])
        let row = try #require(try ledger.row())
        let bundle = try #require(try ledger.current(row)).bundle
        #expect(bundle.access.matches(scene.first.token))
        #expect(bundle.refresh?.reveal() == "glpat-first-first-first-first-refresh")
        #expect(bundle.partner == nil && bundle.tokenID == "12")
    }

    @Test func everyWordOfAFamilysRowIsSigned() throws {
        let right = try #require(scene.renewals.contents.families.first { $0.id == ledger.family })
        let foreign = try #require(scene.renewals.contents.families.first { $0.id == other })
        try refuses(
            right,
            [
                { $0.identity = FamilyIdentity([("forge", "other")]) }, { $0.credential = "admin" },
                { $0.method = "mint" }, { $0.forge = "other" }, { $0.generation = 2 },
                { $0.fingerprint = foreign.fingerprint }, { $0.expiry = .never }, { $0.expiry = .unknown },
                { $0.expiry = .at(VaultScene.now.advanced(by: .milliseconds(1))) }, { $0.tokenID = "13" },
                { $0.tokenID = nil }, { $0.createdAt = Instant(milliseconds: 0) }, { $0.seal = [] },
                { $0.seal = foreign.seal }, { $0.seal[31] ^= 1 },
                { row in
                    row = foreign
                    row.id = right.id
                },
            ], put: { row, contents in contents.families = contents.families.map { $0.id == row.id ? row : $0 } },
            read: { _ = try ledger.row() })
    }

    @Test func everyWordOfAJournalEntryIsSigned() throws {
        let right = try #require(scene.renewals.contents.journal.first { $0.entry.family == ledger.family })
        let foreign = try #require(scene.renewals.contents.journal.first { $0.entry.family == other })
        try refuses(
            right,
            [
                { $0.entry.generation = 0 }, { $0.entry.method = "mint" }, { $0.entry.credential = "admin" },
                { $0.entry.state = .intended }, { $0.entry.state = .received },
                { $0.entry.intendedAt = Instant(milliseconds: 0) }, { $0.entry.sentAt = nil },
                { $0.entry.sentAt = Instant(milliseconds: 0) }, { $0.entry.requestTimeout = .zero },
                { $0.entry.changedAt = Instant(milliseconds: 0) },
                { $0.entry.oldFingerprint = foreign.entry.oldFingerprint },
                { $0.entry.newFingerprint = foreign.entry.oldFingerprint }, { $0.entry.jobID = nil },
                { $0.entry.detail = "another line" }, { $0.entry.detail = nil }, { $0.seal = foreign.seal },
                { $0.seal = [] }, { $0.seal[0] ^= 0x80 },
                { row in
                    row = foreign
                    row.entry.family = right.entry.family
                },
            ],
            put: { row, contents in
                contents.journal = contents.journal.map { $0.entry.family == row.entry.family ? row : $0 }
            }, read: { _ = try ledger.openEntries() })
    }

    @Test func whatDecidesAnythingInAnOutboxRowIsSigned() throws {
        let right = try #require(scene.renewals.contents.outbox.first { $0.family == ledger.family })
        let foreign = try #require(scene.renewals.contents.outbox.first { $0.family == other })
        try refuses(
            right,
            [
                { $0.generation = 2 }, { $0.target = foreign.target }, { $0.label = "elsewhere" },
                { $0.attempts = 0 }, { $0.seal = foreign.seal }, { $0.seal = [] }, { $0.seal[5] ^= 1 },
                { row in
                    row = foreign
                    row.family = right.family
                },
            ], put: { row, contents in contents.outbox = contents.outbox.map { $0.family == row.family ? row : $0 } },
            read: { _ = try ledger.outbox() })
    }

    /// Makes each change to a row, and expects that reading it is refused; the row as it was is accepted again.
    private func refuses<Row>(
        _ right: Row, _ changes: [(inout Row) -> Void],
        put: (Row, inout RememberingRenewals.Contents) -> Void, read: () throws -> Void
    ) throws {
        for (number, change) in changes.enumerated() {
            var row = right
            change(&row)
            scene.renewals.tamper { put(row, &$0) }
            let refusal = failure { try read() }
            #expect(refusal?.code == .cacheLocked, "change \(number)")
            #expect(refusal?.message.contains("was tampered with") == true, "change \(number)")
            scene.renewals.tamper { put(right, &$0) }
            try read()
        }
    }

    @Test func aStepThatIsNotStoredIsNotDone() throws {
        var row = try #require(try ledger.row())
        row.generation = 2
        scene.renewals.failApply(1)
        #expect(failure { try ledger.commit(row: row) }?.code == .stateUnusable)
        #expect(try ledger.row()?.generation == 1)
        _ = try ledger.commit(row: row)
        #expect(try ledger.row()?.generation == 2)
    }

    @Test func anEntryWhoseRowWasForgottenGoesOnUnderItsNewNumber() throws {
        var entry = try #require(try ledger.openEntries().first)
        scene.renewals.tamper { $0.journal = [] }
        entry.state = .received
        entry = try #require(try ledger.commit(entry: entry))
        entry.state = .proved
        entry = try #require(try ledger.commit(entry: entry))
        #expect(scene.renewals.contents.journal.map(\.entry) == [entry])
    }
}
