// A job's machine whose forge is served over HTTPS: what the scenes with real git are played on.

import OutlastSandbox
import Testing

/// The machine, its forge and its git.
struct Workplace: Sendable {
    let stage: Stage
    let server: GitServer
    let git: InstalledGit

    var scene: Scene { stage.scene }
    var sandbox: Sandbox { stage.sandbox }

    /// GitLab's API behind the server.
    var api: String { "\(server.url)/api/v4" }

    /// The environment of a job: git and outlast trust the server's CA, as an operator would have told them.
    func variables(_ more: [String: String] = [:]) -> [String: String] {
        let own = [
            "OUTLAST_CONFIG": stage.configuration, "S": server.url, "H": server.place,
            "GIT_SSL_CAINFO": server.authority, "SSL_CERT_FILE": server.authority,
        ]
        return stage.variables.merging(own) { $1 }.merging(git.variables) { $1 }.merging(more) { $1 }
    }

    /// What the scripts share: `make-repository FOLDER` begins one with a commit, `as-usual` makes outlast the helper.
    private static let words = """
        make_repository() {
            mkdir "$1"; cd "$1"; git init -q -b main .; echo "$1" >f; git add f; git commit -q -m f
        }
        use_outlast() { eval "$("$OUTLAST" credential env)"; }

        """

    /// Runs a job's script.
    func job(
        _ script: String, _ more: [String: String] = [:], at location: SourceLocation = #_sourceLocation
    ) async throws -> Run {
        let run = try await scene.shell(Self.words + script, variables(more), at: location)
        for token in sandbox.gitlab.tokens { scene.secret(token.secret) }
        return run
    }

    /// Whether anything was done that cannot be taken back, besides pushes.
    var hasRenewed: Bool {
        sandbox.counters.commits.contains { !$0.key.hasPrefix("git.") && $0.value > 0 }
            || sandbox.log.contains { $0.method != "GET" && !$0.path.contains(".git/") }
    }

    /// The fingerprints of the tokens that came for paths below this one, refused ones too.
    func presented(below path: String, from start: Int = 0) -> Set<String> {
        Set(sandbox.log.dropFirst(start).filter { $0.path.hasPrefix(path) }.compactMap(\.fingerprint))
    }
}

/// Runs a test on such a machine.
func withWorkplace(
    _ git: InstalledGit = .system, proxy: ProxyRule? = nil, at location: SourceLocation = #_sourceLocation,
    _ body: (Workplace) async throws -> Void
) async throws {
    try await withStage(at: location) { stage in
        try await withGitServer(for: stage.sandbox, proxy: proxy) { server in
            try await body(Workplace(stage: stage, server: server, git: git))
        }
    }
}
