// Back-test of the duration estimator: one step ahead over recorded runs, beside simple methods. Reads CSV from stdin; the
// last line is one JSON object with the figures of our method.

import OutlastModel

let (recording, malformed) = readRecording()
let all = targets(of: recording)
let jumps = Jump.all(in: all)
guard !all.isEmpty else {
    print("backtest: no series with a median of at least 60 s and two successful runs")
    throw Failure(.malformedInput, "nothing to test on")
}
print(
    "\(recording.count) series, \(Set(all.map(\.series)).count) with a median of at least 60 s; \(all.count) runs to foresee"
)
if malformed > 0 { print("\(malformed) lines did not parse") }
print(
    "coverage, sum of bounds over sum of actuals, mean bound/actual, pinball loss in units of the median; means over series"
)

let methods = [Method.ours(recording), .reference] + Method.simple
var last: (figures: Figures, jump: Double?)?
for quantile in [0.95, 0.99] {
    print("\n| q = \(quantile) | 1-5 | 6-20 | >20 | series < 0.90 | after a jump |\n|---|---|---|---|---|---|")
    for method in methods {
        let bounds = all.map { method.bound($0, quantile) }
        let figures = Figures(bounds, all, recording, quantile: quantile)
        let jump = Jump.coverage(jumps, bounds, all)
        print(Table.row(method.name, figures, jump: jump))
        if method.name == "outlast" && quantile == 0.95 { last = (figures, jump) }
    }
}

print("\nGiven that a job has already run for a share of its usual duration (q = 0.95, ours):")
print("\n| ran for | 1-5 | 6-20 | >20 | runs |\n|---|---|---|---|---|")
for share in [0.5, 0.9, 1.0] {
    let elapsed: @Sendable (Target) -> Double = { target in share * medianOf(target.newest) }
    let longer = all.filter { $0.duration > elapsed($0) }
    let method = Method.ours(recording, elapsed: elapsed)
    let figures = Figures(longer.map { method.bound($0, 0.95) }, longer, recording, quantile: 0.95)
    let cells = Band.allCases.map { Table.number(figures.bands[$0]?.coverage, 3) }
    print("| \(Int(share * 100)) % | \(cells.joined(separator: " | ")) | \(longer.count) |")
}
print(
    "\n\(jumps.count) jumps. 10,000 past runs of one series: \(Table.number(longHistoryMilliseconds(), 2)) ms an estimate"
)
if let last { print(Table.json(last.figures, jump: last.jump, quantile: 0.95)) }

/// Time of one estimate over 10,000 past runs, in milliseconds, as the mean of twenty.
func longHistoryMilliseconds() -> Double {
    let attempts = (0..<10_000).map { (index: Int) -> PastAttempt in
        let start = Instant(seconds: 1_700_000_000 - Int64(index) * 600)
        let status: JobStatus = index % 11 == 0 ? .failed : .success
        return PastAttempt(startedAt: start, duration: .seconds(300 + Int64(index * 7919 % 97)), status: status)
    }
    let now = Instant(seconds: 1_700_010_000)
    let clock = ContinuousClock()
    var sum = Duration.zero
    let spent = clock.measure {
        for _ in 0..<20 {
            sum += DurationEstimator.bound(attempts: attempts, now: now, elapsed: .zero, quantile: 0.95)?.bound ?? .zero
        }
    }
    return sum > .zero ? spent.inSeconds * 1000 / 20 : .nan
}
