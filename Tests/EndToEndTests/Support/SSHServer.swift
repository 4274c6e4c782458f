// A real sshd on a loopback port, with bare repositories behind keys of which each may read or write some of them, as forges
// have it. Refusals are in the forges' own words.

import Foundation
import Subprocess
import SystemPackage
import Testing

#if canImport(Glibc)
import Glibc
#endif

/// The server.
final class SSHServer: Sendable {
    /// What a key may do.
    enum Access: String, Sendable {
        case write
        /// Refused in GitHub's words when it pushes.
        case readAtGitHub
        /// Refused in GitLab's words when it pushes.
        case readAtGitLab
    }

    /// Where keys, repositories and the log lie.
    let folder: String
    /// A place in memory's stead, with a path that is short enough for sockets.
    let runtime: String
    let port: Int
    /// The only user that this machine certainly has.
    let user = NSUserName()

    private init(folder: String, runtime: String, port: Int) {
        (self.folder, self.runtime, self.port) = (folder, runtime, port)
    }

    /// Starts one beside a scene, whose repositories `group/app` and others have one commit each.
    static func start(beside scene: Scene, repositories: [String] = ["group/app"]) async throws -> SSHServer {
        let folder = scene.vault + "/ssh"
        let runtime = "/tmp/os-\(UUID().uuidString.prefix(8))"
        for path in [folder + "/repos", runtime] {
            try FileManager.default.createDirectory(
                atPath: path, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        }
        let server = SSHServer(folder: folder, runtime: runtime, port: try freePort())
        try await server.prepare(repositories)
        try await server.listen(hostKey: "host")
        return server
    }

    private func prepare(_ repositories: [String]) async throws {
        try Data(Self.forge.utf8).write(to: URL(filePath: folder + "/serve"))
        try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: folder + "/serve")
        try Data().write(to: URL(filePath: folder + "/authorized"))
        for name in ["host", "other"] { _ = try await makeKey(name) }
        for name in repositories { try await add(repository: name) }
    }

    /// Adds a repository with one commit on `main`, which has the one file `f`.
    func add(repository name: String) async throws {
        try await sh(
            """
            git init -q --bare -b main "$D/repos/\(name).git"
            git init -q -b main "$D/first"; cd "$D/first"; echo "\(name)" >f; git add f
            git commit -q -m first; git push -q "$D/repos/\(name).git" main; cd "$D"; rm -rf first
            """)
    }

    /// A key that may be used for some repositories; its file's path.
    func key(_ name: String, _ access: Access = .write, for repositories: [String] = ["group/app"]) async throws
        -> String
    {
        let path = try await makeKey(name)
        let line = try String(contentsOfFile: path + ".pub", encoding: .utf8)
        let command = "\(folder)/serve \(access.rawValue) \(repositories.joined(separator: ","))"
        let all = try String(contentsOfFile: folder + "/authorized", encoding: .utf8)
        try Data((all + "command=\"\(command)\",restrict \(line)").utf8)
            .write(to: URL(filePath: folder + "/authorized"))
        return path
    }

    /// A key that the server does not know.
    func makeKey(_ name: String, type: String = "ed25519", passphrase: String = "") async throws -> String {
        try await sh("ssh-keygen -q -t \(type) -N '\(passphrase)' -C \(name) -f \"$D/\(name)\"")
        return "\(folder)/\(name)"
    }

    /// `ssh-ed25519 AAAA…` of a key.
    func publicKey(_ name: String) throws -> String {
        try String(contentsOfFile: "\(folder)/\(name).pub", encoding: .utf8)
            .split(separator: " ").prefix(2).joined(separator: " ")
    }

    /// The host key, as it is pinned.
    var hostKey: String { (try? publicKey("host")) ?? "" }
    /// The address of a repository.
    func address(_ name: String = "group/app") -> String { "ssh://\(user)@127.0.0.1:\(port)/\(name).git" }

    /// Variables for every run beside this server.
    var variables: [String: String] {
        [
            "XDG_RUNTIME_DIR": runtime, "REPO": address(), "PIN": hostKey, "KEYS": folder, "PORT": String(port),
            "SSHUSER": user,
        ]
    }

    /// Serves with another host key from now on.
    func listen(hostKey name: String) async throws {
        stop()
        let configuration = """
            Port \(port)
            ListenAddress 127.0.0.1
            HostKey \(folder)/\(name)
            AuthorizedKeysFile \(folder)/authorized
            PidFile \(folder)/pid
            UsePAM no
            StrictModes no
            PasswordAuthentication no
            KbdInteractiveAuthentication no
            MaxStartups 100

            """
        try Data(configuration.utf8).write(to: URL(filePath: folder + "/sshd_config"))
        // It insists on this folder where it runs as root.
        try await sh("[ \"$(id -u)\" != 0 ] || mkdir -p /run/sshd; /usr/sbin/sshd -f \"$D/sshd_config\" -E \"$D/log\"")
        try await sh(
            "for i in $(seq 600); do ssh-keyscan -T 1 -p \(port) 127.0.0.1 2>/dev/null | grep -q . && exit 0; sleep 0.1; done; exit 1"
        )
    }

    func stop() {
        guard let text = try? String(contentsOfFile: folder + "/pid", encoding: .utf8),
            let process = Int32(text.trimmingCharacters(in: .whitespacesAndNewlines))
        else { return }
        kill(process, SIGTERM)
        for _ in 0..<500 where kill(process, 0) == 0 { usleep(10_000) }
    }

    /// What lies in the place for keys: the folders of fallbacks.
    var leftovers: [String] {
        let names = try? FileManager.default.contentsOfDirectory(atPath: runtime + "/outlast")
        return (names ?? []).sorted()
    }

    /// The agents that were started below the place for keys.
    var agents: [String] {
        let all = (try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []
        return all.compactMap { name in
            guard Int32(name) != nil, let data = FileManager.default.contents(atPath: "/proc/\(name)/cmdline") else {
                return nil
            }
            let words = String(decoding: data, as: UTF8.self).split(separator: "\0")
            return words.contains { $0.hasPrefix(runtime + "/") } ? name : nil
        }
    }

    /// Whether a process is the agent of a folder in the place for keys.
    func isAgent(_ process: String, of folder: String) -> Bool {
        let line = FileManager.default.contents(atPath: "/proc/\(process)/cmdline") ?? Data()
        return String(decoding: line, as: UTF8.self).contains("\(runtime)/outlast/\(folder)/")
    }

    /// The processes that such agents watch: they stay when an agent is killed alone, as a test may have done.
    var watched: [Int32] {
        let all = (try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []
        return all.compactMap { name in
            guard let process = Int32(name), let data = FileManager.default.contents(atPath: "/proc/\(name)/environ")
            else { return nil }
            let variables = String(decoding: data, as: UTF8.self).split(separator: "\0")
            return variables.contains { $0.hasPrefix("SSH_AUTH_SOCK=\(runtime)/") } ? process : nil
        }
    }

    func remove() {
        stop()
        for process in watched { kill(process, SIGTERM) }
        for agent in agents { kill(Int32(agent) ?? 0, SIGTERM) }
        // They remove their sockets as they end, in the midst of what follows.
        for _ in 0..<500 where !agents.isEmpty { usleep(10_000) }
        try? FileManager.default.removeItem(atPath: runtime)
    }

    @discardableResult
    private func sh(_ script: String) async throws -> String {
        let result = try await Subprocess.run(
            .path("/bin/sh"), arguments: ["-euc", script],
            environment: .custom([
                "D": folder, "PATH": "/usr/bin:/bin:/usr/sbin:/sbin", "GIT_CONFIG_NOSYSTEM": "1", "HOME": folder,
                "GIT_AUTHOR_NAME": "a", "GIT_AUTHOR_EMAIL": "a@example.invalid", "GIT_COMMITTER_NAME": "a",
                "GIT_COMMITTER_EMAIL": "a@example.invalid",
            ]), input: .none, output: .string(limit: 1 << 16), error: .string(limit: 1 << 16))
        #expect(result.terminationStatus.isSuccess, "\(script)\n\(result.standardError)")
        return result.standardOutput
    }

    private static func freePort() throws -> Int {
        let socket = Glibc.socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(socket) }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let found = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { plain in
                bind(socket, plain, length) == 0 && getsockname(socket, plain, &length) == 0
            }
        }
        try #require(found)
        return Int(UInt16(bigEndian: address.sin_port))
    }

    /// What runs for every connection: `serve ACCESS REPOSITORY,…`
    private static let forge = """
        #!/bin/sh
        access=$1 allowed=$2
        eval "set -- $SSH_ORIGINAL_COMMAND"
        path=${2#/} path=${path%.git}
        case ",$allowed," in *",$path,"*) ;; *) echo 'ERROR: Repository not found.' >&2; exit 1 ;; esac
        repository=$(dirname "$0")/repos/$path.git
        case $1:$access in
            git-lfs-authenticate:*) [ -e "$(dirname "$0")/lfs" ] && echo '{"href":"https://git.example.com/lfs"}' ;;
            git-upload-pack:*) exec git-upload-pack "$repository" ;;
            git-receive-pack:write) exec git-receive-pack "$repository" ;;
            git-receive-pack:readAtGitHub)
                echo 'ERROR: The key you are authenticating with has been marked as read only.' >&2; exit 1 ;;
            git-receive-pack:readAtGitLab)
                echo 'remote: ERROR: This deploy key does not have write access to this project.' >&2; exit 1 ;;
            *) echo 'disallowed command' >&2; exit 1 ;;
        esac

        """
}

/// Runs a test on a machine of its own beside an sshd. The private keys of the server's folder are looked for afterwards.
func withSSH(
    _ repositories: [String] = ["group/app"], at location: SourceLocation = #_sourceLocation,
    _ body: (Scene, SSHServer) async throws -> Void
) async throws {
    try await withScene(at: location) { scene in
        let server = try await SSHServer.start(beside: scene, repositories: repositories)
        defer { server.remove() }
        try await body(scene, server)
        #expect(server.agents == [] || !server.leftovers.isEmpty, sourceLocation: location)
    }
}

extension Scene {
    /// A key's middle lines are to turn up nowhere from now on.
    func guardKey(_ path: String) throws {
        let lines = try String(contentsOfFile: path, encoding: .utf8).split(separator: "\n")
        for line in lines.dropFirst(2).dropLast() { secret(String(line)) }
    }
}
