// A forge's other door: sshd with a host key of its own, deploy keys behind a forced command, and LFS by way of
// `git-lfs-authenticate`.

import Foundation
import OutlastSandbox

/// The door.
struct DeployKeyDoor: Sendable {
    /// All that it has made.
    let folder: String
    /// Where it listens on 127.0.0.1.
    let port: Int
    /// Whom keys belong to: the user that runs the tests, since sshd wants one that the machine knows.
    let user: String
    /// The host key, `ssh-ed25519 AAAA…`.
    let hostKey: String

    /// The line that pins it.
    var knownHost: String { "[127.0.0.1]:\(port) \(hostKey)" }
    /// `ssh://USER@127.0.0.1:PORT`.
    var url: String { "ssh://\(user)@127.0.0.1:\(port)" }

    /// Registers a deploy key for repositories such as `group/app.git`.
    func allow(_ publicKey: String, for repositories: [String], canPush: Bool = false) throws {
        let door = "\(Program.repository)/Tests/tools/ssh-door.py \(canPush ? "write" : "read")"
        let words = publicKey.split(whereSeparator: \.isWhitespace).prefix(2).joined(separator: " ")
        let line = "command=\"\(door) \(repositories.joined(separator: " "))\",restrict \(words)\n"
        let file = URL(filePath: "\(folder)/authorized_keys")
        try (Data(contentsOf: file) + Data(line.utf8)).write(to: file)
    }

    /// Takes all deploy keys away.
    func forgetKeys() throws { try Data().write(to: URL(filePath: "\(folder)/authorized_keys")) }

    /// What LFS is told to log in with.
    func lend(user: String, password: String) throws {
        try Data("\(user):\(password)".utf8).write(to: URL(filePath: "\(folder)/lfs-login"))
    }
}

/// Runs a test while the forge's repositories are served over SSH too; `lfs` is where LFS objects are got.
func withDeployKeyDoor(
    for sandbox: Sandbox, lfs: String, _ body: (DeployKeyDoor) async throws -> Void
) async throws {
    let folder =
        FileManager.default.temporaryDirectory.resolvingSymlinksInPath().path + "/outlast-ssh-\(UUID().uuidString)"
    defer { try? FileManager.default.removeItem(atPath: folder) }
    try await withTool("ssh-server.py", [folder, "\(sandbox.gitRoot)/gitlab", lfs]) { told in
        let (user, key) = (told["user"] as? String ?? "", told["host_key"] as? String ?? "")
        try await body(DeployKeyDoor(folder: folder, port: told["port"] as? Int ?? 0, user: user, hostKey: key))
    }
}
