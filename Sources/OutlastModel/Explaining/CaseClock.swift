// How moments are said in a sentence: by the clock near the failure, with the date farther away.

/// Says moments around one of them.
struct CaseClock: Sendable {
    /// The moment that the sentence is about.
    let middle: Instant
    /// Moments that differ only within a minute are told apart by their seconds.
    private let needsSeconds: Bool

    init(_ middle: Instant, besides others: [Instant?]) {
        self.middle = middle
        let minute = middle.text.prefix(16)
        needsSeconds = others.contains { other in
            guard let other, other.seconds != middle.seconds else { return false }
            return other.text.prefix(16) == minute
        }
    }

    /// `00:03`, `00:03:07` or `2026-11-19 00:03`, in UTC.
    func text(_ moment: Instant) -> String {
        let text = moment.text
        let clock = text.dropFirst(11).prefix(needsSeconds ? 8 : 5)
        let distance = middle.duration(to: moment)
        let isNear = distance < .seconds(86_400) && distance > .seconds(-86_400)
        return isNear ? String(clock) : "\(text.prefix(10)) \(clock)"
    }
}
