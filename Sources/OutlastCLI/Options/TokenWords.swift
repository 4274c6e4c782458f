// Which tokens a command line names (contract, section 2), and what that means with a configuration. Plain values: a
// command that is read without the parser has them too, and makes nothing of the parser's.

import OutlastFlows
import OutlastModel

/// What was said about tokens; named as the options are.
struct TokenWords: Hashable, Sendable {
    var tokenEnv: [String] = []
    var tokenFile: [String] = []
    var tokenStdin = false
    var credential: [String] = []
    var forge: String?
    var apiUrl: String?
    var expiresAt: String?

    private var givenSources: [SecretSource] {
        tokenEnv.map(SecretSource.env) + tokenFile.map(SecretSource.file) + (tokenStdin ? [.stdin] : [])
    }

    /// The credentials to look at: those given, else all of the configuration, else the CI's own token.
    ///
    /// - Parameter takesMinted: Whether one without `token` counts whose tokens are made when they are wanted.
    func credentials(
        _ configuration: Configuration, world: World, insecure: Bool, takesMinted: Bool = false
    ) throws(Failure) -> [CredentialRequest] {
        let api = try ArgumentText.url(apiUrl, "--api-url", insecure: insecure)
        let expiry = try ArgumentText.instant(expiresAt, "--expires-at")
        var requests = try self.requests(world: world, insecure: insecure)
        requests += try configured(configuration, others: !requests.isEmpty, takesMinted: takesMinted)
        if requests.isEmpty { requests = ofTheCI(world, api: api) }
        guard !requests.isEmpty else {
            throw .usage(
                "there is no token to look at",
                hint: "give --token-env NAME, --token-file PATH, --token-stdin, or a configuration with credentials")
        }
        if expiry != nil || api != nil || forge != nil, requests.count > 1 {
            throw .usage("--expires-at, --api-url and --forge are for one token, but \(requests.count) were named")
        }
        for index in requests.indices {
            if let expiry { requests[index].flagExpiry = expiry }
            if let api { requests[index].apiURL = api }
            if let forge { requests[index].forge = forge }
        }
        return requests
    }

    /// The tokens whose places were given one by one.
    func requests(world: World, insecure: Bool) throws(Failure) -> [CredentialRequest] {
        if let forge, world.forge(forge) == nil {
            throw .usage("--forge takes one of \(world.forges.map(\.id).joined(separator: ", "))")
        }
        for name in tokenEnv where !VariableName.isPlain(name) {
            throw .usage(
                "--token-env takes the name of an environment variable, not its value",
                hint: "such as --token-env RELEASE_TOKEN, without a $")
        }
        return named(Self.once(givenSources), api: try ArgumentText.url(apiUrl, "--api-url", insecure: insecure))
    }

    /// What was named twice is one and the same.
    private static func once<Word: Hashable>(_ words: [Word]) -> [Word] {
        var seen: Set<Word> = []
        return words.filter { seen.insert($0).inserted }
    }

    private func named(_ sources: [SecretSource], api: ServerURL?) -> [CredentialRequest] {
        sources.enumerated().map { index, source in
            var name = sources.count == 1 ? CredentialName.onlyToken : "token-\(index + 1)"
            // A name in other letters may be a token that a shell put in its place.
            if sources.count > 1, case .env(let variable) = source, TokenReader.isPlainVariable(variable) {
                name = variable
            }
            return CredentialRequest(name: name, forge: forge, apiURL: api, source: source, origin: .commandLine)
        }
    }

    private func configured(
        _ configuration: Configuration, others: Bool, takesMinted: Bool
    ) throws(Failure) -> [CredentialRequest] {
        let isMinted = { (credential: CredentialConfiguration) in
            takesMinted && credential.token == nil && (credential.renew.map { $0.method != "none" } ?? false)
        }
        var chosen = others ? [] : configuration.credentials.filter { $0.token != nil || isMinted($0) }
        if !credential.isEmpty {
            chosen = []
            for name in Self.once(credential) {
                guard let found = configuration.credentials.first(where: { $0.name == name }) else {
                    let known = configuration.credentials.map(\.name)
                    throw .usage(
                        "--credential names no credential of the configuration",
                        hint: known.isEmpty
                            ? "no configuration with credentials was found; name its file by --config or OUTLAST_CONFIG"
                            : "it has \(known.joined(separator: ", "))")
                }
                chosen.append(found)
            }
        }
        var requests: [CredentialRequest] = []
        for found in chosen {
            guard found.token != nil || isMinted(found) else {
                throw .configuration(
                    "credential \(found.name) has no `token`", hint: "add `token: {env: NAME}` to it")
            }
            requests.append(
                CredentialRequest(
                    name: found.name, forge: found.forge, apiURL: found.apiURL, source: found.token,
                    origin: .configuration(place: found.tokenPlace), configExpiry: found.expiresAt, renew: found.renew))
        }
        return requests
    }

    private func ofTheCI(_ world: World, api: ServerURL?) -> [CredentialRequest] {
        guard let variable = world.pipeline?.tokenVariables.first(where: { world.variables[$0] != nil }) else {
            return []
        }
        return [
            CredentialRequest(name: variable, forge: forge, apiURL: api, source: .env(variable), origin: .commandLine)
        ]
    }
}
