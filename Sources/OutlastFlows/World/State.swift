// A state store that may be missing: the build goes on without it unless told to be strict (contract, section 2).

public import OutlastModel

/// The store of a run, or why there is none.
public enum State: Sendable {
    case open(any HistoryStore)
    case unavailable(Failure)

    /// Opens the store, or keeps the reason why it can't be; with `strict` that reason is thrown.
    public init(in world: World, strict: Bool) throws(Failure) {
        switch world.openStore(.readWrite) {
        case .success(let store): self = .open(store)
        case .failure(let failure):
            // A store that was named wrongly is a mistake to mend, not a store that is broken.
            if strict || failure.code != .stateUnusable { throw failure }
            self = .unavailable(failure)
        }
    }

    /// The store of a run that renews, where the sealed secrets are what it is wanted for.
    ///
    /// - Throws: `cacheLocked` (41) for a store that was tampered with, `stateUnusable` (40) for one that is broken or cannot
    ///   be opened.
    public static func forRenewal(in world: World) throws(Failure) -> State {
        do throws(Failure) { return try State(in: world, strict: true) } catch {
            guard error.isTampering else { throw error }
            throw Failure(.cacheLocked, "\(error.message): nothing was done with it", hint: error.hint)
        }
    }

    /// The store, when there is one.
    public var store: (any HistoryStore)? { if case .open(let store) = self { store } else { nil } }

    /// Why there is none.
    public var failure: Failure? { if case .unavailable(let failure) = self { failure } else { nil } }

    /// Salt for fingerprints of short secrets. Without a store those have no lasting identity, and none is needed.
    public func salt(_ world: World) -> [UInt8] { store?.salt ?? world.random(32) }

    /// Runs a piece of work on the store. A failure turns the state into an unavailable one, unless strict.
    public mutating func attempt<Value>(
        strict: Bool, _ work: (any HistoryStore) throws(Failure) -> Value
    ) throws(Failure) -> Value? {
        guard case .open(let store) = self else { return nil }
        do throws(Failure) { return try work(store) } catch {
            if strict { throw error }
            self = .unavailable(error)
            return nil
        }
    }

    /// What to tell the user about the store.
    public var warnings: [String] {
        switch self {
        case .open(let store): store.warnings
        case .unavailable(let failure): ["going on without the state store: \(failure.message)"]
        }
    }
}
