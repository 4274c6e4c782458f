// Token families: which tokens were renewed into which, and what makes a family what it is (design, sections 4 and 5).

/// The name of a family: 32 hex digits, the same for every process that begins it from the same secret.
public struct FamilyID: Hashable, Sendable, CustomStringConvertible {
    /// 32 lower-case hex digits.
    public let text: String

    /// Wraps a name as it was stored.
    public init(text: String) { self.text = text }

    /// Reads a name that somebody typed; nil for anything but 32 lower-case hex digits.
    public init?(parsing text: String) {
        let isName = text.utf8.count == 32 && text.utf8.allSatisfy { (48...57).contains($0) || (97...102).contains($0) }
        guard isName else { return nil }
        self.init(text: text)
    }

    /// The name of the family that would begin with this secret in this state. Two processes that meet the same unknown
    /// token at once come to the same name, and so to the same lock.
    public init(beginningWith secret: SHA256Digest, identity: FamilyIdentity, state: [UInt8]) {
        let message = Array("outlast family\u{0}".utf8) + state + secret.bytes + identity.digest.bytes
        text = String(SHA256Digest(hashing: message).hex.prefix(32))
    }

    /// The name.
    public var description: String { text }
}

/// What belongs to a family besides its secrets: a narrow configuration must never be served the token of a broader one.
public struct FamilyIdentity: Hashable, Sendable {
    /// A digest over all parts, in order, with their names.
    public let digest: SHA256Digest

    /// Makes an identity from forge, API, method and whatever else narrows the token (application, installation,
    /// repositories, permissions), as names with values in a fixed order.
    public init(_ parts: [(name: String, value: String)]) {
        let text = parts.map { "\($0.name.utf8.count):\($0.name)=\($0.value.utf8.count):\($0.value)" }.joined(
            separator: ";")
        digest = SHA256Digest(hashing: text.utf8)
    }

    /// Wraps a digest as it was stored.
    public init(digest: SHA256Digest) { self.digest = digest }
}

/// What a secret of a family is for.
public enum SecretPurpose: String, CaseIterable, Sendable {
    /// The token that jobs use.
    case access
    /// The OAuth refresh token that makes the next access token.
    case refresh
    /// A key or word that tokens are minted with; it does not change with the generations.
    case minting
    /// The other token of a pair.
    case partner
}

/// The secrets of one generation, with what is known of them.
public struct TokenBundle: Sendable {
    /// The token that jobs use.
    public var access: Secret
    /// The refresh token, where the method has one.
    public var refresh: Secret?
    /// The other token of a pair.
    public var partner: Secret?
    /// The end of `access`.
    public var expiry: Expiry
    /// The forge's id of `access`.
    public var tokenID: String?
    /// Its name with the forge, raw.
    public var name: String?
    /// Its scopes; nil when not told.
    public var scopes: [String]?

    /// Makes a bundle.
    public init(
        access: Secret, refresh: Secret? = nil, partner: Secret? = nil, expiry: Expiry = .unknown,
        tokenID: String? = nil, name: String? = nil, scopes: [String]? = nil
    ) {
        self.access = access
        self.refresh = refresh
        self.partner = partner
        self.expiry = expiry
        self.tokenID = tokenID
        self.name = name
        self.scopes = scopes
    }
}
