// What is known of a token's end, from whom, and since when.

/// The end of a token.
public enum Expiry: Hashable, Sendable {
    /// It works before this moment and not from it on.
    case at(Instant)
    /// The forge says that it has no end.
    case never
    /// Nobody told us. Never taken for `never`.
    case unknown

    /// The moment, when there is one.
    public var instant: Instant? { if case .at(let instant) = self { instant } else { nil } }
}

/// Who told us about a token's end (contract, section 4).
public enum LifetimeSource: String, Hashable, CaseIterable, Sendable {
    case forge, jwt, flag, config, ci, cache, unknown
}

/// A token's end together with where the knowledge comes from.
public struct Lifetime: Hashable, Sendable {
    /// The end.
    public let expiry: Expiry
    /// Who told.
    public let source: LifetimeSource
    /// When it was told: for `cache`, when the forge had been asked.
    public let checkedAt: Instant?

    /// Makes a piece of knowledge.
    public init(expiry: Expiry, source: LifetimeSource, checkedAt: Instant?) {
        self.expiry = expiry
        self.source = source
        self.checkedAt = checkedAt
    }

    /// Nothing is known.
    public static let unknown = Lifetime(expiry: .unknown, source: .unknown, checkedAt: nil)
}
