// What the estimator promises whatever the history: monotone, scale-equivariant, blind to order, never senseless.

import OutlastModel
import OutlastTestKit
import Testing

@Suite("Estimating a duration")
struct DurationEstimatorTests {
    static let now = Instant(seconds: 1_790_000_000)
    static let quantiles = [0.5, 0.6, 0.75, 0.9, 0.95, 0.99, 0.995, 0.999]

    /// A random history: one or two modes, sometimes a change of level, failures among them, overlapping runs.
    static func history(_ seed: UInt64, scale: Double = 1) -> [PastAttempt] {
        var random = SeededRandom(seed: seed)
        let count = Int.random(in: 1...90, using: &random)
        let base = Double.random(in: 5...20_000, using: &random)
        let hasModes = Bool.random(using: &random)
        let jumpAt = Bool.random(using: &random) ? Int.random(in: 0...count, using: &random) : count
        return (0..<count).map { index in
            var seconds = base * Double.random(in: 0.9...1.15, using: &random)
            if hasModes && Bool.random(using: &random) { seconds /= 8 }
            if index >= jumpAt { seconds *= 2.5 }
            let draw = Int.random(in: 0..<10, using: &random)
            let status: JobStatus = draw == 0 ? .failed : draw == 1 ? .canceled : .success
            let millis = Int64((seconds * scale).rounded()) * 1000
            let age = Int64(count - index) * 3600 + Int64.random(in: 0...1800, using: &random)
            return PastAttempt(
                startedAt: now.advanced(by: .milliseconds(-millis) - .seconds(age)),
                duration: .milliseconds(max(1000, millis)), status: status)
        }
    }

    static func bound(_ runs: [PastAttempt], elapsed: Duration = .zero, _ quantile: Double = 0.95) -> Duration? {
        DurationEstimator.bound(attempts: runs, now: now, elapsed: elapsed, quantile: quantile)?.bound
    }

    @Test("never falls when the quantile rises", arguments: 1...60)
    func monotoneInQuantile(_ seed: Int) {
        let runs = Self.history(UInt64(seed))
        let bounds = Self.quantiles.compactMap { Self.bound(runs, $0) }
        #expect(bounds == bounds.sorted())
        #expect(bounds.allSatisfy { $0 > .zero && $0.inSeconds.isFinite })
    }

    @Test("never falls when more time has run, and never below it", arguments: 1...60)
    func monotoneInElapsed(_ seed: Int) {
        let runs = Self.history(UInt64(seed))
        guard let plain = Self.bound(runs) else { return }
        let times = stride(from: 0.0, through: 4.0, by: 0.2).map {
            Duration.milliseconds(Int64(plain.inSeconds * $0 * 1000))
        }
        let bounds = times.compactMap { Self.bound(runs, elapsed: $0) }
        #expect(zip(bounds, bounds.dropFirst()).allSatisfy { $1 >= $0 - .milliseconds(2) })
        #expect(zip(bounds, times).allSatisfy { $0 >= $1 })
    }

    @Test("a job ten times as long has a bound ten times as high", arguments: 1...60)
    func scaleEquivariant(_ seed: Int) throws {
        let runs = Self.history(UInt64(seed), scale: 1)
        let longer = runs.map { run in
            PastAttempt(
                startedAt: Self.end(run).advanced(by: .zero - run.duration * 10), duration: run.duration * 10,
                status: run.status)
        }
        guard let plain = Self.bound(runs), let scaled = Self.bound(longer) else { return }
        #expect(abs(scaled.inSeconds / plain.inSeconds - 10) < 0.01)
    }

    @Test("the order in which runs are given does not matter", arguments: 1...60)
    func orderIsIrrelevant(_ seed: Int) {
        var random = SeededRandom(seed: UInt64(seed) &+ 77)
        let runs = Self.history(UInt64(seed))
        #expect(Self.bound(runs) == Self.bound(runs.shuffled(using: &random)))
        #expect(Self.bound(runs) == Self.bound(runs.reversed()))
    }

    @Test("a run that had not ended is not known, and neither is one of the future")
    func onlyFinishedRunsCount() {
        let running = PastAttempt(
            startedAt: Self.now.advanced(by: .seconds(-100)), duration: .seconds(200), status: .success)
        let future = PastAttempt(
            startedAt: Self.now.advanced(by: .seconds(100)), duration: .seconds(5), status: .success)
        #expect(Self.bound([running, future]) == nil)
        #expect(Self.bound([]) == nil)
    }

    @Test("without a success there is no estimate; a longer failure raises one")
    func failuresAreCensored() throws {
        func run(_ hours: Int64, _ seconds: Int64, _ status: JobStatus) -> PastAttempt {
            PastAttempt(
                startedAt: Self.now.advanced(by: .seconds(-3600 * hours)), duration: .seconds(seconds), status: status)
        }
        #expect(Self.bound([run(3, 600, .failed), run(2, 600, .canceled)]) == nil)
        let successes = (2...9).map { run(Int64($0), 600 + Int64($0), .success) }
        let plain = try #require(Self.bound(successes))
        let shorter = try #require(Self.bound(successes + [run(1, 30, .failed)]))
        let longer = try #require(Self.bound(successes + [run(1, 1500, .canceled)]))
        #expect(abs(shorter.inSeconds / plain.inSeconds - 1) < 0.15)
        #expect(longer > plain)
    }

    @Test("senseless input gives a sensible bound or none")
    func senselessInput() {
        let odd = [
            PastAttempt(startedAt: Instant(milliseconds: .min), duration: .seconds(5), status: .success),
            PastAttempt(startedAt: Self.now.advanced(by: .seconds(-50)), duration: .zero, status: .success),
            PastAttempt(startedAt: Self.now.advanced(by: .seconds(-50)), duration: .seconds(-5), status: .success),
            PastAttempt(startedAt: Self.now.advanced(by: .seconds(-50)), duration: .milliseconds(1), status: .success),
        ]
        for quantile in [-1, 0, 0.95, 1, 2, .nan, .infinity] {
            let bound = Self.bound(odd, quantile)
            #expect(bound.map { $0 > .zero && $0 < .seconds(3600) } ?? true)
        }
        #expect(Self.bound(odd, elapsed: .seconds(-9)) != nil)
    }

    @Test("after a jump the series is called unsettled, and settles again")
    func jump() throws {
        func runs(_ seconds: [Int64]) -> [PastAttempt] {
            seconds.enumerated().map { index, seconds in
                PastAttempt(
                    startedAt: Self.now.advanced(by: .seconds(-3600 * 10 * Int64(60 - index))),
                    duration: .seconds(seconds),
                    status: .success)
            }
        }
        func estimate(_ seconds: [Int64]) throws -> DurationEstimate {
            try #require(
                DurationEstimator.bound(attempts: runs(seconds), now: Self.now, elapsed: .zero, quantile: 0.95))
        }
        let calm = (0..<20).map { 600 + Int64($0 * 7 % 11) }
        #expect(try !estimate(calm).isUnsettled)
        let jumped = try estimate(calm + [1500])
        #expect(jumped.isUnsettled)
        #expect(jumped.reason.contains("unsettled"))
        let settled = try estimate(Array((calm + (0..<30).map { 1500 + Int64($0 * 5 % 13) }).suffix(50)))
        #expect(!settled.isUnsettled)
    }

    private static func end(_ run: PastAttempt) -> Instant { run.startedAt.advanced(by: run.duration) }
}
