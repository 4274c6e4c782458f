// What is known of a token's end without asking its forge: what the token says of itself, and what the CI's rules say of
// tokens that die with their job.

/// Lifetimes that need no request.
public enum LifetimeRules {
    /// The end of a token as the token itself (JWT) or the CI's rules tell it; unknown where neither does.
    ///
    /// The JWT wins: it is the exact moment. A token that dies with its job ends at the latest of what binds it: the
    /// bound of its kind, the bound of this runner, and the time-out of the job, whichever is first after the job's
    /// start. Without a known start, or without any bound, its end is unknown.
    public static func withoutAsking(
        about token: Secret, kind: TokenKind, job: JobContext?, now: Instant
    ) -> Lifetime {
        if let end = JWTReader.claims(of: token)?.expiresAt {
            return Lifetime(expiry: .at(end), source: .jwt, checkedAt: now)
        }
        guard case .job(let atMost) = kind.expiry, let job, let start = job.startedAt else { return .unknown }
        guard let bound = [atMost, job.tokenLifeLimit, job.timeout].compactMap({ $0 }).min() else { return .unknown }
        return Lifetime(expiry: .at(start.advanced(by: bound)), source: .ci, checkedAt: now)
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
