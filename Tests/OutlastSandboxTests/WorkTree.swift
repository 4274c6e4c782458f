// A throw-away git work tree, driven by the real git with nobody's configuration but its own.
import OutlastSandbox
import Subprocess
import SystemPackage

/// What a git command did.
struct GitResult {
    let status: Int
    let output: String
    let error: String
}

/// A git repository in a temporary folder.
struct WorkTree {
    let path: String

    func git(_ arguments: String...) async throws -> GitResult {
        try await git(arguments)
    }

    func git(_ arguments: [String], tracing: Bool = false) async throws -> GitResult {
        let environment: Environment = .inherit.updating([
            "GIT_TRACE_CURL": tracing ? "1" : "0", "GIT_TRACE_CURL_NO_DATA": "1",
            "GIT_CONFIG_NOSYSTEM": "1", "GIT_CONFIG_GLOBAL": "/dev/null", "GIT_TERMINAL_PROMPT": "0", "LC_ALL": "C",
            "GIT_AUTHOR_NAME": "a", "GIT_AUTHOR_EMAIL": "a@example.invalid", "GIT_COMMITTER_NAME": "a",
            "GIT_COMMITTER_EMAIL": "a@example.invalid", "HOME": path,
        ])
        let result = try await run(
            .name("git"), arguments: Arguments(arguments), environment: environment, workingDirectory: FilePath(path),
            output: .string(limit: 1 << 20), error: .string(limit: 1 << 20))
        var status = -1
        if case .exited(let code) = result.terminationStatus { status = Int(code) }
        return GitResult(status: status, output: result.standardOutput, error: result.standardError)
    }

    /// Commits a file of so many bytes that no packing makes small.
    func commit(file: String, bytes: Int) async throws {
        let descriptor = try FileDescriptor.open(
            FilePath(path).appending(file), .writeOnly, options: [.create, .truncate], permissions: .ownerReadWrite)
        var generator = SystemRandomNumberGenerator()
        let content = (0..<(bytes + 7) / 8).flatMap { _ in
            withUnsafeBytes(of: UInt64.random(in: .min ... .max, using: &generator)) { Array($0) }
        }
        try descriptor.closeAfter { _ = try descriptor.writeAll(content.prefix(bytes)) }
        _ = try await git("add", file)
        _ = try await git("commit", "-q", "-m", "add \(file)")
    }
}

/// Runs `body` with a fresh work tree on branch `main`, and removes it.
func withWorkTree(_ body: (WorkTree) async throws -> Void) async throws {
    let made = try await run(.name("mktemp"), arguments: ["-d"], output: .string(limit: 4096))
    let path = made.standardOutput.split(separator: "\n").first.map(String.init) ?? ""
    let tree = WorkTree(path: path)
    _ = try await tree.git("init", "-q", "-b", "main")
    do {
        try await body(tree)
    } catch {
        _ = try await run(.name("rm"), arguments: ["-rf", path], output: .discarded)
        throw error
    }
    _ = try await run(.name("rm"), arguments: ["-rf", path], output: .discarded)
}

extension Sandbox {
    /// A repository's URL with a token in it.
    func gitURL(_ secret: String, _ repository: String = StarterWorld.projectPath, user: String = "x") -> String {
        "http://\(user):\(secret)@127.0.0.1:\(port)/\(repository).git"
    }
}

/// Standard base64 of text.
func base64(_ text: String) -> String {
    let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/")
    var output = ""
    let bytes = Array(text.utf8)
    for start in stride(from: 0, to: bytes.count, by: 3) {
        let group = bytes[start..<min(start + 3, bytes.count)]
        let bits = group.reduce(0) { $0 << 8 | Int($1) } << (8 * (3 - group.count))
        for index in 0..<4 { output.append(index <= group.count ? alphabet[bits >> (18 - 6 * index) & 63] : "=") }
    }
    return output
}
