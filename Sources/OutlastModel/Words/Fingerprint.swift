// How history knows a token without knowing it (contract, section 1).

/// The identity of a token value: the full SHA-256 for comparing, its first 16 hex digits for showing.
///
/// The same token has the same fingerprint in every store. A secret shorter than 20 characters could be found by trying
/// all values, so it is keyed with the store's salt instead and differs between stores.
public struct Fingerprint: Hashable, Sendable, CustomStringConvertible {
    /// The full digest, by which families and readings are looked up.
    public let digest: SHA256Digest

    /// Wraps a digest that was stored.
    public init(digest: SHA256Digest) { self.digest = digest }

    /// Fingerprints a token; `salt` keys those shorter than 20 bytes.
    public init(of token: Secret, salt: [UInt8]) {
        digest = token.withBytes { bytes in
            bytes.count < Self.shortestUnsalted
                ? SHA256Digest(authenticating: bytes, key: salt) : SHA256Digest(hashing: bytes)
        }
    }

    /// Below this many bytes a fingerprint is salted.
    public static let shortestUnsalted = 20

    /// 16 lower-case hex digits.
    public var text: String { String(digest.hex.prefix(16)) }

    /// 16 lower-case hex digits.
    public var description: String { text }
}
