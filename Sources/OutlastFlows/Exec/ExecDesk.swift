// Questions of git's below a child arrive while the run itself looks at tokens: one at a time gets at the store.

import OutlastModel

actor ExecDesk {
    private var isTaken = false
    private var waiting: [CheckedContinuation<Void, Never>] = []
    private var given: [String: Fingerprint] = [:]
    private var said: Set<String> = []

    func enter() async {
        if isTaken {
            await withCheckedContinuation { waiting.append($0) }
        } else {
            isTaken = true
        }
    }

    func leave() {
        if waiting.isEmpty { isTaken = false } else { waiting.removeFirst().resume() }
    }

    /// Notes which token git was given last.
    func note(_ token: GivenToken) { given[token.credential] = token.fingerprint }

    /// Which token git was given last in this run; nil when it did not ask.
    func lastGiven(_ credential: String) -> Fingerprint? { given[credential] }

    /// What was not said before: git asks many times, and always for the same reasons.
    func news(_ notes: [String]) -> [String] { notes.filter { said.insert($0).inserted } }

    /// Another run begins.
    func forget() { given = [:] }
}

/// Answers git below a child, for the credentials of the run and no others.
struct ExecHelper: Sendable {
    let world: World
    let git: any GitInterface
    let supply: CurrentTokenSupply?
    let request: GitCredentialRequest
    let desk: ExecDesk
    let tell: @Sendable (String) -> Void

    func answer(_ call: HelperCall) async -> Secret {
        var request = request
        switch call.action {
        case "get": request.action = .get
        case "erase": request.action = .erase
        default: return Secret("")
        }
        var world = world
        let bytes = call.question
        world.readQuestion = { () throws(Failure) in bytes }
        await desk.enter()
        var outcome = GitCredentialOutcome()
        do throws(Failure) {
            outcome = try await GitCredentialFlow(world, git: git, supply: supply).run(request)
        } catch { outcome.notes = error.lines }
        if let token = outcome.given { await desk.note(token) }
        await desk.leave()
        for note in await desk.news(outcome.notes) { tell(note) }
        return outcome.reply
    }
}

extension Failure {
    /// The message, and the hint.
    var lines: [String] { [message] + (hint.map { "hint: \($0)".split(separator: "\n").map(String.init) } ?? []) }
}
