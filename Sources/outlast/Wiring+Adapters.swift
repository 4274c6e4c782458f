// The one place that names every concrete adapter. A new forge, CI, renewal method or publish target is one entry in its
// own target's list; nothing changes here.

import OutlastCLI
import OutlastConfig
import OutlastCrypto
import OutlastFlows
import OutlastForges
import OutlastModel
import OutlastPipelines
import OutlastStorage
import OutlastSystem

/// The program's version; the tag of its release.
let version = "0.1.0"

/// How the process was called.
func invocation(_ facts: ProcessFacts) -> Invocation {
    Invocation(
        arguments: facts.arguments, variables: facts.variables, workingFolder: facts.folder ?? "/",
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
            World(
                clock: SystemClock(), transport: transport(variables, job, request), files: files,
                processes: SystemProcessRunner(), forges: Forges.all, pipeline: pipeline, variables: variables,
                methods: [], targets: [], cryptography: OpenSSLCryptography(), leases: NoLeases(), stopSignal: { nil },
                openStore: { openStore($0, request, variables, folder: folder, job: job, files: files) },
                readInput: { () throws(Failure) in try StandardStreams().readInput(limit: TokenReader.largest + 1) },
                random: RandomBytes.make)
        },
        loadConfiguration: { named, request throws(Failure) in
            let loader = ConfigurationLoader(
                renewals: RenewalSchemas.all, targets: PublishSchemas.all, forges: Forges.all.map(\.id), files: files)
            return try loader.load(
                ConfigurationRequest(
                    flag: named, variables: variables, workingFolder: folder, job: job,
                    allowInsecureHTTP: request.allowsInsecureHTTP))
        },
        dotenv: { Dotenv.text($0) }, tokenPrefixes: tokenPrefixes, version: version)
}

/// What tokens of all kinds begin with.
private var tokenPrefixes: [String] {
    Forges.all.flatMap(\.kinds).flatMap(\.prefixes) + TokenKind.jwt.prefixes
}

private func transport(_ variables: Variables, _ job: JobContext?, _ request: WorldRequest) -> NetworkTransport {
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
        var location = try request.state.map { text throws(Failure) in
            try StateLocation(parsing: text, from: .commandLine)
        }
        if location == nil, let text = variables["OUTLAST_STATE"] {
            location = try StateLocation(parsing: text, from: .environment)
        }
        let isDefault = location == nil
        let standard = StateLocation.standard(stateHome: variables["XDG_STATE_HOME"], home: variables["HOME"])
        guard let location = location ?? standard else {
            throw .state(
                "there is no place for the state: neither XDG_STATE_HOME nor HOME is set",
                hint: "name one by --state or OUTLAST_STATE")
        }
        let kinds = Forges.all.flatMap(\.kinds)
        let context = StoreContext(
            now: SystemClock().now(), directory: folder, workspace: job?.workspace,
            isDefaultInJob: isDefault && job != nil, kinds: { id in kinds.first { $0.id == id } })
        let store = try SQLiteStore.open(
            location, access: access == .readWrite ? .readWrite : .readOnly, files: files, context: context)
        keepToTheEnd(store)
        return .success(store)
    } catch { return .failure(error) }
}

/// Until renewals are wired.
private struct NoLeases: LeaseKeeper {
    func acquire(_ name: String, wait: Duration) async throws(Failure) -> any Lease {
        throw Failure(.leaseHeld, "this build takes no leases")
    }
}
