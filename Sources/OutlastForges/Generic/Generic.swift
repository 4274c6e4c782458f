// Tokens of no forge: what they say of themselves, what the command line or the configuration says, and no more.
public import OutlastModel

/// No forge.
public struct Generic: Forge {
    /// Makes the forge.
    public init() {}

    /// `generic`.
    public let id = "generic"
    /// JSON web tokens and all others.
    public var kinds: [TokenKind] { [.jwt, .opaque] }
    /// None.
    public let publicAPI: String? = nil

    /// Each scope includes itself alone.
    public func missing(of needed: [String], in granted: [String]) -> [String] {
        var seen = Set(granted)
        return needed.filter { seen.insert($0).inserted }
    }

    /// Always: there is nobody to ask.
    public func obstacle(toInspecting kind: TokenKind) -> String? {
        "no forge is known for this token, so there is nobody to ask"
    }

    /// Sends nothing.
    ///
    /// - Throws: always `lifetimeUnknown` (13).
    public func inspect(
        _ question: TokenQuestion, over transport: any HTTPTransport, clock: any WallClock
    ) async throws(Failure) -> TokenReading {
        throw Failure(.lifetimeUnknown, obstacle(toInspecting: question.kind) ?? "")
    }
}
