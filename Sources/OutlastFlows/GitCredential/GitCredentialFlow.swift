// git's credential helper (contract, section 9): which credential is meant, which of its tokens is current, and whether
// anything speaks against giving it. Nothing is asked of anyone but the credential's own forge, and never a person.

public import OutlastModel

/// Answers git.
public struct GitCredentialFlow: Sendable {
    private let world: World
    private let git: any GitInterface
    private let supply: CurrentTokenSupply?

    /// Runs through these ports; without a `supply` tokens are given as they were presented.
    public init(_ world: World, git: any GitInterface, supply: CurrentTokenSupply? = nil) {
        self.world = world
        self.git = git
        self.supply = supply
    }

    /// Answers one call. What is not ours is answered with silence.
    ///
    /// - Throws: `malformedInput` (65) for input that git would never write, 78 or 64 for a token source that can't be
    ///   read, and with `isStrict` 40 for a store that can't be used.
    public func run(_ request: GitCredentialRequest) async throws(Failure) -> GitCredentialOutcome {
        let question = try read()
        guard let address = GitAddress(question) else { return GitCredentialOutcome() }
        let claims = await GitClaims(world).claims(of: request.credentials)
        let fitting = GitClaim.fitting(address, username: question.username, among: claims)
        guard let index = fitting.first else { return GitCredentialOutcome() }
        let call = GitCall(
            question: question, address: address, credential: request.credentials[index], request: request)
        switch (request.action, request.permission) {
        case (.get, let permission):
            var outcome = try await permission == .handOn ? handOn(call) : get(call)
            outcome.notes += trace(call, passedOver: fitting.dropFirst().map { request.credentials[$0].name })
            return outcome
        case (.erase, .handOn): return GitCredentialOutcome()
        case (.erase, _): return try await erase(call)
        }
    }

    private func read() throws(Failure) -> GitQuestion {
        let bytes: [UInt8]
        do throws(Failure) { bytes = try world.readQuestion() } catch {
            throw Failure(.malformedInput, error.message, hint: error.hint)
        }
        return try git.question(bytes)
    }

    /// What git's own trace is to hold besides: which credential answered, and which might have.
    private func trace(_ call: GitCall, passedOver: [String]) -> [String] {
        let wish = world.variables["GIT_TRACE"]?.lowercased() ?? ""
        guard !["", "0", "false", "no", "off"].contains(wish), let place = call.address?.text else { return [] }
        let others = passedOver.map { SafeText.line($0) }.text(joinedBy: ", ")
        let behind = others.isEmpty ? "" : "; \(others) would answer, too, and stands behind it"
        return ["\(call.credential.name) answers for \(place)\(behind)"]
    }

    private func handOn(_ call: GitCall) async throws(Failure) -> GitCredentialOutcome {
        guard let presented = try await presented(call, salt: []) else { return GitCredentialOutcome() }
        var outcome = outcome(of: call, login(call, presented, presented.token, ends: nil), [])
        outcome.given = GivenToken(credential: call.credential.name, fingerprint: presented.fingerprint)
        return outcome
    }

    private func get(_ call: GitCall) async throws(Failure) -> GitCredentialOutcome {
        var state = try State(in: world, strict: call.request.isStrict)
        let presented = try await presented(call, salt: state.salt(world))
        var hand = try await TokenInHand(world, call, presented, supply).find(&state)
        let answer: GitAnswer
        if let token = hand.token, let candidate = hand.candidate ?? presented {
            answer = login(call, candidate, token, ends: hand.end)
            if case .nothing = answer {
                hand.notes.append(
                    "\(call.credential.name): tokens of the kind \(candidate.kind.id) have user names of their own; set `username` in the configuration"
                )
            }
        } else {
            answer = hand.isDead || hand.isRefusedForGood ? .quit : .nothing
        }
        let record = GitCredentialRecord(world, call).given(hand, answer)
        try state.attempt(strict: call.request.isStrict) { store throws(Failure) in try store.write(record) }
        var outcome = outcome(of: call, answer, hand.notes + state.warnings)
        if case .login = answer, let fingerprint = hand.candidate?.fingerprint {
            outcome.given = GivenToken(credential: call.credential.name, fingerprint: fingerprint)
        }
        return outcome
    }

    private func login(_ call: GitCall, _ candidate: Candidate, _ token: Secret, ends end: Instant?) -> GitAnswer {
        let name = GitUsername.name(
            configured: call.credential.username, kind: candidate.kind, forge: candidate.forge,
            asked: call.question.username)
        guard let name else { return .nothing }
        return .login(GitLogin(username: name, password: token, expiresAt: end))
    }

    private func outcome(of call: GitCall, _ answer: GitAnswer, _ notes: [String]) -> GitCredentialOutcome {
        GitCredentialOutcome(reply: git.reply(answer, to: call.question), notes: notes)
    }

    /// A refusal of the very token that we gave is a doubt, no more: the next answer asks the forge first.
    private func erase(_ call: GitCall) async throws(Failure) -> GitCredentialOutcome {
        guard let password = call.question.password else { return GitCredentialOutcome() }
        var state = try State(in: world, strict: call.request.isStrict)
        guard state.store != nil else { return GitCredentialOutcome() }
        var given: [Secret] = []
        do throws(Failure) {
            if let presented = try await presented(call, salt: state.salt(world)) { given.append(presented.token) }
        } catch {
            // Without a token we gave none; a later answer will say so.
        }
        if !given.contains(where: { $0.matches(password) }),
            let current = await TokenInHand(world, call, nil, supply).looked(state)
        {
            given.append(current.token)
        }
        guard given.contains(where: { $0.matches(password) }) else { return GitCredentialOutcome() }
        let fingerprint = Fingerprint(of: password, salt: state.salt(world))
        let record = GitCredentialRecord(world, call).doubted(fingerprint)
        try state.attempt(strict: call.request.isStrict) { store throws(Failure) in try store.write(record) }
        let server = call.address?.text ?? "the server"
        return GitCredentialOutcome(notes: [
            "\(call.credential.name): \(SafeText.line(server)) did not take the token with the fingerprint \(fingerprint.text); before the next answer its forge is asked about it"
        ])
    }

    /// The token that the job was started with; nil for a credential that has none.
    private func presented(_ call: GitCall, salt: [UInt8]) async throws(Failure) -> Candidate? {
        guard let source = call.credential.token else { return nil }
        return try await CredentialObserver(world, job: world.job).candidate(
            for: call.credentialRequest(source), salt: salt)
    }
}

/// One call, and the credential that it is about.
struct GitCall: Sendable {
    let question: GitQuestion
    /// Nil when no server asked for it.
    let address: GitAddress?
    let credential: CredentialConfiguration
    let request: GitCredentialRequest

    func credentialRequest(_ source: SecretSource) -> CredentialRequest {
        CredentialRequest(
            name: credential.name, forge: credential.forge, apiURL: credential.apiURL, source: source,
            origin: request.isOnCommandLine ? .commandLine : .configuration(place: credential.tokenPlace),
            configExpiry: credential.expiresAt,
            renew: credential.renew)
    }
}
