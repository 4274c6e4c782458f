// Which file is the configuration (contract, section 2), and whether somebody chose it.
import OutlastModel

/// Looks for the file.
struct ConfigurationFinder {
    /// A file to be read.
    struct Hit: Hashable {
        let path: String
        let isFound: Bool
    }

    let files: any FileSystem

    private static let foundName = ".outlast.yml"

    /// The file; nil when there is none.
    func find(_ request: ConfigurationRequest) throws(Failure) -> Hit? {
        let folder = LexicalPath(request.workingFolder)
        if let named = request.named { return try self.named(named, from: folder) }
        let root = try repositoryRoot(of: folder)
        // Without a repository only the working folder itself counts: others can write to the folders above (`/tmp`).
        for candidate in folder.upwards(to: root ?? folder) {
            let path = candidate.appending(Self.foundName).text
            guard let status = try files.status(of: path) else { continue }
            try refuseUnlessPlain(status, path)
            return Hit(path: path, isFound: true)
        }
        return try own(request, root: root)
    }

    private func named(_ named: ConfigurationRequest.Named, from folder: LexicalPath) throws(Failure) -> Hit {
        guard !named.path.isEmpty else { throw .configuration("\(named.by) names no file", hint: "give it a path") }
        // The content of the file in place of its path: it may hold anything, so none of it is shown.
        guard !named.path.utf8.contains(UInt8(ascii: "\n")) else {
            throw .configuration(
                "\(named.by) holds a text where a file's path is expected",
                hint: "in GitLab give the variable the type File")
        }
        let path = named.path.utf8.first == UInt8(ascii: "/") ? named.path : folder.appending(named.path).text
        guard let status = try files.statusFollowingLinks(of: path) else {
            throw .configuration(
                "\(named.by) names a file that is not there\(Self.shown(named.path).map { ": \($0)" } ?? "")",
                hint: "check the path, or unset \(named.by)")
        }
        guard status.sort != .folder else {
            throw .configuration("\(named.by) names a folder: \(SafeText.line(named.path))", hint: "name a file")
        }
        return Hit(path: path, isFound: false)
    }

    /// What is certainly a path. Anything else in the variable may be a token or a key that a CI has put there.
    private static func shown(_ path: String) -> String? {
        let isPath = path.hasPrefix("/") || path.hasPrefix("./") || path.hasPrefix("../")
        let isFile = path.hasSuffix(".yml") || path.hasSuffix(".yaml")
        return isFile || isPath && !path.hasSuffix("=") && !PastedToken.isCertain(path) ? SafeText.line(path) : nil
    }

    // The user's own file. One that lies in the working tree after all (some CI jobs put their home there) is found.
    private func own(_ request: ConfigurationRequest, root: LexicalPath?) throws(Failure) -> Hit? {
        guard let folder = request.configurationFolder else { return nil }
        let path = LexicalPath(folder).appending("outlast/config.yml")
        guard let status = try files.statusFollowingLinks(of: path.text), status.sort != .folder else { return nil }
        let trees = [root, request.workspace.map { LexicalPath($0) }].compactMap { $0 }
        let isFound = trees.contains { path.isInside($0) }
        if isFound, let status = try files.status(of: path.text) { try refuseUnlessPlain(status, path.text) }
        return Hit(path: path.text, isFound: isFound)
    }

    // A link in a working tree can point at any file of the runner, and mistakes found in that file would be printed.
    private func refuseUnlessPlain(_ status: FileStatus, _ path: String) throws(Failure) {
        guard status.sort != .file else { return }
        let sort = status.sort == .link ? "a symbolic link" : status.sort == .folder ? "a folder" : "no plain file"
        throw .configuration(
            "\(SafeText.line(path)) is \(sort), and a configuration found in the working tree must be a plain file",
            hint: "name the file by --config or OUTLAST_CONFIG")
    }

    private func repositoryRoot(of folder: LexicalPath) throws(Failure) -> LexicalPath? {
        for candidate in folder.upwards(to: LexicalPath("/")) {
            // A folder in a clone, a file in a worktree or submodule.
            if try files.status(of: candidate.appending(".git").text) != nil { return candidate }
        }
        return nil
    }
}

/// An absolute path without `.`, `..` and empty parts. Links are not resolved: what was written is compared.
struct LexicalPath: Hashable {
    private let parts: [Substring]

    init(_ text: String) {
        var parts: [Substring] = []
        for part in text.split(separator: "/") where part != "." {
            if part == ".." { _ = parts.popLast() } else { parts.append(part) }
        }
        self.parts = parts
    }

    private init(parts: [Substring]) { self.parts = parts }

    var text: String { "/" + parts.text(joinedBy: "/") }

    func appending(_ relative: String) -> LexicalPath { LexicalPath(text + "/" + relative) }

    func isInside(_ folder: LexicalPath) -> Bool {
        parts.count > folder.parts.count && parts.starts(with: folder.parts)
    }

    /// This folder and its parents, up to and with `top`.
    func upwards(to top: LexicalPath) -> [LexicalPath] {
        var result = [self]
        while let last = result.last, last != top, !last.parts.isEmpty {
            result.append(LexicalPath(parts: Array(last.parts.dropLast())))
        }
        return result
    }
}
