// The sandbox itself: a server on loopback and the world behind it. All changes go through one lock, so a test
// may look and move things from any task.
import HTTPTypes
import Hummingbird
import HummingbirdCore
import Logging
import NIOCore
import NIOPosix
import ServiceLifecycle
import Synchronization

/// A forge to rehearse against: GitLab, GitHub, OAuth 2 and git over HTTP on one loopback port.
///
/// ```swift
/// try await withSandbox { sandbox in
///     let token = try sandbox.gitlab.addToken(scopes: ["api"], expiresOn: "2026-11-21")
///     // … requests to sandbox.gitlabAPI with token.secret …
///     sandbox.advanceClock(by: 6600)
/// }
/// ```
public final class Sandbox: Sendable {
    /// What the sandbox was started with.
    public let options: SandboxOptions
    /// `http://127.0.0.1:PORT`: the host of GitLab's git and OAuth paths.
    public let baseURL: String
    /// The port it listens on.
    public let port: Int
    let store: GitStore
    private let world: Mutex<World>
    private let server: Mutex<Task<Void, Never>?>
    private let channels: ChannelList

    private init(options: SandboxOptions, store: GitStore, port: Int, channels: ChannelList) {
        self.options = options
        self.store = store
        self.port = port
        self.channels = channels
        let name = options.host.contains(":") ? "[\(options.host)]" : options.host
        baseURL = "http://\(name):\(port)"
        world = Mutex(World(options: options))
        server = Mutex(nil)
    }

    /// Base of GitLab's REST API: `…/api/v4`.
    public var gitlabAPI: String { baseURL + "/api/v4" }
    /// Base of GitHub's REST API: `…/github`.
    public var githubAPI: String { baseURL + "/github" }
    /// Base of GitHub's repositories for git: `…/github-git`.
    public var githubGit: String { baseURL + "/github-git" }
    /// Issuer of the generic OAuth 2 server.
    public var oauthIssuer: String { baseURL }
    /// Root of the Jenkins double: `…/jenkins`.
    public var jenkinsURL: String { baseURL + "/jenkins" }
    /// The folder that holds the bare repositories.
    public var gitRoot: String { store.root }

    /// Starts a sandbox and returns when it answers.
    /// - Throws: ``SandboxFailure`` when the address is not loopback or cannot be bound.
    public static func start(_ options: SandboxOptions = SandboxOptions()) async throws -> Sandbox {
        guard options.isLoopback else { throw SandboxFailure.notLoopback(options.host) }
        let store = try GitStore(folder: options.gitRoot)
        let channels = ChannelList()
        let (ports, portSource) = AsyncStream.makeStream(of: Int.self)
        let box = SandboxBox()
        var logger = Logger(label: "outlast-sandbox")
        logger.logLevel = .critical
        let service = try HTTPServerBuilder.http1().buildServer(
            configuration: ServerConfiguration(address: .hostname(options.host, port: options.port)),
            eventLoopGroup: MultiThreadedEventLoopGroup.singleton, logger: logger,
            responder: { request, writer, channel in
                channels.add(channel)
                guard let sandbox = box.sandbox else { return }
                try await sandbox.serve(request, writer, channel)
            },
            onServerRunning: { channel in
                portSource.yield(channel.localAddress?.port ?? 0)
                portSource.finish()
            })
        let task = Task {
            try? await service.run()
            portSource.finish()
        }
        guard let port = await ports.first(where: { _ in true }) else {
            throw SandboxFailure.cannotListen(host: options.host, port: options.port)
        }
        let sandbox = Sandbox(options: options, store: store, port: port, channels: channels)
        try sandbox.begin()
        sandbox.server.withLock { $0 = task }
        box.set(sandbox)
        return sandbox
    }

    /// Ends the server, closes every connection, and removes the repositories if their folder was temporary.
    public func stop() async {
        let task = server.withLock { task in
            defer { task = nil }
            return task
        }
        task?.cancel()
        await channels.closeAll()
        await task?.value
        store.remove()
    }

    /// Forgets everything but the port, the clock and the repositories on disk, and begins anew.
    public func reset() throws {
        let clock = update { $0.clock }
        update {
            $0 = World(options: options)
            $0.clock = clock
        }
        try begin()
    }

    private func begin() throws {
        if options.starter { try StarterWorld.build(in: self) }
    }

    /// Reads or changes the world in one step.
    @discardableResult
    func update<Result: Sendable>(_ change: (inout World) throws -> Result) rethrows -> Result {
        try world.withLock { try change(&$0) }
    }
}

/// Runs `body` with a sandbox that is stopped afterwards, also when `body` throws.
public func withSandbox<Result>(
    _ options: SandboxOptions = SandboxOptions(), _ body: (Sandbox) async throws -> Result
) async throws -> Result {
    let sandbox = try await Sandbox.start(options)
    do {
        let result = try await body(sandbox)
        await sandbox.stop()
        return result
    } catch {
        await sandbox.stop()
        throw error
    }
}

/// Why a sandbox could not start.
public enum SandboxFailure: Error, Sendable, CustomStringConvertible {
    /// It hands out secrets and so listens on loopback alone.
    case notLoopback(String)
    /// The address could not be bound.
    case cannotListen(host: String, port: Int)
    /// Something that was asked for does not exist or does not fit.
    case invalid(String)

    /// A sentence for the person who started it.
    public var description: String {
        switch self {
        case .notLoopback(let host): "the sandbox listens on literal loopback addresses only, not on \(host)"
        case .cannotListen(let host, let port): "cannot listen on \(host) port \(port)"
        case .invalid(let what): what
        }
    }
}
