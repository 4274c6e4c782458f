// All that the sandbox knows, as one value behind one lock: a handler sees a world nobody else is changing, so
// each request is a transaction.

struct World: Sendable {
    var clock: SandboxClock
    var mint: TokenMint
    var gitlab: GitLabState
    var github = GitHubState()
    var oauth = OAuthState()
    var others = OtherState()
    var faults: [FaultRule] = []
    var log: [LogEntry] = []
    var counters = SandboxCounters()
    /// What the request being handled turned out to be; cleared for each.
    var note = RequestNote()
    private var lastID: Int

    init(options: SandboxOptions) {
        clock = options.clock
        mint = TokenMint(seed: options.seed)
        gitlab = GitLabState(rules: options.gitlab)
        lastID = 99
    }

    var now: SandboxInstant { clock.now }

    /// A number not used before; small numbers stay free for fixtures.
    mutating func nextID() -> Int {
        lastID += 1
        return lastID
    }

    /// Handles a call from its route to its answer, and notes what happened for the log.
    mutating func handle(_ call: Call) -> Answer {
        note.see(call)
        var answer = answered(call)
        if call.segments.first == "github" { answer.headers += gitHubHeaders() }
        return answer
    }

    private mutating func answered(_ call: Call) -> Answer {
        var call = call
        do {
            try checkDoors(call)
            for route in Self.routes where route.method == call.method {
                guard let captures = route.captures(call.segments) else { continue }
                call.captures = captures
                return try run(route, call)
            }
            throw Refusal(notFoundFact(call))
        } catch let refusal as Refusal {
            return refusal.answer
        } catch {
            return Answer(status: 500, body: Array("sandbox: \(error)".utf8))
        }
    }

    private mutating func run(_ route: Route, _ call: Call) throws -> Answer {
        note.operation = route.operation
        let answer = try route.handler(&self, call)
        if route.destructive, answer.status < 300 { note.committed = note.refusedInBody == false }
        return answer
    }

    /// Notes a call that a fault keeps from its handler, under the operation it would have been.
    mutating func noteUnplayed(_ call: Call) {
        note.see(call)
        note.operation = Self.routes.first { $0.method == call.method && $0.captures(call.segments) != nil }?.operation
    }

    /// What stands before every route of a forge: limits, bans, mandatory headers.
    private mutating func checkDoors(_ call: Call) throws {
        switch call.segments.first {
        case "api": try checkGitLabDoor(call)
        case "github": try checkGitHubDoor(call)
        default: break
        }
    }

    private func notFoundFact(_ call: Call) -> String {
        call.segments.first == "github" ? "github.notFound" : "gitlab.notFound"
    }

    /// Writes the finished request into log and counters.
    mutating func record(_ call: Call, at: SandboxInstant, status: Int?, fault: String?) {
        let operation = note.operation
        log.append(
            LogEntry(
                at: at, method: call.method, path: call.path, status: status, operation: operation,
                fingerprint: note.fingerprint, credentialBy: note.credentialBy, fault: fault,
                committed: note.committed))
        if let operation {
            counters.requests[operation, default: 0] += 1
            if note.committed { counters.commits[operation, default: 0] += 1 }
            if note.replayed { counters.replays[operation, default: 0] += 1 }
        }
    }

    private static let routes: [Route] =
        gitLabTokenRoutes + gitLabResourceTokenRoutes + gitLabServiceAccountRoutes + gitLabDeployRoutes
        + gitLabVariableRoutes + gitLabPlainRoutes + gitLabOAuthRoutes
        + gitHubAppRoutes + gitHubRepositoryRoutes + gitHubSecretRoutes + gitHubPlainRoutes + gitHubUserTokenRoutes
        + oauthRoutes + azureRoutes + bitbucketRoutes + jenkinsRoutes
}

/// What a request turned out to be, for log and counters.
struct RequestNote: Sendable {
    var operation: String?
    var fingerprint: String?
    var credentialBy: String?
    var committed = false
    /// A token that was used up before came with it.
    var replayed = false
    /// The answer says 200 and means no, as GitHub's token endpoint does.
    var refusedInBody = false
    /// GitHub's count of requests in this hour, for its headers.
    var rate: RequestWindow?
    /// The GitHub token that was let in, for its headers.
    var gitHubToken: GitHubToken?

    /// Notes the credential that a call carries, wherever it is.
    mutating func see(_ call: Call) {
        for (name, label) in [
            ("PRIVATE-TOKEN", "PRIVATE-TOKEN"), ("JOB-TOKEN", "JOB-TOKEN"), ("Deploy-Token", "Deploy-Token"),
        ] {
            if let secret = call.header(name) { return see(secret, label) }
        }
        if let secret = call.bearer { return see(secret, "Authorization: Bearer") }
        if let basic = call.basic {
            return see(basic.password.isEmpty ? basic.user : basic.password, "Authorization: Basic")
        }
        for name in ["private_token", "job_token", "access_token"] {
            if let member = call.query.last(where: { $0.key == name }), let secret = member.value.string {
                return see(secret, "query")
            }
        }
        for name in ["refresh_token", "token", "private_token"] {
            if let secret = call.text(name) { return see(secret, "form") }
        }
    }

    private mutating func see(_ secret: String, _ label: String) {
        fingerprint = sandboxFingerprint(secret)
        credentialBy = label
    }
}
