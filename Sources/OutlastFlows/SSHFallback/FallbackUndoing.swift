// Takes away what a manifest names, and nothing else. Every step may be taken twice: a run that dies in the middle is
// followed by one that begins again.

import OutlastModel

/// Undoes fallbacks.
struct FallbackUndoing: Sendable {
    private let world: World
    private let folders: JobFolders

    init(_ world: World) {
        self.world = world
        folders = JobFolders(world)
    }

    /// Takes away all of a fallback.
    ///
    /// - Returns: what could not be taken away; its folder then stays, with what is left to do.
    func undo(_ folder: JobFolder, _ manifest: FallbackManifest?) async -> [Failure] {
        guard var left = manifest else {
            // Nothing is made before the manifest is there.
            return await finish(folder, nil, [])
        }
        var failures: [Failure] = []
        if left.stage != .ending {
            left.stage = .ending
            note(left, folder, &failures)
        }
        for file in left.files {
            do throws(Failure) {
                try RepositoryFiles(world).restore(file, block: ConfigurationBlock(name: folder.name))
                left.files.removeAll { $0 == file }
            } catch { failures.append(error) }
        }
        if left.hasAgent { await endAgent(folder) }
        for key in left.deployKeys {
            do throws(Failure) {
                try await remove(key)
                left.deployKeys.removeAll { $0 == key }
            } catch { failures.append(error) }
        }
        return await finish(folder, left, failures)
    }

    private func finish(_ folder: JobFolder, _ left: FallbackManifest?, _ failures: [Failure]) async -> [Failure] {
        var failures = failures
        if failures.isEmpty {
            do throws(Failure) { try removeAll(folder) } catch { failures.append(error) }
            return failures
        }
        // Keys go in any case; the list of what is still to be done stays.
        for name in (try? world.files.names(in: folder.path)) ?? [] where name != "manifest.json" {
            try? world.files.removeFolder("\(folder.path)/\(name)")
        }
        if let left { note(left, folder, &failures) }
        return failures
    }

    /// The manifest goes last: a folder without one is empty.
    private func removeAll(_ folder: JobFolder) throws(Failure) {
        for name in (try? world.files.names(in: folder.path)) ?? [] where name != "manifest.json" {
            try world.files.removeFolder("\(folder.path)/\(name)")
        }
        try world.files.removeFolder(folder.path)
    }

    private func note(_ manifest: FallbackManifest, _ folder: JobFolder, _ failures: inout [Failure]) {
        do throws(Failure) { try folders.write(manifest, to: folder) } catch { failures.append(error) }
    }

    private func endAgent(_ folder: JobFolder) async {
        guard let agents = world.ssh.agents else { return }
        // It may take a moment to end, or have been started a moment ago.
        for _ in 0..<100 {
            guard agents.end(socket: folder.socket) else { return }
            do { try await world.clock.sleep(for: .milliseconds(20)) } catch { return }
        }
    }

    private func remove(_ key: RegisteredKey) async throws(Failure) {
        let what = "the deploy key \(SafeText.line(key.title)) of \(SafeText.line(key.repository))"
        guard let registry = world.ssh.deployKeys else {
            throw Failure(.unexpected, "\(what) is still at its forge", hint: "remove it there")
        }
        do throws(Failure) { try await registry.remove(key) } catch {
            throw Failure(
                error.code, "\(what) is still at its forge: \(error.message)",
                hint: error.hint ?? "run `outlast ssh-fallback --off` again, or remove it there")
        }
    }
}
