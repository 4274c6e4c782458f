// The configurations of repositories that `--local` writes: of the working folder's repository and of the submodules that it
// has, each with a block of lines at its end.

import OutlastModel

/// Writes and restores them.
struct RepositoryFiles: Sendable {
    private static let largest = 4 << 20
    /// How many submodules are looked for, and how deep.
    private static let most = 500
    private static let deepest = 8

    private let world: World

    init(_ world: World) { self.world = world }

    /// The files for the repository of the working folder.
    func find(from folder: String) async throws(Failure) -> [String] {
        let answer = try await world.processes.ask(
            ProcessQuestion(
                ["git", "rev-parse", "--git-common-dir"], environment: world.variables.all, timeout: .seconds(20)))
        let said = answer.output.reveal().split(separator: "\n").first.map(String.init)
        guard answer.code == 0, let said, !said.isEmpty else {
            throw .usage(
                "--local writes the repository's configuration, and the working folder belongs to none",
                hint: "run it in the clone, or use --export")
        }
        let common = said.hasPrefix("/") ? said : "\(folder)/\(said)"
        var files = [common + "/config"]
        submodules(below: common + "/modules", depth: 0, into: &files)
        return files
    }

    private func submodules(below folder: String, depth: Int, into files: inout [String]) {
        guard depth < Self.deepest, files.count < Self.most, let names = try? world.files.names(in: folder) else {
            return
        }
        for name in names.sorted() {
            let path = "\(folder)/\(name)"
            guard let status = try? world.files.status(of: path), status.sort == .folder else { continue }
            let hasHead = (try? world.files.status(of: path + "/HEAD"))?.sort == .file
            if hasHead, (try? world.files.status(of: path + "/config"))?.sort == .file {
                files.append(path + "/config")
                submodules(below: path + "/modules", depth: depth + 1, into: &files)
            } else {
                submodules(below: path, depth: depth + 1, into: &files)
            }
        }
    }

    /// The lines for a file: one that points to our configuration, one for ssh, and one for each address in this very file
    /// that our rules do not know as it is written there: most often it has a token in it.
    func lines(for path: String, folder: JobFolder, command: String, rewrites: GitRewrites) throws(Failure) -> [Secret]
    {
        let file = try read(path)
        var lines = [
            "[include]", "\tpath = \(GitRewrites.quoted(folder.gitConfiguration))", "[core]",
            "\tsshCommand = \(GitRewrites.quoted(command))", "[ssh]", "\tvariant = ssh",
        ].map { Secret($0) }
        for (from, to) in Self.addresses(in: file, rewrites) {
            let rule = SecretBuilder(capacity: from.count + 16)
            rule.append(contentsOf: "\tinsteadOf = \"".utf8)
            rule.append(from)
            rule.append(contentsOf: "\"".utf8)
            lines += [Secret("[url \(GitRewrites.quoted(to))]"), rule.finish()]
        }
        return lines
    }

    /// `https://user:token@host…` in a file, as far as our rules are about the repository, and what it becomes.
    static func addresses(in file: [UInt8], _ rewrites: GitRewrites) -> [(from: Secret, to: String)] {
        var found: [(from: Secret, to: String)] = []
        for line in file.split(separator: UInt8(ascii: "\n")) {
            guard let equals = line.firstIndex(of: UInt8(ascii: "=")),
                let value = Secret.token(trimming: line[(equals + 1)...]), value.isPrintableToken
            else { continue }
            let text = value.reveal()
            guard !text.utf8.contains(UInt8(ascii: "\"")), !text.utf8.contains(UInt8(ascii: "\\")),
                rewrites.address(text) == nil, let to = rewrites.repository(text)
            else { continue }
            if !found.contains(where: { $0.from.matches(value) }) { found.append((value, to)) }
        }
        return found
    }

    /// Adds the lines.
    func add(_ lines: [Secret], to path: String, block: ConfigurationBlock) throws(Failure) {
        let file = try read(path)
        let mode = try world.files.status(of: path)?.permissions ?? 0o644
        try world.files.writeAtomically(path, block.adding(lines, to: file), permissions: mode)
    }

    /// Takes the block out again; nothing happens where there is none.
    func restore(_ file: FallbackManifest.ChangedFile, block: ConfigurationBlock) throws(Failure) {
        try removeUnfinished(beside: file.path)
        guard let status = try world.files.status(of: file.path), status.sort == .file else { return }
        let bytes = try world.files.read(file.path, limit: Self.largest)
        let restored = block.removing(from: bytes) { line in file.lines.contains(Self.digest(line)) }
        guard let restored else { return }
        try world.files.writeAtomically(file.path, restored, permissions: status.permissions)
    }

    /// A run that was killed while it wrote has left the new file beside the old one, under the name of all such files.
    private func removeUnfinished(beside path: String) throws(Failure) {
        guard let slash = path.utf8.lastIndex(of: UInt8(ascii: "/")) else { return }
        let folder = String(path[..<slash])
        for name in (try? world.files.names(in: folder)) ?? [] where HandoverName.isUnfinished(name) {
            try world.files.remove("\(folder)/\(name)")
        }
    }

    static func digest(_ line: some Sequence<UInt8>) -> String { SHA256Digest(hashing: line).hex }

    private func read(_ path: String) throws(Failure) -> [UInt8] {
        guard let status = try world.files.status(of: path), status.sort == .file else {
            throw .configuration(
                "\(SafeText.line(path)) is no plain file, so it is not written to", hint: "use --export instead")
        }
        return try world.files.read(path, limit: Self.largest)
    }
}
