// Tokens of the GitHub double as a tester makes and ends them.

/// A GitHub App and the keys to be it.
public struct SandboxApp: Sendable, Hashable {
    /// The App's number.
    public let id: Int
    /// The App's client id, the newer issuer of its JWT.
    public let clientID: String
    /// The secret for refreshing user tokens.
    public let clientSecret: String
    /// The private key in the form GitHub hands out, `BEGIN RSA PRIVATE KEY`.
    public let privateKey: String
    /// The same key as `BEGIN PRIVATE KEY`.
    public let privateKeyPKCS8: String

    /// A JWT that proves this App, for rehearsals by hand and for tests of the double itself.
    public func assertion(issuedAt: SandboxInstant, expiresAt: SandboxInstant, issuer: String? = nil) throws -> String {
        let claims: SandboxJSON = [
            "iat": .int(issuedAt.seconds), "exp": .int(expiresAt.seconds), "iss": .string(issuer ?? clientID),
        ]
        return try assertion(claims: claims)
    }

    /// A JWT with exactly these claims.
    public func assertion(claims: SandboxJSON) throws -> String {
        let header = base64URLEncoded(Array(#"{"alg":"RS256","typ":"JWT"}"#.utf8))
        let signed = "\(header).\(base64URLEncoded(Array(claims.text.utf8)))"
        let signature = try AppKeyPair.sign(Array(signed.utf8), privateKey: privateKeyPKCS8)
        return "\(signed).\(base64URLEncoded(signature))"
    }
}

/// Which kind of personal token.
public enum SandboxGitHubTokenKind: String, Sendable, Hashable, CaseIterable {
    /// `ghp_`, with scopes.
    case classic
    /// `github_pat_`, with permissions.
    case fineGrained = "fine_grained"
    /// `gho_`, with scopes.
    case oauth
}

extension SandboxGitHub {
    /// Makes a personal token and returns its secret.
    public func addToken(
        _ kind: SandboxGitHubTokenKind = .classic, login: String = StarterWorld.login, scopes: [String] = ["repo"],
        permissions: [String: String] = ["contents": "write", "secrets": "write"], repositories: [String]? = nil,
        expiresAt: SandboxInstant? = nil, ssoAuthorized: Bool = true, diesAfterAdvertisement: Bool = false
    ) -> String {
        sandbox.update { world in
            var token = GitHubToken(secret: "", kind: .classic, createdAt: world.now)
            switch kind {
            case .classic:
                token.secret = world.mint.githubClassic(prefix: "ghp_")
                token.scopes = scopes
            case .oauth:
                token.kind = .oauth
                token.secret = world.mint.githubClassic(prefix: "gho_")
                token.scopes = scopes
            case .fineGrained:
                token.kind = .fineGrained
                token.secret = "github_pat_\(world.mint.alphanumeric(22))_\(world.mint.alphanumeric(59))"
                token.permissions = permissions
            }
            token.login = login
            token.repositoryIDs = repositories.map { Set($0.compactMap { world.github.repository($0)?.id }) }
            token.expiresAt = expiresAt
            token.ssoAuthorized = ssoAuthorized
            token.diesAfterAdvertisement = diesAfterAdvertisement
            world.github.tokens[token.secret] = token
            return token.secret
        }
    }

    /// Gives an App a user's pair of `ghu_` and `ghr_`.
    public func addUserGrant(_ app: SandboxApp, login: String = StarterWorld.login) -> SandboxGrant {
        sandbox.update { world in
            let pair = world.addUserGrant(clientID: app.clientID, login: login)
            return SandboxGrant(accessToken: pair.accessToken, refreshToken: pair.secret)
        }
    }

    /// Mints an installation token without HTTP.
    public func mintToken(installation: Int) throws -> String {
        try sandbox.update { world in
            guard let found = world.github.installations[installation] else {
                throw SandboxFailure.invalid("no installation \(installation)")
            }
            return world.addInstallationToken(found, repositories: nil, permissions: found.permissions).secret
        }
    }

    /// Whether a token is alive now.
    public func isAlive(_ secret: String) -> Bool {
        sandbox.update { world in world.github.tokens[secret]?.isAlive(world.now) ?? false }
    }

    /// How many tokens of installations are alive.
    public var livingInstallationTokens: Int {
        sandbox.update { world in
            world.github.tokens.values.filter { $0.isInstallation && $0.isAlive(world.now) }.count
        }
    }

    /// Revokes a token; to the API it is as bad as an unknown one.
    public func revokeToken(_ secret: String) {
        sandbox.update { $0.github.tokens[secret]?.revoked = true }
    }

    /// Deletes a token, and with it the deploy keys that it made.
    public func deleteToken(_ secret: String) {
        sandbox.update { $0.deleteGitHubToken(secret) }
    }

    /// Regenerates a token: another secret, the same token, its deploy keys stay.
    public func regenerateToken(_ secret: String) throws -> String {
        try sandbox.update { world in
            guard var token = world.github.tokens.removeValue(forKey: secret) else {
                throw SandboxFailure.invalid("no such token")
            }
            token.secret = world.mint.githubClassic(prefix: "ghp_")
            world.github.tokens[token.secret] = token
            for key in world.github.deployKeys.values where key.tokenSecret == secret {
                world.github.deployKeys[key.id]?.tokenSecret = token.secret
            }
            return token.secret
        }
    }
}
