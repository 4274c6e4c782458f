// `outlast doctor`: looks at everything that a night's build will need, and says what to do about each thing.

import ArgumentParser
import OutlastFlows
import OutlastModel

struct DoctorCommand: WorkingCommand {
    static let configuration = CommandConfiguration(
        commandName: "doctor",
        abstract: "Look at everything that a night's build will need, each with its remedy.",
        discussion: """
            Settings, state, key, servers and their clocks, tokens, renewal, publish targets, git and ssh. Nothing is \
            renewed, written or published. Ends with 1 when a check fails.
            """)

    @OptionGroup(title: "The credentials") var tokens: TokenOptions
    @OptionGroup(title: "Common options") var common: CommonOptions

    static let emptyReply: [JSONValue.Member] = [.init("checks", .array([]))]

    func work(in session: Session) async throws(Failure) -> Report {
        if tokens.places.tokenStdin {
            throw .usage("`doctor` reads nothing from stdin: give --token-env or --token-file")
        }
        let world = try session.world()
        let loaded = Result { () throws(Failure) in try session.configuration() }
        let configuration = (try? loaded.get()) ?? Configuration()
        let request = DoctorRequest(
            configuration: loaded, isConfigurationInWorkspace: isInside(configuration.path, world.job?.workspace),
            mode: session.invocation.variables["OUTLAST_MODE"]?.lowercased(),
            patients: try patients(configuration, world, session),
            isOffline: session.options.world.isOffline, timeout: session.options.timeout ?? .seconds(10))
        let checks = await DoctorFlow(world.reachingForges(of: configuration.credentials), git: session.wiring.git).run(
            request)
        return DoctorReply.report(checks)
    }

    /// The credentials that were named, else all of the configuration, else the CI's own token.
    private func patients(
        _ configuration: Configuration, _ world: World, _ session: Session
    ) throws(Failure) -> [DoctorPatient] {
        let isOnCommandLine = !tokens.places.tokenEnv.isEmpty || !tokens.places.tokenFile.isEmpty
        var requests: [CredentialRequest] = []
        do throws(Failure) {
            requests = try tokens.given.credentials(
                configuration, world: world, insecure: session.options.world.allowsInsecureHTTP)
        } catch {
            // Without anything to look at there is still the machine; a name that is none is a mistake.
            guard tokens.places.credential.isEmpty, !isOnCommandLine else { throw error }
        }
        let assembly = RenewalAssembly(session, configuration)
        let wanted = configuration.credentials.filter { credential in
            tokens.places.credential.isEmpty ? !isOnCommandLine : tokens.places.credential.contains(credential.name)
        }
        var found: [DoctorPatient] = []
        for credential in wanted {
            let renewal: Result<RenewalRequest, Failure>? = credential.renew.map { _ in
                Result { () throws(Failure) in try assembly.request(for: credential) }
            }
            found.append(
                DoctorPatient(
                    credential: credential, request: requests.first { $0.name == credential.name }, renewal: renewal))
        }
        for request in requests where !found.contains(where: { $0.credential.name == request.name }) {
            found.append(
                DoctorPatient(
                    credential: CredentialConfiguration(
                        name: request.name, forge: request.forge, apiURL: request.apiURL, token: request.source),
                    request: request))
        }
        return found
    }

    private func isInside(_ path: String?, _ workspace: String?) -> Bool {
        guard let path, let workspace else { return false }
        return path == workspace || path.hasPrefix(workspace.hasSuffix("/") ? workspace : workspace + "/")
    }
}
