// What became of a secret that is no GitLab access token, by its fingerprint.

extension World {
    /// State of an OAuth, GitHub or job token; `nil` when nobody knows it.
    func secretState(fingerprint: String) -> JSON? {
        func isIt(_ secret: String?) -> Bool { secret.map { sandboxFingerprint($0) == fingerprint } ?? false }
        func state(_ kind: String, active: Bool, ends: SandboxInstant? = nil) -> JSON {
            [
                "kind": .string(kind), "fingerprint": .string(fingerprint), "active": .bool(active),
                "expires_at": JSON(ends?.text),
            ]
        }
        for job in gitlab.jobs.values where isIt(job.secret) { return state("gitlab-job", active: job.isRunning) }
        for grant in gitlab.grants.values {
            let end = grant.createdAt + grant.expiresIn
            if isIt(grant.accessToken) { return state("gitlab-oauth", active: !grant.revoked && now < end, ends: end) }
            if isIt(grant.refreshToken) { return state("gitlab-oauth-refresh", active: !grant.revoked) }
        }
        for token in github.tokens.values where isIt(token.secret) {
            return state("github-\(token.kind.rawValue)", active: token.isAlive(now), ends: token.expiresAt)
        }
        for token in github.refreshTokens.values where isIt(token.secret) {
            return state("github-refresh", active: !token.spent && now < token.expiresAt, ends: token.expiresAt)
        }
        for grant in oauth.grants.values {
            if isIt(grant.accessToken) {
                return state("oauth2", active: !grant.accessRevoked && now < grant.accessEnds, ends: grant.accessEnds)
            }
            if isIt(grant.refreshToken) {
                return state("oauth2-refresh", active: !grant.refreshRevoked && grant.spentAt == nil)
            }
        }
        return nil
    }
}
