// A file that holds the token and nothing else, for its owner alone; written whole or not at all.
import OutlastModel

/// The target `file`.
struct FileTarget: PublishTarget {
    let canBeRead = true

    var schema: SettingsSchema { PublishSchemas.file }

    func label(_ settings: Settings) -> String { SafeText.line("file \(settings.text("path") ?? "")", limit: 300) }

    func check(_ context: PublishContext) async throws(Failure) {
        try PublishedFile(context, label: label(context.settings), mustBeAbsolute: true).check()
    }

    func publish(_ token: Secret, _ context: PublishContext) async throws(Failure) {
        let file = try PublishedFile(context, label: label(context.settings), mustBeAbsolute: true)
        try file.check()
        try file.write(token)
        guard let back = try await read(context), back.matches(token) else {
            throw context.refused(file.label, "another value than the one just written is there")
        }
    }

    func read(_ context: PublishContext) async throws(Failure) -> Secret? {
        let file = try PublishedFile(context, label: label(context.settings), mustBeAbsolute: true)
        return Secret.token(trimming: try file.read() ?? [])
    }
}

/// A file of ours that holds a secret.
struct PublishedFile: Sendable {
    /// Larger files are none of ours.
    static let largest = 1 << 20

    let label: String
    private let path: String
    private let context: PublishContext

    init(_ context: PublishContext, label: String, mustBeAbsolute: Bool) throws(Failure) {
        self.label = label
        self.context = context
        path = try context.needed("path", label)
        guard !mustBeAbsolute || path.hasPrefix("/") else {
            throw .configuration(
                "`path` of \(label) is not absolute", hint: "what a relative path means depends on who reads it")
        }
        guard !path.hasSuffix("/"), !path.utf8.contains(0) else {
            throw .configuration("`path` of \(label) names no file", hint: "write the file's whole path")
        }
    }

    /// Whether there is a folder for it, and nothing in its place that is no file. A link there is replaced, not followed.
    func check() throws(Failure) {
        if let there = try context.files.status(of: path), there.sort == .folder || there.sort == .other {
            throw context.refused(label, "something that is no file is in its place")
        }
        guard path.contains("/") else { return }
        let parent = path.split(separator: "/", omittingEmptySubsequences: false).dropLast().joined(separator: "/")
        guard let folder = try context.files.statusFollowingLinks(of: parent.isEmpty ? "/" : parent),
            folder.sort == .folder
        else {
            throw context.refused(label, "its folder is not there", hint: "make it: mkdir -p, mode 0700")
        }
    }

    /// The bytes; nil when there is no file, or a link.
    func read() throws(Failure) -> [UInt8]? {
        guard let there = try context.files.status(of: path), there.sort == .file else { return nil }
        return try context.files.read(path, limit: Self.largest)
    }

    func write(_ content: Secret) throws(Failure) {
        try context.files.writeAtomically(path, content.withBytes { Array($0) }, permissions: 0o600)
    }
}
