// When a kept token is looked at again.

import OutlastModel
import Testing

@Suite("When keep looks again")
struct KeepRuleTests {
    @Test(
        "an eighth of what is left, never more than five minutes and never less than five seconds",
        arguments: [
            (86_400, 300), (2400, 300), (1600, 200), (80, 10), (8, 5), (0, 5),
        ])
    func left(_ left: Int64, _ seconds: Int64) {
        #expect(KeepRule.pause(left: .seconds(left), failures: 0, random: 1) == .seconds(seconds))
        let least = KeepRule.pause(left: .seconds(left), failures: 0, random: 0)
        #expect(least >= KeepRule.shortest && least <= .seconds(seconds))
    }

    @Test("without an end every five minutes")
    func unknown() { #expect(KeepRule.pause(left: nil, failures: 0, random: 1) == KeepRule.longest) }

    @Test(
        "after failures twice as long each time, up to five minutes",
        arguments: [(1, 5), (2, 10), (3, 20), (7, 300), (90, 300)])
    func failures(_ count: Int, _ seconds: Int64) {
        #expect(KeepRule.pause(left: .seconds(9000), failures: count, random: 1) == .seconds(seconds))
    }
}
