// Ours, and the simple methods it is held against. Each gives a bound in seconds for a target and a quantile.

import OutlastModel

/// A way to bound the next run.
struct Method: Sendable {
    let name: String
    let bound: @Sendable (Target, Double) -> Double

    /// Ours, given that the job has run for `elapsed` seconds.
    static func ours(_ recording: [RecordedSeries], elapsed: @escaping @Sendable (Target) -> Double = { _ in 0 })
        -> Method
    {
        Method(name: "outlast") { target, quantile in
            let estimate = DurationEstimator.bound(
                attempts: recording[target.series].attempts, now: Instant(seconds: Int64(target.start)),
                elapsed: .milliseconds(Int64((elapsed(target) * 1000).rounded())), quantile: quantile)
            return estimate?.bound.inSeconds ?? .infinity
        }
    }

    /// The longest of the last 60 times a factor by their number; from 24 on a recency-weighted conformal quantile.
    static let reference = Method(name: "reference") { target, quantile in
        if target.known >= 24, let bound = conformal(target.newest, quantile, decay: 0.98) { return bound }
        let longest = target.newest.prefix(60).max() ?? 0
        return longest * (1 + 0.29 * power(Double(target.known), -0.75))
    }

    static let simple: [Method] = [
        Method(name: "maximum so far") { target, _ in target.newest.max() ?? 0 },
        Method(name: "empirical quantile") { target, quantile in
            let sorted = target.newest.sorted()
            let place = quantile * Double(sorted.count - 1)
            let low = Int(place)
            let high = min(low + 1, sorted.count - 1)
            return sorted[low] + (sorted[high] - sorted[low]) * (place - Double(low))
        },
        Method(name: "mean + 2 sd") { target, _ in
            let count = Double(target.newest.count)
            let mean = target.newest.reduce(0, +) / count
            guard count > 1 else { return mean }
            let squares = target.newest.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
            return mean + 2 * (squares / (count - 1)).squareRoot()
        },
        Method(name: "1.5 x last") { target, _ in 1.5 * (target.newest.first ?? 0) },
        Method(name: "conformal") { target, quantile in
            conformal(target.newest, quantile, decay: 1) ?? target.newest.max() ?? 0
        },
    ]

    /// The weighted conformal quantile with the new run's own weight of 1; nil where it is infinite.
    private static func conformal(_ newest: [Double], _ quantile: Double, decay: Double) -> Double? {
        var weight = 1.0
        var weighted: [(value: Double, weight: Double)] = []
        var total = 1.0
        for value in newest {
            weighted.append((value, weight))
            total += weight
            weight *= decay
        }
        var sum = 0.0
        for entry in weighted.sorted(by: { $0.value < $1.value }) {
            sum += entry.weight
            if sum >= quantile * total - 1e-12 { return entry.value }
        }
        return nil
    }

    /// `base` to a negative power of -0.75, by square roots.
    private static func power(_ base: Double, _ exponent: Double) -> Double {
        precondition(exponent == -0.75)
        return 1 / (base.squareRoot() * base.squareRoot().squareRoot())
    }
}
