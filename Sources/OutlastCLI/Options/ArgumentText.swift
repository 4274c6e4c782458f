// Turns the texts of options into values. Messages name the option and never repeat what was given, which may be a token.

import OutlastModel

enum ArgumentText {
    static func duration(_ text: String?, _ option: String, positive: Bool = false) throws(Failure) -> Duration? {
        guard let text else { return nil }
        guard let duration = Duration(text: text) else {
            throw .usage("\(option) takes a duration such as 90s, 45m, 1h30m or 30d")
        }
        if positive && duration == .zero { throw .usage("\(option) must be more than 0") }
        return duration
    }

    static func instant(_ text: String?, _ option: String) throws(Failure) -> Instant? {
        guard let text else { return nil }
        guard let instant = Instant(text: text) else {
            throw .usage("\(option) takes a time such as 2026-11-20T22:10:00Z, or a date, which is its 00:00 UTC")
        }
        return instant
    }

    static func quantile(_ text: String?, _ option: String) throws(Failure) -> Double? {
        guard let text else { return nil }
        guard let value = Double(text), (0.5...0.999).contains(value) else {
            throw .usage("\(option) takes a number from 0.5 to 0.999")
        }
        return value
    }

    static func count(_ text: String?, _ option: String, in range: ClosedRange<Int>) throws(Failure) -> Int? {
        guard let text else { return nil }
        guard let value = Int(text), range.contains(value) else {
            throw .usage("\(option) takes a whole number from \(range.lowerBound) to \(range.upperBound)")
        }
        return value
    }

    static func choice<Choice: RawRepresentable & CaseIterable>(
        _ text: String?, _ option: String
    ) throws(Failure) -> Choice? where Choice.RawValue == String {
        guard let text else { return nil }
        guard let choice = Choice(rawValue: text) else {
            throw .usage("\(option) takes one of \(Choice.allCases.map(\.rawValue).joined(separator: ", "))")
        }
        return choice
    }

    /// A job's status; GitHub writes one of them with two `l`.
    static func status(_ text: String?, of allowed: [JobStatus]) throws(Failure) -> JobStatus? {
        guard let text else { return nil }
        let spelled = text == "cancelled" ? JobStatus.canceled.rawValue : text
        return JobStatus(rawValue: try word(spelled, "--status", of: allowed.map(\.rawValue)) ?? "")
    }

    /// One of some words.
    static func word(_ text: String?, _ option: String, of words: [String]) throws(Failure) -> String? {
        guard let text, !words.contains(text) else { return text }
        throw .usage("\(option) takes one of \(words.text(joinedBy: ", "))")
    }

    static func url(_ text: String?, _ option: String, insecure: Bool) throws(Failure) -> ServerURL? {
        guard let text else { return nil }
        guard let url = ServerURL(text) else {
            throw .usage(
                "\(option) takes an https:// address without user, password or fragment",
                hint: "such as https://gitlab.example.com/api/v4")
        }
        if url.origin.scheme == "http" && !url.origin.isLoopback && !insecure {
            throw .usage(
                "\(option): http:// would send the token in clear to \(url.origin.hostAndPort); loopback means a literal address such as 127.0.0.1",
                hint: "use https://, or --allow-insecure-http if that network is really yours")
        }
        return url
    }
}
