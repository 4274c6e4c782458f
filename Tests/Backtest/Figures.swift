// The figures of a method: each computed for one series in one band, then averaged over series.

/// One band's figures.
struct BandFigures {
    /// Share of runs at or under their bound.
    var coverage = 0.0
    /// Mean of bound over actual.
    var meanRatio = 0.0
    /// Sum of bounds over sum of actuals.
    var sumRatio = 0.0
    /// Pinball loss in units of the series' median.
    var pinball = 0.0
    /// Number of runs, over all series.
    var targets = 0
    /// Coverage of each series.
    var coverages: [Double] = []
}

/// All figures of a method at a quantile.
struct Figures {
    let bands: [Band: BandFigures]
    /// Share of series whose coverage past 20 runs is under 0.90.
    let seriesUnder090: Double

    init(_ bounds: [Double], _ targets: [Target], _ recording: [RecordedSeries], quantile: Double) {
        var groups: [Band: [Int: [Int]]] = [:]
        for (index, target) in targets.enumerated() {
            groups[Band(known: target.known), default: [:]][target.series, default: []].append(index)
        }
        bands = groups.mapValues { bySeries in
            var band = BandFigures()
            for (series, members) in bySeries.sorted(by: { $0.key < $1.key }) {
                let count = Double(members.count)
                let median = recording[series].median
                var (covered, ratio, boundSum, actualSum, loss) = (0.0, 0.0, 0.0, 0.0, 0.0)
                for index in members {
                    let (bound, actual) = (bounds[index], targets[index].duration)
                    if actual <= bound { covered += 1 }
                    ratio += bound / actual
                    boundSum += bound
                    actualSum += actual
                    loss += actual > bound ? quantile * (actual - bound) : (1 - quantile) * (bound - actual)
                }
                band.coverages.append(covered / count)
                band.meanRatio += ratio / count
                band.sumRatio += boundSum / actualSum
                band.pinball += loss / count / median
                band.targets += members.count
            }
            let series = Double(bySeries.count)
            band.coverage = band.coverages.reduce(0, +) / series
            band.meanRatio /= series
            band.sumRatio /= series
            band.pinball /= series
            return band
        }
        let many = bands[.many]?.coverages ?? []
        seriesUnder090 = many.isEmpty ? 0 : Double(many.filter { $0 < 0.9 }.count) / Double(many.count)
    }
}
