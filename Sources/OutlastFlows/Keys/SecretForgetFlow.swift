// `secret forget`: takes families away, or from old generations the power to lead to the new one, each under its family's
// lock, so that none is pulled away from under a renewal.

public import OutlastModel

/// What to forget.
public struct SecretForgetRequest: Sendable {
    /// Which families.
    public enum Selection: Hashable, Sendable {
        case all
        case credential(String)
        case family(FamilyID)
    }

    /// What of them goes.
    public enum Extent: Hashable, Sendable {
        /// All.
        case everything
        /// Only what belongs to superseded generations.
        case superseded
        /// Only what is queued for publish targets.
        case queued
    }

    /// Which families.
    public var selection: Selection
    /// What of them goes.
    public var extent: Extent
    /// How long renewals that are under way are waited for.
    public var wait: Duration

    /// Makes a request.
    public init(_ selection: Selection, _ extent: Extent, wait: Duration = .seconds(120)) {
        self.selection = selection
        self.extent = extent
        self.wait = wait
    }
}

/// What went.
public struct SecretForgetOutcome: Sendable {
    /// A family that something went of.
    public struct Forgotten: Hashable, Sendable {
        /// Its name.
        public var family: String
        /// How many superseded secrets lead to it no more; nil when something else went.
        public var superseded: Int?
        /// The targets for which nothing is queued any more; nil when something else went.
        public var queued: [String]?
    }

    /// What went, in order.
    public var forgotten: [Forgotten] = []
    /// Families that another process held until the end: nothing of them went.
    public var held: [String] = []
    /// Things to tell on stderr.
    public var warnings: [String]
}

/// Forgets.
public struct SecretForgetFlow: Sendable {
    private let world: World

    /// Runs through these ports.
    public init(_ world: World) { self.world = world }

    /// Forgets family by family. Those that are held are left for last, and waited for once.
    ///
    /// - Throws: `state` for a store that is not there or cannot be written, or when its locks cannot be used.
    public func run(_ request: SecretForgetRequest) async throws(Failure) -> SecretForgetOutcome {
        let history = try world.openStore(.existing).get()
        let store = try history.requireRenewals()
        var outcome = SecretForgetOutcome(warnings: history.warnings)
        var held: [FamilyID] = []
        for family in try Self.candidates(request, store) {
            if try await !forget(family, request, .zero, history, store, &outcome) { held.append(family) }
        }
        var wait = request.wait
        for family in held {
            if try await forget(family, request, wait, history, store, &outcome) { continue }
            // The time is over for all.
            wait = .zero
            outcome.held.append(SafeText.line(family.text))
        }
        return outcome
    }

    private static func candidates(
        _ request: SecretForgetRequest, _ store: any RenewalStore
    ) throws(Failure) -> [FamilyID] {
        switch request.selection {
        case .all: return try store.families(credential: nil, superseded: request.extent == .superseded)
        case .credential(let name):
            return try store.families(credential: name, superseded: request.extent == .superseded)
        case .family(let family) where request.extent == .superseded:
            return try store.families(credential: nil, superseded: true).filter { $0 == family }
        // By its name what is left of a family without a row goes too.
        case .family(let family): return [family]
        }
    }

    /// Forgets one family; false when another process holds it.
    private func forget(
        _ family: FamilyID, _ request: SecretForgetRequest, _ wait: Duration, _ history: any HistoryStore,
        _ store: any RenewalStore, _ outcome: inout SecretForgetOutcome
    ) async throws(Failure) -> Bool {
        var lease: (any Lease)?
        // A name that we never gave is no lock's name, and nobody renews under it.
        if FamilyID(parsing: family.text) != nil {
            do throws(Failure) { lease = try await world.leases.acquire(family.text, wait: wait) } catch {
                guard error.code == .leaseHeld else { throw error }
                return false
            }
        }
        defer { lease?.release() }
        // For the account only: a row that cannot be read is no reason to keep it.
        let row = try? store.family(family)
        let name = SafeText.line(family.text, limit: 80)
        switch request.extent {
        case .superseded:
            let count = try store.forgetSuperseded(credential: nil, family: family)
            outcome.forgotten.append(.init(family: name, superseded: count))
        case .queued:
            let rows = try store.outbox(of: family).filter { !$0.isGiven }
            guard !rows.isEmpty else { return true }
            _ = try store.apply(RenewalChange(drained: rows.map(\.target)), to: family)
            outcome.forgotten.append(.init(family: name, queued: rows.map { SafeText.line($0.label) }))
        case .everything:
            let isUnfinished = (try? store.openJournal(of: family))?.contains { Self.isUnsettled($0.entry.state) }
            guard try store.forget(credential: nil, family: family) > 0 else { return true }
            outcome.forgotten.append(.init(family: name, superseded: nil))
            if isUnfinished == true {
                outcome.warnings.append(
                    "family \(name) had a renewal whose answer never came: whether the forge ended its token is not known here any more"
                )
            }
        }
        if let forgotten = outcome.forgotten.last { note(forgotten, row?.fingerprint, in: history, &outcome.warnings) }
        return true
    }

    private static func isUnsettled(_ state: RenewalState) -> Bool { [.sent, .inDoubt].contains(state) }

    private func note(
        _ forgotten: SecretForgetOutcome.Forgotten, _ token: Fingerprint?, in history: any HistoryStore,
        _ warnings: inout [String]
    ) {
        let family = forgotten.family
        let (outcome, what) =
            if let count = forgotten.superseded {
                ("superseded", ": superseded secrets: \(count)")
            } else if let queued = forgotten.queued {
                ("queued", ": queued publications: \(queued.count)")
            } else { ("forgotten", "") }
        let now = world.clock.now()
        let job = world.job?.identity.map { JobUpdate(identity: $0, seenAt: now) }
        let event = Event(
            at: now, event: "forget", outcome: outcome, fingerprint: token, detail: "family \(family)\(what)")
        do throws(Failure) { try history.write(RunRecord(job: job, events: [event])) } catch {
            warnings.append("family \(family) was forgotten, but the history does not say so: \(error.message)")
        }
    }
}
