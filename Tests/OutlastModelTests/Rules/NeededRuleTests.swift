// Where the needed time comes from: a row for every rule of the contract's section 4.

import OutlastModel
import Testing

@Suite("Needed time")
struct NeededRuleTests {
    struct Row: Sendable, CustomTestStringConvertible {
        let rule: String
        var minRemaining: Duration?
        var flag: Duration?
        var runs: Int?
        var bound = Duration.seconds(1200)
        var timeout: Duration?
        var elapsed: Duration?
        let needed: Int64
        let estimate: Int64?
        let source: NeededSource
        var testDescription: String { rule }
    }

    static let rows: [Row] = [
        Row(
            rule: "--min-remaining replaces the whole sum", minRemaining: .seconds(60), flag: .seconds(9), runs: 9,
            timeout: .seconds(8), elapsed: .seconds(7), needed: 60, estimate: nil, source: .minRemaining),
        Row(
            rule: "--duration wins over history", flag: .seconds(7200), runs: 50, timeout: .seconds(3600), needed: 7500,
            estimate: 7200, source: .flag),
        Row(
            rule: "history wins over the time-out from five runs on", runs: 5, timeout: .seconds(3600), needed: 1500,
            estimate: 1200, source: .history),
        Row(
            rule: "with four runs the larger counts, which is the time-out", runs: 4, timeout: .seconds(3600),
            needed: 3900, estimate: 3600, source: .ciTimeout),
        Row(
            rule: "with four runs the time-out still bounds a larger history", runs: 4, bound: .seconds(9000),
            timeout: .seconds(3600), needed: 3900, estimate: 3600, source: .ciTimeout),
        Row(
            rule: "a job never needs more than its time-out", runs: 20, bound: .seconds(9000), timeout: .seconds(3600),
            needed: 3900, estimate: 3600, source: .history),
        Row(
            rule: "few runs without a time-out are still the best that is known", runs: 1, needed: 1500, estimate: 1200,
            source: .history),
        Row(
            rule: "the time-out without any run", timeout: .seconds(3600), needed: 3900, estimate: 3600,
            source: .ciTimeout),
        Row(rule: "the default without anything", needed: 2100, estimate: 1800, source: .default),
        Row(
            rule: "what has run already is taken off", runs: 9, elapsed: .seconds(1000), needed: 500, estimate: 1200,
            source: .history),
        Row(
            rule: "a job past its estimate still needs the margin", flag: .seconds(100), elapsed: .seconds(1000),
            needed: 300, estimate: 100, source: .flag),
        Row(
            rule: "a start in the future counts as no time gone", flag: .seconds(100), elapsed: .seconds(-50),
            needed: 400, estimate: 100, source: .flag),
    ]

    @Test("follows the contract", arguments: rows)
    func rule(_ row: Row) {
        let history = row.runs.map {
            DurationEstimate(bound: row.bound, samples: $0, isUnsettled: false, reason: "test history")
        }
        let needed = NeededTime(
            NeededFacts(
                minRemaining: row.minRemaining, flagDuration: row.flag, history: history, timeout: row.timeout,
                defaultDuration: .seconds(1800), elapsed: row.elapsed, margin: .seconds(300), quantile: 0.95))
        #expect(needed.needed == .seconds(row.needed))
        #expect(needed.estimate == row.estimate.map { .seconds($0) })
        #expect(needed.source == row.source)
        #expect((needed.quantile != nil) == (row.source == .history))
    }

    @Test("the figures that are told add up, and what is needed is never rounded down")
    func whole() {
        let history = DurationEstimate(
            bound: .milliseconds(1200_001), samples: 9, isUnsettled: false, reason: "nine runs")
        let needed = NeededTime(
            NeededFacts(
                history: history, defaultDuration: .zero, elapsed: .milliseconds(600_400), margin: .seconds(300),
                quantile: 0.95))
        #expect(needed.needed == .seconds(901))
        #expect(needed.needed.wholeSeconds == (needed.estimate?.wholeSeconds ?? 0) - 600 + 300)
        let facts = CredentialRuleTests.facts { facts in
            facts.reading = CredentialRuleTests.reading(
                expiry: .at(CredentialRuleTests.now.advanced(by: .milliseconds(500_300))))
        }
        let verdict = CredentialVerdict.judge(facts, needed: needed, now: CredentialRuleTests.now, requireKnown: false)
        #expect(verdict.remaining?.wholeSeconds == 500 && verdict.shortfall == .seconds(401))
    }

    @Test("with few runs both figures are named")
    func bothFiguresAreShown() {
        let history = DurationEstimate(bound: .seconds(1200), samples: 3, isUnsettled: true, reason: "three runs")
        let needed = NeededTime(
            NeededFacts(
                history: history, timeout: .seconds(3600), defaultDuration: .seconds(1800), margin: .seconds(300),
                quantile: 0.95))
        #expect(needed.reason.contains("1h"))
        #expect(needed.reason.contains("20m"))
        #expect(needed.reason.contains("3 runs"))
    }
}
