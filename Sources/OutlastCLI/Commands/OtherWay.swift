// The way over SSH for a command that `exec` runs: opened when a token is dead, and closed when the command has ended.

import OutlastFlows
import OutlastModel

/// The fallbacks of one run.
actor OtherWay {
    private let flow: SSHFallbackFlow
    private let folder: String
    private let tell: @Sendable (String) -> Void
    private var opened: [SSHFallbackOutcome] = []

    init(_ session: Session, _ world: World, _ configuration: Configuration) {
        flow = SSHFallbackFlow(world.reachingForges(of: configuration.credentials), git: session.wiring.git)
        folder = session.invocation.workingFolder
        let children = world.children
        tell = { children?.tell(Secret("outlast: \($0)")) }
    }

    /// Opens the way of a credential that has one. What keeps it from being opened is told: the run goes on without it.
    nonisolated var fallback: CredentialFallback {
        { credential throws(Failure) in await self.open(credential) }
    }

    private func open(_ credential: CredentialConfiguration) async -> [GitVariable]? {
        guard credential.ssh != nil else { return nil }
        do throws(Failure) {
            let outcome = try await flow.activate(
                SSHFallbackRequest(credentials: [credential], isOfProcess: true, folder: folder))
            opened.append(outcome)
            for note in outcome.notes { tell(note) }
            return outcome.environment
        } catch {
            tell("\(credential.name): no way over SSH: \(error.description)")
            return nil
        }
    }

    /// Closes all that were opened.
    func end() async {
        for outcome in opened {
            for failure in await flow.deactivate(outcome) { tell(failure.description) }
        }
        opened = []
    }
}
