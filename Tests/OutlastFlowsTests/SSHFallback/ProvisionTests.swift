// A deploy key that a run registers: written down before the forge is asked, and taken away with the rest.

import Foundation
import OutlastCrypto
import OutlastGit
import OutlastModel
import OutlastSystem
import OutlastTestKit
import Synchronization
import Testing

@testable import OutlastFlows

/// A forge that takes deploy keys.
private final class Registry: DeployKeyRegistry {
    struct State {
        var registered: [DeployKeyOrder] = []
        var removed: [RegisteredKey] = []
        var answer: Result<String, Failure> = .success("17")
        var refusesRemoval = false
        var seenOnDisk: [String] = []
    }

    let state = Mutex(State())
    /// Looked at when the forge is asked.
    let manifests: @Sendable () -> [String]

    init(manifests: @escaping @Sendable () -> [String]) { self.manifests = manifests }

    func register(_ order: DeployKeyOrder) async -> DeployKeyRegistration {
        let seen = manifests()
        let answer = state.withLock { state in
            state.registered.append(order)
            state.seenOnDisk = seen
            return state.answer
        }
        switch answer {
        case .success(let id):
            return .registered(
                RegisteredKey(
                    id: id, credential: order.credential.name, repository: order.repository, title: order.title,
                    expiresAt: order.expiresAt))
        case .failure(let failure): return .inDoubt(failure)
        }
    }

    func remove(_ key: RegisteredKey) async throws(Failure) {
        if state.withLock({ $0.refusesRemoval }) { throw .unreachable("the forge is down") }
        state.withLock { $0.removed.append(key) }
    }
}

/// git and OpenSSH as a script answers for them.
private struct ScriptedPrograms: ProcessRunner {
    var lsRemote = ProcessAnswer(code: 0, output: Secret("abc\tHEAD\n"), errors: "")

    func ask(_ question: ProcessQuestion) async throws(Failure) -> ProcessAnswer {
        if question.command.contains("ls-remote") { return lsRemote }
        if question.command.contains("commit-tree") || question.command.contains("hash-object") {
            return ProcessAnswer(code: 0, output: Secret("0123456789\n"), errors: "")
        }
        return ProcessAnswer(code: question.command.contains("config") ? 1 : 0, output: Secret(""), errors: "")
    }
}

@Suite("SSH fallback: a deploy key of its own")
struct ProvisionTests {
    private static let pin = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIOMqqnkVzrm0SdG6UOoqKLsabgH5C9okWi0dh2l9GKJl"

    private func request(_ scene: HandoverScene) throws -> SSHFallbackRequest {
        var credential = CredentialConfiguration(
            name: "release", hosts: [HostPattern(host: "git.example.com", port: nil, path: [])])
        credential.ssh = SSHConfiguration(host: "git.example.com", hostKeys: [Self.pin], needPush: true)
        return SSHFallbackRequest(
            credentials: [credential], repositories: [try #require(GitRemote("https://git.example.com/group/app.git"))],
            keyPlace: .file, lifetime: .seconds(3600), provisions: true, folder: scene.folder)
    }

    private func world(_ scene: HandoverScene, _ programs: ScriptedPrograms = ScriptedPrograms()) -> (World, Registry) {
        var world = scene.world()
        let run = scene.folder + "/run/outlast"
        let registry = Registry {
            scene.names(run).compactMap { try? scene.text("\(run)/\($0)/manifest.json") }
        }
        world.processes = programs
        world.cryptography = OpenSSLCryptography()
        world.diagnostician = GitDiagnostician { [] }
        world.ssh = SSHPorts(deployKeys: registry)
        return (world, registry)
    }

    @Test("is named on disk before the forge is asked, may push where that is proved, and ends with the rest")
    func wholeLife() async throws {
        let scene = try HandoverScene()
        let (world, registry) = world(scene)
        let flow = SSHFallbackFlow(world, git: Git())
        let outcome = try await flow.activate(try request(scene))
        #expect(outcome.isActive && outcome.ways.first?.proved == ["read", "push"])
        let order = try #require(registry.state.withLock { $0.registered.first })
        #expect(order.repository == "group/app" && order.canPush && order.publicLine.hasPrefix("ssh-ed25519 AAAA"))
        #expect(order.expiresAt == outcome.endsAt)
        #expect(registry.state.withLock { $0.seenOnDisk }.contains { $0.contains(order.title) })
        let off = try await flow.off(folder: scene.folder)
        #expect(!off.isActive && registry.state.withLock { $0.removed.map(\.id) } == ["17"])
        #expect(scene.names(scene.exports) == [])
    }

    @Test("is looked for by its title when the answer never came, and nothing stays here")
    func lostAnswer() async throws {
        let scene = try HandoverScene()
        let (world, registry) = world(scene)
        registry.state.withLock { $0.answer = .failure(.unreachable("no answer")) }
        let request = try request(scene)
        await #expect(throws: Failure.self) { try await SSHFallbackFlow(world, git: Git()).activate(request) }
        let removed = try #require(registry.state.withLock { $0.removed.first })
        #expect(removed.id == nil && removed.title.hasPrefix("outlast "))
        #expect(scene.names(scene.exports) == [])
    }

    @Test("is removed when git does not get there with it")
    func unproved() async throws {
        let scene = try HandoverScene()
        var programs = ScriptedPrograms()
        programs.lsRemote = ProcessAnswer(
            code: 128, output: Secret(""), errors: "git@git.example.com: Permission denied (publickey).\n")
        let (world, registry) = world(scene, programs)
        let request = try request(scene)
        do throws(Failure) {
            _ = try await SSHFallbackFlow(world, git: Git()).activate(request)
            Issue.record("it was activated")
        } catch { #expect(error.code == .sshUnproved) }
        #expect(registry.state.withLock { $0.removed.count } == 1)
        #expect(scene.names(scene.exports) == [])
    }

    @Test(
        "that could not be removed is reported, remembered, and removed by the next run; its private half is gone at once"
    )
    func leftAtForge() async throws {
        let scene = try HandoverScene()
        let (world, registry) = world(scene)
        let flow = SSHFallbackFlow(world, git: Git())
        _ = try await flow.activate(try request(scene))
        registry.state.withLock { $0.refusesRemoval = true }
        do throws(Failure) {
            _ = try await flow.off(folder: scene.folder)
            Issue.record("nothing was reported")
        } catch { #expect(error.message.contains("still at its forge")) }
        let folder = try #require(scene.names(scene.exports).first)
        #expect(scene.names("\(scene.exports)/\(folder)") == ["manifest.json"])
        registry.state.withLock { $0.refusesRemoval = false }
        _ = try await flow.off(folder: scene.folder)
        #expect(registry.state.withLock { $0.removed.count } == 1 && scene.names(scene.exports) == [])
    }
}
