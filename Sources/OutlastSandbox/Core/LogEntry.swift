// The request log answers "who asked what, with which credential, and what was said". It never holds a secret.

/// One request that the sandbox answered (or dropped).
public struct LogEntry: Sendable, Hashable {
    /// The sandbox's clock when the request was taken up.
    public let at: SandboxInstant
    /// The request's method.
    public let method: String
    /// The path without its query, which may hold secrets.
    public let path: String
    /// The status that was sent, or would have been; `nil` when a fault dropped the request before its effect.
    public let status: Int?
    /// The name of the operation, such as `gitlab.rotate`; `nil` where no route matched.
    public let operation: String?
    /// The first 16 hexadecimal digits of SHA-256 of the credential that came with it.
    public let fingerprint: String?
    /// The way it came by: `PRIVATE-TOKEN`, `Authorization: Bearer`, `Authorization: Basic`, `JOB-TOKEN`, `query`, `form`.
    public let credentialBy: String?
    /// The fault that was played, in short.
    public let fault: String?
    /// Whether the request had an effect that cannot be taken back.
    public let committed: Bool
}

/// How often each operation was asked for, had its effect, and was asked for with a spent credential.
public struct SandboxCounters: Sendable, Hashable {
    /// Requests by operation.
    public var requests: [String: Int] = [:]
    /// Requests by operation that changed something.
    public var commits: [String: Int] = [:]
    /// Requests by operation that presented a token that had been used up: to a rotate or refresh endpoint this
    /// number has to stay 0.
    public var replays: [String: Int] = [:]

    /// Requests of this operation that changed something.
    public func commits(of operation: String) -> Int { commits[operation] ?? 0 }
    /// Requests of this operation.
    public func requests(of operation: String) -> Int { requests[operation] ?? 0 }
    /// Requests of this operation that presented a spent credential.
    public func replays(of operation: String) -> Int { replays[operation] ?? 0 }
}
