// The steps that make a fallback. Each is written into the manifest before it is taken.

import OutlastModel

/// One fallback on its way.
struct FallbackActivation: Sendable {
    private static let usualLife = Duration.seconds(6 * 3600)
    private static let longestLife = Duration.seconds(7 * 24 * 3600)

    private let world: World
    private let request: SSHFallbackRequest
    private let ways: [PlannedWay]
    private let folders: JobFolders
    private var keys: [UsableKey] = []
    private var pins: [HostKeyPins] = []
    private var environment = FallbackEnvironment()
    private var rewrites: GitRewrites
    private(set) var folder: JobFolder?
    private(set) var manifest: FallbackManifest
    private(set) var notes: [String] = []

    init(
        _ world: World, _ request: SSHFallbackRequest, _ ways: [PlannedWay], _ here: FallbackPlace,
        _ folders: JobFolders
    ) {
        self.world = world
        self.request = request
        self.ways = ways
        self.folders = folders
        rewrites = GitRewrites(ways.map(\.route))
        let now = world.clock.now()
        manifest = FallbackManifest(
            stage: .making, place: here, isOfProcess: request.isOfProcess, maker: world.ssh.agents?.thisProcess(),
            madeAt: now, endsAt: now.advanced(by: Self.life(request, world, at: now)))
    }

    /// What was asked for, else what the job may still run, else 6 h.
    private static func life(_ request: SSHFallbackRequest, _ world: World, at now: Instant) -> Duration {
        if let asked = request.lifetime { return min(asked, longestLife) }
        guard let timeout = world.job?.timeout else { return usualLife }
        let gone = world.job?.startedAt.map { max(.zero, $0.duration(to: now)) } ?? .zero
        return max(.seconds(600), timeout - gone + .seconds(600))
    }

    // MARK: Before anything is made

    /// Reads keys and pins: what is wrong with them is told before anything is made.
    mutating func observe() async throws(Failure) {
        for way in ways {
            if let key = way.key { keys.append(try await SSHKeyReader(world).read(key, for: way.route.name)) }
        }
        for way in ways {
            let (found, more) = try await HostKeyFinder(world).pins(for: way)
            pins.append(found)
            notes += more
        }
        manifest.hasAgent = try await usesAgent()
    }

    /// An agent where there is OpenSSH's, because a key is then in memory alone and ends with it.
    private func usesAgent() async throws(Failure) -> Bool {
        guard request.keyPlace != .file else { return false }
        var hasPrograms = world.ssh.agents != nil && world.ssh.agents?.thisProcess() != nil
        if hasPrograms {
            // `ssh-agent` has no question that starts nothing; the two come together.
            do throws(Failure) {
                _ = try await world.processes.ask(
                    ProcessQuestion(["ssh-add", "-L"], environment: PlainEnvironment.of(world, ["SSH_AUTH_SOCK": "/"])))
            } catch { hasPrograms = false }
        }
        guard !hasPrograms, request.keyPlace == .agent else { return hasPrograms }
        throw .configuration(
            "--agent needs OpenSSH's ssh-agent and ssh-add, and they are not to be had here",
            hint: "install openssh-client, or use --no-agent")
    }

    // MARK: Making

    /// Makes everything that lies in our own folder, and the deploy key.
    mutating func make(addresses: VisibleAddresses) async throws(Failure) {
        manifest.previous = FallbackEnvironment.previous(world.variables, isOurs: JobFolder.isFile)
        manifest.ways = ways.map { SSHPlan.way($0) }
        let folder = try folders.make(manifest, holdsSocket: manifest.hasAgent)
        self.folder = folder
        if request.provisions { try await provision(folder) }
        for (index, way) in ways.indices.map({ ($0, ways[$0]) }) {
            manifest.ways[index].keyFingerprint = keys[index].fingerprint
            try write(pins[index].file(for: way.route.server), to: folder.knownHosts(index))
            try write(keys[index].publicLine + "\n", to: folder.publicKey(index))
        }
        if manifest.hasAgent {
            try await startAgent(folder)
        } else {
            for (index, key) in keys.enumerated() {
                try world.files.writeAtomically(
                    folder.key(index), key.text.withBytes { Array($0) }, permissions: 0o600)
            }
        }
        try write(clientConfiguration(folder), to: folder.sshConfiguration)
        let known = try await existingRules()
        rewrites = GitRewrites(
            ways.map(\.route), existing: known.others, earlier: known.ours, beginnings: addresses.beginnings)
        try write(rewrites.text, to: folder.gitConfiguration)
        let tokens = addresses.rules(rewrites, world.variables, isLocal: request.isLocal)
        notes += tokens.notes
        environment = FallbackEnvironment(
            file: folder.gitConfiguration, rules: tokens.entries, command: command(folder),
            over: world.variables, isOurs: JobFolder.isFile)
    }

    private func write(_ text: String, to path: String) throws(Failure) {
        try world.files.writeAtomically(path, Array(text.utf8), permissions: 0o600)
    }

    private func command(_ folder: JobFolder) -> String {
        SSHClientConfiguration.command(configuration: folder.sshConfiguration)
    }

    private func clientConfiguration(_ folder: JobFolder) -> String {
        let entries = ways.indices.map { index in
            SSHClientEntry(
                route: ways[index].route,
                identityFile: manifest.hasAgent ? folder.publicKey(index) : folder.key(index),
                agent: manifest.hasAgent ? folder.socket : nil, knownHosts: folder.knownHosts(index))
        }
        let own = world.variables["HOME"].flatMap { $0.hasPrefix("/") ? [$0 + "/.ssh/config"] : nil } ?? []
        return SSHClientConfiguration.text(entries, others: own + ["/etc/ssh/ssh_config"])
    }

    // MARK: The agent

    private mutating func startAgent(_ folder: JobFolder) async throws(Failure) {
        guard let agents = world.ssh.agents else {
            throw Failure(.unexpected, "there is nothing to keep an agent with")
        }
        let life = world.clock.now().duration(to: manifest.endsAt)
        var variables = PlainEnvironment.of(world)
        for name in world.ssh.agentVariables { variables[name] = world.variables[name] }
        try agents.start(socket: folder.socket, lifetime: life, variables: variables)
        try await wait(for: agents, at: folder.socket)
        for (index, key) in keys.enumerated() { try await add(key, index, folder, life) }
    }

    private func wait(for agents: any AgentKeeper, at socket: String) async throws(Failure) {
        for _ in 0..<600 {
            if agents.isListening(socket: socket) { return }
            try await world.pause(.milliseconds(20))
        }
        throw Failure(.unexpected, "ssh-agent did not begin to listen", hint: "use --no-agent")
    }

    /// Bound to its server where this OpenSSH can do that (8.9), so that no other server can make use of it.
    private mutating func add(_ key: UsableKey, _ index: Int, _ folder: JobFolder, _ life: Duration)
        async throws(Failure)
    {
        let route = ways[index].route
        // The agent itself ends in time: its keys must not go a part of a second before it.
        let seconds = String(max(1, life.wholeSeconds + 1))
        let bound = [
            "ssh-add", "-q", "-t", seconds, "-H", folder.knownHosts(index), "-h",
            "\(route.user)@\(route.server.knownName)",
            "-",
        ]
        let environment = PlainEnvironment.of(world, ["SSH_AUTH_SOCK": folder.socket])
        if pins[index].authorities.isEmpty {
            let answer = try await ask(bound, key, environment)
            if answer.code == 0 { return }
            notes.append(
                "this OpenSSH cannot bind a key to its server, so the agent's key for \(route.name) is not bound")
        }
        let answer = try await ask(["ssh-add", "-q", "-t", seconds, "-"], key, environment)
        guard answer.code == 0 else {
            throw Failure(
                .unexpected, "ssh-add did not take the key of \(route.name): \(SafeText.line(answer.errors))",
                hint: "use --no-agent")
        }
    }

    private func ask(_ command: [String], _ key: UsableKey, _ environment: [String: String]) async throws(Failure)
        -> ProcessAnswer
    {
        try await world.processes.ask(
            ProcessQuestion(command, environment: environment, input: key.text, timeout: .seconds(30)))
    }

    // MARK: git's settings

    /// The rules that git has already and that ours have to win against.
    private func existingRules() async throws(Failure) -> (others: [GitRewrite], ours: [GitRewrite]) {
        let answer = try await world.processes.ask(
            ProcessQuestion(
                ["git", "config", "--null", "--show-origin", "--get-regexp", #"^url\..*\.(pushinsteadof|insteadof)$"#],
                environment: world.variables.all, timeout: .seconds(20), largestOutput: 1 << 22))
        return ExistingRules.read(answer.output)
    }

    // MARK: The end

    /// Proves every way.
    mutating func prove() async throws(Failure) -> SSHFallbackOutcome {
        guard let folder else { throw Failure(.unexpected, "there is nothing to prove yet") }
        let withheld = ways.compactMap { way in if case .env(let name)? = way.key?.source { name } else { nil } }
        let proof = SSHProof(
            world, folder, variables: environment.variables, withheld: withheld, timeout: request.timeout,
            life: manifest.hasAgent ? (manifest.madeAt, manifest.endsAt) : nil)
        for (index, way) in ways.enumerated() {
            let finding = try await proof.prove(way, pins: pins[index], key: keys[index])
            manifest.ways[index].proved = finding.proved
            let only = pins[index].accepted.count == 1 ? pins[index].accepted.first : nil
            manifest.ways[index].hostKeyFingerprint = finding.hostKey ?? only
            if usesLFS, let note = await proof.lfsNote(way) { notes.append(note) }
        }
        try world.files.removeFolder(folder.proof)
        manifest.environment = request.handsOnEnvironment ? environment.variables.map(\.name) : []
        var outcome = SSHFallbackOutcome(isActive: true)
        outcome.ways = manifest.ways
        outcome.endsAt = end
        outcome.hasAgent = manifest.hasAgent
        (outcome.environment, outcome.unset) = (environment.variables, environment.unset)
        outcome.names = environment.variables.map(\.name)
        outcome.folder = folder.path
        return outcome
    }

    /// Whether the working folder's repository keeps files in LFS.
    private var usesLFS: Bool {
        let bytes = try? world.files.read("\(request.folder)/.gitattributes", limit: 1 << 20)
        return bytes.map { String(decoding: $0, as: UTF8.self).contains("filter=lfs") } ?? false
    }

    /// The end of the fallback, or of a deploy key that ends before it.
    private var end: Instant {
        (manifest.deployKeys.compactMap(\.expiresAt) + [manifest.endsAt]).min() ?? manifest.endsAt
    }

    /// Writes what lies outside of our folder, and declares the fallback active.
    ///
    /// - Returns: the files that were written.
    mutating func finish(previous: [String: String]?) async throws(Failure) -> [String] {
        guard let folder else { throw Failure(.unexpected, "there is nothing to finish") }
        if let previous, manifest.previous.isEmpty { manifest.previous = previous }
        if request.isLocal {
            let repository = RepositoryFiles(world)
            for path in try await repository.find(from: request.folder) {
                let lines = try repository.lines(
                    for: path, folder: folder, command: command(folder), rewrites: rewrites)
                manifest.files.append(
                    FallbackManifest.ChangedFile(
                        path: path,
                        lines: lines.map { line in line.withBytes { RepositoryFiles.digest($0) } }))
                try folders.write(manifest, to: folder)
                try repository.add(lines, to: path, block: ConfigurationBlock(name: folder.name))
            }
        }
        manifest.stage = .active
        try folders.write(manifest, to: folder)
        return manifest.files.map(\.path)
    }
}

extension FallbackActivation {
    /// Makes a key and has the forge register it. The manifest names it by its title before the forge is asked.
    private mutating func provision(_ folder: JobFolder) async throws(Failure) {
        guard let registry = world.ssh.deployKeys, let way = ways.first, let repository = way.repository else {
            throw .usage(
                "--provision needs a forge that takes deploy keys, and a repository", hint: "name it by --repo")
        }
        let title = "outlast \(folder.name.suffix(16))"
        let pair = try world.cryptography.makeSSHKey(comment: title)
        let key = RegisteredKey(
            id: nil, credential: way.credential.name, repository: repository.segments.text(joinedBy: "/"), title: title)
        manifest.deployKeys = [key]
        try folders.write(manifest, to: folder)
        let answer = await registry.register(
            DeployKeyOrder(
                credential: way.credential, repository: key.repository, title: title, publicLine: pair.publicLine,
                canPush: way.needPush, expiresAt: manifest.endsAt))
        let registered: RegisteredKey
        switch answer {
        case .registered(let made): registered = made
        case .refused(let failure):
            // There is nothing to take away.
            manifest.deployKeys = []
            try folders.write(manifest, to: folder)
            throw failure
        case .inDoubt(let failure): throw failure
        }
        manifest.deployKeys = [registered]
        try folders.write(manifest, to: folder)
        let words = pair.publicLine.split(separator: " ").prefix(2).map(String.init)
        keys = [
            UsableKey(text: pair.privateKey, publicLine: words.text(joinedBy: " "), fingerprint: pair.fingerprint)
        ]
    }
}

/// Reads git's own list of rewriting rules.
enum ExistingRules {
    /// `origin NUL key LF value NUL …`
    static func read(_ output: Secret) -> (others: [GitRewrite], ours: [GitRewrite]) {
        var (others, ours): ([GitRewrite], [GitRewrite]) = ([], [])
        let words = output.withBytes { bytes in
            bytes.split(separator: 0).map { String(decoding: $0, as: UTF8.self) }
        }
        for index in stride(from: 0, to: words.count - 1, by: 2) {
            guard let rule = rule(words[index + 1]) else { continue }
            let isOurs = words[index].hasPrefix("file:") && JobFolder.isFile(String(words[index].dropFirst(5)))
            if isOurs { ours.append(rule) } else { others.append(rule) }
        }
        return (others, ours)
    }

    private static func rule(_ entry: String) -> GitRewrite? {
        guard let feed = entry.firstIndex(of: "\n") else { return nil }
        let key = entry[..<feed]
        let value = String(entry[entry.index(after: feed)...])
        let ending = [".pushinsteadof", ".insteadof"].first { key.hasSuffix($0) }
        guard let ending, key.hasPrefix("url."), !value.isEmpty else { return nil }
        return GitRewrite(from: value, to: String(key.dropFirst(4).dropLast(ending.count)))
    }
}
