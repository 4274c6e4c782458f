// How long the next run of a series may take, as a survival function over log duration.
//
// The next run is like one of the past ones (recent ones more), or unlike them by some excess, or the level of the series
// has just changed. A run that failed or was cancelled says only that it lasted at least so long.

struct DurationModel: Sendable {
    private typealias Constants = DurationConstants

    /// Log durations of successful runs, newest first.
    private let successes: [Double]
    private let weights: [Double]
    private let totalWeight: Double
    private let scale: Double
    private let levelChance: Double
    private let ownShare: Double
    private var censored: [Censored] = []
    /// The longest successful run.
    let longest: Double
    /// The shortest.
    let shortest: Double
    /// How many records, and how high ones, the series has set lately beyond what chance gives.
    let unrest: Double
    /// Whether one of the newest runs was a full jump above all before it.
    let hasJumped: Bool
    /// No bound lies below, unless the job has run for longer already.
    var lowest: Double { shortest - 1 }
    /// No bound lies above, unless the job has run for nearly so long already.
    var highest: Double {
        let high = longest + Constants.farthest
        guard let censored = censored.map(\.duration).max() else { return high }
        return max(high, censored + Constants.farthestPastCensored)
    }

    private struct Censored: Sendable {
        let duration: Double
        /// Its share of the weight of all that came before it, itself included.
        let share: Double
        /// The survival up to that run (at most the longest success), before it was added.
        let before: Double
    }

    /// Makes a model. `successes` holds at least one log duration, newest first; `censored` log durations with their age in
    /// successes.
    init?(successes: [Double], censored runs: [(duration: Double, age: Int)]) {
        guard let longest = successes.max(), let shortest = successes.min() else { return nil }
        self.successes = successes
        self.longest = longest
        self.shortest = shortest
        let unrest = Self.unrest(of: successes)
        self.unrest = unrest.level
        hasJumped = unrest.hasJumped
        weights = unrest.weights
        totalWeight = weights.reduce(0, +)
        let count = Double(successes.count)
        let learning = Constants.learning / (Constants.learning + count)
        scale = Constants.spread * learning * (1 + Constants.widening * unrest.level)
        levelChance = Constants.level * learning * learning * count / (count + Constants.levelRuns)
        ownShare = Constants.own / (totalWeight + Constants.own)
        // The longest first: each gives its weight to what is longer than it, as far as that is known by then.
        var total = totalWeight
        for run in runs.sorted(by: { ($1.duration, $0.age) < ($0.duration, $1.age) }) {
            let weight = Constants.censored * Self.weight(ofAge: run.age)
            total += weight
            let before = survival(min(run.duration, longest))
            censored.append(Censored(duration: run.duration, share: weight / total, before: before))
        }
    }

    /// The chance that the next run takes longer than this log duration.
    func survival(_ y: Double) -> Double {
        var survival = base(y)
        for run in censored {
            var longer = 1.0
            if y > run.duration {
                longer = run.before > 0 ? min(1, survival / run.before) : 1
                if run.duration > longest {
                    longer = max(longer, Elementary.exp(-(y - run.duration) / Constants.tail))
                }
            }
            survival += run.share * (longer - survival)
        }
        return survival
    }

    /// The survival from successful runs alone.
    private func base(_ y: Double) -> Double {
        var like = 0.0
        var unlike = 0.0
        for (x, weight) in zip(successes, weights) {
            let excess = y - x
            like += weight / (1 + Elementary.exp(min(excess / scale, 700)))
            unlike += weight * Elementary.exp(-max(excess, 0) / Constants.tail)
        }
        let change = Elementary.exp(-max(y - longest, 0) / Constants.levelTail)
        let stay = (1 - ownShare) * like / totalWeight + ownShare * unlike / totalWeight
        return levelChance * change + (1 - levelChance) * stay
    }

    private static func weight(ofAge age: Int) -> Double {
        power(Constants.decay, age) + Constants.fresh * power(Constants.freshDecay, age)
    }

    private static func power(_ base: Double, _ exponent: Int) -> Double {
        Elementary.exp(Double(exponent) * Elementary.log(base))
    }

    /// Walks from the oldest run to the newest and counts records: exchangeable runs set one with chance 1/k at the k-th run.
    private static func unrest(of successes: [Double]) -> (level: Double, weights: [Double], hasJumped: Bool) {
        var weights = successes.indices.map { weight(ofAge: $0) }
        var unrest = 0.0
        var hasJumped = false
        var top = successes[successes.count - 1]
        for index in successes.indices.dropLast().reversed() {
            let position = successes.count - index
            let excess = successes[index] - top
            top = max(top, successes[index])
            var gain = 0.0
            if position > Constants.recordsFrom {
                gain = -1 / Double(position)
                if excess > 0 {
                    gain += min(excess / Constants.recordUnit, Constants.recordCap)
                    let jump = Constants.jump * min(excess / Constants.jumpUnit, 1)
                    if excess >= Constants.jumpUnit && index < Constants.jumpMemory { hasJumped = true }
                    weights[index] += Constants.fresh * power(Constants.freshDecay, index) * jump
                }
            }
            unrest = unrest * Constants.recordDecay + gain
        }
        return (max(unrest, 0), weights, hasJumped)
    }
}
