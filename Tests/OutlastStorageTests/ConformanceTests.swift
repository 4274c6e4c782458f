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

    @Test func theDoubleBreaksOnRequest() throws {
        let history = RememberingHistory(failure: .state("the disk is gone"))
        #expect(throws: Failure.state("the disk is gone")) { try history.write(RunRecord()) }
    }
}
