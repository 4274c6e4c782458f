// Writes a new token to where the next job reads it; what fails is queued and drained by any later run.

import OutlastModel

struct Publisher: Sendable {
    private let plan: RenewalPlan
    private var request: RenewalRequest { plan.request }
    private var world: World { plan.world }

    struct Outcome: Sendable {
        var publications: [Publication] = []
        /// What targets were given, and what is queued for them.
        var rows: [OutboxRow] = []
        /// Rows that are of no use any more, by target.
        var dropped: [SHA256Digest] = []
        var notes: [String] = []
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
        // For the account only: a state that has just broken must not hide what was published.
        if let outbox = try? ledger.outbox() { settle(outbox, generation, &outcome) }
        return outcome
    }

    /// Publishes the current token to these targets of this run's trusted configuration.
    func publish(to waiting: [Waiting.Target], _ found: FoundFamily) async throws(Failure) -> Outcome {
        var outcome = Outcome()
        guard let bundle = found.bundle else { return outcome }
        for target in waiting {
            let attempts = target.row?.attempts ?? 0
            try await publish(
                bundle.access, found.generation, to: target.publish, attempts: attempts, found.ledger, &outcome)
        }
        return outcome
    }

    /// Which targets have not been given the current token.
    func waiting(_ found: FoundFamily) -> Waiting {
        var waiting = Waiting(unnamed: found.outbox.filter { !$0.isGiven })
        for publish in request.publish {
            let digest = digest(of: publish)
            waiting.unnamed.removeAll { $0.target == digest }
            let row = found.outbox.first { $0.target == digest }
            if let row, !row.isGiven {
                waiting.queued.append(Waiting.Target(publish: publish, row: row))
            } else if row?.generation != found.generation {
                waiting.new.append(Waiting.Target(publish: publish))
            }
        }
        // What the job was started with is where jobs read it.
        if found.since == nil { waiting.new = [] }
        return waiting
    }

    /// Takes the rows that are of no use any more out of an outbox, and tells of those that this run has no part in.
    func settle(_ before: [OutboxRow], _ generation: Int, _ outcome: inout Outcome) {
        let changed = Set(outcome.rows.map(\.target))
        let outbox = before.filter { !changed.contains($0.target) } + outcome.rows
        let useless = superseded(outbox, generation)
        outcome.dropped += useless.map(\.target)
        for row in useless where !row.isGiven {
            outcome.notes.append(
                "\(row.label) is not queued any more: generation \(row.generation) was superseded, and generation \(generation) is where it was to go"
            )
        }
        let named = Set(request.publish.map(digest))
        let left = outbox.filter { !$0.isGiven && !named.contains($0.target) && !outcome.dropped.contains($0.target) }
        tell(left, &outcome.publications, &outcome.notes)
    }

    /// What is queued and no business of this run.
    func tell(_ unnamed: [OutboxRow], _ publications: inout [Publication], _ notes: inout [String]) {
        for row in unnamed {
            publications.append(
                Publication(
                    target: row.label, status: .queued,
                    error: "this run's configuration does not name the target; it stays queued", isNamed: false))
            notes.append(
                "\(row.label) is queued, and this run's configuration does not name it: a run whose configuration does will write it, and `outlast secret forget --credential \(request.name) --queued` drops it"
            )
        }
    }

    /// Rows of targets that this run's configuration does not name and nobody has to wait for: the same place was given
    /// the current token under a corrected definition, or an older generation was to go there and the current one has
    /// reached every target that is named. A run that names such a target gives it the current token nevertheless.
    func superseded(_ outbox: [OutboxRow], _ generation: Int) -> [OutboxRow] {
        let given = Set(outbox.filter { $0.isGiven && $0.generation == generation }.map(\.target))
        let named = request.publish.map { (digest: digest(of: $0), publish: $0) }
        let places = named.filter { given.contains($0.digest) }.compactMap { name(of: $0.publish) }
        let isEverywhere = !named.isEmpty && named.allSatisfy { given.contains($0.digest) }
        return outbox.filter { row in
            guard !named.contains(where: { $0.digest == row.target }) else { return false }
            return isEverywhere && row.generation < generation || !row.isGiven && places.contains(row.label)
        }
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
        do throws(Failure) { try await target.publish(token, try await context(publish, renewed: token)) } catch {
            outcome.publications.append(Publication(target: label, status: .queued, error: error.message))
            outcome.rows.append(
                try ledger.queued(
                    digest, label: label, generation: generation, at: world.clock.now(), attempts: attempts + 1,
                    error: SafeText.line(error.message)))
            return
        }
        outcome.publications.append(Publication(target: label, status: .ok))
        outcome.rows.append(try ledger.given(digest, label: label, generation: generation, at: world.clock.now()))
    }

    /// What to call a target in messages.
    func name(of publish: PublishRequest) -> String {
        let found = world.targets.first { $0.schema.name == publish.configuration.target }
        return found.map { label($0, publish) } ?? SafeText.line(publish.configuration.target)
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
