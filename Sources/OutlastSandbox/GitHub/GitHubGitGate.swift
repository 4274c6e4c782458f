// Whether GitHub lets git in. Any user name will do; the token is the password.

extension World {
    /// Passes a git request or throws GitHub's refusal.
    mutating func admitToGitHub(_ target: GitTarget, _ call: Call) throws {
        let repository = github.repository(target.repository)
        guard let secret = call.basic.map({ $0.password.isEmpty ? $0.user : $0.password }) ?? call.bearer else {
            if let repository, repository.isPublic, !target.isPush { return }
            throw Refusal("github.git.anonymous")
        }
        guard let token = github.tokens[secret], token.isAlive(now),
            now.seconds >= token.createdAt.seconds + github.rules.propagationSeconds
        else { throw Refusal("github.git.denied") }
        guard let repository, reaches(token, repository) else { throw Refusal("github.git.notFound") }
        let isUnauthorized = github.accounts[repository.owner]?.ssoRequired == true && !token.ssoAuthorized
        if isUnauthorized, !token.isInstallation {
            throw Refusal("github.git.sso", ["organization": .string(repository.owner)])
        }
        try checkContents(token, repository, target)
        if target.isPush, repository.archived { throw Refusal("github.git.archived") }
    }

    private func checkContents(_ token: GitHubToken, _ repository: GitHubRepository, _ target: GitTarget) throws {
        let level = target.isPush ? 2 : 1
        if target.isPush || !repository.isPublic, token.kind != .classic, token.kind != .oauth,
            gitHubLevel(token.permissions["contents"]) < level
        {
            throw Refusal("github.git.noWrite")
        }
        guard target.isPush, !token.isInstallation else { return }
        let mayWrite = token.kind == .fineGrained || token.kind == .appUser || token.scopes.contains("repo")
        guard mayWrite, repository.role(of: token.login ?? "") >= 2 else {
            throw Refusal(
                "github.git.noPush", ["repository": .string(repository.path), "login": JSON(token.login)])
        }
    }

    /// A token that is to die between advertisement and pack dies now.
    mutating func spendGitHubTokenAfterAdvertisement(_ secret: String) {
        if github.tokens[secret]?.diesAfterAdvertisement == true { github.tokens[secret]?.revoked = true }
    }
}
