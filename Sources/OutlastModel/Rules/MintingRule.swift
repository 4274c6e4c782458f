// Whether a credential that has no token until one is made outlasts the job: by how long a fresh one would live, and
// whether one can be made at all.

/// What is known about a credential whose tokens are made when they are wanted.
public struct MintingFacts: Sendable {
    /// The credential's name.
    public var name: String
    /// The kind of its tokens.
    public var kind: TokenKind
    /// Its forge's name.
    public var forge: String
    /// How tokens are made.
    public var renew: RenewConfiguration
    /// The longest that a fresh one lives; nil where only its server knows.
    public var life: Duration?
    /// Whether it was asked, by harmless questions, if one can be made.
    public var wasAsked: Bool
    /// What speaks against it; nil where nothing does.
    public var failure: Failure?
    /// The scopes that were asked for.
    public var neededScopes: [String]

    /// Collects the facts.
    public init(
        name: String, kind: TokenKind, forge: String, renew: RenewConfiguration, life: Duration?, wasAsked: Bool,
        failure: Failure? = nil, neededScopes: [String] = []
    ) {
        self.name = name
        self.kind = kind
        self.forge = forge
        self.renew = renew
        self.life = life
        self.wasAsked = wasAsked
        self.failure = failure
        self.neededScopes = neededScopes
    }

    /// Why nobody could say whether one can be made: that passes.
    var passing: Failure? { failure.flatMap { [.unreachable, .slowDown].contains($0.code) ? $0 : nil } }
}

extension CredentialVerdict {
    /// Judges a credential by what its next token would be.
    ///
    /// - Parameters:
    ///   - facts: What was observed.
    ///   - needed: What the token must still have.
    ///   - now: When it was observed.
    ///   - requireKnown: Whether a life that nobody tells is a failure (13).
    public static func judge(
        _ facts: MintingFacts, needed: NeededTime, now: Instant, requireKnown: Bool
    ) -> CredentialVerdict {
        let renewability = Renewability(kind: facts.kind, configured: facts.renew, scopes: nil, isOver: false)
        let renewsInJob = renewability.isRenewable && facts.renew.by == .jobs
        let conclusion = Conclusion(facts, needed: needed, requireKnown: requireKnown, renewsInJob: renewsInJob)
        var warnings: [String] = []
        if let failure = facts.passing, conclusion.code != failure.code {
            warnings.append("it could not be asked whether a token can be made: \(failure.message)")
        } else if !facts.wasAsked {
            warnings.append("it was not asked whether a token can be made (--offline)")
        }
        return CredentialVerdict(
            name: facts.name, decision: conclusion.decision, code: conclusion.code, kind: facts.kind,
            forge: facts.forge, fingerprint: nil, tokenID: nil, scopes: nil,
            lifetime: Lifetime(expiry: .unknown, source: facts.life == nil ? .unknown : .config, checkedAt: now),
            remaining: facts.life, shortfall: facts.life.flatMap { $0 < needed.needed ? needed.needed - $0 : nil },
            clockSkew: nil, renewable: renewability.isRenewable, renewableReason: renewability.reason,
            reason: conclusion.reason, nextStep: conclusion.nextStep, warnings: warnings, renewsInJob: renewsInJob)
    }
}

/// The conclusion and its words.
private struct Conclusion {
    let decision: Decision
    let code: ExitCode
    let reason: String
    let nextStep: String?

    init(_ facts: MintingFacts, needed: NeededTime, requireKnown: Bool, renewsInJob: Bool) {
        let unknown = requireKnown ? ExitCode.lifetimeUnknown : .done
        if let failure = facts.failure, facts.passing == nil {
            let lacksScope = failure.code == .insufficientScope
            self.init(
                lacksScope ? .insufficientScope : .rejected, lacksScope ? .insufficientScope : .rejected,
                "no token can be made: \(failure.message)", failure.hint ?? "see `outlast doctor`")
            return
        }
        guard facts.neededScopes.isEmpty else {
            self.init(.unknown, unknown, "its scopes are told when a token is made", nil)
            return
        }
        guard let life = facts.life else {
            self.init(
                .unknown, facts.passing?.code ?? unknown,
                "has no token yet, and only its server knows how long one that is made will live",
                "`--on-insufficient refresh` makes one, and judges that")
            return
        }
        guard life < needed.needed else {
            self.init(
                .sufficient, .done,
                "is made when it is wanted, and then lives \(life.readable)"
                    + (needed.needed > .zero ? "; the job needs \(needed.needed.readable)" : ""), nil)
            return
        }
        self.init(
            .insufficient, .willExpire,
            "is made when it is wanted, and then lives \(life.readable); the job needs \(needed.needed.readable)",
            renewsInJob ? Renewability.onTheWay : "let the job's parts have a token each")
    }

    private init(_ decision: Decision, _ code: ExitCode, _ reason: String, _ nextStep: String?) {
        self.decision = decision
        self.code = code
        self.reason = reason
        self.nextStep = nextStep
    }
}
