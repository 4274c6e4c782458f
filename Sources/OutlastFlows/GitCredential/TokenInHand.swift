// Which token is given: the current one of its family, else the presented one. Its forge is asked only when nothing is
// known about it, when what is known speaks against it, or when somebody has seen it refused.

import OutlastModel

/// The way to the token of one answer.
struct TokenInHand: Sendable {
    private let world: World
    private let call: GitCall
    private let presented: Candidate?
    private let supply: CurrentTokenSupply?

    init(_ world: World, _ call: GitCall, _ presented: Candidate?, _ supply: CurrentTokenSupply?) {
        self.world = world
        self.call = call
        self.presented = presented
        self.supply = supply
    }

    /// What was found.
    struct Result: Sendable {
        /// What is given; nil when there is nothing to give.
        var token: Secret?
        /// Whether that is because the token is dead: nobody else must answer then.
        var isDead = false
        /// What is known about it.
        var candidate: Candidate?
        /// Its end on this machine's clock.
        var end: Instant?
        /// What was concluded about it; nil where its family vouches for it.
        var verdict: CredentialVerdict?
        /// The forge's answer of this call.
        var reading: TokenReading?
        /// The doubt that this call has settled.
        var settled: TokenDoubt?
        /// Things to tell.
        var notes: [String] = []
    }

    func find(_ state: inout State) async throws(Failure) -> Result {
        var result = Result()
        var mustAsk = false
        if let renew = call.credential.renew, renew.method != "none", supply != nil, !call.request.isOffline {
            do throws(Failure) {
                let limit = try limit(renew, &state)
                if let current = try await current(&state, CurrentTokenWish(limit: limit)) {
                    result = vouched(current, state)
                }
            } catch {
                if error.code == .stateUnusable, call.request.isStrict { throw error }
                result.notes.append("\(call.credential.name): \(error.description)")
                if error.code == .expired || error.code == .rejected {
                    result.candidate = presented
                    result.isDead = true
                    return result
                }
                // In doubt: only the forge can tell which token lives.
                mustAsk = error.code == .renewalInDoubt
            }
        }
        let isVouched = result.token != nil
        if !isVouched { result.candidate = presented }
        guard let candidate = result.candidate else {
            result.notes.append("\(call.credential.name): there is no token to give")
            return result
        }
        let doubt = try state.attempt(strict: call.request.isStrict) { store throws(Failure) in
            try store.doubt(about: candidate.fingerprint)
        }
        if isVouched, doubt == .some(nil) || doubt == nil { return result }
        return try await judge(candidate, result, doubt: doubt ?? nil, mustAsk: mustAsk, &state)
    }

    /// The current token of the family; nil where there is no way to it.
    func current(_ state: inout State, _ wish: CurrentTokenWish) async throws(Failure) -> CurrentToken? {
        guard let supply, let store = state.store, let renew = call.credential.renew, renew.method != "none" else {
            return nil
        }
        return try await supply(call.credential, wish, store)
    }

    /// Below what a token is renewed first; nil when nothing may be renewed here (contract, section 9).
    private func limit(_ renew: RenewConfiguration, _ state: inout State) throws(Failure) -> Duration? {
        guard renew.by == .jobs, call.request.permission == .renew else { return nil }
        if case .date? = presented?.kind.expiry {
            return try JobNeed(world: world, request: call.request).needed(&state)
        }
        return call.credential.minRemaining ?? .seconds(3600)
    }

    /// A token that its family's record speaks for.
    private func vouched(_ current: CurrentToken, _ state: State) -> Result {
        let fingerprint = Fingerprint(of: current.token, salt: state.salt(world))
        let isPresented = presented?.fingerprint == fingerprint
        return Result(
            token: current.token, candidate: isPresented ? presented : candidate(current.token, fingerprint),
            end: current.expiry.instant, notes: current.notes)
    }

    /// What a token of our own making is: of the presented one's forge, or of the configured one.
    private func candidate(_ token: Secret, _ fingerprint: Fingerprint) -> Candidate {
        let identified = TokenIdentification(
            token: token, chosenForge: call.credential.forge ?? presented?.forge?.id, kindFromCI: nil,
            forgeOfCI: world.job?.forge, forges: world.forges)
        let forge = identified.forge.flatMap { world.forge($0) }
        var api = call.credential.apiURL ?? presented?.api
        if api == nil, let id = forge?.id {
            do throws(Failure) { api = try APIRule.api(of: id, nil, world) } catch {
                // Without an address nobody is asked.
            }
        }
        var request = call.credentialRequest(call.credential.token ?? .stdin)
        // What the configuration says is about the token that the job was started with.
        request.configExpiry = nil
        return Candidate(
            request: request, token: token, fingerprint: fingerprint,
            forge: forge, api: api, apiFailure: nil, kind: identified.kind, isJobsOwn: false,
            jwtExpiry: JWTReader.expiry(of: token))
    }
}

extension TokenInHand {
    private func judge(
        _ known: Candidate, _ before: Result, doubt: TokenDoubt?, mustAsk: Bool, _ state: inout State
    ) async throws(Failure) -> Result {
        var (candidate, result) = (known, before)
        let memory = try state.attempt(strict: call.request.isStrict) { store throws(Failure) in
            try store.remembered(candidate.fingerprint, api: candidate.api?.origin.text)
        }
        candidate.remember(memory ?? nil, jobStart: world.job?.startedAt, job: world.job)
        var facts = candidate.facts(neededScopes: [])
        var verdict = judged(facts)
        // Without a store to keep the answer in, the next call would ask again, and the one after it.
        let isNews = candidate.remembered == nil && state.store != nil && !candidate.isJobsOwn
        if doubt != nil || mustAsk || isNews || verdict.isDead, let asked = await ask(candidate) {
            facts = asked
            verdict = judged(facts)
        }
        result.candidate = candidate
        result.verdict = verdict
        result.reading = facts.reading
        if facts.reading != nil { result.settled = doubt }
        if let failure = facts.failure, doubt != nil {
            result.notes.append("\(call.credential.name): its forge could not be asked: \(failure.message)")
        }
        guard verdict.isDead else {
            result.token = candidate.token
            result.end = verdict.lifetime.expiry.instant?.advanced(by: .zero - (verdict.clockSkew ?? .zero))
            return result
        }
        result.token = nil
        result.isDead = true
        result.notes.append("\(call.credential.name): the token \(verdict.reason)")
        if let step = verdict.nextStep { result.notes.append("hint: \(step)") }
        return try await replaced(candidate, result, &state)
    }

    /// A dead token's successor, where renewal may and can make one.
    private func replaced(_ dead: Candidate, _ before: Result, _ state: inout State) async throws(Failure) -> Result {
        guard call.request.permission == .renew, call.credential.renew?.by == .jobs, !call.request.isOffline else {
            return before
        }
        do throws(Failure) {
            let wish = CurrentTokenWish(limit: .zero, dead: dead.fingerprint)
            guard let current = try await current(&state, wish), !current.token.matches(dead.token) else {
                return before
            }
            var result = vouched(current, state)
            result.settled = before.settled
            return result
        } catch {
            var result = before
            result.notes.append("\(call.credential.name): \(error.description)")
            return result
        }
    }

    private func judged(_ facts: CredentialFacts) -> CredentialVerdict {
        CredentialVerdict.judge(
            facts,
            needed: NeededTime(NeededFacts(minRemaining: .zero, defaultDuration: .zero, margin: .zero, quantile: 0.95)),
            now: world.clock.now(), requireKnown: false)
    }

    /// The forge's answer with all that is known besides; nil when there is nobody to ask.
    private func ask(_ candidate: Candidate) async -> CredentialFacts? {
        guard !call.request.isOffline else { return nil }
        let question = PreflightRequest(
            credentials: [candidate.request], isFresh: true, timeout: call.request.timeout,
            deadline: call.request.timeout)
        return await CredentialObserver(world, job: world.job).observe([candidate], for: question).first
    }
}

extension CredentialVerdict {
    /// Whether the token is good for nothing any more.
    fileprivate var isDead: Bool { decision == .expired || decision == .rejected }
}
