// Writes a new token to where the next job reads it; what fails is queued and drained by any later run.

import OutlastModel

struct Publisher: Sendable {
    private let setup: RenewalSetup
    private var world: World { setup.world }

    struct Outcome: Sendable {
        var publications: [Publication] = []
        var queued: [OutboxRow] = []
        var done: [SHA256Digest] = []
    }

    init(_ setup: RenewalSetup) { self.setup = setup }

    /// Asks every target by harmless requests; those that can't be written are an error of the configuration or the forge.
    func proveTargets() async throws(Failure) -> (answered: Int, readable: Int) {
        var answered = 0
        var readable = 0
        for request in setup.request.publish {
            let target = try target(of: request)
            try await target.check(try await context(request, renewed: nil))
            answered += 1
            if target.canBeRead { readable += 1 }
        }
        return (answered, readable)
    }

    /// Publishes to all targets.
    func publish(_ token: Secret, _ generation: Int, _ ledger: FamilyLedger) async throws(Failure) -> Outcome {
        var outcome = Outcome()
        for request in setup.request.publish {
            try await publish(token, generation, to: request, attempts: 0, ledger, &outcome)
        }
        return outcome
    }

    /// Publishes what earlier runs have queued and this run's trusted configuration still names.
    func drain(_ found: FoundFamily) async throws(Failure) -> [Publication] {
        guard !found.queue.isEmpty, let bundle = found.bundle else { return [] }
        var outcome = Outcome()
        for row in found.queue {
            guard let request = setup.request.publish.first(where: { digest(of: $0) == row.target }) else {
                outcome.publications.append(
                    Publication(
                        target: row.label, status: .queued,
                        error: "this run's configuration does not name the target; it stays queued"))
                continue
            }
            try await publish(
                bundle.access, found.generation, to: request, attempts: row.attempts, found.ledger, &outcome)
        }
        _ = try found.ledger.commit(queued: outcome.queued, drained: outcome.done)
        return outcome.publications
    }

    /// The state could not take the new token: give it to every target, and say what is left to do.
    func rescue(_ bundle: TokenBundle, because failure: Failure) async -> Failure {
        var saved: [String] = []
        for request in setup.request.publish {
            do throws(Failure) {
                let target = try target(of: request)
                try await target.publish(bundle.access, try await context(request, renewed: bundle.access))
                saved.append(target.label(request.configuration.settings))
            } catch { continue }
        }
        guard saved.isEmpty else {
            return Failure(
                .stateUnusable,
                "\(setup.request.name) was renewed and published to \(saved.joined(separator: ", ")), but the state broke: \(failure.message)",
                hint: "mend the state; the next job reads the new token where it was published")
        }
        return Failure(
            .renewalInDoubt,
            "\(setup.request.name) was renewed, but the new token could not be saved anywhere: \(failure.message)",
            hint: setup.method.rescueAdvice(setup.context))
    }

    private func publish(
        _ token: Secret, _ generation: Int, to request: PublishRequest, attempts: Int, _ ledger: FamilyLedger,
        _ outcome: inout Outcome
    ) async throws(Failure) {
        let digest = digest(of: request)
        let target = try target(of: request)
        let label = SafeText.line(target.label(request.configuration.settings))
        do throws(Failure) {
            try await target.publish(token, try await context(request, renewed: token))
            outcome.publications.append(Publication(target: label, status: .ok))
            outcome.done.append(digest)
        } catch {
            outcome.publications.append(Publication(target: label, status: .queued, error: error.message))
            outcome.queued.append(
                try ledger.queued(
                    digest, label: label, generation: generation, at: world.clock.now(), attempts: attempts + 1,
                    error: SafeText.line(error.message)))
        }
    }

    private func target(of request: PublishRequest) throws(Failure) -> any PublishTarget {
        guard let target = world.targets.first(where: { $0.schema.name == request.configuration.target }) else {
            throw .configuration(
                "\(setup.request.name) publishes to \(request.configuration.target), which is not known")
        }
        return target
    }

    private func context(_ request: PublishRequest, renewed: Secret?) async throws(Failure) -> PublishContext {
        var writer = renewed ?? setup.presented
        var api = setup.context.api
        if let other = request.writer {
            writer = try await TokenReader(world).read(other.source, for: other.name, origin: other.origin)
            api = other.apiURL ?? api
        }
        return PublishContext(
            credential: setup.request.name, settings: request.configuration.settings, writer: writer, api: api,
            timeout: setup.request.timeout, transport: world.transport, clock: world.clock,
            processes: world.processes, cryptography: world.cryptography, files: world.files,
            variables: world.variables)
    }

    /// What a target is, without its being written anywhere: names and values of its settings in order.
    private func digest(of request: PublishRequest) -> SHA256Digest {
        let settings = request.configuration.settings.values.sorted { $0.key < $1.key }
        let words = settings.map { "\($0.key)=\($0.value)" }.joined(separator: "\u{0}")
        return SHA256Digest(hashing: "\(request.configuration.target)\u{0}\(words)".utf8)
    }
}
