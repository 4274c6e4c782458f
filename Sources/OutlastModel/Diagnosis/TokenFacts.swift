// What history knows of the token behind a failure, and what a diagnosis becomes by it: a 401 says no cause, a date does.

/// What is known of one token around the moment of a failure.
public struct TokenFacts: Hashable, Sendable {
    /// When it ended or will end; nil when nobody told or it has no end.
    public var endsAt: Instant?
    /// When it was known to have been replaced by a newer generation; nil when it was not.
    public var rotatedAt: Instant?
    /// The last answer of its forge; nil when that was never asked.
    public var standing: TokenStanding?
    /// When that answer was given.
    public var standingAt: Instant?

    /// Makes facts.
    public init(
        endsAt: Instant? = nil, rotatedAt: Instant? = nil, standing: TokenStanding? = nil, standingAt: Instant? = nil
    ) {
        self.endsAt = endsAt
        self.rotatedAt = rotatedAt
        self.standing = standing
        self.standingAt = standingAt
    }

    /// Why the token could not work any more at a moment; nil when it may have.
    public enum Death: Hashable, Sendable {
        /// Its time was over.
        case expired(Instant)
        /// It was taken back, or replaced.
        case revoked(Instant?)
        /// Its forge did not accept it, and gave no reason.
        case rejected(Instant?)
    }

    /// How the token had died by then: by the earliest cause that a moment is known of.
    public func death(by moment: Instant) -> Death? {
        let ended = endsAt.flatMap { $0 <= moment ? $0 : nil }
        let rotated = rotatedAt.flatMap { $0 <= moment ? $0 : nil }
        if let rotated, ended.map({ rotated < $0 }) ?? true { return .revoked(rotated) }
        if let ended { return .expired(ended) }
        switch standing {
        case .expired?: return .expired(standingAt ?? moment)
        case .revoked?: return .revoked(standingAt)
        case .rejected?: return .rejected(standingAt)
        default: return nil
        }
    }

    /// Whether its forge accepted it at that moment or later.
    public func wasAlive(at moment: Instant) -> Bool {
        guard let standing, !standing.isDead, let standingAt else { return false }
        return standingAt >= moment
    }
}

extension Diagnosis {
    /// The diagnosis with what is known of the token: a rejection gets its cause, and a project that is hidden from a dead
    /// token is no longer called missing. Failures that have nothing to do with a token stay as they are, whatever is
    /// known of one.
    ///
    /// - Parameter failedAt: when the command failed, on the clock of the token's forge.
    public func sharpened(by facts: TokenFacts, failedAt: Instant) -> Diagnosis {
        guard isAboutToken else { return self }
        guard let death = facts.death(by: failedAt) else {
            return facts.wasAlive(at: failedAt) ? withLivingToken() : self
        }
        // Words that were forged do not become certain by a date; together with one they are no longer a mere guess.
        let isRejection = `class` != .notFound && `class` != .authMissing
        let sure: Confidence = isRejection && confidence == .high ? .high : .medium
        var sharper: Diagnosis
        switch death {
        case .expired(let moment):
            sharper = becoming(
                .authExpired, sure,
                "the token ended at \(moment.text): renew it, and let `outlast preflight` say so before the job begins")
        case .revoked(let moment):
            let when = moment.map { " (known since \($0.text))" } ?? ""
            sharper = becoming(
                .authRevoked, sure,
                "the token was revoked or replaced by a newer one\(when): give the job the current one")
        case .rejected where `class` == .notFound || `class` == .authMissing:
            sharper = becoming(
                .authRejected, .medium,
                "the forge does not accept this token, which hides the project from it: give the job a token that works"
            )
        case .rejected: sharper = self
        }
        sharper.credentialAtFault = true
        return sharper
    }

    /// Rejections, and the 404 behind which forges hide what a token may not see.
    private var isAboutToken: Bool {
        switch `class` {
        case .authRejected, .authMissing, .notFound: true
        default: false
        }
    }

    private func becoming(_ other: FailureClass, _ confidence: Confidence, _ advice: String) -> Diagnosis {
        Diagnosis(
            class: other, confidence: confidence, line: line, advice: advice, operation: operation, host: host)
    }

    private func withLivingToken() -> Diagnosis {
        var other = self
        other.credentialAtFault = nil
        switch `class` {
        case .authRejected:
            other.confidence = confidence.lowered
            other.advice =
                "the token that is known works: look for another one that was sent in its place (a stale "
                + "http.extraheader, a password in the remote's URL, another helper)"
        case .authMissing:
            other.advice = "the token that is known works, but git was not given it: see `outlast credential env`"
        default:
            other.advice =
                "the token works, so the project is not there under this name, or the token's owner is no member of it"
        }
        return other
    }
}
