// All that a sandbox is told before it starts. It listens on loopback and nowhere else, because it hands out
// secrets to whoever asks.

/// How a sandbox is to start.
public struct SandboxOptions: Sendable {
    /// The port to listen on; 0 for any free one.
    public var port: Int
    /// The loopback address to listen on, `127.0.0.1` or another literal of 127.0.0.0/8, or `::1`.
    public var host: String
    /// The clock to begin with.
    public var clock: SandboxClock
    /// The folder of the git repositories; `nil` for a temporary one that goes with the sandbox.
    public var gitRoot: String?
    /// The `PATH` on which `git` is found; `nil` for the usual folders.
    public var path: String?
    /// Whether to begin with the few users, groups and projects of ``StarterWorld``.
    public var starter: Bool
    /// Seed of all secrets and ids: the same seed gives the same ones in the same order.
    public var seed: UInt64
    /// Settings of the GitLab double.
    public var gitlab: GitLabRules

    /// A sandbox on a free port with a clock that stands still at 2026-11-20T22:10:00Z.
    public init(
        port: Int = 0, host: String = "127.0.0.1",
        clock: SandboxClock = .fixed(SandboxInstant(seconds: 1_795_212_600)), gitRoot: String? = nil,
        path: String? = nil, starter: Bool = true, seed: UInt64 = .random(in: .min ... .max),
        gitlab: GitLabRules = GitLabRules()
    ) {
        self.port = port
        self.host = host
        self.clock = clock
        self.gitRoot = gitRoot
        self.path = path
        self.starter = starter
        self.seed = seed
        self.gitlab = gitlab
    }

    /// Whether `host` is a literal loopback address.
    var isLoopback: Bool {
        let parts = host.split(separator: ".", omittingEmptySubsequences: false)
        let isFour = parts.count == 4 && parts[0] == "127" && parts.allSatisfy { UInt8($0) != nil }
        return host == "::1" || isFour
    }
}
