// The SSH fallback: observe (leftovers, pins, keys), plan, make what the manifest names, prove it, and only then say yes.

public import OutlastModel

/// Activates, shows and ends fallbacks.
public struct SSHFallbackFlow: Sendable {
    private let world: World
    private let git: any GitInterface
    private let folders: JobFolders
    private let undoing: FallbackUndoing
    private let record: FallbackRecord

    /// Runs through these ports.
    ///
    /// - Parameter history: the store of a run that has opened it already.
    public init(_ world: World, git: any GitInterface, history: (any HistoryStore)? = nil) {
        record = FallbackRecord(world, history)
        self.world = world
        self.git = git
        folders = JobFolders(world)
        undoing = FallbackUndoing(world)
    }

    /// Takes away what earlier jobs left, then makes a fallback and proves it. When that fails, nothing of it stays.
    ///
    /// - Throws: `sshUnproved` (30) when git does not get there; `usage` (64), `malformedInput` (65) and `configuration`
    ///   (78) for what was asked.
    public func activate(_ request: SSHFallbackRequest) async throws(Failure) -> SSHFallbackOutcome {
        do throws(Failure) {
            var outcome = try await make(request)
            if outcome.isActive { outcome.notes += record.write(.active, of: outcome.ways) }
            return outcome
        } catch {
            // What cannot be kept either is no news beside this.
            if !request.isRehearsal { _ = record.write(error) }
            throw error
        }
    }

    private func make(_ request: SSHFallbackRequest) async throws(Failure) -> SSHFallbackOutcome {
        let here = await here(request.folder)
        var notes = await sweep(here)
        let ways = try SSHPlan.make(request, try await facts(request))
        var earlier = request.isOfProcess || request.isRehearsal ? [] : own(here)
        // Its lines in the repository would be read first, and lead elsewhere than what is to be proved.
        for (folder, manifest) in earlier where leadsElsewhere(manifest, ways) {
            notes += await undoing.undo(folder, manifest).map(\.message)
            notes.append("the earlier fallback of this job went other ways: it was taken back first")
            earlier.removeAll { $0.folder == folder }
        }
        var activation = FallbackActivation(world, request, ways, here, folders)
        try await activation.observe()
        var outcome: SSHFallbackOutcome
        do throws(Failure) {
            try await activation.make(addresses: try await addresses())
            outcome = try await activation.prove()
            if request.isRehearsal {
                notes += await undo(activation)
                outcome.isActive = false
                (outcome.environment, outcome.unset, outcome.names, outcome.endsAt) = ([], [], [], nil)
            } else {
                try world.stopIfAsked()
                // Two at once would stand in each other's way: the one that is proved takes the other's place.
                for (folder, manifest) in earlier { notes += await undoing.undo(folder, manifest).map(\.message) }
                outcome.files = try await activation.finish(previous: earlier.first?.manifest?.previous)
            }
        } catch {
            let left = await undo(activation)
            guard left.isEmpty else {
                throw Failure(error.code, "\(error.message); \(left.text(joinedBy: "; "))", hint: error.hint)
            }
            throw error
        }
        outcome.notes = notes + activation.notes + outcome.notes
        return outcome
    }

    /// Ends what `activate` made for one process.
    ///
    /// - Returns: what could not be taken away.
    public func deactivate(_ outcome: SSHFallbackOutcome) async -> [Failure] {
        guard let path = outcome.folder else { return [] }
        let folder = JobFolder(path: path)
        return await undoing.undo(folder, folders.read(folder))
    }

    /// Takes away all that was made for this job, and what earlier jobs left.
    ///
    /// - Parameter canUnset: Whether the variables can be taken away where they are going.
    /// - Throws: what kept something from being taken away.
    public func off(folder: String, canUnset: Bool = true) async throws(Failure) -> SSHFallbackOutcome {
        let here = await here(folder)
        var outcome = SSHFallbackOutcome(isActive: false)
        outcome.notes = await sweep(here)
        var previous: [String: String] = [:]
        var handedOn: [String] = []
        var failures: [Failure] = []
        let all = own(here)
        for (folder, manifest) in all {
            previous = manifest?.previous ?? previous
            handedOn += manifest?.environment ?? []
            outcome.files += manifest?.files.map(\.path) ?? []
            failures += await undoing.undo(folder, manifest)
        }
        let environment = FallbackEnvironment(
            without: world.variables, previous: previous, canUnset: canUnset, handedOn: Set(handedOn),
            isOurs: JobFolder.isFile)
        (outcome.environment, outcome.unset) = (environment.variables, environment.unset)
        outcome.wasThere = !all.isEmpty || !environment.variables.isEmpty || !environment.unset.isEmpty
        if let failure = failures.first {
            throw Failure(
                failure.code, failures.map(\.message).text(joinedBy: "; "), hint: failure.hint)
        }
        if !all.isEmpty { outcome.notes += record.write(.off, of: all.flatMap { $0.manifest?.ways ?? [] }) }
        return outcome
    }

    /// What is there for this job.
    public func status(folder: String) async -> SSHFallbackOutcome {
        let here = await here(folder)
        let found = own(here).compactMap { entry in entry.manifest.map { (entry.folder, $0) } }
            .filter { $0.1.stage == .active }
        guard let (folder, manifest) = found.last else { return SSHFallbackOutcome(isActive: false) }
        var outcome = SSHFallbackOutcome(isActive: true)
        outcome.ways = manifest.ways
        outcome.endsAt = manifest.endsAt
        outcome.hasAgent = manifest.hasAgent
        outcome.files = manifest.files.map(\.path)
        outcome.names = manifest.environment
        outcome.folder = folder.path
        if manifest.endsAt <= world.clock.now() {
            outcome.isActive = false
            outcome.notes.append("its lifetime is over")
        } else if manifest.hasAgent, world.ssh.agents?.isRunning(socket: folder.socket) == false {
            outcome.isActive = false
            outcome.notes.append("its agent has ended, so its key is gone: run `outlast ssh-fallback` again")
        }
        return outcome
    }

    // MARK: Facts

    /// Where this runs. Outside a CI the whole working tree is one place, in whatever folder of it one stands.
    private func here(_ folder: String) async -> FallbackPlace {
        guard world.job == nil else { return folders.here(folder) }
        return folders.here(await workingTree() ?? folder)
    }

    /// The top of the working tree that one stands in.
    private func workingTree() async -> String? {
        let question = ProcessQuestion(
            ["git", "rev-parse", "--show-toplevel"], environment: world.variables.all, timeout: .seconds(20))
        let answer = try? await world.processes.ask(question)
        let top = answer.flatMap { $0.code == 0 ? $0.output.reveal().split(separator: "\n").first : nil }
        return top.map(String.init)
    }

    /// What was made for this job, and what the environment points to, the oldest first.
    private func own(_ here: FallbackPlace) -> [(folder: JobFolder, manifest: FallbackManifest?)] {
        let command = world.variables["GIT_SSH_COMMAND"] ?? ""
        return folders.all().filter { folder, manifest in
            guard let manifest, !manifest.isOfProcess else { return false }
            return manifest.belongs(to: here) || command.contains("'\(folder.sshConfiguration)'")
        }
        .sorted { ($0.manifest?.madeAt ?? Instant(seconds: 0)) < ($1.manifest?.madeAt ?? Instant(seconds: 0)) }
    }

    /// Whether an earlier fallback has written lines into repositories that are about other ways than these.
    private func leadsElsewhere(_ manifest: FallbackManifest?, _ ways: [PlannedWay]) -> Bool {
        guard let manifest, !manifest.files.isEmpty else { return false }
        return !manifest.ways.map(\.route).elementsEqual(ways.map { SSHPlan.way($0).route }) { $0 == $1 }
    }

    private func sweep(_ here: FallbackPlace) async -> [String] {
        var notes: [String] = []
        for (folder, manifest) in folders.leftovers(here) {
            notes += await undoing.undo(folder, manifest).map { "left by an earlier job: \($0.message)" }
        }
        return notes
    }

    private func undo(_ activation: FallbackActivation) async -> [String] {
        guard let folder = activation.folder else { return [] }
        return await undoing.undo(folder, folders.read(folder) ?? activation.manifest).map(\.message)
    }

    private func facts(_ request: SSHFallbackRequest) async throws(Failure) -> SSHPlanFacts {
        var claims: [[HostPattern]] = []
        for credential in request.credentials { claims.append(await GitClaims(world).hosts(of: credential)) }
        let remotes = try await settings().compactMap { setting in
            setting.key.hasPrefix("http.") ? nil : GitRemote(setting.value.reveal())
        }
        var project: GitRemote?
        if let identity = world.job?.identity, !identity.server.isEmpty {
            project = GitRemote("https://\(identity.server)/\(identity.project).git")
        }
        return SSHPlanFacts(claims: claims, remotes: remotes, project: project)
    }

    private func settings() async throws(Failure) -> [GitSetting] {
        let answer = try await world.processes.ask(
            ProcessQuestion(
                git.settingsQuestion, environment: world.variables.all, timeout: .seconds(20),
                largestOutput: 1 << 22))
        return answer.code == 0 ? git.settings(answer.output) : []
    }

    /// All addresses that the working folder's repository knows, those of submodules that are not there yet included.
    private func addresses() async throws(Failure) -> VisibleAddresses {
        VisibleAddresses(
            settings: try await settings(), modules: await modules(),
            tokenPrefixes: world.forges.flatMap(\.kinds).flatMap(\.prefixes))
    }

    private func modules() async -> [GitSetting] {
        guard let top = await workingTree() else { return [] }
        let path = top + "/.gitmodules"
        guard let status = try? world.files.status(of: path), status.sort == .file else { return [] }
        let answer = try? await world.processes.ask(
            ProcessQuestion(
                ["git", "config", "--null", "--file", path, "--get-regexp", #"^submodule\..*\.url$"#],
                environment: world.variables.all, timeout: .seconds(20), largestOutput: 1 << 20))
        return answer.map { $0.code == 0 ? git.settings($0.output) : [] } ?? []
    }
}
