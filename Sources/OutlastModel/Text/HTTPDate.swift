// Dates of HTTP (RFC 7231, section 7.1.1.1) in all three forms. The weekday is not compared with the date: a server that
// gets it wrong still has a clock.

/// Reads the moments that HTTP headers tell.
public enum HTTPDate {
    /// The moment; nil for anything but the three forms.
    ///
    /// - Parameter now: decides about the century of a two-digit year: one more than 50 years ahead lies in the past.
    public static func instant(_ text: String, now: Instant) -> Instant? {
        guard text.utf8.count <= 64 else { return nil }
        let words = text.split(separator: " ").map(String.init)
        switch words.count {
        case 6: return imf(words)
        case 4: return obsolete(words, now: now)
        case 5: return asctime(words)
        default: return nil
        }
    }

    /// `Sun, 06 Nov 1994 08:49:37 GMT`.
    private static func imf(_ words: [String]) -> Instant? {
        guard words[0].hasSuffix(","), isZone(words[5]), let year = number(words[3], digits: 4...4),
            let day = number(words[1], digits: 1...2)
        else { return nil }
        return moment(year: year, month: words[2], day: day, clock: words[4])
    }

    /// `Sunday, 06-Nov-94 08:49:37 GMT`.
    private static func obsolete(_ words: [String], now: Instant) -> Instant? {
        let date = words[1].split(separator: "-", omittingEmptySubsequences: false).map(String.init)
        guard words[0].hasSuffix(","), isZone(words[3]), date.count == 3, let day = number(date[0], digits: 1...2),
            let short = number(date[2], digits: 2...2)
        else { return nil }
        let thisYear = now.day.components.year
        var year = thisYear - thisYear % 100 + short
        if year > thisYear + 50 { year -= 100 }
        return moment(year: year, month: date[1], day: day, clock: words[2])
    }

    /// `Sun Nov  6 08:49:37 1994`, always in UTC.
    private static func asctime(_ words: [String]) -> Instant? {
        guard let year = number(words[4], digits: 4...4), let day = number(words[2], digits: 1...2) else { return nil }
        return moment(year: year, month: words[1], day: day, clock: words[3])
    }

    private static func moment(year: Int, month: String, day: Int, clock: String) -> Instant? {
        let names = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]
        let fields = clock.split(separator: ":", omittingEmptySubsequences: false).map(String.init)
        guard let index = names.firstIndex(of: month.lowercased()),
            let date = CivilDate(year: year, month: index + 1, day: day), fields.count == 3,
            let hour = number(fields[0], digits: 2...2), hour < 24,
            let minute = number(fields[1], digits: 2...2), minute < 60,
            let second = number(fields[2], digits: 2...2), second <= 60
        else { return nil }
        return date.midnight.advanced(by: .seconds(hour * 3600 + minute * 60 + second))
    }

    private static func isZone(_ word: String) -> Bool { word == "GMT" || word == "UTC" }

    private static func number(_ text: String, digits: ClosedRange<Int>) -> Int? {
        guard digits.contains(text.utf8.count), text.utf8.allSatisfy({ (48...57).contains($0) }) else { return nil }
        return Int(text)
    }
}
