// Writes a new token to where the next job reads it; what fails is queued and drained by any later run.

import OutlastModel

struct Publisher: Sendable {
    private let plan: RenewalPlan
    private var request: RenewalRequest { plan.request }
    private var world: World { plan.world }

    struct Outcome: Sendable {
        var publications: [Publication] = []
        var queued: [OutboxRow] = []
        var done: [SHA256Digest] = []
    }

    /// Where the living tokens of writers are known; nil where nothing is sealed.
    private let history: (any HistoryStore)?

    init(_ plan: RenewalPlan) {
        self.plan = plan
        history = nil
    }

    init(_ setup: RenewalSetup) {
        plan = setup.plan
        history = setup.history
    }

    /// Asks every target by harmless requests.
    ///
    /// - Throws: `configuration` (78) for targets that are not known.
    func proveTargets() async throws(Failure) -> (answered: Int, failures: [Failure]) {
        var answered = 0
        var failures: [Failure] = []
        for publish in request.publish {
            let target = try target(of: publish)
            do throws(Failure) {
                try await target.check(try await context(publish, renewed: nil))
                answered += 1
            } catch { failures.append(error) }
        }
        return (answered, failures)
    }

    /// Asks every target by harmless requests, and tells of each.
    func examine() async -> [(label: String, failure: Failure?)] {
        var found: [(label: String, failure: Failure?)] = []
        for publish in request.publish {
            do throws(Failure) {
                let target = try target(of: publish)
                do throws(Failure) {
                    try await target.check(try await context(publish, renewed: nil))
                    found.append((label(target, publish), nil))
                } catch { found.append((label(target, publish), error)) }
            } catch { found.append((SafeText.line(publish.configuration.target), error)) }
        }
        return found
    }

    /// - Throws: `configuration` (78) for targets that are not known.
    func requireKnown() throws(Failure) { for publish in request.publish { _ = try target(of: publish) } }

    /// How many targets hold this token.
    ///
    /// - Parameter isOlder: whether a token is an earlier one of the same family, which tells nothing: its publication is
    ///   late, or failed.
    /// - Throws: `rejected` (12) when one holds another token: somebody else was faster, and this one is dead or about to be.
    func countAgreeing(with token: Secret, isOlder: (Secret) throws(Failure) -> Bool) async throws(Failure) -> Int {
        var agreeing = 0
        for other in await readAll() {
            if other.token.matches(token) {
                agreeing += 1
            } else if try !isOlder(other.token) {
                throw Failure(
                    .rejected,
                    "\(other.target) holds another token than this copy of the state: somebody else has renewed \(request.name)",
                    hint: "give the job the token that is there")
            }
        }
        return agreeing
    }

    /// What the targets hold that can be read.
    func readAll() async -> [(token: Secret, target: String)] {
        var found: [(token: Secret, target: String)] = []
        for publish in request.publish {
            do throws(Failure) {
                let target = try target(of: publish)
                guard target.canBeRead, let token = try await target.read(try await context(publish, renewed: nil))
                else { continue }
                found.append((token, label(target, publish)))
            } catch { continue }
        }
        return found
    }

    /// Publishes to all targets.
    func publish(_ token: Secret, _ generation: Int, _ ledger: FamilyLedger) async throws(Failure) -> Outcome {
        var outcome = Outcome()
        for publish in request.publish {
            try await self.publish(token, generation, to: publish, attempts: 0, ledger, &outcome)
        }
        return outcome
    }

    /// Publishes what earlier runs have queued and this run's trusted configuration still names.
    func drain(_ found: FoundFamily) async throws(Failure) -> [Publication] {
        guard !found.queue.isEmpty, let bundle = found.bundle else { return [] }
        var outcome = Outcome()
        for row in found.queue {
            guard let publish = request.publish.first(where: { digest(of: $0) == row.target }) else {
                outcome.publications.append(
                    Publication(
                        target: row.label, status: .queued,
                        error: "this run's configuration does not name the target; it stays queued"))
                continue
            }
            try await self.publish(
                bundle.access, found.generation, to: publish, attempts: row.attempts, found.ledger, &outcome)
        }
        _ = try found.ledger.commit(queued: outcome.queued, drained: outcome.done)
        return outcome.publications
    }

    /// Gives a token that the state did not take to every target; those that took it.
    func rescue(_ token: Secret) async -> [Publication] { await publishOnce(token).filter { $0.status == .ok } }

    /// Gives a token to every target, without a queue for those that do not take it.
    func publishOnce(_ token: Secret) async -> [Publication] {
        var publications: [Publication] = []
        for publish in request.publish {
            do throws(Failure) {
                let target = try target(of: publish)
                try await target.publish(token, try await context(publish, renewed: token))
                publications.append(Publication(target: label(target, publish), status: .ok))
            } catch {
                publications.append(
                    Publication(
                        target: SafeText.line(publish.configuration.target), status: .failed, error: error.message))
            }
        }
        return publications
    }

    private func publish(
        _ token: Secret, _ generation: Int, to publish: PublishRequest, attempts: Int, _ ledger: FamilyLedger,
        _ outcome: inout Outcome
    ) async throws(Failure) {
        let digest = digest(of: publish)
        let target = try target(of: publish)
        let label = label(target, publish)
        do throws(Failure) {
            try await target.publish(token, try await context(publish, renewed: token))
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

    private func label(_ target: any PublishTarget, _ publish: PublishRequest) -> String {
        SafeText.line(target.label(publish.configuration.settings))
    }

    private func target(of publish: PublishRequest) throws(Failure) -> any PublishTarget {
        guard let target = world.targets.first(where: { $0.schema.name == publish.configuration.target }) else {
            throw .configuration(
                "\(request.name) publishes to \(publish.configuration.target), which is not known")
        }
        return target
    }

    private func context(_ publish: PublishRequest, renewed: Secret?) async throws(Failure) -> PublishContext {
        var writer = renewed ?? plan.presented
        var api = plan.context.api
        if let other = publish.writer {
            let token = try await token(of: other)
            writer = token
            // A token is sent to its own forge and to no other.
            let forge = TokenIdentification(
                token: token, chosenForge: other.forge, kindFromCI: nil, forgeOfCI: world.job?.forge,
                forges: world.forges
            ).forge
            if let given = other.apiURL {
                api = given
            } else if let forge, forge != plan.forge {
                api = try APIRule.api(of: forge, nil, world)
            }
        }
        return PublishContext(
            credential: request.name, settings: publish.configuration.settings, writer: writer, api: api,
            timeout: request.timeout, transport: world.transport, clock: world.clock,
            processes: world.processes, cryptography: world.cryptography, files: world.files,
            variables: world.variables)
    }

    private func token(of writer: CredentialRequest) async throws(Failure) -> Secret {
        guard let history else {
            return try await TokenReader(world).read(writer)
        }
        return try await CurrentToken(world, history).find(writer)
    }

    /// What a target is, without its being written anywhere.
    private func digest(of publish: PublishRequest) -> SHA256Digest {
        let words = "\(publish.configuration.target)\u{0}\(publish.configuration.settings.digest.hex)"
        return SHA256Digest(hashing: words.utf8)
    }
}
