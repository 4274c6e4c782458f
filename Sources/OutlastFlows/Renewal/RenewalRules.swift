// The decisions of a renewal as pure functions: whether it is due, and how an old one is settled.

import OutlastModel

/// How little may be left of a token before it is renewed.
enum LimitRule {
    /// What was asked for; else the method's own, but not more than half of the token's life: a token that lives an hour
    /// would be renewed by everybody who looks, and nobody would have more of it.
    ///
    /// - Parameters:
    ///   - asked: `--if-remaining-below` or `min_remaining`.
    ///   - life: The whole life of the current token; nil when it is not known.
    static func limit(asked: Duration?, standard: Duration, life: Duration?) -> Duration {
        if let asked { return asked }
        return life.map { min(standard, $0 / 2) } ?? standard
    }
}

/// Whether a renewal is due.
enum DueRule {
    struct Facts: Sendable {
        var expiry: Expiry
        /// How long the current token has been ours; nil for one that was not made by us.
        var age: Duration?
        var now: Instant
        /// Renew when less than this is left.
        var limit: Duration
        /// `--force` for a token that is current and was when this process began: one that was renewed meanwhile, or that
        /// has been superseded, has had its renewal.
        var isForced: Bool
    }

    /// Whether the current token is to be renewed. Unknown is never taken for unlimited: a token whose end nobody tells is
    /// renewed when it is met first, and then whenever it is as old as the limit.
    static func isDue(_ facts: Facts) -> Bool {
        if facts.isForced { return true }
        switch facts.expiry {
        case .at(let end): return facts.now.duration(to: end) < facts.limit
        case .never: return false
        case .unknown: return facts.age.map { $0 >= facts.limit } ?? true
        }
    }
}

/// What to do about a renewal that an earlier process left open.
enum SettlementRule {
    enum Step: Hashable, Sendable {
        /// Nothing was sent: forget it.
        case discard
        /// The request may still be travelling: wait until this moment.
        case wait(until: Instant)
        /// Ask a harmless question with the old token.
        case probe
        /// The answer is safe: go on from there.
        case resume
        /// Nothing is left to do.
        case nothing
    }

    /// - Parameter grace: How long the old token lives on beside the published new one.
    static func step(for entry: JournalEntry, now: Instant, grace: Duration) -> Step {
        switch entry.state {
        case .intended: return .discard
        case .sent, .inDoubt:
            // A request travels no longer because a clock was set back.
            let sent = min(entry.sentAt ?? entry.intendedAt, now)
            let settled = sent.advanced(by: entry.requestTimeout)
            return now < settled ? .wait(until: settled) : .probe
        case .received, .proved: return .resume
        case .published: return now < entry.changedAt.advanced(by: grace) ? .nothing : .resume
        case .retired, .refused, .lost: return .nothing
        }
    }
}
