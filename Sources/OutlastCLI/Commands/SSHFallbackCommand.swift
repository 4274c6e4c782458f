// `outlast ssh-fallback`: arguments to `SSHFallbackRequest`.

import ArgumentParser
import OutlastFlows
import OutlastModel

struct SSHFallbackCommand: WorkingCommand {
    static let configuration = CommandConfiguration(
        commandName: "ssh-fallback",
        abstract: "Let git go over SSH with a deploy key, where a token will not last or is gone.",
        discussion: """
            eval "$(outlast ssh-fallback --credential NAME --export shell)" makes git reach the credential's HTTPS \
            addresses over SSH, for as long as that shell lives; --local writes the repository's own configuration instead.
            It says yes only when git has reached the repository that way (with --need-push, when it may push, too), else \
            it ends with 30 and leaves nothing behind. Host keys are pinned and never accepted on first use.
            --off takes back exactly what was made; so does the next run on the same runner, when a job was killed.
            Never touches ~/.ssh or ~/.gitconfig.
            """)

    @Option(help: ArgumentHelp("A credential of the configuration with `ssh`. May be repeated.", valueName: "name"))
    var credential: [String] = []
    @Option(help: ArgumentHelp("Take the private key from this environment variable.", valueName: "name"))
    var keyEnv: String?
    @Option(help: ArgumentHelp("Take the private key from this file.", valueName: "path"))
    var keyFile: String?
    @Option(help: ArgumentHelp("The SSH server.", valueName: "host"))
    var host: String?
    @Option(help: ArgumentHelp("Its port (22).", valueName: "port"))
    var port: String?
    @Option(help: ArgumentHelp("A repository to prove it by, in either form of its address.", valueName: "url"))
    var repo: [String] = []
    @Option(help: ArgumentHelp("Pin the host keys in this known_hosts file.", valueName: "file"))
    var knownHosts: String?
    @Option(
        help: ArgumentHelp("Pin this host key: `ssh-ed25519 AAAA…` or SHA256:…. May be repeated.", valueName: "line"))
    var hostKey: [String] = []
    @Option(help: ArgumentHelp("The user on the server (git).", valueName: "user"))
    var user: String?
    @Option(
        name: .customLong("for"),
        help: ArgumentHelp("An HTTPS host that goes over SSH. May be repeated.", valueName: "host[:port]"))
    var hosts: [String] = []
    @Flag(help: "Prove that the key may push, too.")
    var needPush = false
    @Flag(
        inversion: .prefixedNo, help: "Keep the key in an agent of our own, or in a file (an agent where there is one)."
    )
    var agent: Bool?
    @Option(help: ArgumentHelp("When it ends (what the job may still run, else 6h).", valueName: "duration"))
    var lifetime: String?
    @Flag(help: "Write the repository's configuration, and that of its submodules.")
    var local = false
    @Option(help: ArgumentHelp("Hand the environment on: shell, github or dotenv:FILE.", valueName: "form"))
    var export: String?
    @Flag(help: "Take back what was made for this job.")
    var off = false
    @Flag(help: "Tell what is there for this job.")
    var status = false
    @Flag(help: "Make a key and register it as an expiring deploy key; --off removes it there, too.")
    var provision = false
    @OptionGroup(title: "Common options") var common: CommonOptions

    static let emptyReply: [JSONValue.Member] = SSHFallbackReply.empty

    func work(in session: Session) async throws(Failure) -> Report {
        try check(session)
        let form: EnvironmentForm? = if let export { try EnvironmentForm(export) } else { nil }
        let credentials = try session.configuration().credentials
        let world = try session.renewingWorld().reachingForges(of: credentials)
        let flow = SSHFallbackFlow(world, git: session.wiring.git)
        let folder = session.invocation.workingFolder
        if status { return SSHFallbackReply(await flow.status(folder: folder), verb: .status).report() }
        if off {
            guard !session.renewsNothing else {
                return SSHFallbackReply(await flow.status(folder: folder), verb: .status).report()
            }
            let outcome = try await flow.off(folder: folder, canUnset: form?.canUnset ?? true)
            return try handOn(outcome, .off, form, session)
        }
        var request = try await request(in: session, world)
        request.handsOnEnvironment = !local || form != nil
        var outcome = try await flow.activate(request)
        if local, form == nil { (outcome.environment, outcome.unset, outcome.names) = ([], [], []) }
        return try handOn(outcome, .activate, form, session)
    }

    private func handOn(
        _ outcome: SSHFallbackOutcome, _ verb: SSHFallbackReply.Verb, _ form: EnvironmentForm?, _ session: Session
    ) throws(Failure) -> Report {
        var outcome = outcome
        var text: String?
        if let form, outcome.isActive || verb == .off {
            let (lines, notes) = try form.write(outcome.environment, unset: outcome.unset, session)
            text = lines
            outcome.notes += notes
        }
        if verb == .activate, outcome.isActive, form == nil, !local, !session.options.isJSON {
            outcome.notes.append(
                "git does not go there yet: eval \"$(outlast ssh-fallback … --export shell)\", or give --local")
        }
        if verb == .off, form == nil, !session.options.isJSON, !(outcome.unset.isEmpty && outcome.environment.isEmpty) {
            outcome.notes.append(
                "this shell still points git at what is gone: eval \"$(outlast ssh-fallback --off --export shell)\"")
        }
        if verb == .activate, local, form == nil, session.invocation.variables["GIT_SSH_COMMAND"] != nil {
            outcome.notes.append(
                "GIT_SSH_COMMAND of this environment wins against the repository's configuration: unset it, or use --export"
            )
        }
        if session.renewsNothing { outcome.notes.append("OUTLAST_MODE=warn: proved, and taken away again") }
        return SSHFallbackReply(outcome, verb: verb).report(shellText: text)
    }

    private func check(_ session: Session) throws(Failure) {
        if export == "shell", session.options.isJSON {
            throw .usage("--export shell and --json both want stdout for themselves", hint: "leave --json")
        }
        if off && status { throw .usage("--off and --status are two commands: give one") }
        let makes =
            keyEnv != nil || keyFile != nil || host != nil || port != nil || !repo.isEmpty || knownHosts != nil
            || !hostKey.isEmpty || user != nil || !hosts.isEmpty || needPush || lifetime != nil || provision
        if (off || status) && makes {
            throw .usage("\(off ? "--off" : "--status") is about what is there: leave the options that make something")
        }
        if status && export != nil { throw .usage("--status exports nothing") }
        if keyEnv != nil && keyFile != nil { throw .usage("--key-env and --key-file name two keys: give one") }
        if let keyEnv, !VariableName.isPlain(keyEnv) {
            throw .usage(
                "--key-env takes the name of an environment variable, not its value",
                hint: "such as --key-env DEPLOY_KEY, without a $")
        }
        if session.options.world.isOffline && !off && !status {
            throw .usage("the SSH fallback is proved over the network, --offline leaves it alone: give one")
        }
    }

    private func request(in session: Session, _ world: World) async throws(Failure) -> SSHFallbackRequest {
        var key: SSHKeySource?
        if let keyEnv { key = SSHKeySource(source: .env(keyEnv), origin: .commandLine) }
        if let keyFile { key = SSHKeySource(source: .file(keyFile), origin: .commandLine) }
        let folder = session.invocation.workingFolder
        return SSHFallbackRequest(
            credentials: try credentials(session, hasKey: key != nil), key: key, host: try hostName(),
            port: try ArgumentText.count(port, "--port", in: 1...65535), repositories: try repositories(),
            knownHosts: knownHosts.map { $0.hasPrefix("/") ? $0 : "\(folder)/\($0)" }, hostKeys: hostKey, user: user,
            hosts: try patterns(), needPush: needPush, keyPlace: agent.map { $0 ? .agent : .file } ?? .best,
            lifetime: try ArgumentText.duration(lifetime, "--lifetime", positive: true), isLocal: local,
            provisions: provision, isRehearsal: session.renewsNothing, folder: folder,
            timeout: session.options.timeout ?? .seconds(60))
    }

    /// Those named; else, where no key is given, all that have a fallback.
    private func credentials(_ session: Session, hasKey: Bool) throws(Failure) -> [CredentialConfiguration] {
        if credential.isEmpty && hasKey { return [] }
        let configuration = try session.configuration()
        var chosen: [CredentialConfiguration] = []
        for name in credential {
            guard let found = configuration.credentials.first(where: { $0.name == name }) else {
                let known = configuration.credentials.map { SafeText.line($0.name) }
                throw .usage(
                    "--credential names no credential of the configuration",
                    hint: known.isEmpty
                        ? "no configuration with credentials was found; name its file by --config or OUTLAST_CONFIG"
                        : "it has \(known.joined(separator: ", "))")
            }
            if !chosen.contains(where: { $0.name == name }) { chosen.append(found) }
        }
        if credential.isEmpty { chosen = configuration.credentials.filter { $0.ssh != nil } }
        guard !chosen.isEmpty else {
            throw .usage(
                "there is no SSH fallback: no credential has `ssh`, and no key is given",
                hint: "give --key-env NAME --repo URL, or a configuration with `ssh` and --credential NAME")
        }
        return chosen
    }

    private func hostName() throws(Failure) -> String? {
        guard let host else { return nil }
        guard !host.hasPrefix("-"), let pattern = HostPattern(text: host), pattern.port == nil, pattern.path.isEmpty
        else { throw .usage("--host takes a host name alone", hint: "the port goes to --port") }
        return pattern.host
    }

    private func repositories() throws(Failure) -> [GitRemote] {
        var repositories: [GitRemote] = []
        for text in repo {
            guard let remote = GitRemote(text) else {
                throw .usage(
                    "--repo takes the address of a repository",
                    hint: "such as https://gitlab.example.com/group/app.git or git@gitlab.example.com:group/app.git")
            }
            repositories.append(remote)
        }
        return repositories
    }

    private func patterns() throws(Failure) -> [HostPattern] {
        var patterns: [HostPattern] = []
        for text in hosts {
            guard let pattern = HostPattern(text: text) else {
                throw .usage("--for takes host[:port][/path]", hint: "such as --for gitlab.example.com")
            }
            patterns.append(pattern)
        }
        return patterns
    }
}
