// The one place that names every concrete adapter. A new forge, CI, renewal method or publish target is one entry in its
// own target's list; nothing changes here.

import OutlastCLI
import OutlastConfig
import OutlastCrypto
import OutlastFlows
import OutlastForges
import OutlastGit
import OutlastModel
import OutlastPage
import OutlastPipelines
import OutlastStorage
import OutlastSystem

/// The program's version; the tag of its release.
let version = "0.1.0"

/// How the process was called.
func invocation(_ facts: ProcessFacts) -> Invocation {
    Invocation(
        arguments: facts.arguments, variables: facts.variables, workingFolder: facts.folder ?? "/",
        executable: facts.executable,
        outputIsTerminal: facts.terminal.isOutput, columns: facts.terminal.width)
}

/// The ways into the world, each made when a command asks for it.
func wiring(_ facts: ProcessFacts) -> Wiring {
    let variables = facts.variables
    let folder = facts.folder ?? "/"
    let pipeline = Pipelines.current(in: variables)
    let job = pipeline?.context(from: variables)
    let files = SystemFileSystem()
    return Wiring(
        makeWorld: { request throws(Failure) in
            // Lives as long as the world that asks it.
            let signals = request.notesStopSignals ? StopSignals() : nil
            return World(
                clock: SystemClock(), transport: transport(variables, job, request), files: files,
                processes: SystemProcessRunner(withholding: keyVariables), forges: Forges.all, pipeline: pipeline,
                variables: variables,
                methods: RenewalMethods.all, targets: PublishTargets.all, cryptography: OpenSSLCryptography(),
                leases: FileLeases(
                    place: { () throws(Failure) in try leasePlace(request, variables, folder: folder) },
                    stopSignal: { signals?.first }),
                stopSignal: { signals?.first },
                openStore: { openStore($0, request, variables, folder: folder, job: job, files: files) },
                readInput: { () throws(Failure) in try StandardStreams().readInput(limit: TokenReader.largest + 1) },
                random: RandomBytes.make, diagnostician: GitDiagnostician { tokenPrefixes },
                readInputTail: { count throws(Failure) in try StandardStreams().readInputTail(count) },
                pipelines: Pipelines.all, processTable: SystemProcessTable(), deployKeyForges: DeployKeyForges.all,
                ssh: SSHPorts(
                    agents: SystemAgentKeeper(), published: PublishedServers.all, retired: PublishedServers.retired,
                    agentVariables: PublishedServers.processMarks),
                readQuestion: { () throws(Failure) in
                    try StandardStreams().readQuestion(limit: TokenReader.largest + 1)
                }, children: SystemChildRunner(), helperSockets: SystemHelperSockets(),
                sources: SystemByteSources(),
                logs: ForgeLogs.all,
                progress: facts.terminal.isError ? ProgressLine(columns: facts.terminal.width) : nil,
                stream: { bytes throws(Failure) in try StandardStreams().writeOutput(bytes) },
                jobLists: JobLists.all, pages: HistoryPage(version: version))
        },
        loadConfiguration: { named, request throws(Failure) in
            let loader = ConfigurationLoader(
                renewals: RenewalSchemas.all, targets: PublishSchemas.all, forges: Forges.all.map(\.id), files: files)
            return try loader.load(
                ConfigurationRequest(
                    flag: named, variables: variables, workingFolder: folder, job: job,
                    allowInsecureHTTP: request.allowsInsecureHTTP))
        },
        dotenv: { Dotenv.text($0) }, git: Git(), stopSignal: { StopSignals.noted }, tokenPrefixes: tokenPrefixes,
        version: version, starters: Starters.kit)
}

/// What the variables begin with that open the secret cache: no program that we start is to have them.
private let keyVariables = ["OUTLAST_KEY", "OUTLAST_NEW_", "OUTLAST_PASSPHRASE"]

/// What tokens of all kinds begin with.
private var tokenPrefixes: [String] {
    Forges.all.flatMap(\.kinds).flatMap(\.prefixes) + TokenKind.jwt.prefixes
}

private func transport(_ variables: Variables, _ job: JobContext?, _ request: WorldRequest) -> any HTTPTransport {
    if request.isOffline { return NoTransport() }
    let server = job?.apiURL.flatMap { ServerURL($0) }
    var authority: NetworkTransport.ExtraAuthority?
    if let file = job?.serverCAFile, let server {
        authority = NetworkTransport.ExtraAuthority(host: server.origin.host, file: file)
    }
    let transport = NetworkTransport(
        version: version, variables: variables, extraAuthority: authority,
        allowsInsecureHTTP: request.allowsInsecureHTTP)
    keepToTheEnd(transport)
    return transport
}

/// The end of the process takes down what it holds; doing so before, piece by piece, would take time and change nothing.
private func keepToTheEnd(_ adapter: AnyObject) { _ = Unmanaged.passRetained(adapter) }

private func openStore(
    _ access: World.Access, _ request: WorldRequest, _ variables: Variables, folder: String, job: JobContext?,
    files: SystemFileSystem
) -> Result<any HistoryStore, Failure> {
    do throws(Failure) {
        let (location, isDefault) = try stateLocation(request, variables)
        let kinds = Forges.all.flatMap(\.kinds)
        let context = StoreContext(
            now: SystemClock().now(), directory: folder, workspace: job?.workspace,
            isDefaultInJob: isDefault && job != nil, mustExist: access == .existing,
            kinds: { id in kinds.first { $0.id == id } })
        let store = try SQLiteStore.open(
            location, access: access == .readOnly ? .readOnly : .readWrite, files: files, context: context)
        keepToTheEnd(store)
        return .success(store)
    } catch { return .failure(error) }
}

/// Where the state is, and whether nobody named it.
private func stateLocation(
    _ request: WorldRequest, _ variables: Variables
) throws(Failure) -> (location: StateLocation, isDefault: Bool) {
    if let text = request.state { return (try StateLocation(parsing: text, from: .commandLine), false) }
    if let text = variables["OUTLAST_STATE"] { return (try StateLocation(parsing: text, from: .environment), false) }
    guard let location = StateLocation.standard(stateHome: variables["XDG_STATE_HOME"], home: variables["HOME"]) else {
        throw .state(
            "there is no place for the state: neither XDG_STATE_HOME nor HOME is set",
            hint: "name one by --state or OUTLAST_STATE")
    }
    return (location, true)
}

/// The folder of the locks beside the state.
private func leasePlace(
    _ request: WorldRequest, _ variables: Variables, folder: String
) throws(Failure) -> FileLeases.Place {
    let location = try stateLocation(request, variables).location
    return FileLeases.Place(folder: location.leaseFolder(from: folder), sharedWithGroup: location.isSharedWithGroup)
}
