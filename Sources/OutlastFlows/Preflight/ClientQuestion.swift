// The question about a token whose forge tells registered clients alone: it is asked as the client that renews the token.

import OutlastModel

struct ClientQuestion: Sendable {
    private let world: World
    private let method: any RenewalMethod
    private let request: CredentialRequest
    private let settings: Settings

    /// - Returns: nil where the credential is not renewed, or not by a client that is told anything.
    init?(_ request: CredentialRequest, _ world: World) {
        guard let renew = request.renew,
            let method = world.methods.first(where: { $0.schema.name == renew.method }), method.canInspect
        else { return nil }
        self.world = world
        self.method = method
        self.request = request
        settings = renew.settings
    }

    /// Asks.
    ///
    /// - Throws: what `RenewalMethod.inspect` throws.
    func ask(
        _ token: Secret, at api: ServerURL, timeout: Duration
    ) async throws(Failure) -> TokenReading? {
        let reader = TokenReader(world)
        var secrets: [String: Secret] = [:]
        for place in settings.secretPlaces {
            // Not every secret is needed for a question; what is missing is told when it is needed.
            secrets[place.name] = try? await reader.readWhole(
                place.source, for: request.name, origin: .configuration(place: nil))
        }
        let context = RenewalContext(
            credential: request.name, api: api, settings: settings, secrets: secrets, managingAPI: nil,
            timeout: timeout, transport: world.transport, clock: world.clock, processes: world.processes,
            cryptography: world.cryptography, variables: world.variables)
        return try await method.inspect(token, context)
    }
}

extension Candidate {
    /// An answer that does not tell an end that has passed from a revocation, sharpened by the end that is known.
    func sharpened(_ reading: TokenReading) -> TokenReading {
        guard reading.standing == .revoked, reading.expiry == .unknown else { return reading }
        let now = reading.readAt.advanced(by: reading.clockSkew ?? .zero)
        let ends = [remembered?.expiry.instant, jwtExpiry, request.flagExpiry, request.configExpiry]
        guard let end = ends.compactMap({ $0 }).first, LifetimeRules.isOver(.at(end), at: now) == true else {
            return reading
        }
        var copy = reading
        copy.standing = .expired
        return copy
    }
}
