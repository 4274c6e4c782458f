// From a credential of the configuration, or a token of the command line, to what is to be renewed and where the new token
// goes. `with` becomes the credential that it names; what nobody said is as the contract says (section 5).

import OutlastFlows
import OutlastModel

/// Makes renewals for every command that renews.
struct RenewalAssembly: Sendable {
    private let configuration: Configuration
    private let timeout: Duration?
    private let storeIsNamed: Bool
    private let isOffline: Bool

    init(_ session: Session, _ configuration: Configuration) {
        self.configuration = configuration
        timeout = session.options.timeout
        isOffline = session.options.world.isOffline
        storeIsNamed = session.options.world.state != nil || session.invocation.variables["OUTLAST_STATE"] != nil
    }

    /// A credential of the configuration, by its name on the command line.
    ///
    /// - Throws: `usage` (64) with the names to choose from.
    func named(_ name: String) throws(Failure) -> CredentialConfiguration {
        guard let found = configuration.credentials.first(where: { $0.name == name }) else {
            throw .usage("--credential names no credential of the configuration", hint: choice)
        }
        return found
    }

    /// The only credential of the configuration.
    ///
    /// - Throws: `usage` (64) when there are several or none, with what to say instead.
    func only() throws(Failure) -> CredentialConfiguration {
        guard let first = configuration.credentials.first else {
            throw .usage(
                "there is nothing to renew",
                hint: "give --token-env NAME, --token-file PATH or --token-stdin, or a configuration with credentials")
        }
        guard configuration.credentials.count == 1 else {
            throw .usage("one credential is renewed at a time, and the configuration has several", hint: choice)
        }
        return first
    }

    private var choice: String {
        let names = configuration.credentials.map(\.name)
        return names.isEmpty
            ? "no configuration with credentials was found; name its file by --config or OUTLAST_CONFIG"
            : "name one by --credential: it has \(names.joined(separator: ", "))"
    }

    /// The renewal of a credential of the configuration.
    ///
    /// - Throws: `configuration` (78) when a credential that `with` names has no token.
    func request(for credential: CredentialConfiguration) throws(Failure) -> RenewalRequest {
        var publish: [PublishRequest] = []
        for target in credential.publish {
            publish.append(
                PublishRequest(configuration: target, writer: try other(target.settings, than: credential)))
        }
        var request = RenewalRequest(
            name: credential.name, forge: credential.forge, apiURL: credential.apiURL, source: credential.token,
            origin: .configuration(place: credential.tokenPlace), renew: credential.renew,
            manager: try credential.renew.flatMap { (renew) throws(Failure) in
                try other(renew.settings, than: credential)
            },
            publish: publish, limit: credential.minRemaining)
        request.configuredExpiry = credential.expiresAt
        request.isFound = configuration.isFound
        complete(&request)
        return request
    }

    /// The renewal of a token that the command line gave: only what needs no configuration is possible.
    func request(for token: CredentialRequest) -> RenewalRequest {
        var request = RenewalRequest(
            name: token.name, forge: token.forge, apiURL: token.apiURL, source: token.source, origin: token.origin,
            renew: token.renew)
        complete(&request)
        return request
    }

    /// The renewal of a credential that does not suffice. What an operator has kept to himself, or nobody can be asked about,
    /// is not renewed, but a token that was renewed before is found.
    ///
    /// - Throws: `configuration` (78) when a credential that `with` names has no token.
    func remedy(for credential: CredentialRequest) throws(Failure) -> RenewalRequest {
        var request =
            if case .configuration = credential.origin {
                try request(for: try named(credential.name))
            } else { request(for: credential) }
        (request.forge, request.apiURL) = (credential.forge, credential.apiURL)
        request.mayRenew = credential.renew?.by != .operator && !isOffline
        return request
    }

    private func complete(_ request: inout RenewalRequest) {
        if let timeout {
            request.timeout = timeout
            request.destructiveTimeout = timeout
        }
        request.storeIsNamed = storeIsNamed
    }

    /// The credential that `with` names. The renewed one itself is nobody else: what it may do, its new token may.
    private func other(
        _ settings: Settings, than credential: CredentialConfiguration
    ) throws(Failure) -> CredentialRequest? {
        guard let name = settings.text("with"), name != credential.name else { return nil }
        guard let found = configuration.credentials.first(where: { $0.name == name }) else {
            throw .configuration(
                "credential \(credential.name) names another one in `with` that is not there", hint: choice)
        }
        guard let source = found.token else {
            throw .configuration(
                "credential \(found.name), which \(credential.name) names in `with`, has no `token`",
                hint: "add `token: {env: NAME}` to it")
        }
        return CredentialRequest(
            name: found.name, forge: found.forge, apiURL: found.apiURL, source: source,
            origin: .configuration(place: found.tokenPlace), configExpiry: found.expiresAt, renew: found.renew)
    }
}
