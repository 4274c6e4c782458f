// `init`: observe (git's remote, the CI's variables and files), decide which files, write all of them or none.

public import OutlastModel

/// Begins.
public struct InitFlow: Sendable {
    private let world: World
    private let kit: StarterKit

    /// Runs through these ports.
    public init(_ world: World, kit: StarterKit) {
        self.world = world
        self.kit = kit
    }

    /// Writes the configuration and the template of the repository's CI.
    ///
    /// - Throws: `usage` when no CI was recognised, or a file with another text is in the way.
    public func run(_ request: InitRequest) async throws(Failure) -> InitOutcome {
        let root = await ask(["rev-parse", "--show-toplevel"], in: request.folder) ?? request.folder
        let remote = await ask(["config", "--get", "remote.origin.url"], in: request.folder)
            .flatMap { RepositoryRemote($0) }
        let (starter, reason) = try starter(request, root, remote)
        let facts = StarterFacts(
            forge: try forge(request, remote, ci: starter.id), host: remote?.host, project: remote?.path,
            knowsHostKeys: world.ssh.published.contains { keys in
                remote.map { keys.hosts.contains(StarterFacts.bare($0.host)) } ?? false
            })
        let files = starter.files(facts)
        var begun: [BegunFile] = []
        for file in files {
            begun.append(BegunFile(file: file, status: try status(of: file, in: root, request)))
        }
        for (index, file) in begun.enumerated() where file.status == .planned && !request.isDryRun {
            try write(file.file, in: root)
            begun[index] = BegunFile(file: file.file, status: .written)
        }
        return InitOutcome(
            ci: starter.id, ciReason: reason, facts: facts, root: root, files: begun, next: starter.next(facts))
    }

    private func starter(
        _ request: InitRequest, _ root: String, _ remote: RepositoryRemote?
    ) throws(Failure) -> (any Starter, String) {
        let known = kit.starters.map(\.id).text(joinedBy: ", ")
        if let ci = request.ci {
            guard let found = kit.starters.first(where: { $0.id == ci }) else {
                throw .usage("--ci takes one of \(known)")
            }
            return (found, "--ci")
        }
        if let running = world.pipeline?.id, let found = kit.starters.first(where: { $0.id == running }) {
            return (found, "this is one of its jobs")
        }
        for starter in kit.starters {
            for mark in starter.marks where try world.files.status(of: "\(root)/\(mark)") != nil {
                return (starter, "\(mark) is there")
            }
        }
        if let forge = remote.flatMap({ kit.forgeOfHost($0.host) }),
            let found = kit.starters.first(where: { $0.id == forge })
        {
            return (found, "the remote's host has it")
        }
        throw .usage("no CI was recognised in \(SafeText.line(root))", hint: "say which one: --ci \(known)")
    }

    /// The flag, else what the host's name tells, else the CI's own forge, else the forge that the CI is part of.
    private func forge(_ request: InitRequest, _ remote: RepositoryRemote?, ci: String) throws(Failure) -> String {
        if let forge = request.forge {
            guard world.forge(forge) != nil else {
                throw .usage("--forge takes one of \(world.forges.map(\.id).text(joinedBy: ", "))")
            }
            return forge
        }
        return remote.flatMap { kit.forgeOfHost($0.host) } ?? world.job?.forge ?? world.forge(ci)?.id ?? "generic"
    }

    private func status(
        of file: StarterFile, in root: String, _ request: InitRequest
    ) throws(Failure) -> BegunFile.Status {
        try refuseLinks(above: file.path, in: root)
        let path = "\(root)/\(file.path)"
        guard let there = try world.files.status(of: path) else { return .planned }
        let isSame =
            if there.sort == .file, there.size == Int64(file.text.utf8.count) {
                try world.files.read(path, limit: file.text.utf8.count) == Array(file.text.utf8)
            } else { false }
        if isSame { return .unchanged }
        guard request.isForced || request.isDryRun else {
            throw .usage(
                "\(file.path) is there already, so nothing was written",
                hint: "look at `outlast init --dry-run`; --force overwrites")
        }
        return .planned
    }

    /// A folder that is a link could lead out of the repository.
    private func refuseLinks(above path: String, in root: String) throws(Failure) {
        var folder = root
        for segment in path.split(separator: "/").dropLast() {
            folder += "/" + segment
            guard let status = try world.files.status(of: folder) else { return }
            guard status.sort == .folder else {
                throw .usage("\(SafeText.line(folder)) is no folder, so nothing was written")
            }
        }
    }

    private func write(_ file: StarterFile, in root: String) throws(Failure) {
        let path = "\(root)/\(file.path)"
        if let slash = path.lastIndex(of: "/") {
            try world.files.makeFolder(String(path[..<slash]), permissions: 0o755)
        }
        try world.files.writeAtomically(path, Array(file.text.utf8), permissions: file.permissions)
    }

    /// A line that git answers; nil when it has none, or is not there.
    private func ask(_ words: [String], in folder: String) async -> String? {
        let question = ProcessQuestion(["git", "-C", folder] + words, environment: world.variables.all)
        guard let answer = try? await world.processes.ask(question), answer.code == 0 else { return nil }
        let line = answer.output.withBytes { String(decoding: $0, as: UTF8.self) }.prefix { $0 != "\n" }
        return line.isEmpty ? nil : String(line)
    }
}
