// Whether one token outlasts the job: all facts in, a verdict out. Synchronous, total, no clock of its own.

/// All that was observed about one credential.
public struct CredentialFacts: Sendable {
    /// The credential's name.
    public var name: String
    /// The kind as far as known before asking; the forge's answer may narrow it.
    public var kind: TokenKind
    /// The forge's name; empty for none.
    public var forge: String
    /// Which token.
    public var fingerprint: Fingerprint
    /// The forge's answer in this run.
    public var reading: TokenReading?
    /// An earlier answer that a store remembered.
    public var remembered: TokenReading?
    /// Why the forge could not be asked in this run; nil when it was, or did not need to be.
    public var failure: Failure?
    /// Why nobody can ask this forge about this kind of token, in words; nil when one can.
    public var obstacle: String?
    /// The `exp` claim of a token that is a JWT.
    public var jwtExpiry: Instant?
    /// `--expires-at`.
    public var flagExpiry: Instant?
    /// `expires_at` of the configuration.
    public var configExpiry: Instant?
    /// The end that the CI's own rules give to its tokens, at the latest.
    public var ciExpiry: Instant?
    /// Whether the CI gave this token to this very job, so that it lives as long as the job does.
    public var livesWithJob: Bool
    /// When the CI ends the job at the latest; nil when it does not say.
    public var jobEnd: Instant?
    /// Scopes that were asked for and are not there; nil when the forge did not tell the token's scopes.
    public var missingScopes: [String]?
    /// The scopes that were asked for.
    public var neededScopes: [String]
    /// How its configuration says to renew it; nil when it says nothing.
    public var renew: RenewConfiguration?
    /// When a renewal of our own put another token in its place; nil when none is known.
    public var replacedAt: Instant?

    /// Collects the facts.
    public init(
        name: String, kind: TokenKind, forge: String, fingerprint: Fingerprint, reading: TokenReading? = nil,
        remembered: TokenReading? = nil, failure: Failure? = nil, jwtExpiry: Instant? = nil,
        flagExpiry: Instant? = nil, configExpiry: Instant? = nil, ciExpiry: Instant? = nil,
        livesWithJob: Bool = false, jobEnd: Instant? = nil, missingScopes: [String]? = nil, neededScopes: [String] = [],
        renew: RenewConfiguration? = nil
    ) {
        self.name = name
        self.kind = kind
        self.forge = forge
        self.fingerprint = fingerprint
        self.reading = reading
        self.remembered = remembered
        self.failure = failure
        self.jwtExpiry = jwtExpiry
        self.flagExpiry = flagExpiry
        self.configExpiry = configExpiry
        self.ciExpiry = ciExpiry
        self.livesWithJob = livesWithJob
        self.jobEnd = jobEnd
        self.missingScopes = missingScopes
        self.neededScopes = neededScopes
        self.renew = renew
    }

    /// The answer that counts: this run's, else the remembered one.
    public var answer: TokenReading? { reading ?? remembered }

    /// Whether the token was made for this job and its end is not before the job's latest.
    func outlivesJob(_ end: Instant) -> Bool {
        guard livesWithJob, let jobEnd else { return false }
        return end >= jobEnd
    }

    /// The kind as far as anybody told: a refusal tells none, so an earlier answer still counts.
    var toldKind: TokenKind { reading?.kind ?? remembered?.kind ?? kind }

    /// The first of forge, JWT, flag, configuration and CI that knows an end (contract, section 4). A moment by flag,
    /// configuration or CI that has passed is no knowledge when the forge has just accepted the token.
    func lifetime(at now: Instant) -> Lifetime {
        if let reading, reading.expiry != .unknown {
            return Lifetime(expiry: reading.expiry, source: .forge, checkedAt: reading.readAt)
        }
        if let remembered, remembered.expiry != .unknown {
            return Lifetime(expiry: remembered.expiry, source: .cache, checkedAt: remembered.readAt)
        }
        if let jwtExpiry { return Lifetime(expiry: .at(jwtExpiry), source: .jwt, checkedAt: now) }
        let isAcceptedNow = reading.map { $0.standing == .alive } ?? false
        let told: [(Instant?, LifetimeSource)] = [(flagExpiry, .flag), (configExpiry, .config), (ciExpiry, .ci)]
        for (moment, source) in told {
            guard let moment, !(isAcceptedNow && moment <= now) else { continue }
            return Lifetime(expiry: .at(moment), source: source, checkedAt: now)
        }
        var source = LifetimeSource.unknown
        if livesWithJob {
            source = .ci
        } else if let answer, answer.standing.isDead {
            // Its end is not told, but who says that it is over is.
            source = reading == nil ? .cache : .forge
        }
        return Lifetime(expiry: .unknown, source: source, checkedAt: answer?.readAt)
    }
}

extension CredentialVerdict {
    /// A skew of at most this much is not worth a word (contract, section 4).
    public static let toleratedSkew = Duration.seconds(60)

    /// Judges one credential.
    ///
    /// - Parameters:
    ///   - facts: What was observed.
    ///   - needed: What the token must still have.
    ///   - now: Our own clock; the forge's is computed from the skew that its answer showed.
    ///   - requireKnown: Whether an unknown end is a failure (13).
    public static func judge(
        _ facts: CredentialFacts, needed: NeededTime, now: Instant, requireKnown: Bool
    ) -> CredentialVerdict {
        let skew = facts.answer?.clockSkew
        let forgeNow = now.advanced(by: skew ?? .zero)
        let lifetime = facts.lifetime(at: forgeNow)
        let remaining = lifetime.expiry.instant.map { forgeNow.duration(to: $0) }
        let isOver = (remaining ?? .seconds(1)) <= .zero || facts.answer.map { $0.standing.isDead } ?? false
        let renewability = Renewability(
            kind: facts.toldKind, configured: facts.renew, scopes: facts.answer?.scopes,
            isOver: isOver)
        let renewsInJob = renewability.isRenewable && facts.renew?.by == .jobs
        let finding = Finding(
            facts, lifetime: lifetime, remaining: remaining, needed: needed, requireKnown: requireKnown,
            renewability: renewability, renewsInJob: renewsInJob)
        let shortfall = remaining.flatMap { left in
            left < needed.needed && finding.decision != .sufficient
                ? needed.needed - .seconds(Swift.max(.zero, left).wholeSeconds) : nil
        }
        return CredentialVerdict(
            name: facts.name, decision: finding.decision, code: finding.code, kind: facts.toldKind,
            forge: facts.forge, fingerprint: facts.fingerprint,
            tokenID: facts.reading?.tokenID ?? facts.remembered?.tokenID,
            scopes: facts.reading?.scopes ?? facts.remembered?.scopes, lifetime: lifetime, remaining: remaining,
            shortfall: shortfall,
            clockSkew: skew, renewable: renewability.isRenewable, renewableReason: renewability.reason,
            reason: finding.reason, nextStep: finding.nextStep,
            warnings: warnings(facts, lifetime: lifetime, skew: skew, now: now, finding: finding),
            renewsInJob: renewsInJob)
    }

    private static func warnings(
        _ facts: CredentialFacts, lifetime: Lifetime, skew: Duration?, now: Instant, finding: Finding
    ) -> [String] {
        var warnings: [String] = []
        if let skew, abs(skew) > toleratedSkew {
            let direction = skew > .zero ? "ahead of" : "behind"
            warnings.append(
                "the forge's clock is \(abs(skew).readable) \(direction) this machine's; remaining time is by the forge's"
            )
        }
        if let failure = facts.failure, finding.code != failure.code {
            warnings.append("the forge could not be asked: \(failure.message)")
        }
        if facts.reading == nil, let remembered = facts.remembered, facts.failure != nil {
            warnings.append("using what the forge said \(remembered.readAt.duration(to: now).readable) ago")
        }
        if let flag = facts.flagExpiry, lifetime.source != .flag, let end = lifetime.expiry.instant, flag != end {
            warnings.append(
                "--expires-at says \(flag.text), but the token's end is \(end.text) (\(lifetime.source.rawValue))")
        }
        if let flag = facts.flagExpiry ?? facts.configExpiry, lifetime.expiry == .unknown {
            warnings.append(
                "the given end \(flag.text) has passed, but the forge still accepts the token: the end is not known")
        }
        return warnings
    }

    private static func abs(_ duration: Duration) -> Duration { duration < .zero ? .zero - duration : duration }
}

/// The conclusion and its words.
private struct Finding {
    let decision: Decision
    let code: ExitCode
    let reason: String
    let nextStep: String?

    init(
        _ facts: CredentialFacts, lifetime: Lifetime, remaining: Duration?, needed: NeededTime, requireKnown: Bool,
        renewability: Renewability, renewsInJob: Bool
    ) {
        let renewal = Self.renewStep(renewability)
        if let dead = Self.dead(facts, lifetime: lifetime, renewal: renewal) {
            self = dead
            return
        }
        if let remaining, remaining <= .zero {
            self.init(
                .expired, .expired,
                "ended \((Duration.zero - remaining).readable) ago, at \(lifetime.endText)", renewal)
            return
        }
        if let scope = Self.scope(facts, requireKnown: requireKnown) {
            self = scope
            return
        }
        switch lifetime.expiry {
        case .at(let end) where facts.outlivesJob(end):
            // The margin is for estimates; no estimate is needed to know that the job ends first.
            self.init(.sufficient, .done, "lives as long as its job, which ends first", nil)
        case .at:
            let left = remaining ?? .zero
            if left < needed.needed {
                self.init(
                    .insufficient, .willExpire,
                    "ends in \(left.readable), at \(lifetime.endText); the job needs \(needed.needed.readable)",
                    renewsInJob ? "\(renewal); \(Renewability.onTheWay)" : renewal)
            } else {
                self.init(
                    .sufficient, .done,
                    // Where nobody asked how much is needed, nothing is said about it.
                    "lives \(left.readable) more, until \(lifetime.endText)"
                        + (needed.needed > .zero ? "; the job needs \(needed.needed.readable)" : ""),
                    nil)
            }
        case .never: self.init(.sufficient, .done, "has no end, as its forge says", nil)
        case .unknown where facts.livesWithJob: self.init(.sufficient, .done, "lives as long as its job", nil)
        case .unknown: self = Self.unknown(facts, requireKnown: requireKnown)
        }
    }

    private init(_ decision: Decision, _ code: ExitCode, _ reason: String, _ nextStep: String?) {
        self.decision = decision
        self.code = code
        self.reason = reason
        self.nextStep = nextStep
    }

    private static func dead(_ facts: CredentialFacts, lifetime: Lifetime, renewal: String) -> Finding? {
        guard let answer = facts.answer else { return nil }
        let detail = answer.detail.map { ": \($0)" } ?? ""
        switch answer.standing {
        case .alive: return nil
        case .expired:
            let end = lifetime.expiry.instant.map { _ in ", at \(lifetime.endText)" } ?? ""
            return Finding(.expired, .expired, "has expired\(end)\(detail)", renewal)
        case .revoked:
            if let replaced = facts.replacedAt {
                return Finding(
                    .rejected, .rejected, "was replaced by outlast's own renewal at \(replaced.text)\(detail)",
                    "take the current token: git's helper, `outlast exec` and `outlast refresh` have it")
            }
            return Finding(
                .rejected, .rejected, answer.detail.map { "is dead: \($0)" } ?? "was revoked, or rotated away",
                "find who rotated or revoked it, and give the job the current token")
        case .rejected:
            return Finding(
                .rejected, .rejected, "is not accepted\(detail)",
                "check that the value is whole and meant for this server, and give the job a current token")
        case .blocked:
            return Finding(
                .rejected, .rejected, "is not accepted because of its owner\(detail)",
                "have the owner's account unblocked, or use a token of another account")
        case .insufficientScope(let needs):
            let names = needs.map { SafeText.line($0, limit: 80) }.joined(separator: ", ")
            let would = needs.isEmpty ? "" : SafeText.line("; one of \(names) would do", limit: 300)
            return Finding(
                .insufficientScope, .insufficientScope, "lacks a permission\(detail)\(would)",
                "make a token with that scope")
        }
    }

    private static func scope(_ facts: CredentialFacts, requireKnown: Bool) -> Finding? {
        guard !facts.neededScopes.isEmpty else { return nil }
        let asked = facts.neededScopes.map { SafeText.line($0, limit: 80) }.joined(separator: ", ")
        guard let missing = facts.missingScopes else {
            return Finding(
                .unknown, facts.failure?.code ?? (requireKnown ? .lifetimeUnknown : .done),
                "its scopes are not told, so \(asked) could not be checked", nil)
        }
        guard !missing.isEmpty else { return nil }
        let names = missing.map { SafeText.line($0, limit: 80) }.joined(separator: ", ")
        return Finding(
            .insufficientScope, .insufficientScope, "lacks the scope \(names)",
            "make a token with that scope; rotation never adds one")
    }

    private static func unknown(_ facts: CredentialFacts, requireKnown: Bool) -> Finding {
        let step = "give its end with --expires-at, or `expires_at` in the configuration"
        if let failure = facts.failure {
            return Finding(.unknown, failure.code, "its end is not known: \(failure.message)", failure.hint ?? step)
        }
        var told = facts.answer == nil ? "nothing tells its end" : "its forge accepts it but does not tell its end"
        if let obstacle = facts.obstacle { told = "its end is not known: \(obstacle)" }
        return Finding(.unknown, requireKnown ? .lifetimeUnknown : .done, told, step)
    }

    private static func renewStep(_ renewability: Renewability) -> String {
        renewability.isRenewable
            ? "renew it by `outlast refresh` (\(renewability.reason)), or give the job a token that lives longer"
            : "give the job a token that lives longer (\(renewability.reason))"
    }
}

extension Lifetime {
    /// The end for people: `2026-11-21 00:00 UTC`, with seconds where they are not zero.
    var endText: String {
        guard let end = expiry.instant else { return "an unknown time" }
        let text = end.text
        let clock = text.hasSuffix(":00Z") ? text.dropLast(4) : text.dropLast(1)
        guard let mark = clock.firstIndex(of: "T") else { return String(clock) + " UTC" }
        return "\(String(clock[..<mark])) \(String(clock[clock.index(after: mark)...])) UTC"
    }
}
