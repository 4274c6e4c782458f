// The tokens that a run hands out: found, and renewed first where that is due, before it; asked about after it.

import OutlastModel

/// A credential of a run.
struct ExecToken: Sendable {
    let credential: CredentialConfiguration
    /// The variable that the child has it under.
    let variable: String
    /// What it is given; nil when there is nothing.
    var token: Secret?
    var fingerprint: Fingerprint?
    /// Whether that is what the variable holds already.
    var isPresented = false
    /// What takes its place; empty when nothing does.
    var fallback: [GitVariable] = []
    /// What is known of the one that was found dead before the command ran; nil when none was.
    var death: (facts: TokenFacts, clockSkew: Duration?)?
}

/// Looks tokens up.
struct ExecTokens: Sendable {
    private let world: World
    private let request: ExecRequest
    private let supply: CurrentTokenSupply?

    init(_ world: World, _ request: ExecRequest, _ supply: CurrentTokenSupply?) {
        self.world = world
        self.request = request
        self.supply = supply
    }

    /// The credentials with the names that the child has their tokens under.
    ///
    /// - Throws: `configuration` (78) when two would have the same.
    func named() throws(Failure) -> [ExecToken] {
        var tokens: [ExecToken] = []
        for credential in request.credentials.credentials {
            var name = "OUTLAST_TOKEN"
            if case .env(let variable)? = credential.token { name = variable }
            if let other = tokens.first(where: { $0.variable == name }) {
                throw .configuration(
                    "the credentials \(other.credential.name) and \(credential.name) would both be in \(SafeText.line(name))",
                    hint: "name one by --credential, or give each a variable of its own by `token: {env: NAME}`")
            }
            tokens.append(ExecToken(credential: credential, variable: name))
        }
        return tokens
    }

    /// A look at a credential, and what to tell about it.
    struct Look: Sendable {
        var token: ExecToken
        var finding: CredentialFinding
        /// What is known of the token that was handed out before.
        var facts: TokenFacts
        var clockSkew: Duration?
        var failure: Failure?
        /// Why the state or its key could not be used; nil when nothing was amiss.
        var unusable: Failure?
        var notes: [String]
    }

    /// Finds a token for the first time.
    func find(_ token: ExecToken, _ state: inout State) async throws(Failure) -> Look {
        try await look(token, mayRenew: true, lastGiven: nil, isDoubted: false, &state)
    }

    /// Asks about a token that was seen refused, and finds another one where it is dead.
    ///
    /// - Parameter lastGiven: the token that git was given, where it asked.
    func confirm(
        _ token: ExecToken, mayRenew: Bool, lastGiven: Fingerprint?, _ state: inout State
    ) async throws(Failure) -> Look {
        try await look(token, mayRenew: mayRenew, lastGiven: lastGiven, isDoubted: true, &state)
    }

    private func look(
        _ token: ExecToken, mayRenew: Bool, lastGiven: Fingerprint?, isDoubted: Bool, _ state: inout State
    ) async throws(Failure) -> Look {
        var asked = request.credentials
        asked.action = .get
        if !mayRenew, asked.permission == .renew { asked.permission = .report }
        let call = GitCall(question: GitQuestion(), address: nil, credential: token.credential, request: asked)
        var presented: Candidate?
        if let source = token.credential.token {
            presented = try await CredentialObserver(world, job: world.job).candidate(
                for: call.credentialRequest(source), salt: state.salt(world))
        }
        let found = try await TokenInHand(world, call, presented, supply).find(&state, isDoubted: isDoubted)
        let answer: GitAnswer =
            found.token.map { .login(GitLogin(username: "", password: $0)) } ?? (found.isDead ? .quit : .nothing)
        let record = GitCredentialRecord(world, call).given(found, answer)
        try state.attempt(strict: asked.isStrict) { store throws(Failure) in try store.write(record) }
        return read(
            found, of: token, handed: lastGiven ?? token.fingerprint, presented: presented, isDoubted: isDoubted)
    }

    private func read(
        _ found: TokenInHand.Result, of token: ExecToken, handed: Fingerprint?, presented: Candidate?, isDoubted: Bool
    ) -> Look {
        var token = token
        var facts = found.died ?? TokenFacts()
        let isNew = found.token != nil && found.candidate?.fingerprint != handed
        if !isNew, found.died == nil, let reading = found.reading {
            facts = TokenFacts(endsAt: reading.expiry.instant, standing: reading.standing, standingAt: reading.readAt)
        }
        var finding = CredentialFinding.unknown
        if found.token == nil {
            finding = found.isDead ? .dead : .unknown
        } else if isDoubted, isNew {
            finding = .replaced
        } else if found.reading != nil || !isDoubted {
            finding = .alive
        }
        if let value = found.token {
            token.token = value
            token.fingerprint = found.candidate?.fingerprint
            token.isPresented = presented?.fingerprint == found.candidate?.fingerprint
        }
        var failure: Failure?
        if found.token == nil {
            let code = found.verdict?.code ?? .expired
            let known: ExitCode = code == .expired || code == .rejected ? code : found.isDead ? .rejected : .unexpected
            failure = Failure(
                known,
                "\(token.credential.name): \(found.isDead ? "its token is dead, and there is no other" : "there is no token to give")",
                hint: found.verdict?.nextStep)
        }
        return Look(
            token: token, finding: finding, facts: facts, clockSkew: found.verdict?.clockSkew, failure: failure,
            unusable: found.unusable, notes: found.notes)
    }
}
