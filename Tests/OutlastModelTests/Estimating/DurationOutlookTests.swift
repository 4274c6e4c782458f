// The short way to compare the bound with a duration says the same as the bound, and the short look back as the long one.

import OutlastModel
import OutlastTestKit
import Testing

@Suite("Whether a run may last longer")
struct DurationOutlookTests {
    private static let now = Instant(seconds: 1_795_132_800)

    /// Runs of a series with jumps and failures, newest start first.
    private func attempts(_ random: inout SeededRandom, count: Int) -> [PastAttempt] {
        var level = Double.random(in: 1...5000, using: &random)
        return (1...count).reversed().map { place in
            if Double.random(in: 0...1, using: &random) < 0.03 { level *= Double.random(in: 0.5...2, using: &random) }
            let seconds = level * Double.random(in: 0.8...1.3, using: &random)
            return PastAttempt(
                startedAt: Self.now.advanced(by: .seconds(-place * 20_000)),
                duration: .milliseconds(Int64(seconds * 1000)),
                status: Double.random(in: 0...1, using: &random) < 0.85 ? .success : .failed)
        }.reversed()
    }

    @Test("it is true below the bound and false above it", arguments: 1...40)
    func bound(_ seed: Int) throws {
        var random = SeededRandom(seed: UInt64(seed))
        let attempts = attempts(&random, count: seed * 3)
        for quantile in [0.5, 0.95, 0.999, 7, .nan] {
            let estimate = DurationEstimator.bound(
                attempts: attempts, now: Self.now, elapsed: .zero, quantile: quantile)
            let outlook = DurationOutlook(attempts: attempts, now: Self.now, quantile: quantile)
            guard let bound = estimate?.bound, let outlook else {
                #expect(estimate == nil && outlook == nil)
                continue
            }
            #expect(outlook.mayLast(longerThan: bound - .milliseconds(2)))
            #expect(!outlook.mayLast(longerThan: bound + .milliseconds(2)))
            #expect(outlook.mayLast(longerThan: .zero) && outlook.mayLast(longerThan: .seconds(-5)))
            #expect(bound <= DurationOutlook.limit(attempts))
        }
    }

    @Test("a prediction by the outlook is the one by the bound", arguments: 1...40)
    func prediction(_ seed: Int) throws {
        var random = SeededRandom(seed: UInt64(seed + 100))
        let attempts = attempts(&random, count: seed + 5)
        guard
            let bound = DurationEstimator.bound(attempts: attempts, now: Self.now, elapsed: .zero, quantile: 0.95)?
                .bound,
            let outlook = DurationOutlook(attempts: attempts, now: Self.now, quantile: 0.95)
        else { return }
        for _ in 0..<20 {
            let end = Self.now.advanced(by: .seconds(Int64.random(in: 0...900_000, using: &random)))
            let expected = FailurePrediction.nextStart(after: attempts, missing: end, bound: bound, now: Self.now)
            var asked = 0
            let found = FailurePrediction.nextStart(
                after: attempts, missing: end, limit: DurationOutlook.limit(attempts), before: nil, now: Self.now
            ) {
                asked += 1
                return outlook.mayLast(longerThan: $0)
            }
            #expect(found == expected && asked < 25)
            if let expected {
                let earlier = FailurePrediction.nextStart(
                    after: attempts, missing: end, limit: .zero, before: expected, now: expected
                ) { _ in true }
                #expect(earlier == nil)
            }
        }
    }

    @Test("older attempts change nothing once the newest suffice", arguments: 1...20)
    func suffice(_ seed: Int) {
        var random = SeededRandom(seed: UInt64(seed + 200))
        let attempts = attempts(&random, count: 240)
        let newest = Array(attempts.prefix(DurationEstimator.shortWindow))
        guard DurationEstimator.suffice(newest) else { return }
        let (short, long) = (newest, attempts)
        #expect(
            DurationEstimator.bound(attempts: short, now: Self.now, elapsed: .zero, quantile: 0.95)
                == DurationEstimator.bound(attempts: long, now: Self.now, elapsed: .zero, quantile: 0.95))
    }
}
