// `outlast credential`: git's helper, and the lines that make it the only one. git calls it several times for one
// command, so its plain form is read without the parser.

import OutlastFlows
import OutlastModel

/// One call of the command.
struct CredentialCall: Hashable, Sendable {
    let action: String
    var export: String?
    var socket: String?
    var tokens = TokenWords()
    var common = CommonWords()

    /// Answers.
    func work(in session: Session) async throws(Failure) -> Report {
        if session.options.isJSON { throw .usage("`credential` answers git or a shell, not as JSON") }
        if tokens.tokenStdin {
            throw .usage("`credential` reads git's question from stdin: --token-stdin has no place")
        }
        if let socket { return try ask(socket, session) }
        if export != nil && action != "env" { throw .usage("--export belongs to `credential env`") }
        switch action {
        case "get": return try await answer(.get, session)
        case "erase": return try await answer(.erase, session)
        case "env": return try await environment(session)
        default: return Report(json: { [] }, text: { _ in "" })
        }
    }

    /// Passes git's question on to the process that runs the command which git is a part of.
    private func ask(_ socket: String, _ session: Session) throws(Failure) -> Report {
        let nothing = Report(json: { [] }, text: { _ in "" })
        guard action == "get" || action == "erase" else { return nothing }
        let world = try session.world()
        let question: [UInt8]
        do throws(Failure) { question = try world.readQuestion() } catch {
            throw Failure(.malformedInput, error.message, hint: error.hint)
        }
        guard let sockets = world.helperSockets else { return nothing }
        do throws(Failure) {
            let reply = try sockets.ask(HelperCall(action: action, question: question), at: socket)
            return Report(secret: reply, json: { [] }, text: { _ in "" })
        } catch {
            // git must go on to its own words for having nothing.
            return Report(notes: [error.description], json: { [] }, text: { _ in "" })
        }
    }

    private func answer(_ action: GitCredentialRequest.Action, _ session: Session) async throws(Failure) -> Report {
        let configuration = try session.configuration()
        let permission: GitCredentialRequest.Permission =
            session.isOff ? .handOn : session.renewsNothing ? .report : .renew
        let mayRenew = action == .get && permission == .renew && configuration.credentials.contains { $0.renew != nil }
        let world = try mayRenew ? session.renewingWorld() : session.world()
        let request = GitCredentialRequest(
            action: action, credentials: try chosen(configuration, world, session), isOnCommandLine: isOnCommandLine,
            permission: permission, defaultDuration: configuration.defaultDuration, margin: configuration.margin,
            quantile: configuration.quantile, isStrict: session.options.isStrict,
            isOffline: session.options.world.isOffline, timeout: session.options.timeout ?? .seconds(10))
        let assembly = RenewalAssembly(session, configuration)
        let origin: TokenReader.Origin? = isOnCommandLine ? .commandLine : nil
        let supply = RenewalFlow(world).supply { credential throws(Failure) in
            var renewal = try assembly.request(for: credential)
            if let origin { renewal.origin = origin }
            return renewal
        }
        let outcome = try await GitCredentialFlow(world, git: session.wiring.git, supply: supply).run(request)
        return Report(secret: outcome.reply, notes: outcome.notes, json: { [] }, text: { _ in "" })
    }

    private var isOnCommandLine: Bool { !tokens.tokenEnv.isEmpty || !tokens.tokenFile.isEmpty }

    /// The credentials that may answer: those named, else all of the configuration, else the CI's own token.
    private func chosen(
        _ configuration: Configuration, _ world: World, _ session: Session
    ) throws(Failure) -> [CredentialConfiguration] {
        let isPlain = !isOnCommandLine && tokens.forge == nil && tokens.apiUrl == nil && tokens.expiresAt == nil
        if isPlain {
            let usable = configuration.credentials.filter { $0.token != nil || $0.renew != nil }
            let named = usable.filter { tokens.credential.isEmpty || tokens.credential.contains($0.name) }
            if !named.isEmpty, tokens.credential.isEmpty || named.count == Set(tokens.credential).count { return named }
            // git asks about every server; without anything to give it is answered with silence.
            let hasOwn = world.pipeline?.tokenVariables.contains { world.variables[$0] != nil } ?? false
            if action != "env", tokens.credential.isEmpty, !hasOwn { return [] }
        }
        // The same rules as everywhere, so that the same words mean the same token.
        let requests = try tokens.credentials(
            configuration, world: world, insecure: session.options.world.allowsInsecureHTTP)
        return requests.map { request in
            let known = isOnCommandLine ? nil : configuration.credentials.first { $0.name == request.name }
            var credential = known ?? CredentialConfiguration(name: request.name, token: request.source)
            credential.forge = request.forge
            credential.apiURL = request.apiURL
            if let end = request.flagExpiry { credential.expiresAt = end }
            return credential
        }
    }
}

extension CredentialCall {
    private func environment(_ session: Session) async throws(Failure) -> Report {
        let form = try EnvironmentForm(export ?? "shell")
        let made = try await made(session)
        let (text, notes) = try form.write(made.variables, session)
        return Report(notes: made.notes + notes, shellText: text, json: { [] }, text: { _ in "" })
    }

    private func made(_ session: Session) async throws(Failure) -> GitEnvironment {
        guard let executable = session.invocation.executable, executable.hasPrefix("/") else {
            throw Failure(.unexpected, "the system does not tell where this program lies")
        }
        let world = try session.world()
        let configuration = try session.configuration()
        let credentials = try chosen(configuration, world, session)
        return try await GitEnvironmentFlow(world, git: session.wiring.git).run(
            GitHelperRequest(
                credentials: credentials, executable: executable, arguments: pins(configuration, session),
                folder: folder(configuration, credentials, session)))
    }

    /// The options that the helper needs in whatever folder git runs it.
    private func pins(_ configuration: Configuration, _ session: Session) -> [String] {
        var words: [String] = []
        if let path = configuration.path, !configuration.isFound { words += ["--config", absolute(path, session)] }
        let state = session.options.world.state ?? session.invocation.variables["OUTLAST_STATE"]
        if let state, session.options.world.state != nil || !isAbsolute(state) {
            words += ["--state", isAbsolute(state) ? state : absoluteState(state, session)]
        }
        for name in tokens.credential { words += ["--credential", name] }
        for name in tokens.tokenEnv { words += ["--token-env", name] }
        for path in tokens.tokenFile { words += ["--token-file", absolute(path, session)] }
        if let forge = tokens.forge { words += ["--forge", forge] }
        if let url = tokens.apiUrl { words += ["--api-url", url] }
        if let end = tokens.expiresAt { words += ["--expires-at", end] }
        if session.options.isStrict { words.append("--strict") }
        if session.options.world.isOffline { words.append("--offline") }
        return words
    }

    /// A configuration that nobody named is looked for in the folder that git runs its helper in, which may be a submodule
    /// of somebody else: it is looked for here instead. To name a file that was found would make it trusted.
    private func folder(
        _ configuration: Configuration, _ credentials: [CredentialConfiguration], _ session: Session
    ) -> String? {
        let isNamed = configuration.path != nil && !configuration.isFound
        let hasRelative = credentials.contains { credential in
            if case .file(let path)? = credential.token { !path.hasPrefix("/") } else { false }
        }
        return isNamed && (isOnCommandLine || !hasRelative) ? nil : session.invocation.workingFolder
    }

    private func absolute(_ path: String, _ session: Session) -> String {
        path.hasPrefix("/") ? path : session.invocation.workingFolder + "/" + path
    }

    private func isAbsolute(_ state: String) -> Bool {
        let path = state.hasPrefix("sqlite:") ? state.dropFirst("sqlite:".count) : state[...]
        return path.hasPrefix("/") || state.hasPrefix("postgres")
    }

    private func absoluteState(_ state: String, _ session: Session) -> String {
        let isMarked = state.hasPrefix("sqlite:")
        let path = isMarked ? String(state.dropFirst("sqlite:".count)) : state
        return (isMarked ? "sqlite:" : "") + session.invocation.workingFolder + "/" + path
    }
}

extension CredentialCall {
    /// The call, when its arguments are plain: the action, first or, as git has it, last, and options in full.
    init?(plain arguments: [String]) {
        guard arguments.first == "credential", arguments.count > 1, let last = arguments.last else { return nil }
        let comesLast = arguments[1].utf8.first == UInt8(ascii: "-")
        let action = comesLast ? last : arguments[1]
        let options = comesLast ? arguments.dropFirst().dropLast() : arguments.dropFirst(2)
        guard let first = action.utf8.first, first != UInt8(ascii: "-"),
            var plain = PlainArguments(["credential"] + options, of: "credential")
        else { return nil }
        self.action = action
        export = plain.option("--export")
        socket = plain.option("--socket")
        tokens = TokenWords(&plain)
        common = CommonWords(&plain)
        guard plain.isUsedUp else { return nil }
    }
}
