// `outlast exec`: arguments to `ExecRequest`. Everything behind `--` is the command, word for word.

import ArgumentParser
import OutlastFlows
import OutlastModel

struct ExecCommand: WorkingCommand {
    static let configuration = CommandConfiguration(
        commandName: "exec", abstract: "Run a command with fresh credentials, and once more when they died on the way.",
        usage: "outlast exec [<options>] -- <command> ...",
        discussion: """
            The command gets each token under the name in `token: {env: NAME}`, else OUTLAST_TOKEN, and git below it asks \
            this process for the current one. Ends with what the command ends with; with 126 or 127 when it cannot be run \
            or is not there, and with 125 when outlast itself cannot go on: the message then has the code.
            """)

    @Option(help: ArgumentHelp("A credential of the configuration. May be repeated.", valueName: "name"))
    var credential: [String] = []
    @Option(help: ArgumentHelp("How often the command may be run (2 for git, else 1).", valueName: "n"))
    var attempts: String?
    @Flag(help: "Also try again what passes by itself: network, rate_limited, server.")
    var retryTransient = false
    @Option(help: ArgumentHelp("A variable that the command keeps though it may hold a secret.", valueName: "name"))
    var keepEnv: [String] = []
    @Option(help: ArgumentHelp("Write what happened to this file, as JSON.", valueName: "file"))
    var report: String?
    @OptionGroup(title: "Common options") var common: CommonOptions
    @Argument(parsing: .postTerminator, help: ArgumentHelp("The command, behind --.", valueName: "command"))
    var command: [String] = []

    static let emptyReply: [JSONValue.Member] = []

    /// What `exec` ends with when it fails itself.
    static let failed: Int32 = 125

    /// Whether these arguments have a command run for somebody, whose exit code then counts.
    static func isMeant(_ arguments: [String]) -> Bool { arguments.first == "exec" || KeepCommand.wraps(arguments) }

    /// What stands behind `--`.
    static func command(in arguments: [String]) -> [String] {
        Array(arguments.drop { $0 != "--" }.dropFirst())
    }

    func work(in session: Session) async throws(Failure) -> Report {
        if session.options.isJSON {
            throw .usage(
                "stdout is the command's: `exec` answers nothing there", hint: "--report FILE writes the JSON to a file"
            )
        }
        guard !command.isEmpty else {
            throw .usage("there is no command to run", hint: "outlast exec --credential NAME -- git push origin main")
        }
        for name in keepEnv where !VariableName.isPlain(name) {
            throw .usage("--keep-env takes the name of an environment variable")
        }
        let world = try session.renewingWorld()
        let request = try request(session, world)
        let configuration = try session.configuration()
        let assembly = RenewalAssembly(session, configuration)
        let isOnCommandLine = request.credentials.isOnCommandLine
        let supply = RenewalFlow(world).supply { credential throws(Failure) in
            var renewal = try assembly.request(for: credential)
            if isOnCommandLine { renewal.origin = .commandLine }
            return renewal
        }
        let other = OtherWay(session, world, configuration)
        let result: Result<ExecOutcome, Failure>
        do throws(Failure) {
            result = .success(
                try await ExecFlow(
                    world, git: session.wiring.git, supply: supply,
                    fallback: session.renewsNothing ? nil : other.fallback
                ).run(request))
        } catch { result = .failure(error) }
        await other.end()
        let outcome = try result.get()
        if let report { try write(outcome, to: report, world) }
        return Report(childCode: outcome.code)
    }

    private func request(_ session: Session, _ world: World) throws(Failure) -> ExecRequest {
        let configuration = try session.configuration()
        let (chosen, isOnCommandLine) = try chosen(configuration, world)
        let credentials = GitCredentialRequest(
            action: .get, credentials: chosen, isOnCommandLine: isOnCommandLine,
            permission: session.renewsNothing ? .report : .renew, defaultDuration: configuration.defaultDuration,
            margin: configuration.margin, quantile: configuration.quantile, isStrict: session.options.isStrict,
            isOffline: session.options.world.isOffline, timeout: session.options.timeout ?? .seconds(10))
        return ExecRequest(
            command: command, credentials: credentials, areNamed: !credential.isEmpty,
            secretVariables: configuration.secretVariables, keptVariables: Set(keepEnv),
            attempts: try ArgumentText.count(attempts, "--attempts", in: 1...100), retriesTransient: retryTransient,
            executable: session.invocation.executable)
    }

    /// Those that were named; else all that do not merely serve another one; else the CI's own token; else none, which
    /// keeps no command from running.
    private func chosen(
        _ configuration: Configuration, _ world: World
    ) throws(Failure) -> ([CredentialConfiguration], Bool) {
        let usable = configuration.credentials.filter { $0.token != nil || $0.renew != nil }
        if !credential.isEmpty {
            var named: [CredentialConfiguration] = []
            for name in credential where !named.contains(where: { $0.name == name }) {
                guard let found = usable.first(where: { $0.name == name }) else {
                    throw .usage(
                        "--credential names no credential of the configuration with a `token` or `renew`",
                        hint: usable.isEmpty
                            ? "no such configuration was found; name its file by --config or OUTLAST_CONFIG"
                            : "it has \(usable.map(\.name).joined(separator: ", "))")
                }
                named.append(found)
            }
            return (named, false)
        }
        let serving = configuration.serving
        let own = usable.filter { !serving.contains($0.name) }
        if !own.isEmpty { return (own, false) }
        guard let variable = world.pipeline?.tokenVariables.first(where: { world.variables[$0] != nil }) else {
            return ([], false)
        }
        return ([CredentialConfiguration(name: variable, token: .env(variable))], true)
    }

    private func write(_ outcome: ExecOutcome, to path: String, _ world: World) throws(Failure) {
        let object = JSONValue.object([.init("schema", 1)] + ExecReply.members(outcome)).encoded + "\n"
        do throws(Failure) {
            try world.files.writeAtomically(path, Array(object.utf8), permissions: 0o600)
        } catch {
            // The command has run, and its code is what counts.
            world.children?.tell(Secret("outlast: --report: \(error.message)"))
        }
    }

    /// Becomes the command without doing anything for it (`OUTLAST_MODE=off`); comes back with what a shell would say
    /// when that is not possible.
    static func become(_ arguments: [String], _ change: EnvironmentChange, _ children: any ChildRunner) -> Reply {
        let words = command(in: arguments)
        guard !words.isEmpty else {
            return Reply(errors: ["outlast: there is no command to run (code 64)"], code: failed)
        }
        let end = children.become(ChildCommand(words, environment: change, tail: nil))
        let name = WrappedCommand(words).name
        let words2 = if case .notRunnable(let text) = end { "cannot be run: \(text)" } else { "is not there" }
        return Reply(errors: ["outlast: \(name) \(words2)"], code: end.code)
    }
}
