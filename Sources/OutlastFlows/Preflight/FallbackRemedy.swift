// The other remedy of a preflight: git goes over SSH where a token will not last. The token's own verdict stays as it is.

import OutlastModel

/// Carries the remedy out for all credentials that need it and have a fallback.
struct FallbackRemedy: Sendable {
    private let world: World
    private let git: (any GitInterface)?
    private let request: PreflightRequest
    private let history: (any HistoryStore)?

    init(_ world: World, git: (any GitInterface)?, _ request: PreflightRequest, history: (any HistoryStore)?) {
        self.history = history
        self.world = world
        self.git = git
        self.request = request
    }

    /// Makes one fallback for all of them.
    ///
    /// - Returns: the places of the credentials whose repositories are reached over SSH now, proved.
    func run(_ judged: inout [JudgedCredential]) async -> Set<Int> {
        var wanting: [(index: Int, credential: CredentialConfiguration)] = []
        for (index, fallback) in zip(judged.indices, request.fallbacks) {
            guard let fallback, RemedyRule.isWanted(after: judged[index].verdict.code) else { continue }
            wanting.append((index, fallback))
        }
        guard !wanting.isEmpty, let git, let folder = request.folder, world.stopSignal() == nil else { return [] }
        do throws(Failure) {
            try await requireClone(folder)
            let outcome = try await SSHFallbackFlow(world, git: git, history: history).activate(
                SSHFallbackRequest(
                    credentials: wanting.map(\.credential), lifetime: life, isLocal: true, folder: folder,
                    handsOnEnvironment: false))
            for (index, way) in zip(wanting.map(\.index), outcome.ways) {
                judged[index].verdict.warnings.append(
                    "git goes over SSH to \(way.server.text) instead, \(way.proved.text(joinedBy: " and ")) proved; `outlast ssh-fallback --off` takes it back"
                )
                judged[index].verdict.warnings += outcome.notes
            }
            return Set(wanting.map(\.index))
        } catch {
            for (index, _) in wanting {
                judged[index].verdict.warnings +=
                    ["no SSH fallback: \(error.message)"] + (error.hint.map { ["hint: \($0)"] } ?? [])
            }
            return []
        }
    }

    /// Looked at before a key is read or a server asked: the remedy is written where git finds it in later steps.
    private func requireClone(_ folder: String) async throws(Failure) {
        do throws(Failure) { _ = try await RepositoryFiles(world).find(from: folder) } catch {
            guard error.code == .usage else { throw error }
            throw Failure(
                error.code, "it is written into the clone's own configuration, and this folder is in no clone",
                hint:
                    "run `outlast preflight` in the clone, after the checkout; before that, `eval \"$(outlast ssh-fallback --export shell)\"` makes the checkout itself go over SSH"
            )
        }
    }

    /// As long as the job is said to need, where that is more than the CI tells by itself.
    private var life: Duration? {
        guard world.job?.timeout == nil, let duration = request.duration else { return nil }
        return duration + request.margin
    }
}
