// `exec` (contract, section 9): runs a command with fresh credentials, and once more when the reason why it failed is gone.

public import OutlastModel

/// Runs a command.
public struct ExecFlow: Sendable {
    private let world: World
    private let git: any GitInterface
    private let supply: CurrentTokenSupply?
    private let fallback: CredentialFallback?

    /// Runs through these ports; without a `supply` nothing is renewed.
    ///
    /// - Parameter fallback: another way to a server whose token is dead.
    public init(
        _ world: World, git: any GitInterface, supply: CurrentTokenSupply? = nil, fallback: CredentialFallback? = nil
    ) {
        self.world = world
        self.git = git
        self.supply = supply
        self.fallback = fallback
    }

    /// Runs the command. What it ends with is what to end with.
    ///
    /// - Throws: what kept it from being run: `configuration` (78) for two credentials in one variable or a token source
    ///   that was asked for and cannot be read, 11 and 12 for one that is dead, and with `isStrict` 40 and 41.
    public func run(_ request: ExecRequest) async throws(Failure) -> ExecOutcome {
        guard let children = world.children else {
            throw Failure(.unexpected, "this system cannot run a command")
        }
        var run = try ExecRun(world, children, git, request, fallback)
        run.tokens = ExecTokens(run.world, request, supply)
        try await run.prepare()
        let service = await run.serve(supply)
        let result: Result<Int32, Failure>
        do throws(Failure) { result = .success(try await run.loop()) } catch { result = .failure(error) }
        await service?.stop()
        return ExecOutcome(
            code: try result.get(), attempts: run.attempts, stateFailure: run.state.failure ?? run.unusable)
    }
}

/// One call of `exec`.
struct ExecRun {
    let world: World
    let children: any ChildRunner
    let git: any GitInterface
    let request: ExecRequest
    let fallback: CredentialFallback?
    let command: WrappedCommand
    let desk = ExecDesk()
    var state: State
    var tokens: ExecTokens
    var held: [ExecToken] = []
    var environment: ExecEnvironment
    var attempts: [ExecAttempt] = []
    /// Why sealed values could not be used, where a credential wanted them.
    var unusable: Failure?

    init(
        _ world: World, _ children: any ChildRunner, _ git: any GitInterface, _ request: ExecRequest,
        _ fallback: CredentialFallback?
    ) throws(Failure) {
        state = try State(in: world, strict: request.credentials.isStrict)
        // Opened once, for this and for all questions of git's.
        var world = world
        let opened: Result<any HistoryStore, Failure> =
            switch state {
            case .open(let store): .success(store)
            case .unavailable(let failure): .failure(failure)
            }
        world.openStore = { _ in opened }
        self.world = world
        self.children = children
        self.git = git
        self.request = request
        self.fallback = fallback
        command = WrappedCommand(request.command)
        tokens = ExecTokens(world, request, nil)
        environment = ExecEnvironment(request: request, variables: world.variables)
    }

    var isStrict: Bool { request.credentials.isStrict }
    var allowed: Int { ExecRule.attempts(of: command, given: request.attempts) }
    /// Whether anybody wants to know why it failed.
    var isWatched: Bool { request.attempts != 1 }

    func tell(_ text: String) { children.tell(Secret("outlast: \(text)")) }

    // MARK: Before

    mutating func prepare() async throws(Failure) {
        _ = await desk.news(request.told)
        for warning in await desk.news(state.warnings) { tell(warning) }
        held = try tokens.named()
        for index in held.indices {
            do throws(Failure) {
                let look = try await tokens.find(held[index], &state)
                for note in await desk.news(look.notes) { tell(note) }
                held[index] = look.token
                unusable = unusable ?? look.unusable
                guard let failure = look.failure else { continue }
                if look.finding == .dead { held[index].death = (look.facts, look.clockSkew) }
                if try await fallBack(index) { continue }
                // `warn` reports, and hands on what was presented.
                if request.areNamed, look.finding == .dead, request.credentials.permission == .renew { throw failure }
                if look.notes.isEmpty { tell(failure.message) }
            } catch {
                if request.areNamed || error.isStateUnavailable { throw error }
                for line in error.lines { tell(line) }
            }
        }
        if isWatched { environment.locale = ExecEnvironment.locale(world.variables, has: children.hasLocale) }
    }

    /// Takes the other way, where there is one.
    private mutating func fallBack(_ index: Int) async throws(Failure) -> Bool {
        guard let fallback, held[index].fallback.isEmpty else { return false }
        guard let variables = try await fallback(held[index].credential), !variables.isEmpty else { return false }
        held[index].fallback = variables
        tell("\(held[index].credential.name): going on over SSH")
        return true
    }

    /// Opens the socket by which git asks, and makes git's environment.
    mutating func serve(_ supply: CurrentTokenSupply?) async -> (any ServedSocket)? {
        guard let sockets = world.helperSockets, let executable = request.executable, executable.hasPrefix("/"),
            !held.isEmpty
        else { return nil }
        let place = ExecPlace(world)
        place.sweep()
        var credentials = request.credentials
        credentials.credentials = held.map(\.credential)
        let children = children
        let helper = ExecHelper(
            world: world, git: git, supply: supply, request: credentials, desk: desk,
            tell: { children.tell(Secret("outlast: \($0)")) })
        var opened: (any ServedSocket)?
        do throws(Failure) {
            let (socket, path) = try place.serve(sockets, as: children.processNumber) { await helper.answer($0) }
            opened = socket
            // Whatever the child does not get, git's lines must not hold either.
            var visible = world
            let change = environment.change(held)
            let asked = Set(held.map(\.variable))
            visible.variables = Variables(
                world.variables.all.filter { change.keeps($0.key) || asked.contains($0.key) })
            let made = try await GitEnvironmentFlow(visible, git: git).run(
                GitHelperRequest(
                    credentials: credentials.credentials, executable: executable, arguments: ["--socket", path]))
            for note in made.notes { tell(note) }
            environment.git = made.variables
        } catch {
            // A token for no server that git knows is no mistake.
            if error.code != .configuration || command.isGit { tell("git is not answered: \(error.message)") }
            await opened?.stop()
            return nil
        }
        return opened
    }

    // MARK: The runs

    mutating func loop() async throws(Failure) -> Int32 {
        while true {
            let number = attempts.count + 1
            await desk.forget()
            mask()
            let change = environment.change(held)
            let run = try await children.run(
                ChildCommand(
                    request.command, environment: change, tail: isWatched ? world.diagnostician.window + 1 : nil))
            let endedAt = world.clock.now()
            var attempt = ExecAttempt(number: number, code: run.end.code)
            if run.end.isSuccess {
                try await keep(attempt, at: endedAt, fingerprint: held.count == 1 ? held[0].fingerprint : nil)
                return 0
            }
            var facts = FailedRun(
                attempt: number, allowed: allowed, sort: command.sort, isAllowanceGiven: request.attempts != nil,
                diagnosis: isWatched ? withOwnSilence(world.diagnostician.diagnose(run.errors), at: endedAt) : nil,
                input: run.input,
                wasAskedToEnd: run.signal != nil || world.stopSignal() != nil,
                retriesTransient: request.retriesTransient)
            facts.isKnownDead = facts.diagnosis.map { isOwnSilence($0) && held.contains { $0.death != nil } } ?? false
            switch run.end {
            case .notFound, .notRunnable:
                facts.wasRun = false
                facts.diagnosis = nil
            default: break
            }
            tellStart(run.end)
            attempt.diagnosis = facts.diagnosis
            attempt.end = try await next(facts, &attempt, change, at: endedAt)
            guard let end = attempt.end else {
                tell("running it again (\(number + 1) of \(allowed))")
                continue
            }
            tell(end: end, attempt, of: run)
            return end == .arrived ? 0 : attempt.code
        }
    }

    private func tellStart(_ end: ChildEnd) {
        switch end {
        case .notFound: tell("there is no such program: \(command.name) (exit 127)")
        case .notRunnable(let words): tell("\(command.name) cannot be run: \(words) (exit 126)")
        default: break
        }
    }

    /// Why there is no other run; nil when there is to be one. Records the one that was.
    private mutating func next(
        _ run: FailedRun, _ attempt: inout ExecAttempt, _ change: EnvironmentChange, at endedAt: Instant
    ) async throws(Failure) -> ExecEnd? {
        var end: ExecEnd?
        var fingerprint = held.count == 1 && run.diagnosis?.credentialAtFault == true ? held[0].fingerprint : nil
        switch ExecRule.step(after: run) {
        case .end(let reason): end = reason
        case .confirm(let obstacle):
            let found = try await confirm(&attempt, mayRenew: obstacle == nil, at: endedAt)
            fingerprint = found.fingerprint ?? fingerprint
            // Words about a server that none of these credentials is for are not about them.
            end = attempt.finding == nil ? .notOurs : ExecRule.end(after: found.finding, obstacle: obstacle)
        case .wait(let least, let spread):
            let pause = least + Self.part(of: spread, by: world.random(8))
            tell("\(command.name): \(SafeText.line(run.diagnosis?.line ?? "")): waiting \(pause.wholeSeconds) s")
            do throws(Failure) { try await world.pause(pause) } catch { end = .asked }
        }
        if end == nil, ExecRule.mustLookAtRemote(command.sort, run.diagnosis) {
            end = await lookAtRemote(after: run.diagnosis)
        }
        if world.stopSignal() != nil { end = end ?? .asked }
        attempt.end = end
        try await keep(attempt, at: endedAt, fingerprint: fingerprint)
        return end
    }

    /// A random part of a duration (full jitter).
    static func part(of spread: Duration, by bytes: [UInt8]) -> Duration {
        let number = bytes.prefix(4).reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
        let milliseconds = UInt64(max(spread.wholeMilliseconds, 0))
        return .milliseconds(Int64(milliseconds * number / UInt64(UInt32.max)))
    }

    /// Asks about the credentials that a failure can be about, and makes the diagnosis as sharp as the answer.
    private mutating func confirm(
        _ attempt: inout ExecAttempt, mayRenew: Bool, at endedAt: Instant
    ) async throws(Failure) -> (finding: CredentialFinding, fingerprint: Fingerprint?) {
        guard let words = attempt.diagnosis else { return (.unknown, nil) }
        let suspects = await suspects(words)
        var worst = CredentialFinding.unknown
        var fingerprint: Fingerprint?
        var isAlive = !suspects.isEmpty
        for index in suspects {
            await desk.enter()
            let lastGiven = await desk.lastGiven(held[index].credential.name)
            let handed = lastGiven ?? held[index].fingerprint
            var found: ExecTokens.Look?
            do throws(Failure) {
                found = try await tokens.confirm(held[index], mayRenew: mayRenew, lastGiven: lastGiven, &state)
            } catch {
                if error.isStateUnavailable { unusable = unusable ?? error }
                for line in error.lines { tell(line) }
            }
            await desk.leave()
            guard var look = found else {
                isAlive = false
                continue
            }
            for note in await desk.news(look.notes) { tell(note) }
            held[index] = look.token
            unusable = unusable ?? look.unusable
            if look.finding == .dead, mayRenew, try await fallBack(index) { look.finding = .fellBack }
            isAlive = isAlive && look.finding == .alive
            let isDecisive = look.finding != .alive && look.finding != .unknown
            if isDecisive || suspects.count == 1 {
                worst = look.finding
                fingerprint = handed
                attempt.credential = held[index].credential.name
                // Both moments are of our clock: the forge's answer as well as the failure.
                let skew = look.clockSkew ?? .zero
                var facts = look.facts
                facts.standingAt = facts.standingAt?.advanced(by: skew)
                facts.rotatedAt = facts.rotatedAt?.advanced(by: skew)
                attempt.diagnosis = words.sharpened(by: facts, failedAt: endedAt.advanced(by: skew))
            }
            if isDecisive { break }
        }
        if isAlive { worst = .alive }
        attempt.finding = suspects.isEmpty ? nil : worst
        return (worst, fingerprint)
    }

    /// The credentials that answer for the server of a failure; all where none is named.
    private func suspects(_ words: Diagnosis) async -> [Int] {
        guard let host = words.host else { return Array(held.indices) }
        var indices: [Int] = []
        for index in held.indices {
            let hosts = await GitClaims(world).hosts(of: held[index].credential)
            if hosts.contains(where: { $0.host == host }) { indices.append(index) }
        }
        return indices
    }

    private func lookAtRemote(after diagnosis: Diagnosis?) async -> ExecEnd? {
        guard case .gitPush(let push) = command.sort else { return nil }
        let check = PushCheck(
            world: world, gitWords: command.gitWords, push: push,
            environment: environment.change(held).applied(to: world.variables))
        let seen = await check.run()
        for name in seen.arrived where seen.state == .asPushed { tell("the server has \(SafeText.line(name))") }
        var isUntouched = false
        if push.isForced, ExecRule.wasRefused(diagnosis) { isUntouched = await check.isOneRequest() }
        return ExecRule.end(of: push, after: seen.state, isUntouched: isUntouched)
    }
}
