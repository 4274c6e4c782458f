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
        /// Whether it lives and is refused again and again, by somebody who goes on asking: nobody must answer then either.
        var isRefusedForGood = false
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
        /// What is known of a token that turned out dead in this call; nil when none did.
        var died: TokenFacts?
        /// Why the state or its key could not be used, where that was wanted; nil when nothing was amiss.
        var unusable: Failure?
        /// What a renewal was refused with that has been told; nil when none was.
        var refusal: ExitCode?
        /// Things to tell.
        var notes: [String] = []
    }

    /// - Parameter isDoubted: whether somebody has seen the token refused just now: its forge is asked then.
    /// - Throws: what reading sources throws, and with `isStrict` why the state or its key cannot be used.
    func find(_ state: inout State, isDoubted: Bool = false) async throws(Failure) -> Result {
        var result = Result()
        var mustAsk = isDoubted
        do throws(Failure) {
            if let supplied = try await current(&state) {
                result = try taken(supplied, state)
                mustAsk = isDoubted || supplied.failure.map(Self.speaksAgainst) ?? false
            }
        } catch {
            result.unusable = try unusable(error)
            result.refusal = error.code
            // A lock alone harms nothing yet: say what it is gone on with.
            let goesOn = (error.code == .cacheLocked || error.isAboutKey) && presented != nil
            result.notes.append(
                "\(call.credential.name): \(goesOn ? "only the token that the job was started with can be used: " : "")"
                    + error.description)
            if error.code == .expired || error.code == .rejected {
                result.candidate = presented
                result.isDead = true
                return result
            }
            mustAsk = isDoubted || Self.speaksAgainst(error)
        }
        let isVouched = result.token != nil && !mustAsk && !isPresented(result) && !isOver(result.end)
        if result.token == nil { result.candidate = presented }
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

    /// A failure, where it is one of the state or its key.
    ///
    /// - Throws: that very failure, with `isStrict`.
    private func unusable(_ failure: Failure) throws(Failure) -> Failure? {
        guard failure.isStateUnavailable else { return nil }
        // `warn` reports, and hands on what was presented.
        if call.request.isStrict, call.request.permission == .renew { throw failure }
        return failure
    }

    /// Whether only the forge can tell now which token lives: a renewal is in doubt, or found something dead, be it the
    /// token or what renews it.
    private static func speaksAgainst(_ failure: Failure) -> Bool {
        [.renewalInDoubt, .expired, .rejected].contains(failure.code)
    }

    /// Whether the family has nothing to say about this token besides that it was presented.
    private func isPresented(_ result: Result) -> Bool {
        presented != nil && result.candidate?.fingerprint == presented?.fingerprint
    }

    private func isOver(_ end: Instant?) -> Bool { end.map { $0 <= world.clock.now() } ?? false }

    /// The current token of the family, renewed first where that is due; nil where there is no way to it.
    private func current(_ state: inout State) async throws(Failure) -> SuppliedToken? {
        guard let supply, let store = state.store, let renew = call.credential.renew, renew.method != "none" else {
            return nil
        }
        return try await supply(call.credential, try wish(&state), store)
    }

    /// The current token of the family as the state has it; nil where it has none, or does not tell.
    func looked(_ state: State) async -> SuppliedToken? {
        guard let supply, let store = state.store, call.credential.renew?.method != "none" else { return nil }
        return try? await supply(call.credential, CurrentTokenWish(), store)
    }

    private var mayRenew: Bool {
        call.request.permission == .renew && call.credential.renew?.by == .jobs && !call.request.isOffline
    }

    /// What is renewed first here (contract, section 9).
    private func wish(_ state: inout State) throws(Failure) -> CurrentTokenWish {
        guard mayRenew else { return CurrentTokenWish() }
        var wish = CurrentTokenWish(mayRenew: true, limit: call.credential.minRemaining)
        if case .date? = presented?.kind.expiry {
            let need = JobNeed(
                world: world, isStrict: call.request.isStrict, defaultDuration: call.request.defaultDuration,
                margin: call.request.margin, quantile: call.request.quantile)
            let started = try need.start(&state)
            wish.limit = try need.needed(since: started, &state).needed
        }
        if let presented {
            let known = try remembering(presented, &state)
            wish.presentedEnd = judged(known.facts(neededScopes: [])).lifetime.expiry
        }
        return wish
    }

    /// What a supply had.
    ///
    /// - Parameter told: what a renewal was refused with before, in words that a request's number alone tells apart.
    private func taken(_ supplied: SuppliedToken, _ state: State, told: ExitCode? = nil) throws(Failure) -> Result {
        let fingerprint = Fingerprint(of: supplied.token, salt: state.salt(world))
        let isPresented = presented?.fingerprint == fingerprint
        let end = supplied.expiry.instant
        var notes = supplied.notes
        if let failure = supplied.failure, failure.code != told {
            notes.append("\(call.credential.name): \(failure.description)")
        }
        return Result(
            token: supplied.token, candidate: isPresented ? presented : candidate(supplied.token, fingerprint, end),
            end: end, reading: supplied.reading,
            unusable: try supplied.failure.flatMap { (failure) throws(Failure) in try unusable(failure) },
            refusal: supplied.failure?.code, notes: notes)
    }

    /// What a token of our own making is: of the presented one's forge, or of the configured one.
    private func candidate(_ token: Secret, _ fingerprint: Fingerprint, _ end: Instant?) -> Candidate {
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
        request.configExpiry = end
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
        let candidate = try remembering(known, &state)
        var result = before
        var facts = candidate.facts(neededScopes: [])
        facts.reading = before.reading
        var verdict = judged(facts)
        // Without a store to keep the answer in, the next call would ask again, and the one after it.
        let isNews = candidate.remembered == nil && state.store != nil && !candidate.isJobsOwn
        if facts.reading == nil, doubt != nil || mustAsk || isNews || verdict.isDead, let asked = await ask(candidate) {
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
            if let doubt, try isRefusedForGood(candidate, &state) {
                (result.token, result.isRefusedForGood) = (nil, true)
                result.notes.append(
                    "\(call.credential.name): \(doubt.place) goes on refusing the token, which its forge accepts: it is not given again now"
                )
                return result
            }
            result.token = candidate.token
            result.end = verdict.lifetime.expiry.instant?.advanced(by: .zero - (verdict.clockSkew ?? .zero))
            return result
        }
        result.token = nil
        result.isDead = true
        result.died = TokenFacts(
            endsAt: verdict.lifetime.expiry.instant, standing: facts.reading?.standing,
            standingAt: facts.reading?.readAt)
        result.notes.append("\(call.credential.name): the token \(verdict.reason)")
        if let step = verdict.nextStep { result.notes.append("hint: \(step)") }
        return try await replaced(candidate, result, &state)
    }

    /// A dead token's successor, where renewal may and can make one, or has made one without being configured here.
    private func replaced(_ dead: Candidate, _ before: Result, _ state: inout State) async throws(Failure) -> Result {
        var before = before
        var found: SuppliedToken?
        if mayRenew, let supply, let store = state.store, call.credential.renew?.method != "none" {
            do throws(Failure) {
                let wish = CurrentTokenWish(mayRenew: true, limit: .zero, dead: dead.fingerprint)
                found = try await supply(call.credential, wish, store)
            } catch {
                if let unusable = try unusable(error) { before.unusable = before.unusable ?? unusable }
                if error.code != before.refusal {
                    before.notes.append("\(call.credential.name): \(error.description)")
                }
            }
        } else if call.credential.renew == nil {
            found = await looked(state)
        }
        guard let found else { return before }
        var result = try taken(found, state, told: before.refusal)
        result.unusable = result.unusable ?? before.unusable
        guard !found.token.matches(dead.token) else {
            before.notes += result.notes
            return before
        }
        result.settled = before.settled
        result.died = before.died
        result.notes = before.notes + result.notes
        return result
    }

    /// Whether a token was refused so often within a minute that whoever asks does nothing else: git-lfs tries again for as
    /// long as it is answered, and forges ban the address of whoever fails ten times in a minute.
    private func isRefusedForGood(_ candidate: Candidate, _ state: inout State) throws(Failure) -> Bool {
        let limit = 8
        let filter = HistoryFilter(
            since: world.clock.now().advanced(by: .seconds(-60)), status: GitCredentialRecord.doubted,
            token: candidate.fingerprint.text, limit: limit)
        let refusals = try state.attempt(strict: call.request.isStrict) { store throws(Failure) in
            try store.rows(of: .events, filter: filter)
        }
        return (refusals?.rows.count ?? 0) >= limit
    }

    /// A candidate with what the store knows about it.
    private func remembering(_ known: Candidate, _ state: inout State) throws(Failure) -> Candidate {
        var candidate = known
        let memory = try state.attempt(strict: call.request.isStrict) { store throws(Failure) in
            try store.remembered(candidate.fingerprint, api: candidate.api?.origin.text)
        }
        candidate.remember(memory ?? nil, jobStart: world.job?.startedAt, job: world.job)
        return candidate
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
