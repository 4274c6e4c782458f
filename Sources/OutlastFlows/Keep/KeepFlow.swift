// `keep` (contract, section 9): looks at a token from time to time, has it renewed when that is due, and keeps a file
// current for whatever reads it hours later.

public import OutlastModel

/// Keeps a token fresh.
public actor KeepFlow {
    private let world: World
    private let supply: CurrentTokenSupply?
    private let request: KeepRequest
    private var state: State
    private var last: Fingerprint?
    private var failures = 0

    /// Runs through these ports; without a `supply` the token is handed on as it was presented.
    ///
    /// - Throws: with `isStrict` for a state store that can't be used.
    public init(_ world: World, supply: CurrentTokenSupply?, _ request: KeepRequest) throws(Failure) {
        self.world = world
        self.supply = supply
        self.request = request
        state = try State(in: world, strict: request.credential.isStrict)
    }

    /// The credential, and how far one may go for it.
    public var credentials: GitCredentialRequest { request.credential }

    /// Why there is no state store; nil when there is one.
    public var stateFailure: Failure? { state.failure }

    /// What to tell about the store.
    public var warnings: [String] { state.warnings }

    /// Looks once: the token is renewed first where that is due, and the file holds it afterwards.
    ///
    /// - Throws: what reading the token's source throws, whatever keeps the file from being written, and with `isStrict` why
    ///   the state or its key cannot be used.
    public func look() async throws(Failure) -> KeptToken {
        guard let credential = request.credential.credentials.first else {
            throw .usage("there is no credential to keep fresh")
        }
        var asked = request.credential
        asked.action = .get
        let call = GitCall(question: GitQuestion(), address: nil, credential: credential, request: asked)
        var presented: Candidate?
        if let source = credential.token {
            presented = try await CredentialObserver(world, job: world.job).candidate(
                for: call.credentialRequest(source), salt: state.salt(world))
        }
        var state = state
        let found: TokenInHand.Result
        do throws(Failure) {
            found = try await TokenInHand(world, call, presented, supply).find(&state)
        } catch {
            self.state = state
            failures += 1
            throw error
        }
        self.state = state
        guard let token = found.token else {
            failures += 1
            return KeptToken(
                isNew: false, failure: failure(credential.name, found), unusable: found.unusable, notes: found.notes)
        }
        let fingerprint = found.candidate?.fingerprint
        let isNew = fingerprint != last || failures > 0
        if isNew { try keep(token, found, call) }
        (last, failures) = (fingerprint, 0)
        return KeptToken(
            fingerprint: fingerprint, endsAt: found.end, isNew: isNew, unusable: found.unusable, notes: found.notes)
    }

    /// Writes the file, then the history.
    private func keep(_ token: Secret, _ found: TokenInHand.Result, _ call: GitCall) throws(Failure) {
        if let path = request.file {
            // A link in its place is replaced, not followed; a reader sees the old token or the new one.
            do throws(Failure) {
                try world.files.writeAtomically(path, token.withBytes { Array($0) }, permissions: 0o600)
            } catch {
                failures += 1
                throw Failure(
                    .usage, "the file of --file cannot be written: \(error.message)",
                    hint: "name a file in a folder that this user may write")
            }
        }
        let record = GitCredentialRecord(world, call).given(found, .login(GitLogin(username: "", password: token)))
        try state.attempt(strict: request.credential.isStrict) { store throws(Failure) in try store.write(record) }
    }

    private func failure(_ name: String, _ found: TokenInHand.Result) -> Failure {
        let known = found.verdict?.code
        let code: ExitCode = known == .expired || known == .rejected ? known ?? .rejected : .rejected
        return Failure(
            found.isDead ? code : .renewalFailed,
            "\(name): \(found.isDead ? "its token is dead, and there is no other" : "there is no token to keep")",
            hint: found.verdict?.nextStep)
    }

    /// Goes on looking until the end. Failures are told and tried again: whoever needs the token is still there.
    ///
    /// - Parameters:
    ///   - first: What a look before this has shown.
    ///   - tell: Is told what is worth telling, in lines.
    /// - Returns: why there is no token that lives at the end; nil when there is one.
    public func run(after first: KeptToken, _ tell: @Sendable ([String]) -> Void) async -> Failure? {
        var seen = first
        while await waited(pause(seen)) {
            do throws(Failure) {
                seen = try await look()
                if seen.isNew || seen.failure != nil { tell(seen.notes + (seen.failure?.lines ?? [])) }
            } catch {
                seen.failure = error
                tell(error.lines)
            }
        }
        return seen.failure
    }

    private func pause(_ seen: KeptToken) -> Duration {
        let bytes = world.random(4)
        let number = bytes.reduce(0.0) { $0 * 256 + Double($1) }
        let left = seen.endsAt.map { max(.zero, world.clock.now().duration(to: $0)) }
        return KeepRule.pause(left: left, failures: failures, random: number / 4_294_967_295)
    }

    /// Lets time pass; false when the end has come meanwhile.
    private func waited(_ duration: Duration) async -> Bool {
        let until = world.clock.now().advanced(by: duration)
        while world.clock.now() < until {
            if isOver { return false }
            let left = world.clock.now().duration(to: until)
            do throws(Failure) { try await world.pause(min(left, .milliseconds(500))) } catch { return false }
        }
        return !isOver
    }

    private var isOver: Bool {
        if Task.isCancelled || world.stopSignal() != nil { return true }
        switch request.end {
        case .moment(let end): return world.clock.now() >= end
        case .process(let process): return world.processTable.map { !$0.isAlive(process) } ?? true
        case .cancelled: return false
        }
    }
}
