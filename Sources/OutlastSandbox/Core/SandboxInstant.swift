// Time in the sandbox is whole seconds of UTC, and a date is a count of days: forges compare dates, not
// moments, so both exist and neither knows a time zone.

/// A moment of the sandbox's clock, in whole seconds since 1970-01-01T00:00:00Z.
public struct SandboxInstant: Sendable, Hashable, Comparable, CustomStringConvertible {
    /// Seconds since 1970-01-01T00:00:00Z; negative before it.
    public var seconds: Int

    /// A moment from its Unix time in seconds.
    public init(seconds: Int) {
        self.seconds = seconds
    }

    /// A moment from `2026-11-20T22:10:00Z`, with or without a fraction, with `Z` or an offset `±HH:MM`,
    /// or from a bare date, which is its 00:00 UTC. `nil` for anything else.
    public init?(_ text: String) {
        let pieces = text.split(separator: "T", maxSplits: 1, omittingEmptySubsequences: false)
        guard let day = pieces.first.flatMap({ SandboxDay(String($0)) }) else { return nil }
        guard pieces.count == 2 else {
            self.init(seconds: day.midnight.seconds)
            return
        }
        guard let ofDay = Self.secondsOfDay(pieces[1]) else { return nil }
        self.init(seconds: day.midnight.seconds + ofDay)
    }

    /// `2026-11-20T22:10:00Z`.
    public var text: String { "\(day.text)T\(clockText)Z" }

    /// The date in UTC that this moment belongs to.
    public var day: SandboxDay {
        SandboxDay(number: seconds >= 0 ? seconds / 86_400 : (seconds - 86_399) / 86_400)
    }

    /// The same as ``text``.
    public var description: String { text }

    /// Earlier sorts first.
    public static func < (left: Self, right: Self) -> Bool { left.seconds < right.seconds }

    /// The moment `seconds` later (earlier when negative).
    public static func + (left: Self, seconds: Int) -> Self { Self(seconds: left.seconds + seconds) }

    /// `2026-11-20T22:10:00.000Z`, the form GitLab prints.
    var milliText: String { "\(day.text)T\(clockText).000Z" }

    /// `2026-11-20 22:10:00`, the middle of GitHub's expiry header.
    var spacedText: String { "\(day.text) \(clockText)" }

    /// `Fri, 20 Nov 2026 22:10:00 GMT`, for the `Date` header.
    var httpDate: String {
        let (year, month, dayOfMonth) = day.civil
        let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
        let weekdays = ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"]
        let weekday = weekdays[((day.number % 7) + 7) % 7]
        return "\(weekday), \(padded(dayOfMonth, 2)) \(months[month - 1]) \(padded(year, 4)) \(clockText) GMT"
    }

    private var clockText: String {
        let ofDay = seconds - day.midnight.seconds
        return "\(padded(ofDay / 3600, 2)):\(padded(ofDay / 60 % 60, 2)):\(padded(ofDay % 60, 2))"
    }

    private static func secondsOfDay(_ text: Substring) -> Int? {
        let clock = text.prefix(8)
        let parts = clock.split(separator: ":", omittingEmptySubsequences: false)
        guard parts.count == 3, let hour = Int(parts[0]), let minute = Int(parts[1]), let second = Int(parts[2]),
            (0...23).contains(hour), (0...59).contains(minute), (0...60).contains(second)
        else { return nil }
        var zone = text.dropFirst(8)
        if zone.first == "." { zone = zone.dropFirst().drop(while: \.isNumber) }
        guard let offset = offsetSeconds(zone) else { return nil }
        return hour * 3600 + minute * 60 + second - offset
    }

    private static func offsetSeconds(_ zone: Substring) -> Int? {
        if zone == "Z" || zone == "z" || zone.isEmpty { return 0 }
        guard let sign = zone.first, sign == "+" || sign == "-" else { return nil }
        let digits = zone.dropFirst().filter { $0 != ":" }
        guard digits.count == 4, let hours = Int(digits.prefix(2)), let minutes = Int(digits.suffix(2)) else {
            return nil
        }
        return (sign == "-" ? -1 : 1) * (hours * 3600 + minutes * 60)
    }
}

/// A date in UTC.
public struct SandboxDay: Sendable, Hashable, Comparable, CustomStringConvertible {
    /// Days since 1970-01-01.
    public var number: Int

    /// A date from its count of days since 1970-01-01.
    public init(number: Int) {
        self.number = number
    }

    /// A date from `YYYY-MM-DD`; `nil` for anything else, also for days that do not exist.
    public init?(_ text: String) {
        let parts = text.split(separator: "-", omittingEmptySubsequences: false)
        guard parts.count == 3, parts[0].count == 4, parts[1].count == 2, parts[2].count == 2,
            let year = Int(parts[0]), let month = Int(parts[1]), let day = Int(parts[2]), (1...12).contains(month)
        else { return nil }
        self.init(number: Self.number(year, month, day))
        guard civil == (year, month, day) else { return nil }
    }

    /// `YYYY-MM-DD`.
    public var text: String {
        let (year, month, day) = civil
        return "\(padded(year, 4))-\(padded(month, 2))-\(padded(day, 2))"
    }

    /// 00:00:00 UTC of this date: the moment at which a GitLab token dated to it dies.
    public var midnight: SandboxInstant { SandboxInstant(seconds: number * 86_400) }

    /// The same as ``text``.
    public var description: String { text }

    /// Earlier sorts first.
    public static func < (left: Self, right: Self) -> Bool { left.number < right.number }

    /// The date `days` later (earlier when negative).
    public static func + (left: Self, days: Int) -> Self { Self(number: left.number + days) }

    /// Year, month and day of the proleptic Gregorian calendar, counted in eras of 400 years from 1 March.
    var civil: (year: Int, month: Int, day: Int) {
        let shifted = number + 719_468
        let era = (shifted >= 0 ? shifted : shifted - 146_096) / 146_097
        let dayOfEra = shifted - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let monthFromMarch = (5 * dayOfYear + 2) / 153
        let month = monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9
        let day = dayOfYear - (153 * monthFromMarch + 2) / 5 + 1
        return (yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, day)
    }

    private static func number(_ year: Int, _ month: Int, _ day: Int) -> Int {
        let shiftedYear = month <= 2 ? year - 1 : year
        let era = (shiftedYear >= 0 ? shiftedYear : shiftedYear - 399) / 400
        let yearOfEra = shiftedYear - era * 400
        let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
        return era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719_468
    }
}

/// `number` in decimal, filled with zeros on the left up to `width` digits.
func padded(_ number: Int, _ width: Int) -> String {
    let digits = String(number)
    return String(repeating: "0", count: max(0, width - digits.count)) + digits
}
