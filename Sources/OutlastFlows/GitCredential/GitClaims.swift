// For which servers each credential answers (contract, section 11: `hosts`, else the host of its API).

import OutlastModel

struct GitClaims: Sendable {
    private let world: World

    init(_ world: World) { self.world = world }

    /// The claims in the order of the credentials. One whose place can't be told claims nothing.
    func claims(of credentials: [CredentialConfiguration]) async -> [GitClaim] {
        var claims: [GitClaim] = []
        for credential in credentials {
            claims.append(GitClaim(hosts: await hosts(of: credential), username: credential.username))
        }
        return claims
    }

    /// Pairs of credentials that git's questions cannot tell apart: the first of each answers.
    func clashes(of credentials: [CredentialConfiguration]) async -> [(first: Int, second: Int, pattern: HostPattern)] {
        let claims = await claims(of: credentials)
        var found: [(first: Int, second: Int, pattern: HostPattern)] = []
        for second in claims.indices {
            for first in 0..<second {
                guard let pattern = claims[first].clash(with: claims[second]) else { continue }
                found.append((first, second, pattern))
                break
            }
        }
        return found
    }

    /// What a credential answers for.
    func hosts(of credential: CredentialConfiguration) async -> [HostPattern] {
        if !credential.hosts.isEmpty { return credential.hosts }
        guard let api = await api(of: credential) else { return [] }
        let others = world.forges.compactMap { $0.gitHost(ofAPI: api.origin.host) }
        return [HostPattern(api.origin)] + others.map { HostPattern(host: $0, port: nil, path: []) }
    }

    private func api(of credential: CredentialConfiguration) async -> ServerURL? {
        if let given = credential.apiURL { return given }
        guard let forge = await forge(of: credential) else { return nil }
        do throws(Failure) { return try APIRule.api(of: forge, nil, world) } catch { return nil }
    }

    /// The forge by configuration, else by the token, where looking at it starts no program.
    private func forge(of credential: CredentialConfiguration) async -> String? {
        if let forge = credential.forge { return forge }
        switch credential.token {
        case .env(let variable)?: return await forge(of: credential.name, .env(variable), variable)
        case .file(let path)?: return await forge(of: credential.name, .file(path), nil)
        default: return world.job?.forge
        }
    }

    private func forge(of name: String, _ source: SecretSource, _ variable: String?) async -> String? {
        let token: Secret
        do throws(Failure) {
            token = try await TokenReader(world).read(source, for: name, origin: .commandLine)
        } catch { return world.job?.forge }
        return TokenIdentification(
            token: token, chosenForge: nil,
            kindFromCI: world.pipeline?.kind(ofVariable: variable, value: token, in: world.variables),
            forgeOfCI: world.job?.forge, forges: world.forges
        ).forge
    }
}
