// What is to be foreseen: each successful run, from what had ended before it began.

/// A run to foresee, with what was known at its start.
struct Target: Sendable {
    let series: Int
    let start: Double
    /// What it then took, in seconds.
    let duration: Double
    /// Number of successful runs that had ended.
    let known: Int
    /// Their durations, newest end first, at most 400.
    let newest: [Double]
}

/// The lengths of history that are told apart.
enum Band: String, CaseIterable {
    case few = "1-5"
    case some = "6-20"
    case many = ">20"

    init(known: Int) { self = known <= 5 ? .few : known <= 20 ? .some : .many }
}

/// All targets of the series whose median is at least a minute and that have one known success.
func targets(of recording: [RecordedSeries]) -> [Target] {
    var all: [Target] = []
    for (index, series) in recording.enumerated() where series.median >= 60 {
        for run in series.runs where run.hasSucceeded {
            let (count, newest) = series.known(at: run.start)
            guard count >= 1 else { continue }
            all.append(
                Target(series: index, start: run.start, duration: run.duration, known: count, newest: newest))
        }
    }
    return all
}
