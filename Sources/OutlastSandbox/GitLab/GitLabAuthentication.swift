// Who is calling GitLab's API. The order of the checks is the forge's own and decides what a client can learn:
// expired, revoked, scope, impersonation, and only then the user's state.

/// Somebody whom the API has let in.
enum GitLabCaller: Sendable {
    case token(GitLabToken)
    case oauth(GitLabGrant)
    case job(GitLabJob)

    var userID: Int {
        switch self {
        case .token(let token): token.userID
        case .oauth(let grant): grant.userID
        case .job(let job): job.userID
        }
    }

    var token: GitLabToken? {
        if case .token(let token) = self { token } else { nil }
    }
}

extension World {
    /// Lets a caller in who holds one of `scopes` (none needed when empty).
    /// - Throws: the refusal that GitLab would send.
    mutating func gitLabCaller(_ call: Call, scopes: [String], jobToken: Bool = false) throws -> GitLabCaller {
        if jobToken, let secret = jobTokenText(call) { return try jobCaller(secret) }
        if call.bearer != nil, call.query.contains(where: { $0.key == "access_token" }) {
            throw Refusal("gitlab.auth.twoWays")
        }
        guard let secret = accessTokenText(call) else { throw Refusal("gitlab.auth.unknown") }
        if let token = gitlab.token(secret: secret) {
            try check(token, call, scopes)
            let now = now
            gitlab.tokens[token.id]?.lastUsedAt = now
            return .token(token)
        }
        if call.header("PRIVATE-TOKEN") == nil, let grant = gitlab.grant(accessToken: secret) {
            try check(grant, call, scopes)
            return .oauth(grant)
        }
        if jobToken, gitlab.job(secret: secret) != nil { return try jobCaller(secret) }
        throw Refusal("gitlab.auth.unknown")
    }

    private func accessTokenText(_ call: Call) -> String? {
        call.text("private_token") ?? call.header("PRIVATE-TOKEN") ?? call.bearer ?? call.text("access_token")
    }

    private func jobTokenText(_ call: Call) -> String? {
        call.header("JOB-TOKEN") ?? call.text("job_token")
    }

    private func jobCaller(_ secret: String) throws -> GitLabCaller {
        guard let job = gitlab.job(secret: secret), job.isRunning else { throw Refusal("gitlab.auth.unknown") }
        try checkUser(job.userID)
        return .job(job)
    }

    private mutating func check(_ token: GitLabToken, _ call: Call, _ scopes: [String]) throws {
        if token.isExpired(now) { throw Refusal("gitlab.auth.expired") }
        if token.revoked, !call.overlapped {
            revokeFamilyOnReuse(of: token, call)
            throw Refusal("gitlab.auth.revoked")
        }
        try checkScopes(token.scopes, scopes)
        if token.impersonation, gitlab.rules.impersonationDisabled {
            throw Refusal("gitlab.auth.impersonationDisabled")
        }
        try checkUser(token.userID)
    }

    private func check(_ grant: GitLabGrant, _ call: Call, _ scopes: [String]) throws {
        if grant.isExpired(now) { throw Refusal("gitlab.auth.expired") }
        if grant.revoked { throw Refusal("gitlab.auth.revoked") }
        try checkScopes(grant.scopes, scopes)
        try checkUser(grant.userID)
    }

    /// A revoked token that is not past its date, at the door of a rotation, takes its living descendants with it.
    private mutating func revokeFamilyOnReuse(of token: GitLabToken, _ call: Call) {
        guard isRotationPath(call.segments) else { return }
        note.replayed = true
        for id in gitlab.activeDescendants(of: token.id, now: now) { gitlab.tokens[id]?.revoked = true }
    }

    /// `…access_tokens/<digits or self>/rotate` at the end of the path.
    private func isRotationPath(_ segments: [String]) -> Bool {
        guard segments.count >= 3, segments.last == "rotate" else { return false }
        let subject = segments[segments.count - 2]
        let isNumber = !subject.isEmpty && subject.utf8.allSatisfy { (0x30...0x39).contains($0) }
        return segments[segments.count - 3].hasSuffix("access_tokens") && (subject == "self" || isNumber)
    }

    private func checkScopes(_ held: [String], _ wanted: [String]) throws {
        guard !wanted.isEmpty, !wanted.contains(where: held.contains) else { return }
        throw Refusal("gitlab.auth.scope", ["scopes": .string(wanted.joined(separator: " "))])
    }

    func checkUser(_ id: Int) throws {
        guard let user = gitlab.users[id] else { throw Refusal("gitlab.auth.unknown") }
        guard let reason = gitLabUserRefusal(user) else { return }
        throw Refusal("gitlab.auth.userRefused", ["reason": .string(reason)])
    }

    /// The sentence for a user who may not come in, the same for the API and for git.
    func gitLabUserRefusal(_ user: GitLabUser) -> String? {
        guard user.state != .active else { return nil }
        return FactBook.standard["gitlab.user.\(user.state.rawValue)"]?.bodyText(["username": .string(user.username)])
    }

    /// The API's request limit, counted per credential (per address without one).
    mutating func checkGitLabDoor(_ call: Call) throws {
        guard let limit = gitlab.rules.rateLimit else { return }
        let key = note.fingerprint ?? call.remote
        var window = gitlab.throttle[key] ?? RequestWindow(start: now, count: 0)
        if now.seconds >= window.start.seconds + limit.seconds { window = RequestWindow(start: now, count: 0) }
        window.count += 1
        gitlab.throttle[key] = window
        guard window.count > limit.requests else { return }
        let reset = window.start + limit.seconds
        throw Refusal(
            "gitlab.throttled",
            [
                "limit": .int(limit.requests * 60 / max(1, limit.seconds)), "observed": .int(window.count),
                "reset": .int(reset.seconds), "resetTime": .string(reset.httpDate),
                "wait": .int(max(1, reset.seconds - now.seconds)),
            ])
    }
}
