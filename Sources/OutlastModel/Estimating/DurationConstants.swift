// The estimator's constants. Learnt from recorded CI runs by leaving one project out at a time; docs/estimating.md derives
// each, and `make backtest` shows what they give.

enum DurationConstants {
    /// Successful runs that are looked at, and at most as many censored ones.
    static let window = 60
    /// Weight of a run per run of age.
    static let decay = 0.975
    /// Extra weight of the newest run.
    static let fresh = 2.0
    /// Decay of that extra weight per run of age.
    static let freshDecay = 0.6
    /// Weight of the coming run itself: what no past run can tell.
    static let own = 0.8
    /// Logistic scale, in log duration, of being like a past run, before anything is learnt.
    static let spread = 0.0355
    /// Mean log excess of a run that is unlike the past ones.
    static let tail = 0.12
    /// Chance that the level changes at this very run, before anything is learnt.
    static let level = 0.032
    /// Runs after which that chance has reached half of its value.
    static let levelRuns = 3.0
    /// Mean log excess over the longest run when the level changes.
    static let levelTail = 1.0
    /// Runs after which `spread` has halved.
    static let learning = 45.0
    /// Among the first runs a record says nothing.
    static let recordsFrom = 4
    /// Log excess of a record that counts as one.
    static let recordUnit = 0.03
    /// The most that one record counts.
    static let recordCap = 2.5
    /// Memory of records per run.
    static let recordDecay = 0.95
    /// Widening of the spread per unit of unrest.
    static let widening = 0.3
    /// Log excess of a record that counts as a full jump.
    static let jumpUnit = 0.15
    /// Extra freshness of a full jump.
    static let jump = 1.5
    /// Unrest from which a series is reported as unsettled.
    static let unsettled = 2.0
    /// For so many runs after a full jump a series is reported as unsettled whatever its unrest.
    static let jumpMemory = 5
    /// How far above the longest run a bound may lie, in log duration: 8 times.
    static let farthest = Elementary.log(8)
    /// How far above the elapsed time: 4 times.
    static let farthestPastElapsed = Elementary.log(4)
    /// How far above a censored run: 2 times.
    static let farthestPastCensored = Elementary.log(2)
    /// Weight of a censored run relative to a successful one of its age.
    static let censored = 1.0
}
