// Changes of level: a success longer than 1.3 times the longest of the last 60 known (of at least five), whose next five
// successes have a median above that too. The jump itself can't be foreseen; the next five are what is scored.

/// The five runs after a jump, as places in the list of targets.
struct Jump {
    let series: Int
    let next: [Int]

    static func all(in targets: [Target]) -> [Jump] {
        var bySeries: [Int: [Int]] = [:]
        for (index, target) in targets.enumerated() { bySeries[target.series, default: []].append(index) }
        var jumps: [Jump] = []
        for (series, members) in bySeries.sorted(by: { $0.key < $1.key }) {
            var place = 0
            while place + 5 < members.count {
                let target = targets[members[place]]
                let level = 1.3 * (target.newest.prefix(60).max() ?? .infinity)
                let next = Array(members[(place + 1)...(place + 5)])
                let isLasting = medianOf(next.map { targets[$0].duration }) > level
                if target.known >= 5 && target.duration > level && isLasting {
                    jumps.append(Jump(series: series, next: next))
                    place += 6
                } else {
                    place += 1
                }
            }
        }
        return jumps
    }

    /// Share of the five that are covered, as a mean over series; nil without a jump.
    static func coverage(_ jumps: [Jump], _ bounds: [Double], _ targets: [Target]) -> Double? {
        var bySeries: [Int: [Double]] = [:]
        for jump in jumps {
            for index in jump.next {
                bySeries[jump.series, default: []].append(targets[index].duration <= bounds[index] ? 1 : 0)
            }
        }
        guard !bySeries.isEmpty else { return nil }
        return bySeries.values.map { $0.reduce(0, +) / Double($0.count) }.reduce(0, +) / Double(bySeries.count)
    }
}
