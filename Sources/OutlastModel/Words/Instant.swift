// A moment on the UTC time line, and its one written form (RFC 3339, seconds). Pure: nothing here reads a clock.

/// A moment in time, in whole milliseconds since 1970-01-01T00:00:00Z, without leap seconds.
public struct Instant: Hashable, Comparable, Sendable {
    /// Milliseconds since the epoch; negative before 1970.
    public let milliseconds: Int64

    /// Makes a moment from milliseconds since the epoch.
    public init(milliseconds: Int64) { self.milliseconds = milliseconds }

    /// Makes a moment from whole seconds since the epoch; values beyond what fits are clamped.
    public init(seconds: Int64) {
        let limit = Int64.max / 1000
        milliseconds = Swift.max(-limit, Swift.min(limit, seconds)) * 1000
    }

    /// Whole seconds since the epoch, rounded down.
    public var seconds: Int64 { milliseconds / 1000 - (milliseconds % 1000 < 0 ? 1 : 0) }

    /// The moment `duration` later (earlier when negative); saturates instead of overflowing.
    public func advanced(by duration: Duration) -> Instant {
        let (sum, overflow) = milliseconds.addingReportingOverflow(duration.wholeMilliseconds)
        return Instant(milliseconds: overflow ? (duration < .zero ? .min : .max) : sum)
    }

    /// The time from this moment to `other`; negative when `other` lies before. Saturates.
    public func duration(to other: Instant) -> Duration {
        let (difference, overflow) = other.milliseconds.subtractingReportingOverflow(milliseconds)
        return .milliseconds(overflow ? (other < self ? Int64.min : Int64.max) : difference)
    }

    /// Orders by time.
    public static func < (left: Instant, right: Instant) -> Bool { left.milliseconds < right.milliseconds }
}

extension Instant {
    /// Midnight UTC at the beginning of the day that holds this moment.
    public var startOfDay: Instant {
        Instant(seconds: seconds - CivilDate.positiveRemainder(seconds, 86_400))
    }

    /// The day in UTC that holds this moment.
    public var day: CivilDate {
        CivilDate(daysSinceEpoch: (seconds - CivilDate.positiveRemainder(seconds, 86_400)) / 86_400)
    }

    /// `2026-11-20T22:10:00Z`: RFC 3339 in UTC, seconds, rounded down.
    public var text: String {
        let date = day
        let second = CivilDate.positiveRemainder(seconds, 86_400)
        let clock = [second / 3600, second / 60 % 60, second % 60].map { CivilDate.padded($0, 2) }
        return "\(date.text)T\(clock[0]):\(clock[1]):\(clock[2])Z"
    }

    /// Reads `2026-11-20T22:10:00Z`, the same with fractions, a blank instead of `T`, or an offset (`+01:00`, `+0100`),
    /// and a bare date, which is its 00:00 UTC. Nil for anything else.
    public init?(text: String) {
        var reader = DigitReader(text)
        guard let year = reader.digits(4), reader.skip("-"), let month = reader.digits(2), reader.skip("-"),
            let dayOfMonth = reader.digits(2), let date = CivilDate(year: year, month: month, day: dayOfMonth)
        else { return nil }
        if reader.isAtEnd {
            self = date.midnight
            return
        }
        guard reader.skip("T") || reader.skip("t") || reader.skip(" "), let hour = reader.digits(2), hour < 24,
            reader.skip(":"), let minute = reader.digits(2), minute < 60
        else { return nil }
        var second = 0
        if reader.skip(":") {
            guard let value = reader.digits(2), value <= 60 else { return nil }
            second = value
            if reader.skip(".") || reader.skip(",") { guard reader.skipDigits() > 0 else { return nil } }
        }
        _ = reader.skip(" ")
        guard let offset = reader.offset(), reader.isAtEnd else { return nil }
        let clock = Int64(hour * 3600 + minute * 60 + second - offset)
        self.init(seconds: date.daysSinceEpoch * 86_400 + clock)
    }
}
