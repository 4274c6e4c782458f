// The tester's hand in the generic OAuth 2 server.

/// Sets up and inspects the generic OAuth 2 server.
public struct SandboxOAuth: Sendable {
    let sandbox: Sandbox

    /// The token endpoint.
    public var tokenURL: String { sandbox.baseURL + "/oauth2/token" }

    /// Registers a client; without a secret it is a public one.
    public func addClient(_ id: String, secret: String?) {
        sandbox.update { $0.oauth.clients[id] = OAuthClient(id: id, secret: secret) }
    }

    /// Gives a client a pair of tokens.
    public func addGrant(client: String, subject: String = "dev", scope: String = "read write") -> SandboxGrant {
        sandbox.update { world in
            let grant = world.addOAuthGrant(clientID: client, subject: subject, scope: scope)
            return SandboxGrant(accessToken: grant.accessToken, refreshToken: grant.refreshToken ?? "")
        }
    }

    /// Changes how the server behaves.
    public func changeRules(_ change: @Sendable (inout OAuthRules) -> Void) {
        sandbox.update { change(&$0.oauth.rules) }
    }

    /// Whether an access token is alive now.
    public func isAlive(_ accessToken: String) -> Bool {
        sandbox.update { world in
            world.oauth.grants.values.contains {
                $0.accessToken == accessToken && !$0.accessRevoked && world.now < $0.accessEnds
            }
        }
    }

    /// Whether a refresh token would still be taken.
    public func isUsable(_ refreshToken: String) -> Bool {
        sandbox.update { world in
            world.oauth.grants.values.contains {
                $0.refreshToken == refreshToken && !$0.refreshRevoked && $0.spentAt == nil
            }
        }
    }
}

extension Sandbox {
    /// The generic OAuth 2 server.
    public var oauth: SandboxOAuth { SandboxOAuth(sandbox: self) }
}
