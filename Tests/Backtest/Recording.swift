// Recorded CI runs, read from CSV: series, start (seconds since 1970), duration in seconds, status.

import OutlastModel

/// One recorded run.
struct RecordedRun: Sendable {
    let start: Double
    let duration: Double
    let hasSucceeded: Bool

    var end: Double { start + duration }
    var attempt: PastAttempt {
        PastAttempt(
            startedAt: Instant(seconds: Int64(start)), duration: .milliseconds(Int64((duration * 1000).rounded())),
            status: hasSucceeded ? .success : .failed)
    }
}

/// The runs of one job, by start.
struct RecordedSeries: Sendable {
    let name: String
    let runs: [RecordedRun]
    /// Successful runs in the order of their ends.
    let successesByEnd: [RecordedRun]
    /// All runs, the newest start first, as the estimator gets them.
    let attempts: [PastAttempt]
    /// Median duration of the successful runs, in seconds.
    let median: Double

    init(name: String, runs: [RecordedRun]) {
        self.name = name
        self.runs = runs.sorted { ($0.start, $0.duration) < ($1.start, $1.duration) }
        successesByEnd = runs.filter(\.hasSucceeded).sorted {
            ($0.end, $0.start, $0.duration) < ($1.end, $1.start, $1.duration)
        }
        attempts = self.runs.reversed().map(\.attempt)
        median = medianOf(successesByEnd.map(\.duration))
    }

    /// Durations of successful runs that had ended at a moment, newest end first, at most `limit`.
    func known(at moment: Double, limit: Int = 400) -> (count: Int, newest: [Double]) {
        var (low, high) = (0, successesByEnd.count)
        while low < high {
            let middle = (low + high) / 2
            if successesByEnd[middle].end <= moment { low = middle + 1 } else { high = middle }
        }
        return (low, successesByEnd[max(0, low - limit)..<low].reversed().map(\.duration))
    }
}

/// The median; 0 for an empty list.
func medianOf(_ values: [Double]) -> Double {
    guard !values.isEmpty else { return 0 }
    let sorted = values.sorted()
    let middle = sorted.count / 2
    return sorted.count % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2
}

/// Reads CSV with a heading from stdin; lines that don't parse are counted.
func readRecording() -> (series: [RecordedSeries], malformed: Int) {
    var order: [String] = []
    var runs: [String: [RecordedRun]] = [:]
    var malformed = 0
    var isFirst = true
    while let line = readLine() {
        if isFirst {
            isFirst = false
            continue
        }
        let fields = line.split(separator: ",", omittingEmptySubsequences: false)
        guard fields.count == 4, let start = Double(fields[1]), let duration = Double(fields[2]), duration > 0 else {
            malformed += 1
            continue
        }
        let name = String(fields[0])
        if runs[name] == nil { order.append(name) }
        runs[name, default: []].append(
            RecordedRun(start: start, duration: duration, hasSucceeded: fields[3] == "success"))
    }
    return (order.map { RecordedSeries(name: $0, runs: runs[$0] ?? []) }, malformed)
}
