// What a renewal is about, before any state is looked at: the method, its secrets, and what narrows its tokens.

import OutlastModel

/// One credential's renewal as it was asked for.
struct RenewalPlan: Sendable {
    let request: RenewalRequest
    let method: any RenewalMethod
    let forge: String
    private(set) var context: RenewalContext
    /// The token that the job was started with, or that was found in its place.
    private(set) var presented: Secret?
    let root: (secret: Secret, purpose: SecretPurpose)?
    let identity: FamilyIdentity
    let world: World

    init(_ world: World, _ request: RenewalRequest) async throws(Failure) {
        try await self.init(world, request, presented: Self.presented(request, world))
    }

    /// The token that a request presents; nil for one that has none to begin with.
    static func presented(_ request: RenewalRequest, _ world: World) async throws(Failure) -> Secret? {
        guard let source = request.source else { return nil }
        return try await TokenReader(world).read(source, for: request.name, origin: request.origin)
    }

    /// - Parameter token: what `presented` gave.
    init(_ world: World, _ request: RenewalRequest, presented token: Secret?) async throws(Failure) {
        self.world = world
        self.request = request
        let identified = Self.identify(token, request, world)
        method = try Self.method(request, identified?.kind, world)
        let name = method.schema.name
        let usual = world.forges.first { $0.kinds.contains { $0.renewal.method == name } }?.id
        let chosen = identified?.forge ?? request.forge ?? usual ?? "generic"
        forge = chosen
        context = try await Self.context(request, method, forge: chosen, world)
        presented = token
        root = try method.root(context)
        var parts = [("forge", chosen), ("api", context.api?.text ?? ""), ("method", method.schema.name)]
        parts += try method.identity(context).map { ($0.name, $0.value) }
        identity = FamilyIdentity(parts)
    }

    /// The secrets that may lead to the family. Where the method has a root, that alone does: a root that an operator put
    /// in anew begins a new family, whatever token is beside it.
    var anchor: (secret: Secret, purpose: SecretPurpose)? {
        if let root { return root }
        return method.isSharedByToken ? presented.map { ($0, .access) } : nil
    }

    /// The same renewal with another token in the place of the presented one.
    func presenting(_ token: Secret) -> RenewalPlan {
        var copy = self
        copy.presented = token
        return copy
    }

    /// The same renewal with the managing credential's living token.
    func managed(by token: Secret) -> RenewalPlan {
        var copy = self
        copy.context.secrets["with"] = token
        return copy
    }

    private static func identify(_ token: Secret?, _ request: RenewalRequest, _ world: World) -> TokenIdentification? {
        guard let token else { return nil }
        var variable: String?
        if case .env(let name) = request.source { variable = name }
        return TokenIdentification(
            token: token, chosenForge: request.forge,
            kindFromCI: world.pipeline?.kind(ofVariable: variable, value: token, in: world.variables),
            forgeOfCI: world.job?.forge, forges: world.forges)
    }

    private static func method(
        _ request: RenewalRequest, _ kind: TokenKind?, _ world: World
    ) throws(Failure) -> any RenewalMethod {
        if let name = request.renew?.method {
            if let found = world.methods.first(where: { $0.schema.name == name }) { return found }
            throw Failure(.renewalFailed, "credential \(request.name) is not renewed: `renew` says \(name)")
        }
        let fitting = kind?.renewal.method.flatMap { name in world.methods.first { $0.schema.name == name } }
        guard let fitting, !fitting.schema.needsConfiguration else {
            throw Failure(
                .renewalFailed,
                "\(request.name) cannot be renewed as it is: \(kind?.renewal.reason ?? "no method is configured")",
                hint: "configure a credential with `renew: {method: …}` and name it by --credential")
        }
        return fitting
    }

    private static func context(
        _ request: RenewalRequest, _ method: any RenewalMethod, forge: String, _ world: World
    ) async throws(Failure) -> RenewalContext {
        let reader = TokenReader(world)
        let settings = request.renew?.settings ?? Settings()
        var secrets: [String: Secret] = [:]
        for place in settings.secretPlaces {
            let name = "\(request.name) (\(place.setting))"
            secrets[place.name] =
                place.isWhole
                ? try await reader.readWhole(place.source, for: name, origin: .configuration(place: nil))
                : try await reader.read(place.source, for: name, origin: .configuration(place: nil))
        }
        if let manager = request.manager {
            if let other = manager.forge, other != forge, manager.apiURL == nil {
                throw .configuration(
                    "\(manager.name) manages \(request.name), but is a credential of \(other) and not of \(forge)",
                    hint: "name a credential of \(forge), or give it the `api_url` of the same server")
            }
            secrets["with"] = try await reader.read(manager)
        }
        return RenewalContext(
            credential: request.name, api: try APIRule.api(of: forge, request.apiURL, world), settings: settings,
            secrets: secrets, managingAPI: request.manager?.apiURL, timeout: request.destructiveTimeout,
            transport: world.transport, clock: world.clock, processes: world.processes,
            cryptography: world.cryptography, variables: world.variables)
    }
}

/// Where settings say that a secret is.
struct SecretPlace: Sendable {
    /// Its name among the secrets of a `RenewalContext`.
    let name: String
    let setting: String
    let source: SecretSource
    /// Whether its lines and blanks mean something.
    let isWhole: Bool
}

extension Settings {
    /// The secrets that they name, those of maps as `setting.entry`.
    var secretPlaces: [SecretPlace] {
        values.sorted { $0.key < $1.key }.flatMap { name, value in
            var places: [SecretPlace] = []
            if case .secret(let source) = value {
                places.append(SecretPlace(name: name, setting: name, source: source, isWhole: true))
            }
            for entry in map(name) ?? [] {
                guard case .secret(let source) = entry.value else { continue }
                places.append(
                    SecretPlace(name: "\(name).\(entry.name)", setting: name, source: source, isWhole: false))
            }
            return places
        }
    }
}

extension SettingsSchema {
    /// Whether nothing can be renewed this way without being told something first.
    var needsConfiguration: Bool { fields.contains { $0.isRequired } || !exactlyOneOf.isEmpty }
}
