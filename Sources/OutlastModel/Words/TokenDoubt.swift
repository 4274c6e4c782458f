// A refusal that somebody else saw: it says that a token may be dead, and proves nothing.

/// A token that we gave was refused somewhere, and its forge has not been asked since.
public struct TokenDoubt: Hashable, Sendable {
    /// Which token.
    public let fingerprint: Fingerprint
    /// When the refusal was told.
    public let at: Instant
    /// Where it was refused: `host/path`, as one safe line.
    public let place: String

    /// Makes a doubt.
    public init(fingerprint: Fingerprint, at: Instant, place: String) {
        self.fingerprint = fingerprint
        self.at = at
        self.place = place
    }
}
