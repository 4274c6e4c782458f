// Which start of a job is the first that does not end before a token does.

import OutlastModel
import Testing

@Suite("Predicting the first job to fail")
struct FailurePredictionTests {
    private static func at(_ hours: Int64) -> Instant { Instant(seconds: 1_795_132_800 + hours * 3600) }

    private func runs(_ starts: [Int64]) -> [PastAttempt] {
        starts.map { PastAttempt(startedAt: Self.at($0), duration: .seconds(3600), status: .success) }
    }

    @Test(
        "a job that runs each day fails on the first day on which it would not end in time",
        arguments: [
            // The token's end, the bound of a run, the moment of asking, the start that is predicted; all in hours.
            (100, 2, 49, 120), (121, 2, 49, 120), (122, 2, 49, 144), (121, 1, 49, 144), (200, 2, 49, 216),
            (50, 2, 49, 72), (72, 0, 49, 96), (10, 1, 49, 72),
        ] as [(Int64, Int64, Int64, Int64)])
    func daily(_ row: (end: Int64, bound: Int64, now: Int64, next: Int64)) {
        let next = FailurePrediction.nextStart(
            after: runs([48, 24, 0]), missing: Self.at(row.end), bound: .seconds(row.bound * 3600),
            now: Self.at(row.now))
        #expect(next == Self.at(row.next))
    }

    @Test("the usual gap counts, not one that was missed")
    func median() {
        let next = FailurePrediction.nextStart(
            after: runs([148, 124, 100, 20, 0]), missing: Self.at(160), bound: .zero, now: Self.at(150))
        #expect(next == Self.at(172))
    }

    @Test("fewer than three runs, or runs at the same moment, tell nothing")
    func few() {
        for starts in [[], [0], [24, 0], [5, 5, 5]] as [[Int64]] {
            let next = FailurePrediction.nextStart(
                after: runs(starts), missing: Self.at(100), bound: .zero, now: Self.at(50))
            #expect(next == nil)
        }
    }

    @Test("no end is too far away")
    func far() {
        for end in [Instant(milliseconds: .max), Instant(milliseconds: .min)] {
            _ = FailurePrediction.nextStart(
                after: runs([2, 1, 0]), missing: end, bound: .seconds(Int64.max / 1000), now: Self.at(50))
        }
    }
}
