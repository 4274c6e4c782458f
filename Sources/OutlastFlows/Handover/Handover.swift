// Hands values to the job that called, without showing them: proved to be possible before anything is renewed for it.

public import OutlastModel

/// Hands values over in one form.
public struct Handover: Sendable {
    private let world: World
    private let form: ExportForm
    private let allowsPlaintextArtifact: Bool

    /// Prepares for a form; paths in it are absolute.
    ///
    /// - Parameter allowsPlaintextArtifact: whether a dotenv file may lie in the CI's workspace.
    public init(_ world: World, _ form: ExportForm, allowsPlaintextArtifact: Bool = false) {
        self.world = world
        self.form = form
        self.allowsPlaintextArtifact = allowsPlaintextArtifact
    }

    /// Proves that values of these names can be handed over, by writing nothing where they will go. Also removes what
    /// earlier handovers left behind.
    ///
    /// - Throws: `usage` for a form that has no place here, `configuration` where there is no folder for it, and
    ///   `unexpected` for a place that cannot be written.
    public func check(names: [String]) throws(Failure) {
        for name in names where !VariableName.isPlain(name) {
            throw .usage(
                "a variable to export has a name that shells do not take",
                hint: "letters, digits and underscores, not a digit first")
        }
        let places = HandoverFolder(world)
        places.sweep()
        switch form {
        case .shell: try places.check()
        case .pipeline(let id):
            let addition = try addition(names.map { LaterVariable(name: $0, value: Secret("")) }, to: id)
            try world.files.append(addition.path, [])
        case .dotenv(let path):
            if !allowsPlaintextArtifact { try refuseWorkspace(path) }
            try HandoverFile(path, world).check()
        case .file(let path):
            guard names.count == 1 else { throw .usage("--export file:FILE takes one value, not \(names.count)") }
            try HandoverFile(path, world).check()
        }
    }

    /// Hands the values over. `check` must have been called.
    ///
    /// - Throws: `unexpected` when they could not be written; nothing of them is then left behind.
    public func hand(_ values: [HandoverValue]) throws(Failure) -> HandedOver {
        var handed = HandedOver(shellText: nil, masks: masks(for: values))
        switch form {
        case .shell: handed.shellText = try HandoverFolder(world).leave(values)
        case .pipeline(let id):
            let addition = try addition(values.map { LaterVariable(name: $0.name, value: $0.value) }, to: id)
            try world.files.append(addition.path, bytes(of: addition))
        case .dotenv(let path): try writeDotenv(values, path)
        case .file(let path):
            for value in values { try HandoverFile(path, world).write(value.value) }
        }
        return handed
    }

    // MARK: Masks

    /// The CI that reads the log is the one that this runs in; where none does, that of the form.
    private func masks(for values: [HandoverValue]) -> [Secret] {
        guard let pipeline = world.pipeline ?? formsPipeline else { return [] }
        let usual = world.forges.flatMap(\.kinds).compactMap(\.username)
        var forms: [Secret] = []
        for value in values where value.isSecret {
            var users = ["git"]
            for user in usual + [value.username].compactMap({ $0 }) where !users.contains(user) { users.append(user) }
            for form in MaskForms.forms(of: value.value, users: users)
            where !forms.contains(where: { $0.matches(form) }) {
                forms.append(form)
            }
        }
        return pipeline.masks(forms)
    }

    private var formsPipeline: (any Pipeline)? {
        guard case .pipeline(let id) = form else { return nil }
        return world.pipelines.first { $0.id == id }
    }

    // MARK: A CI's file of variables

    private func addition(_ later: [LaterVariable], to id: String) throws(Failure) -> FileAddition {
        let delimiter = SHA256Digest(hashing: world.random(32)).hex
        guard let pipeline = formsPipeline,
            let addition = try pipeline.handover(later, in: world.variables, delimiter: delimiter)
        else {
            throw .usage("\(SafeText.line(id)) takes no variables from a file", hint: "use --export shell or file:FILE")
        }
        return addition
    }

    /// The addition's text, on a line of its own whatever the last writer left.
    private func bytes(of addition: FileAddition) throws(Failure) -> [UInt8] {
        let text = addition.text.withBytes { Array($0) }
        guard let there = try world.files.statusFollowingLinks(of: addition.path), there.sort == .file, there.size > 0,
            // A file that is too large to be read is not one to be picky about.
            let old = try? world.files.read(addition.path, limit: 1 << 20), old.last != UInt8(ascii: "\n")
        else { return text }
        return [UInt8(ascii: "\n")] + text
    }

    // MARK: Dotenv files

    private func writeDotenv(_ values: [HandoverValue], _ path: String) throws(Failure) {
        let file = HandoverFile(path, world)
        var text = try file.read() ?? Secret("")
        for value in values {
            let isOneLine = value.value.withBytes { $0.allSatisfy { $0 != 10 && $0 != 13 && $0 != 0 } }
            guard isOneLine else {
                throw Failure(
                    .unexpected, "\(value.name) has several lines, which a line of a dotenv file cannot hold",
                    hint: "use --export shell")
            }
            text = DotenvText.text(text, setting: value.name, to: value.value)
        }
        try file.write(text)
    }

    private func refuseWorkspace(_ path: String) throws(Failure) {
        guard let workspace = world.job?.workspace, try HandoverFile(path, world).isBelow(workspace) else { return }
        throw .usage(
            "\(SafeText.line(path)) lies in the CI's workspace, where a file may become an artifact that anyone downloads",
            hint: "name a file outside of \(SafeText.line(workspace)), or say --plaintext-artifact")
    }
}
