// Gathers the facts about each credential: its token, its kind, what is remembered, and what its forge says now.

import OutlastModel

/// A credential with its token in hand, before its forge is asked.
struct Candidate: Sendable {
    let request: CredentialRequest
    let token: Secret
    let fingerprint: Fingerprint
    let forge: (any Forge)?
    let api: ServerURL?
    let apiFailure: Failure?
    private(set) var kind: TokenKind
    private(set) var remembered: TokenReading?
    private(set) var ciExpiry: Instant?
    private(set) var jobEnd: Instant?
    /// When our own renewal put another token in its place.
    var replacedAt: Instant?
    /// Whether the CI's variables say that this is the job's own token.
    let isJobsOwn: Bool
    let jwtExpiry: Instant?

    init(
        request: CredentialRequest, token: Secret, fingerprint: Fingerprint, forge: (any Forge)?, api: ServerURL?,
        apiFailure: Failure?, kind: TokenKind, isJobsOwn: Bool, jwtExpiry: Instant?
    ) {
        self.request = request
        self.token = token
        self.fingerprint = fingerprint
        self.forge = forge
        self.api = api
        self.apiFailure = apiFailure
        self.kind = kind
        self.isJobsOwn = isJobsOwn
        self.jwtExpiry = jwtExpiry
    }

    /// A token that the CI made for this job lives as long as the job, unless its kind has a bound of its own.
    private var livesWithJob: Bool {
        if case .job(nil) = kind.expiry { isJobsOwn } else { false }
    }

    /// Takes in what the store remembers, and the end that the CI's rules give.
    mutating func remember(_ memory: RememberedToken?, jobStart: Instant?, job: JobContext?) {
        if let memory {
            var reading = memory.reading
            let known = forge?.kinds.first { $0.id == memory.kindID }
            reading.kind = known
            remembered = reading
        }
        guard let jobStart else { return }
        jobEnd = job?.timeout.map { jobStart.advanced(by: $0) }
        ciExpiry = LifetimeRules.latestEnd(of: kind, jobStart: jobStart, job: job)
    }

    /// Takes in the end that a renewal told, where the store remembers none.
    mutating func learn(_ expiry: Expiry, at now: Instant) {
        guard expiry != .unknown else { return }
        if remembered == nil {
            remembered = TokenReading(standing: .alive, expiry: expiry, readAt: now)
        } else if remembered?.expiry == .unknown {
            remembered?.expiry = expiry
        }
    }

    func facts(neededScopes: [String]) -> CredentialFacts {
        var facts = CredentialFacts(
            name: request.name, kind: kind, forge: forge?.id ?? kind.forge ?? "generic", fingerprint: fingerprint,
            remembered: remembered, jwtExpiry: jwtExpiry, flagExpiry: request.flagExpiry,
            configExpiry: request.configExpiry, ciExpiry: ciExpiry,
            livesWithJob: livesWithJob, jobEnd: jobEnd, neededScopes: neededScopes,
            renew: request.renew)
        facts.replacedAt = replacedAt
        return facts
    }
}

/// Asks about credentials.
struct CredentialObserver: Sendable {
    private let world: World
    private let job: JobContext?

    init(_ world: World, job: JobContext?) {
        self.world = world
        self.job = job
    }

    /// Reads the token and finds out what it is and who could be asked about it.
    func candidate(for request: CredentialRequest, salt: [UInt8]) async throws(Failure) -> Candidate {
        let token = try await TokenReader(world).read(request)
        var variable: String?
        if case .env(let name)? = request.source { variable = name }
        return candidate(for: request, holding: token, variable: variable, salt: salt)
    }

    /// The same for a token that is in hand.
    ///
    /// - Parameter variable: the variable that holds it; nil for a token that no CI has put anywhere.
    func candidate(
        for request: CredentialRequest, holding token: Secret, variable: String? = nil, salt: [UInt8]
    ) -> Candidate {
        let hint = world.pipeline?.kind(ofVariable: variable, value: token, in: world.variables)
        let identified = TokenIdentification(
            token: token, chosenForge: request.forge, kindFromCI: hint, forgeOfCI: job?.forge, forges: world.forges)
        let forge = identified.forge.flatMap { world.forge($0) }
        let (api, apiFailure) = api(of: forge, request)
        return Candidate(
            request: request, token: token, fingerprint: Fingerprint(of: token, salt: salt), forge: forge, api: api,
            apiFailure: apiFailure, kind: identified.kind, isJobsOwn: hint == identified.kind.id,
            jwtExpiry: JWTReader.expiry(of: token))
    }

    private func api(of forge: (any Forge)?, _ request: CredentialRequest) -> (ServerURL?, Failure?) {
        if let given = request.apiURL { return (given, nil) }
        guard let forge else { return (nil, nil) }
        let text = job.flatMap { $0.forge == forge.id ? $0.apiURL : nil } ?? forge.publicAPI
        guard let text else { return (nil, nil) }
        guard let url = ServerURL(text) else {
            return (nil, .configuration("the CI's API address is not an address", hint: "give --api-url"))
        }
        return (url, nil)
    }

    /// Asks all forges in parallel, within the request's deadline.
    func observe(_ candidates: [Candidate], for request: PreflightRequest) async -> [CredentialFacts] {
        // Tasks begin with threads, which cost more than all the rest of a run that has nobody to wait for.
        guard candidates.contains(where: { needsAsking($0, request) }) else {
            return candidates.map { facts(of: $0, answer: nil, for: request) }
        }
        return await withTaskGroup(of: (Int, CredentialFacts).self) { group in
            for (index, candidate) in candidates.enumerated() {
                group.addTask {
                    let answer = needsAsking(candidate, request) ? await ask(candidate, request) : nil
                    return (index, facts(of: candidate, answer: answer, for: request))
                }
            }
            var all = [CredentialFacts?](repeating: nil, count: candidates.count)
            for await (index, facts) in group { all[index] = facts }
            return all.compactMap { $0 }
        }
    }

    private func facts(
        of candidate: Candidate, answer: Result<TokenReading, Failure>?, for request: PreflightRequest
    ) -> CredentialFacts {
        var facts = candidate.facts(neededScopes: request.neededScopes)
        let client = client(of: candidate)
        facts.obstacle = candidate.forge?.obstacle(toInspecting: candidate.kind)
        switch answer {
        case .success(let reading): facts.reading = client == nil ? reading : candidate.sharpened(reading)
        // The client is not taken, which says nothing about its token.
        case .failure(let failure) where failure.code == .renewalFailed: facts.obstacle = failure.description
        case .failure(let failure): facts.failure = failure
        case nil: break
        }
        // Whoever was answered as a client has met with no obstacle.
        if client != nil, facts.answer != nil { facts.obstacle = nil }
        if let forge = candidate.forge, let granted = facts.answer?.scopes {
            facts.missingScopes = forge.missing(of: request.neededScopes, in: granted)
        }
        return facts
    }

    /// A dead token is asked about again each time: the forge may have been wrong about it, and it costs only a failing run.
    private func needsAsking(_ candidate: Candidate, _ request: PreflightRequest) -> Bool {
        guard !request.isOffline else { return false }
        // Nothing to ask, unless it is to hear why not.
        if candidate.apiFailure == nil, candidate.api == nil || !canBeAsked(candidate) { return false }
        guard !request.isFresh, let remembered = candidate.remembered, remembered.standing == .alive else {
            return true
        }
        let age = remembered.readAt.duration(to: world.clock.now())
        return age < .zero || age > request.recheckAfter
    }

    private func canBeAsked(_ candidate: Candidate) -> Bool {
        candidate.forge.map { $0.canInspect(candidate.kind) } == true || client(of: candidate) != nil
    }

    /// The way to ask about a token whose forge tells nobody but the client that renews it.
    private func client(of candidate: Candidate) -> ClientQuestion? {
        if let forge = candidate.forge, forge.canInspect(candidate.kind) { return nil }
        return ClientQuestion(candidate.request, world)
    }

    /// The forge's answer; nil when this forge has no way to ask about this kind.
    private func ask(_ candidate: Candidate, _ request: PreflightRequest) async -> Result<TokenReading, Failure>? {
        if let failure = candidate.apiFailure { return .failure(failure) }
        guard let api = candidate.api, canBeAsked(candidate) else { return nil }
        let timeout = min(request.timeout, request.deadline)
        let clock = world.clock
        return await withTaskGroup(of: Result<TokenReading, Failure>?.self) { group in
            group.addTask {
                do throws(Failure) {
                    return try await inspect(candidate, at: api, timeout: timeout).map { .success($0) }
                } catch { return .failure(error) }
            }
            group.addTask {
                try? await clock.sleep(for: request.deadline)
                return .failure(
                    .unreachable(
                        "\(api.origin.hostAndPort) did not answer within \(request.deadline.readable)",
                        hint: "try again, or raise --deadline"))
            }
            let first = await group.next() ?? nil
            group.cancelAll()
            return first
        }
    }

    private func inspect(
        _ candidate: Candidate, at api: ServerURL, timeout: Duration
    ) async throws(Failure) -> TokenReading? {
        if let client = client(of: candidate) {
            return try await client.ask(candidate.token, at: api, timeout: timeout)
        }
        let question = TokenQuestion(token: candidate.token, api: api, kind: candidate.kind, timeout: timeout)
        return try await candidate.forge?.inspect(question, over: world.transport, clock: world.clock)
    }
}
