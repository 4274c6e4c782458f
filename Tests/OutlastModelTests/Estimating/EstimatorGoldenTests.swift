// The estimator against an independent implementation in another language (Tests/Backtest/reference.py).

import FoundationEssentials
import OutlastModel
import Testing

@Suite("The estimator's golden values")
struct EstimatorGoldenTests {
    static let cases: [JSONValue] = {
        let folder = #filePath.split(separator: "/").dropLast(3).reduce(into: "") { $0 += "/" + $1 }
        let data = FileManager.default.contents(atPath: folder + "/Backtest/golden.json") ?? Data()
        return (try? JSONValue(parsing: [UInt8](data)))?["cases"]?.elements ?? []
    }()

    @Test("there are sixty of them")
    func areThere() { #expect(Self.cases.count == 60) }

    @Test("both implementations agree", arguments: 0..<60)
    func agree(_ index: Int) throws {
        let golden = Self.cases[index]
        let runs = try #require(golden["runs"]?.elements).map { run in
            let parts = try #require(run.elements)
            let start = try #require(Self.number(parts[0]))
            let seconds = try #require(Self.number(parts[1]))
            return PastAttempt(
                startedAt: Instant(milliseconds: Int64((start * 1000).rounded())),
                duration: .milliseconds(Int64((seconds * 1000).rounded())),
                status: parts[2].text == "success" ? .success : .failed)
        }
        let now = Instant(milliseconds: Int64(try #require(golden["now"].flatMap(Self.number)) * 1000))
        let elapsed = try #require(golden["elapsed"].flatMap(Self.number))
        let quantile = try #require(golden["quantile"].flatMap(Self.number))
        let estimate = DurationEstimator.bound(
            attempts: runs, now: now, elapsed: .milliseconds(Int64((elapsed * 1000).rounded())), quantile: quantile)
        guard let bound = golden["bound"].flatMap(Self.number) else {
            #expect(estimate == nil)
            return
        }
        let ours = try #require(estimate)
        #expect(ours.samples == Int(golden["samples"]?.wholeNumber ?? -1))
        // Ours is rounded up to a millisecond.
        #expect(abs(ours.bound.inSeconds - bound) <= 0.0011 + bound * 1e-6, "\(golden["name"]?.text ?? "")")
        if golden["unsettled"]?.truth == true { #expect(ours.isUnsettled) }
    }

    private static func number(_ value: JSONValue) -> Double? {
        switch value {
        case .integer(let number): Double(number)
        case .number(let number): number
        default: nil
        }
    }
}
