// Which past runs the estimator looks at: those that were over at the moment of asking, the newest, in an order that does not
// depend on how they came. Memory is bounded whatever the length of the history.

/// The newest runs that were over at a moment, as log durations, newest first.
struct KnownRuns: Sendable {
    /// Successful runs.
    let successes: [Double]
    /// Runs that say only that they lasted so long, each with its age in successful runs.
    let censored: [(duration: Double, age: Int)]

    init(_ attempts: [PastAttempt], at now: Instant) {
        let window = DurationConstants.window
        // One more than the window, to know where the window ends among the censored runs.
        var good = NewestRuns(atMost: window + 1)
        var other = NewestRuns(atMost: window)
        for attempt in attempts where attempt.duration > .zero {
            let run = Run(attempt)
            guard run.end <= now else { continue }
            if run.hasSucceeded { good.insert(run) } else { other.insert(run) }
        }
        let boundary = good.runs.count > window ? good.runs[window] : nil
        let kept = good.runs.prefix(window)
        successes = kept.map { Elementary.log($0.seconds) }
        censored = other.runs.filter { run in boundary.map { run.isNewer(than: $0) } ?? true }.map { run in
            (Elementary.log(run.seconds), kept.prefix { $0.isNewer(than: run) }.count)
        }
    }
}

/// A run that was over.
private struct Run {
    let end: Instant
    let duration: Duration
    let hasSucceeded: Bool
    var seconds: Double { duration.inSeconds }

    init(_ attempt: PastAttempt) {
        end = attempt.startedAt.advanced(by: attempt.duration)
        duration = attempt.duration
        hasSucceeded = attempt.status == .success
    }

    func isNewer(than other: Run) -> Bool {
        if end != other.end { return end > other.end }
        if hasSucceeded != other.hasSucceeded { return hasSucceeded }
        return duration < other.duration
    }
}

/// At most so many runs, the newest first.
private struct NewestRuns {
    private(set) var runs: [Run] = []
    private let most: Int

    init(atMost most: Int) { self.most = most }

    mutating func insert(_ run: Run) {
        if runs.count == most {
            guard let oldest = runs.last, run.isNewer(than: oldest) else { return }
            runs.removeLast()
        }
        var (low, high) = (0, runs.count)
        while low < high {
            let middle = (low + high) / 2
            if runs[middle].isNewer(than: run) { low = middle + 1 } else { high = middle }
        }
        runs.insert(run, at: low)
    }
}
