// `credential env`: what makes ours the only helper for the credentials' servers, for as long as an environment lives.

public import OutlastModel

/// Which helper, for which credentials.
public struct GitHelperRequest: Sendable {
    /// The credentials that shall answer.
    public var credentials: [CredentialConfiguration]
    /// The program's own absolute path.
    public var executable: String
    /// Its arguments without the action, which git appends.
    public var arguments: [String]
    /// The folder that the helper must run in; nil where it does not matter.
    public var folder: String?

    /// Makes a request.
    public init(
        credentials: [CredentialConfiguration], executable: String, arguments: [String], folder: String? = nil
    ) {
        self.credentials = credentials
        self.executable = executable
        self.arguments = arguments
        self.folder = folder
    }
}

/// Makes git's environment.
public struct GitEnvironmentFlow: Sendable {
    private let world: World
    private let git: any GitInterface

    /// Runs through these ports.
    public init(_ world: World, git: any GitInterface) {
        self.world = world
        self.git = git
    }

    /// Collects the servers, looks what git's configuration says about them, and answers with variables to set. Nothing
    /// is changed.
    ///
    /// - Throws: `configuration` (78) when no credential tells a server.
    public func run(_ request: GitHelperRequest) async throws(Failure) -> GitEnvironment {
        let servers = try await servers(of: request.credentials)
        let (settings, note) = await settings()
        var environment = git.environment(
            GitEnvironmentRequest(
                servers: servers, command: Self.line(request), settings: settings, variables: world.variables))
        if let note { environment.notes.append(note) }
        for clash in await GitClaims(world).clashes(of: request.credentials) {
            let names = [clash.first, clash.second].map { SafeText.line(request.credentials[$0].name) }
            environment.notes.append(
                "\(names[1]) is passed over for \(clash.pattern.text): \(names[0]) answers there, which stands before it"
            )
        }
        return environment
    }

    private func servers(of credentials: [CredentialConfiguration]) async throws(Failure) -> [GitServer] {
        var servers: [GitServer] = []
        for credential in credentials {
            for pattern in await GitClaims(world).hosts(of: credential) {
                for origin in pattern.origins {
                    let known = servers.firstIndex { $0.origin == origin }
                    let usesPath = !pattern.path.isEmpty || known.map { servers[$0].usesPath } ?? false
                    let server = GitServer(origin: origin, usesPath: usesPath)
                    if let known { servers[known] = server } else { servers.append(server) }
                }
            }
        }
        guard !servers.isEmpty else {
            throw .configuration(
                "no credential tells which server it is for",
                hint: "give it `api_url` or `hosts` in the configuration, or --api-url on the command line")
        }
        return servers
    }

    private func settings() async -> ([GitSetting], String?) {
        let question = ProcessQuestion(
            git.settingsQuestion, environment: world.variables.all, timeout: .seconds(20), largestOutput: 1 << 22)
        do throws(Failure) {
            let answer = try await world.processes.ask(question)
            // 1 says that there is no such setting.
            guard answer.code <= 1 else {
                return (
                    [],
                    "git's own configuration could not be read, so headers and addresses with old tokens stay: \(SafeText.line(answer.errors))"
                )
            }
            return (git.settings(answer.output), nil)
        } catch {
            return ([], "git's own configuration could not be read: \(error.message)")
        }
    }

    /// A line for git's shell. The exclamation mark lets it begin with a quoted path.
    private static func line(_ request: GitHelperRequest) -> String {
        let words =
            [ShellWord.quoted(request.executable), "credential"]
            + request.arguments.map { isPlain($0) ? $0 : ShellWord.quoted($0) }
        let run = words.text(joinedBy: " ")
        return "!" + (request.folder.map { "cd \(ShellWord.quoted($0)) && " } ?? "") + run
    }

    /// Whether a shell takes a word as it is.
    private static func isPlain(_ word: String) -> Bool {
        !word.isEmpty
            && word.utf8.allSatisfy {
                (65...90).contains($0) || (97...122).contains($0) || (45...57).contains($0) || $0 == UInt8(ascii: "_")
            }
    }
}

extension HostPattern {
    /// The servers that are meant: over `https`, and over `http` for a literal loopback address.
    fileprivate var origins: [Origin] {
        let written = HostPattern(host: host, port: port, path: []).text
        let secure = ServerURL("https://" + written)?.origin
        let plain = ServerURL("http://" + written)?.origin
        return [secure, plain.flatMap { $0.isLoopback ? $0 : nil }].compactMap { $0 }
    }
}
