// Who is calling GitHub's API. Expired, revoked and unknown are one and the same "Bad credentials" here, and what
// a token may not see does not exist.

extension World {
    /// Limits and mandatory headers, before anything is looked up.
    mutating func checkGitHubDoor(_ call: Call) throws {
        guard let agent = call.header("User-Agent"), !agent.isEmpty else { throw Refusal("github.noUserAgent") }
        if let until = github.failures[call.remote]?.bannedUntil, now < until {
            throw Refusal("github.tooManyAttempts")
        }
        guard call.segments.dropFirst().first != "rate_limit" else { return }
        let key = note.fingerprint ?? call.remote
        try countSecondary(key)
        let window = counted(github.primary[key], seconds: 3600)
        github.primary[key] = window
        note.rate = window
        guard window.count > gitHubHourlyLimit else { return }
        let refusal = Answer.fact("github.primaryLimit", ["user": .string(note.fingerprint ?? call.remote)])
        throw Refusal(limited(refusal))
    }

    /// So many requests an hour: fewer for those who do not say who they are.
    private var gitHubHourlyLimit: Int {
        note.fingerprint == nil ? github.rules.anonymousHourlyLimit : github.rules.hourlyLimit
    }

    private mutating func countSecondary(_ key: String) throws {
        guard let limit = github.rules.secondaryLimit else { return }
        let window = counted(github.secondary[key], seconds: limit.seconds)
        github.secondary[key] = window
        guard window.count > limit.requests else { return }
        var answer = limited(.fact("github.secondaryLimit"))
        if let seconds = limit.retryAfter { answer = answer.with("retry-after", String(seconds)) }
        throw Refusal(answer)
    }

    private func counted(_ window: RequestWindow?, seconds: Int) -> RequestWindow {
        var window = window ?? RequestWindow(start: now, count: 0)
        if now.seconds >= window.start.seconds + seconds { window = RequestWindow(start: now, count: 0) }
        window.count += 1
        return window
    }

    private func limited(_ answer: Answer) -> Answer {
        var answer = answer
        if github.rules.limitsAnswer429 { answer.status = 429 }
        return answer
    }

    /// The token that a call carries, alive and let in; `nil` without one.
    /// - Throws: 401 for anything that is not alive, counted against the address.
    mutating func gitHubToken(_ call: Call) throws -> GitHubToken? {
        guard let secret = call.bearer ?? call.basic?.password else { return nil }
        guard let token = github.tokens[secret], token.isAlive(now), !isSuspended(token) else {
            countGitHubFailure(call.remote)
            throw Refusal("github.badCredentials")
        }
        note.gitHubToken = token
        return token
    }

    /// The token that a call must carry.
    mutating func neededGitHubToken(_ call: Call) throws -> GitHubToken {
        guard let token = try gitHubToken(call) else { throw Refusal("github.requiresAuthentication") }
        return token
    }

    private func isSuspended(_ token: GitHubToken) -> Bool {
        token.installationID.flatMap { github.installations[$0] }?.suspendedAt != nil
    }

    mutating func countGitHubFailure(_ address: String) {
        guard github.rules.failedAttempts > 0 else { return }
        var window = github.failures[address] ?? FailureWindow()
        window.failures.append(now)
        if window.failures.count >= github.rules.failedAttempts {
            window = FailureWindow(failures: [], bannedUntil: now + github.rules.failedAttemptsDuration)
        }
        github.failures[address] = window
    }

    /// Whether the token reaches the repository at all.
    func reaches(_ token: GitHubToken, _ repository: GitHubRepository) -> Bool {
        if let limited = token.repositoryIDs, !limited.contains(repository.id) { return repository.isPublic }
        if token.isInstallation {
            guard let installation = token.installationID.flatMap({ github.installations[$0] }) else { return false }
            return github.repositories(of: installation).contains { $0.id == repository.id } || repository.isPublic
        }
        guard repository.role(of: token.login ?? "") > 0 else { return repository.isPublic }
        return token.kind == .fineGrained || token.kind == .appUser || token.scopes.contains("repo")
            || repository.isPublic
    }

    /// The repository of a call, for a caller who may do `permission` there at `level` (1 read, 2 write, 3 admin).
    mutating func gitHubRepository(_ call: Call, _ permission: String, _ level: Int) throws -> GitHubRepository {
        let token = try gitHubToken(call)
        guard let repository = github.repository(call.capture("o"), call.capture("r")) else {
            throw Refusal("github.notFound")
        }
        guard let token else {
            guard repository.isPublic, level == 1, permission == "metadata" else { throw Refusal("github.notFound") }
            return repository
        }
        guard reaches(token, repository) else { throw Refusal("github.notFound") }
        try checkSSO(token, repository.owner)
        try check(token, permission, level, role: repository.role(of: token.login ?? ""))
        return repository
    }

    func checkSSO(_ token: GitHubToken, _ owner: String) throws {
        guard github.accounts[owner]?.ssoRequired == true, !token.isInstallation, !token.ssoAuthorized else { return }
        throw Refusal("github.sso", ["organization": .string(owner)])
    }

    /// App and fine-grained tokens lacking a permission are told so; a classic one sees nothing there.
    func check(_ token: GitHubToken, _ permission: String, _ level: Int, role: Int) throws {
        let word = ["", "read", "write", "admin"][level]
        let accepted: [String: JSON] = ["accepted": .string("\(permission)=\(word)")]
        switch token.kind {
        case .installation, .actions:
            guard permission == "metadata" || gitHubLevel(token.permissions[permission]) >= level else {
                throw Refusal("github.notForIntegration", accepted)
            }
        case .fineGrained, .appUser:
            guard permission == "metadata" || gitHubLevel(token.permissions[permission]) >= level else {
                throw Refusal("github.notForFineGrained", accepted)
            }
            guard role >= needed(permission, level) else { throw Refusal("github.notFound") }
        case .classic, .oauth:
            guard level == 1 || token.scopes.contains("repo"), role >= needed(permission, level) else {
                throw Refusal("github.notFound")
            }
        }
    }

    /// The collaborator's role that a permission asks of a person.
    private func needed(_ permission: String, _ level: Int) -> Int {
        permission == "administration" ? 3 : permission == "secrets" ? 2 : level
    }

    /// What GitHub adds to the answers of its API.
    func gitHubHeaders() -> [Fact.Header] {
        var headers: [(String, String)] = []
        if let rate = note.rate {
            headers += [
                ("x-ratelimit-limit", String(gitHubHourlyLimit)),
                ("x-ratelimit-remaining", String(max(0, gitHubHourlyLimit - rate.count))),
                ("x-ratelimit-used", String(min(rate.count, gitHubHourlyLimit))),
                ("x-ratelimit-reset", String(rate.start.seconds + 3600)), ("x-ratelimit-resource", "core"),
            ]
        }
        if let token = note.gitHubToken {
            if token.kind == .classic || token.kind == .oauth {
                headers.append(("X-OAuth-Scopes", token.scopes.joined(separator: ", ")))
                headers.append(("X-Accepted-OAuth-Scopes", ""))
            }
            let isPersonal = token.kind == .classic || token.kind == .fineGrained
            if isPersonal, let end = token.expiresAt {
                headers.append(("github-authentication-token-expiration", expiryHeader(end)))
            }
        }
        return headers.map { Fact.Header(name: $0.0, value: $0.1) }
    }

    /// `2027-10-12 09:00:00 UTC`, or `2027-10-12 18:00:00 +0900`: both have been seen.
    private func expiryHeader(_ end: SandboxInstant) -> String {
        let offset = github.rules.expiryHeaderOffset
        guard offset != 0 else { return end.spacedText + " UTC" }
        let minutes = abs(offset)
        let zone = (offset < 0 ? "-" : "+") + padded(minutes / 60, 2) + padded(minutes % 60, 2)
        return "\((end + offset * 60).spacedText) \(zone)"
    }
}
