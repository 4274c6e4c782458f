// `key rotate`: the state's data key under another key of the operator. One transaction exchanges the one wrapped key for
// the other, so whenever the program ends, exactly one of the two keys opens, and the same command finishes the rest.

public import OutlastModel

/// What came of it.
public struct KeyRotateOutcome: Sendable {
    /// How it ended.
    public enum Result: String, Sendable {
        /// The new key opens from now on, the old one nothing any more.
        case rotated
        /// The new key was the state's key already.
        case unchanged
        /// Nothing is sealed in this state.
        case empty
    }

    /// How it ended.
    public var result: Result
    /// What the new key is made of.
    public var form: KeyForm
    /// Whether the new key is the old one.
    public var isSameKey: Bool
    /// Things to tell on stderr.
    public var warnings: [String]
}

/// Rotates.
public struct KeyRotateFlow: Sendable {
    private let world: World

    /// Runs through these ports.
    public init(_ world: World) { self.world = world }

    /// Wraps the data key under the new key.
    ///
    /// - Throws: `usage` without a new key; `configuration` for two of a kind, or one that is none; `cacheLocked` (41) as
    ///   `key check`; `state` for a store that is not there or cannot be written.
    public func run() async throws(Failure) -> KeyRotateOutcome {
        guard let new = try await OperatorKey.read(.successor, in: world) else {
            throw .usage(
                "there is no new key to rotate to",
                hint:
                    "set OUTLAST_NEW_KEY, OUTLAST_NEW_KEY_FILE, OUTLAST_NEW_KEY_COMMAND or OUTLAST_NEW_PASSPHRASE, and leave the old one as it is"
            )
        }
        let old = try await OperatorKey.read(.current, in: world)
        let history = try world.openStore(.existing).get()
        var outcome = KeyRotateOutcome(
            result: .empty, form: new.form, isSameKey: old?.matches(new) ?? false, warnings: history.warnings)
        outcome.result = try exchange(old, for: new, in: try history.requireRenewals())
        if outcome.result == .empty { return outcome }
        note(outcome, in: history, &outcome.warnings)
        return outcome
    }

    private func exchange(
        _ old: OperatorKey?, for new: OperatorKey, in store: any RenewalStore
    ) throws(Failure) -> KeyRotateOutcome.Result {
        let codec = KeyEnvelopeCodec(world.cryptography, stateID: store.stateID)
        for _ in 0..<3 {
            guard let envelope = try store.presentEnvelope() else { return .empty }
            if (try? codec.open(envelope, with: new)) != nil { return .unchanged }
            let dataKey = try codec.open(envelope, with: try OperatorKey.required(old))
            let next = try codec.seal(dataKey, with: new)
            // The only copy is about to be replaced.
            guard try codec.open(next, with: new).matches(dataKey) else {
                throw Failure(.unexpected, "the newly wrapped key does not open: nothing was changed")
            }
            if try store.replaceKeyEnvelope(envelope, by: next) { return .rotated }
        }
        throw .state("others keep changing the key of this state", hint: "see who does, and run it again")
    }

    /// Leaves a line in the history, and nothing of the old wrapped key in the store's log: an earlier run may have been
    /// ended before it could do so.
    private func note(_ outcome: KeyRotateOutcome, in history: any HistoryStore, _ warnings: inout [String]) {
        let now = world.clock.now()
        let job = world.job?.identity.map { JobUpdate(identity: $0, seenAt: now) }
        let event = Event(
            at: now, event: "key-rotate", outcome: outcome.result.rawValue, detail: "sealed with a \(outcome.form)")
        do throws(Failure) {
            try history.write(RunRecord(job: job, events: [event]))
            try history.settle()
        } catch {
            warnings.append("the key was changed, but the history does not say so: \(error.message)")
        }
    }
}
