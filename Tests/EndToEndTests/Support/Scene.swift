// A machine of a test's own: an empty home, an empty environment, a working folder, and secrets that are looked for
// everywhere when the test is over.

import Foundation
import OutlastModel
import OutlastSandbox
import Subprocess
import Synchronization
import SystemPackage
import Testing

/// The machine.
final class Scene: Sendable {
    /// Everything that the program may touch lies here, and is searched for secrets.
    let folder: String
    /// Files that hold secrets because a test put them there.
    let vault: String
    private let secrets = Mutex<[Canary]>([])
    private let spoken = Mutex("")

    var home: String { folder + "/home" }
    var work: String { folder + "/work" }
    /// The default store.
    var state: String { home + "/.local/state/outlast/state.db" }

    init() throws {
        let base = FileManager.default.temporaryDirectory.resolvingSymlinksInPath().path
        let root = "\(base)/outlast-e2e-\(UUID().uuidString)"
        (folder, vault) = (root + "/scene", root + "/vault")
        for path in [folder + "/home", folder + "/work", vault] {
            try FileManager.default.createDirectory(
                atPath: path, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o755])
        }
    }

    deinit {
        try? FileManager.default.removeItem(atPath: String(folder.dropLast("/scene".count)))
    }

    /// Notes a secret, which must turn up nowhere from now on.
    @discardableResult
    func secret(_ value: String) -> String {
        secrets.withLock { $0.append(Canary(value)) }
        return value
    }

    /// Writes a file of the working folder.
    @discardableResult
    func write(_ text: String, to name: String) throws -> String {
        let path = name.hasPrefix("/") ? name : "\(work)/\(name)"
        let parent = path.split(separator: "/").dropLast().joined(separator: "/")
        try FileManager.default.createDirectory(atPath: "/" + parent, withIntermediateDirectories: true)
        try Data(text.utf8).write(to: URL(filePath: path))
        return path
    }

    /// Puts a secret into a file, where it is not looked for.
    func hide(_ value: String, in name: String = "token") throws -> String {
        let path = "\(vault)/\(name)"
        try Data(value.utf8).write(to: URL(filePath: path))
        return path
    }

    /// Reads a file; nil when it is not there.
    func read(_ path: String) -> String? {
        FileManager.default.contents(atPath: path.hasPrefix("/") ? path : "\(work)/\(path)")
            .map { String(decoding: $0, as: UTF8.self) }
    }

    /// Runs a line such as `preflight --token-env T`, cut at its blanks.
    @discardableResult
    func run(
        _ line: String, _ variables: [String: String] = [:], input: String? = nil,
        at location: SourceLocation = #_sourceLocation
    ) async throws -> Run {
        try await run(line.split(separator: " ").map(String.init), variables, input: input, at: location)
    }

    /// The same with any bytes to read.
    @discardableResult
    func run(
        _ line: String, _ variables: [String: String] = [:], bytes: [UInt8],
        at location: SourceLocation = #_sourceLocation
    ) async throws -> Run {
        try await run(
            line.split(separator: " ").map(String.init), variables, bytes: bytes, isWellMannered: true, at: location)
    }

    /// A port where nobody listens: a question to a forge of the real world would end here, and fail the test.
    private static let nowhere = "127.0.0.1:9"

    /// Runs the program with these variables and no others but `HOME`, `PATH` and a proxy that leads nowhere.
    @discardableResult
    func run(
        _ arguments: [String], _ variables: [String: String] = [:], input: String? = nil, isWellMannered: Bool = true,
        at location: SourceLocation = #_sourceLocation
    ) async throws -> Run {
        try await run(
            arguments, variables, bytes: input.map { Array($0.utf8) }, isWellMannered: isWellMannered, at: location)
    }

    private func run(
        _ arguments: [String], _ variables: [String: String], bytes: [UInt8]?, isWellMannered: Bool,
        at location: SourceLocation
    ) async throws -> Run {
        let (output, errors, code, took) = try await launch(Program.outlast, arguments, variables, bytes)
        let run = Run(arguments: arguments, output: output, errors: errors, code: code, took: took)
        spoken.withLock { $0 += run.everything }
        #expect(!run.everything.contains(Self.nowhere), "\(run.everything)", sourceLocation: location)
        if isWellMannered { run.checkManners(location) }
        return run
    }

    /// Runs lines of a shell, with the program's path in `OUTLAST`. git knows no configuration but that of this machine.
    @discardableResult
    func shell(
        _ script: String, _ variables: [String: String] = [:], at location: SourceLocation = #_sourceLocation
    ) async throws -> Run {
        let own = [
            "OUTLAST": Program.outlast, "GIT_CONFIG_NOSYSTEM": "1", "LC_ALL": "C", "GIT_AUTHOR_NAME": "a",
            "GIT_AUTHOR_EMAIL": "a@example.invalid", "GIT_COMMITTER_NAME": "a",
            "GIT_COMMITTER_EMAIL": "a@example.invalid",
        ]
        let (output, errors, code, took) = try await launch(
            "/bin/sh", ["-euc", script], own.merging(variables) { $1 }, nil)
        let run = Run(arguments: ["sh"], output: output, errors: errors, code: code, took: took)
        spoken.withLock { $0 += run.everything }
        return run
    }

    /// What a child reads. From a file: one that ends before it has read a pipe to its end takes the writer down with it.
    private func stdin(_ input: [UInt8]?) throws -> FileDescriptor {
        guard let input else { return try FileDescriptor.open("/dev/null", .readOnly, options: .closeOnExec) }
        let path = "\(vault)/stdin-\(UUID().uuidString)"
        try Data(input).write(to: URL(filePath: path))
        defer { try? FileManager.default.removeItem(atPath: path) }
        return try FileDescriptor.open(FilePath(path), .readOnly, options: .closeOnExec)
    }

    private func launch(
        _ program: String, _ arguments: [String], _ variables: [String: String], _ input: [UInt8]?
    ) async throws -> (output: String, errors: String, code: Int32, took: Duration) {
        var environment: [Environment.Key: String] = [
            "HOME": home, "PATH": "/usr/bin:/bin", "HTTPS_PROXY": "http://\(Self.nowhere)", "NO_PROXY": "127.0.0.1",
        ]
        for (name, value) in variables {
            environment[try #require(Environment.Key(rawValue: name))] = value
        }
        await ProcessGate.shared.enter()
        let clock = ContinuousClock()
        let begun = clock.now
        let result: ExecutionResult<Void, BytesOutput, BytesOutput>
        do {
            result = try await Subprocess.run(
                .path(FilePath(program)), arguments: Arguments(arguments), environment: .custom(environment),
                workingDirectory: FilePath(work),
                input: .fileDescriptor(try stdin(input), closeAfterSpawningProcess: true),
                output: .bytes(limit: 4 << 20), error: .bytes(limit: 4 << 20))
        } catch {
            await ProcessGate.shared.leave()
            throw error
        }
        await ProcessGate.shared.leave()
        let took = clock.now - begun
        var code: Int32 = 0
        switch result.terminationStatus {
        case .exited(let value): code = value
        case .signaled(let signal): code = 128 + signal
        }
        return (
            String(decoding: result.standardOutput, as: UTF8.self),
            String(decoding: result.standardError, as: UTF8.self), code, took
        )
    }

    /// Notes what another program than ours said, to be searched like its own.
    func overheard(_ text: String) { spoken.withLock { $0 += text } }

    /// Everywhere that a secret has turned up, in what was said or in any file.
    var leaks: [Leak] {
        let canaries = secrets.withLock { $0 }
        return canaries.leaks(in: spoken.withLock { $0 }, at: "stdout or stderr") + canaries.leaks(below: folder)
    }
}

/// Runs a test on a machine of its own, and searches it for secrets afterwards.
func withScene(
    at location: SourceLocation = #_sourceLocation, _ body: (Scene) async throws -> Void
) async throws {
    let scene = try Scene()
    try await body(scene)
    #expect(scene.leaks == [], sourceLocation: location)
}

/// The same beside a forge whose clock stands at 2026-11-20T22:10:00Z.
func withForge(
    _ clock: String = "2026-11-20T22:10:00Z", at location: SourceLocation = #_sourceLocation,
    _ body: (Scene, Sandbox) async throws -> Void
) async throws {
    let moment = try #require(SandboxInstant(clock))
    try await withScene(at: location) { scene in
        try await withSandbox(SandboxOptions(clock: .fixed(moment))) { try await body(scene, $0) }
    }
}

extension Sandbox {
    /// What a GitLab runner would say about where it is.
    var gitlabJob: [String: String] {
        [
            "GITLAB_CI": "true", "CI": "true", "CI_API_V4_URL": gitlabAPI, "CI_SERVER_URL": baseURL,
            "CI_SERVER_HOST": "127.0.0.1", "CI_PROJECT_PATH": "group/app", "CI_JOB_NAME": "release",
            "CI_JOB_ID": "4711",
        ]
    }

    /// The options that name this GitLab.
    var gitlab4: String { "--forge gitlab --api-url \(gitlabAPI)" }
    /// The options that name this GitHub.
    var github3: String { "--forge github --api-url \(githubAPI)" }

    /// How often anything was asked.
    var questions: Int { log.count }
}

extension Scene {
    /// Runs a statement on the default store by the program that everybody has.
    @discardableResult
    func sqlite(_ statement: String, at location: SourceLocation = #_sourceLocation) async throws -> String {
        let result = try await Subprocess.run(
            .name("sqlite3"), arguments: ["-batch", FilePath(state).string, statement],
            output: .string(limit: 1 << 20), error: .string(limit: 65_536))
        #expect(result.terminationStatus.isSuccess, "\(result.standardError)", sourceLocation: location)
        return result.standardOutput
    }
}
