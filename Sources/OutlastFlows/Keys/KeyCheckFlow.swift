// `key check`: whether the operator's key opens what this state has sealed. Looking changes nothing.

public import OutlastModel

/// What a check has shown.
public struct KeyCheckOutcome: Sendable {
    /// Whether the state has ever sealed anything; if not, any key is right.
    public var isSealed: Bool
    /// What the key is made of.
    public var form: KeyForm
    /// Things to tell on stderr.
    public var warnings: [String]
}

/// Checks.
public struct KeyCheckFlow: Sendable {
    private let world: World

    /// Runs through these ports.
    public init(_ world: World) { self.world = world }

    /// Opens the state's data key, and lets it go again.
    ///
    /// - Throws: `cacheLocked` (41) for no key, one that is none, a wrong key, and tampering, each with its own sentence;
    ///   `state` for a store that is there and cannot be read; `configuration` for two keys, of which none is meant.
    public func run() async throws(Failure) -> KeyCheckOutcome {
        let key = try OperatorKey.required(try await read())
        let history: any HistoryStore
        switch world.openStore(.readOnly) {
        case .success(let store): history = store
        case .failure(let failure):
            guard failure.isAbsence else { throw failure }
            return KeyCheckOutcome(
                isSealed: false, form: key.form, warnings: ["\(failure.message); so nothing is sealed in it"])
        }
        let renewals = try history.requireRenewals()
        var outcome = KeyCheckOutcome(isSealed: false, form: key.form, warnings: history.warnings)
        guard let envelope = try renewals.presentEnvelope() else { return outcome }
        _ = try KeyEnvelopeCodec(world.cryptography, stateID: renewals.stateID).open(envelope, with: key)
        outcome.isSealed = true
        return outcome
    }

    /// What has no shape of a key opens nothing, wherever it stands: the answer to the question that is asked here.
    private func read() async throws(Failure) -> OperatorKey? {
        do throws(Failure) { return try await OperatorKey.read(.current, in: world) } catch {
            guard error.code == .configuration, OperatorKey.names(.current, in: world).count == 1 else { throw error }
            throw Failure(.cacheLocked, error.message, hint: error.hint)
        }
    }
}
