// `outlast keep`: arguments to `KeepRequest`. With a command it stays as long as that; without one it goes on in the
// background, in a session of its own, when its first look has succeeded.

import ArgumentParser
import OutlastFlows
import OutlastModel

struct KeepCommand: WorkingCommand {
    static let configuration = CommandConfiguration(
        commandName: "keep", abstract: "Keep a token fresh in the background, and a file that holds it current.",
        usage: """
            outlast keep [<options>] -- <command> ...
            outlast keep --file <path> --until-pid <pid> | --for <duration>
            """,
        discussion: """
            Renews when that is due, as exec does. With a command it ends with the command and its code. With --until-pid \
            or --for it returns when the file is there, and goes on behind the shell that started it until the process is \
            gone or the time is over; SIGTERM ends it cleanly at any time. --foreground stays.
            """)

    @Option(help: ArgumentHelp("The credential of the configuration, where there are several.", valueName: "name"))
    var credential: String?
    @Option(help: ArgumentHelp("Keep the current token in this file (0600), alone.", valueName: "path"))
    var file: String?
    @Option(help: ArgumentHelp("Go on until this process is gone.", valueName: "pid"))
    var untilPid: String?
    @Option(name: .customLong("for"), help: ArgumentHelp("Go on for so long.", valueName: "duration"))
    var time: String?
    @Flag(help: "Do not go into the background.")
    var foreground = false
    @Option(help: ArgumentHelp("In the background, write here what there is to tell.", valueName: "file"))
    var log: String?
    @OptionGroup(title: "Common options") var common: CommonOptions
    @Argument(parsing: .postTerminator, help: ArgumentHelp("The command, behind --.", valueName: "command"))
    var command: [String] = []

    static let emptyReply: [JSONValue.Member] = KeepReply.empty

    /// Whether these arguments are for this command with a command to run.
    static func wraps(_ arguments: [String]) -> Bool { arguments.first == "keep" && arguments.contains("--") }

    func work(in session: Session) async throws(Failure) -> Report {
        let world = try session.renewingWorld()
        let end = try end(world)
        try checkLog(world)
        let configuration = try session.configuration()
        let assembly = RenewalAssembly(session, configuration)
        let chosen = try self.chosen(assembly)
        let request = KeepRequest(
            credential: GitCredentialRequest(
                action: .get, credentials: [chosen], permission: session.renewsNothing ? .report : .renew,
                defaultDuration: configuration.defaultDuration, margin: configuration.margin,
                quantile: configuration.quantile, isStrict: session.options.isStrict,
                isOffline: session.options.world.isOffline, timeout: session.options.timeout ?? .seconds(10)),
            file: file.map { $0.hasPrefix("/") ? $0 : session.invocation.workingFolder + "/" + $0 }, end: end)
        let supply = RenewalFlow(world).supply { credential throws(Failure) in try assembly.request(for: credential) }
        let flow = try KeepFlow(world, supply: supply, request)
        let first = try await flow.look()
        if let failure = first.failure, !session.renewsNothing { throw failure }
        let notes = await flow.warnings + first.notes
        if end == .cancelled {
            return try await wrap(flow, first, notes, configuration, supply, session, world)
        }
        let stateFailure = await flow.stateFailure
        guard foreground else { return try goOn(first, stateFailure, notes, session, world) }
        let tell = teller(world)
        tell(notes)
        let failure = await flow.run(after: first, tell)
        if let failure { throw failure }
        return KeepReply.report(
            first, stateFailure: await flow.stateFailure, file: request.file, process: nil, notes: [])
    }

    /// Behind the shell nobody hears that the log cannot be written: it is tried while somebody does.
    private func checkLog(_ world: World) throws(Failure) {
        guard let log else { return }
        do throws(Failure) { try world.files.append(log, []) } catch {
            throw .usage(
                "the file of --log cannot be written: \(error.message)",
                hint: "name a file in a folder that this user may write")
        }
    }

    private func end(_ world: World) throws(Failure) -> KeepEnd {
        guard [!command.isEmpty, untilPid != nil, time != nil].count(where: { $0 }) == 1 else {
            throw .usage(
                "`keep` ends with a command, with a process, or after a time: give exactly one of them",
                hint: "outlast keep --file TOKEN --until-pid $$, or --for 3h, or -- COMMAND")
        }
        if !command.isEmpty {
            if common.json || common.format == "json" {
                throw .usage("stdout is the command's: `keep` answers nothing there")
            }
            return .cancelled
        }
        guard file != nil else {
            throw .usage("without a command there is nobody to hand the token to", hint: "name a file by --file")
        }
        if let time {
            guard let duration = try ArgumentText.duration(time, "--for", positive: true) else { return .cancelled }
            return .moment(world.clock.now().advanced(by: duration))
        }
        guard let process = untilPid.flatMap({ Int32($0) }), process > 0 else {
            throw .usage("--until-pid takes the number of a process")
        }
        guard world.processTable?.isAlive(process) ?? false else {
            throw .usage("there is no process \(process) to wait for")
        }
        return .process(process)
    }

    private func chosen(_ assembly: RenewalAssembly) throws(Failure) -> CredentialConfiguration {
        if let credential { return try assembly.named(credential) }
        return try assembly.only()
    }

    /// Where lines go that are told later than the reply: to `--log`, else to stderr.
    private func teller(_ world: World) -> @Sendable ([String]) -> Void {
        let (log, files, children, clock) = (log, world.files, world.children, world.clock)
        return { lines in
            for line in lines {
                guard let log else {
                    children?.tell(Secret("outlast: \(line)"))
                    continue
                }
                try? files.append(log, Array("\(clock.now().text) outlast: \(line)\n".utf8))
            }
        }
    }

    /// Runs the command as `exec` does, and looks at the token meanwhile.
    private func wrap(
        _ flow: KeepFlow, _ first: KeptToken, _ notes: [String], _ configuration: Configuration,
        _ supply: @escaping CurrentTokenSupply, _ session: Session, _ world: World
    ) async throws(Failure) -> Report {
        for note in notes { world.children?.tell(Secret("outlast: \(note)")) }
        let request = ExecRequest(
            command: command, credentials: await flow.credentials, areNamed: credential != nil,
            secretVariables: configuration.secretVariables, attempts: 1, executable: session.invocation.executable,
            told: notes)
        let tell = teller(world)
        let looking = Task { await flow.run(after: first, tell) }
        defer { looking.cancel() }
        let outcome = try await ExecFlow(world, git: session.wiring.git, supply: supply).run(request)
        looking.cancel()
        _ = await looking.value
        return Report(childCode: outcome.code)
    }

    /// The same again, in a session of its own: a shell that ends takes its own session with it, not this one.
    private func goOn(
        _ first: KeptToken, _ stateFailure: Failure?, _ notes: [String], _ session: Session, _ world: World
    ) throws(Failure) -> Report {
        guard let executable = session.invocation.executable, let children = world.children else {
            throw Failure(.unexpected, "the system does not tell where this program lies")
        }
        let words = [executable] + session.invocation.arguments + ["--foreground"]
        let process = try children.detach(ChildCommand(words, environment: EnvironmentChange(), tail: nil))
        return KeepReply.report(first, stateFailure: stateFailure, file: file, process: process, notes: notes)
    }
}
