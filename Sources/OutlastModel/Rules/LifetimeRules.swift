// Where a token's end lies in time: the bound of tokens that die with their job, and on which side of its end a moment is.

/// Rules about the end of tokens.
public enum LifetimeRules {
    /// The latest end of a token that dies with its job: the first of the kind's own bound, the bound of this runner and
    /// the job's time-out after the job's start. Nil for other kinds, and where no bound is known.
    public static func latestEnd(of kind: TokenKind, jobStart: Instant, job: JobContext?) -> Instant? {
        guard case .job(let atMost) = kind.expiry else { return nil }
        let bounds = [atMost, job?.tokenLifeLimit, job?.timeout].compactMap { $0 }
        return bounds.min().map { jobStart.advanced(by: $0) }
    }

    /// Whether a token with this end is dead at a moment of its forge's clock: it works before its end and not from it
    /// on. Nil where the end is unknown.
    public static func isOver(_ expiry: Expiry, at moment: Instant) -> Bool? {
        switch expiry {
        case .at(let end): moment >= end
        case .never: false
        case .unknown: nil
        }
    }
}
