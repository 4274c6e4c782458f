// Deploy keys and host keys by the forges' own APIs, each asked with the token of the credential that it is about.

public import OutlastModel

extension World {
    /// The same ports, with deploy keys and host keys by the forges of these credentials; what is there already stays.
    public func reachingForges(of credentials: [CredentialConfiguration], timeout: Duration = .seconds(10)) -> World {
        var copy = self
        let reach = ForgeReach(self, credentials, timeout: timeout)
        if copy.ssh.deployKeys == nil { copy.ssh.deployKeys = reach }
        if copy.ssh.publishedHostKeys == nil {
            copy.ssh.publishedHostKeys = { host, port throws(Failure) in try await reach.hostKeys(of: host, port: port)
            }
        }
        return copy
    }
}

/// The way to the forges of some credentials.
struct ForgeReach: DeployKeyRegistry {
    private let world: World
    private let credentials: [CredentialConfiguration]
    private let timeout: Duration

    init(_ world: World, _ credentials: [CredentialConfiguration], timeout: Duration) {
        self.world = world
        self.credentials = credentials
        self.timeout = timeout
    }

    func register(_ order: DeployKeyOrder) async -> DeployKeyRegistration {
        let way: (forge: any DeployKeyForge, context: DeployKeyContext)
        do throws(Failure) { way = try await reach(order.credential, repository: order.repository) } catch {
            return .refused(error)
        }
        guard let key = PublicKeyText(order.publicLine) else {
            return .refused(Failure(.unexpected, "the key that was made has no form that a forge takes"))
        }
        let request = DeployKeyRequest(
            title: order.title, key: key, canPush: order.canPush,
            expiresAt: way.forge.keepsEnds ? order.expiresAt : nil)
        switch await way.forge.register(request, way.context) {
        case .registered(let made):
            return .registered(
                RegisteredKey(
                    id: made.id, credential: order.credential.name, repository: order.repository, title: made.title,
                    expiresAt: made.expiry.instant))
        case .refused(let failure): return .refused(failure)
        case .inDoubt(let failure): return .inDoubt(failure)
        }
    }

    func remove(_ key: RegisteredKey) async throws(Failure) {
        guard let credential = credentials.first(where: { $0.name == key.credential }) else {
            throw .configuration(
                "the credential \(SafeText.line(key.credential)) that registered it is not in this configuration",
                hint: "name the configuration that it was made with by --config, or remove the key at its forge")
        }
        let (forge, context) = try await reach(credential, repository: key.repository)
        if let id = key.id {
            try await forge.remove(id, context)
        } else {
            try await forge.remove(title: key.title, context)
        }
    }

    /// The host keys that a server's own forge publishes; nil when no credential's forge is that server's.
    func hostKeys(of host: String, port: Int) async throws(Failure) -> [String]? {
        var asked: Set<ServerURL> = []
        for credential in credentials where credential.ssh.map({ $0.host == host }) ?? true {
            guard let forge = await forge(of: credential),
                let api = try APIRule.api(of: forge.id, credential.apiURL, world),
                asked.insert(api).inserted
            else { continue }
            let question = HostKeyQuestion(
                host: host, port: port, api: api, token: try? await token(of: credential), timeout: timeout)
            let found = try await forge.hostKeys(question, over: world.transport, clock: world.clock)
            if let lines = found?.compactMap(\.key?.text), !lines.isEmpty { return lines }
        }
        return nil
    }

    private func reach(
        _ credential: CredentialConfiguration, repository: String
    ) async throws(Failure) -> (forge: any DeployKeyForge, context: DeployKeyContext) {
        guard let forge = await forge(of: credential) else {
            throw .configuration(
                "no forge that takes deploy keys is known for \(SafeText.line(credential.name))",
                hint: "give it `forge` with one of \(world.deployKeyForges.map(\.id).text(joinedBy: ", ")), and `token`"
            )
        }
        guard let api = try APIRule.api(of: forge.id, credential.apiURL, world) else {
            throw .configuration(
                "\(SafeText.line(credential.name)) does not tell which API registers deploy keys",
                hint: "give it `api_url`")
        }
        return (
            forge,
            DeployKeyContext(
                credential: credential.name, token: try await token(of: credential), api: api, repository: repository,
                timeout: timeout, transport: world.transport, clock: world.clock)
        )
    }

    private func forge(of credential: CredentialConfiguration) async -> (any DeployKeyForge)? {
        if let id = credential.forge { return world.deployKeyForge(id) }
        let token = try? await token(of: credential)
        let told = token.flatMap { token in
            TokenIdentification(
                token: token, chosenForge: nil, kindFromCI: nil, forgeOfCI: world.job?.forge, forges: world.forges
            ).forge
        }
        return (told ?? world.job?.forge).flatMap { world.deployKeyForge($0) }
    }

    /// The credential's token as the state has it by now, else as the job was started with it.
    private func token(of credential: CredentialConfiguration) async throws(Failure) -> Secret {
        guard let source = credential.token else {
            throw .configuration(
                "\(SafeText.line(credential.name)) has no `token` to register a deploy key with",
                hint: "add `token: {env: NAME}` to it")
        }
        let request = CredentialRequest(
            name: credential.name, forge: credential.forge, apiURL: credential.apiURL, source: source,
            origin: .configuration(place: credential.tokenPlace), renew: credential.renew)
        // Where the state or its key can't be used, the token that is there may still do.
        if credential.renew != nil, case .success(let store) = world.openStore(.existing),
            let current = try? await CurrentToken(world, store).find(request)
        {
            return current
        }
        return try await TokenReader(world).read(source, for: credential.name, origin: request.origin)
    }
}
