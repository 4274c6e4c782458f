// Every store keeps the same rules.

import OutlastModel
import OutlastStorage
import OutlastTestKit
import Testing

@Suite struct ConformanceTests {
    @Test(arguments: HistoryStoreConformance.rules)
    func theSQLiteStoreKeepsTheRules(_ rule: HistoryRule) throws {
        let scene = try Scene()
        try rule.check(scene.open())
    }

    @Test(arguments: HistoryStoreConformance.rules)
    func theDoubleKeepsTheRules(_ rule: HistoryRule) throws {
        try rule.check(RememberingHistory())
    }

    @Test(arguments: RenewalStoreConformance.rules)
    func theSQLiteStoreKeepsTheRulesOfRenewals(_ rule: HistoryRule) throws {
        let scene = try Scene()
        try rule.check(scene.open())
    }

    @Test(arguments: RenewalStoreConformance.rules)
    func theDoubleKeepsTheRulesOfRenewals(_ rule: HistoryRule) throws {
        let renewals = RememberingRenewals()
        try rule.check(RememberingHistory(renewals: renewals))
    }

    @Test func theDoubleFailsAtTheStepThatItIsToldTo() throws {
        let renewals = RememberingRenewals()
        let history = RememberingHistory(renewals: renewals)
        let family = FamilyID(text: String(repeating: "a", count: 32))
        let step = RenewalChange(
            sealed: [SealedRow(family: family, generation: 1, purpose: .access, sealed: [1], createdAt: Scene.now)],
            history: RunRecord(events: [Event(at: Scene.now, event: "renew", outcome: "renewed")]))
        renewals.failApply(2)
        renewals.failApply(3, with: .state("too late"), afterwards: true)
        #expect(try renewals.apply(RenewalChange(), to: family) == 0)
        #expect(throws: Failure.self) { try renewals.apply(step, to: family) }
        #expect(renewals.contents.sealed.isEmpty && history.records.isEmpty)
        #expect(throws: Failure.state("too late")) { try renewals.apply(step, to: family) }
        #expect(renewals.contents.sealed.count == 1 && history.records.count == 1)
    }

    @Test func theDoubleBreaksOnRequest() throws {
        let history = RememberingHistory(failure: .state("the disk is gone"))
        #expect(throws: Failure.state("the disk is gone")) { try history.write(RunRecord()) }
    }
}
