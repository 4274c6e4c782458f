// From moments to places on a page, and the moments that an axis names. Any two moments will do: a store of somebody
// else's may say what it likes.

import OutlastModel

/// Where a moment lies.
struct TimeScale: Sendable {
    let from: Instant
    let to: Instant
    let left: Double
    let right: Double

    /// The place of a moment; what lies outside is at the edge.
    func place(_ moment: Instant) -> Double {
        let span = Double(to.milliseconds) - Double(from.milliseconds)
        guard span > 0 else { return left }
        let share = (Double(moment.milliseconds) - Double(from.milliseconds)) / span
        return left + (right - left) * max(0, min(1, share))
    }

    /// Whether a moment lies within.
    func holds(_ moment: Instant) -> Bool { moment >= from && moment <= to }
}

/// A named moment of an axis.
struct TimeTick: Hashable, Sendable {
    let at: Instant
    let label: String

    /// Round moments within a span, at most so many: hours, days, Mondays, months or years.
    static func ticks(from: Instant, to: Instant, atMost limit: Int) -> [TimeTick] {
        guard from < to, limit > 0 else { return [] }
        let span = (Double(to.milliseconds) - Double(from.milliseconds)) / 1000
        for step in [3600, 3 * 3600, 6 * 3600, 12 * 3600, 86_400, 2 * 86_400, 7 * 86_400, 14 * 86_400] as [Int64]
        where span / Double(step) <= Double(limit) {
            return every(step, from, to)
        }
        for months in [1, 2, 3, 6, 12, 24, 60, 120, 600] where span / (Double(months) * 2_629_746) <= Double(limit) {
            return everyMonths(months, from, to, limit: limit + 2)
        }
        return []
    }

    private static func every(_ step: Int64, _ from: Instant, _ to: Instant) -> [TimeTick] {
        // The first Monday was the fifth day.
        let shift: Int64 = step % (7 * 86_400) == 0 ? 4 * 86_400 : 0
        var at = (from.seconds - shift) / step * step + shift
        var ticks: [TimeTick] = []
        while at <= to.seconds {
            let moment = Instant(seconds: at)
            if moment >= from {
                let isDay = step >= 86_400 || at % 86_400 == 0
                ticks.append(TimeTick(at: moment, label: isDay ? moment.day.shortText : moment.clockText))
            }
            at += step
        }
        return ticks
    }

    private static func everyMonths(_ months: Int, _ from: Instant, _ to: Instant, limit: Int) -> [TimeTick] {
        let begin = from.day.components
        var month = (begin.year * 12 + begin.month - 1) / months * months
        var ticks: [TimeTick] = []
        for _ in 0...limit {
            guard let date = CivilDate(year: month / 12, month: month % 12 + 1, day: 1), date.midnight <= to else {
                break
            }
            if date.midnight >= from {
                let name = CivilDate.monthNames[month % 12]
                let label =
                    months >= 12 ? "\(month / 12)" : ticks.isEmpty || month % 12 == 0 ? "\(name) \(month / 12)" : name
                ticks.append(TimeTick(at: date.midnight, label: label))
            }
            month += months
        }
        return ticks
    }
}

extension CivilDate {
    static let monthNames = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]

    /// `21 Nov`.
    var shortText: String {
        let (_, month, day) = components
        return "\(day) \(Self.monthNames[(month - 1) % 12])"
    }

    /// Days since Monday.
    var weekday: Int { Int(((daysSinceEpoch + 3) % 7 + 7) % 7) }
}

extension Instant {
    /// `20:15`.
    var clockText: String { String(text.dropFirst(11).prefix(5)) }

    /// `2026-11-21 20:15`, for reading.
    var minuteText: String {
        let parts = text.split(separator: "T")
        return parts.count == 2 ? "\(parts[0]) \(parts[1].prefix(5))" : text
    }
}

/// Where a duration lies, from 0 at the bottom.
struct DurationScale: Sendable {
    /// The round durations that the axis names, from 0.
    let ticks: [Duration]
    let top: Double
    let bottom: Double

    /// An axis that has room for the longest.
    init(longest: Duration, top: Double, bottom: Double) {
        (self.top, self.bottom) = (top, bottom)
        let seconds = max(1, min(longest.inSeconds, 3e9))
        let steps: [Double] = [
            1, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 10_800, 21_600, 43_200, 86_400, 172_800,
            604_800, 2_592_000, 31_536_000, 315_360_000,
        ]
        let step = steps.first { seconds / $0 <= 4 } ?? 1e9
        let count = max(1, Int((seconds / step).rounded(.up)))
        ticks = (0...count).map { .seconds(Int64(Double($0) * step)) }
    }

    /// The place of a duration; what is longer than the axis is at its end.
    func place(_ duration: Duration) -> Double {
        guard let last = ticks.last, last > .zero else { return bottom }
        return bottom - (bottom - top) * max(0, min(1, duration.inSeconds / last.inSeconds))
    }
}
