// Which forge a token belongs to and of what kind it seems to be, before anybody is asked. Data-driven: this file names no
// forge; the kinds of the registered forges are its table. A guess decides whom to ask and how, never what is reported.

/// What is known besides the token itself.
public struct TokenClues: Hashable, Sendable {
    /// The forge named by `--forge`.
    public var flagForge: String?
    /// The forge named by the credential's configuration.
    public var configuredForge: String?
    /// The kind's id that the CI's variables tell (`Pipeline.kind`).
    public var hintedKind: String?
    /// The forge that the CI belongs to.
    public var ciForge: String?

    /// Makes clues.
    public init(
        flagForge: String? = nil, configuredForge: String? = nil, hintedKind: String? = nil, ciForge: String? = nil
    ) {
        self.flagForge = flagForge
        self.configuredForge = configuredForge
        self.hintedKind = hintedKind
        self.ciForge = ciForge
    }
}

/// A forge and a kind, and why.
public struct TokenGuess: Hashable, Sendable {
    /// What decided about the forge.
    public enum Ground: String, Hashable, Sendable {
        /// `--forge`.
        case flag
        /// `forge:` in the configuration.
        case configuration
        /// The CI's variables.
        case ci
        /// The token's prefix or form.
        case prefix
        /// Nothing.
        case none
    }

    /// The forge's id.
    public let forge: String
    /// The kind: a hint, never a proof.
    public let kind: TokenKind
    /// What decided about the forge.
    public let ground: Ground
}

/// From a token and the clues to whom to ask.
public enum TokenKindRules {
    /// Guesses forge and kind.
    ///
    /// The flag wins over the configuration, the configuration over all below: then the kind that the CI's variables tell,
    /// then the CI's own forge, then the prefix. But a prefix that belongs to another forge than the one that the CI
    /// suggests wins over the CI, since a token must not be sent to a forge that it is visibly not for; and a bare JSON
    /// web token is for whoever its audience is, so it goes to the forge of a CI only when the CI's variables say so.
    ///
    /// - Parameters:
    ///   - forges: all forges, in the order in which they win when two claim the same prefix.
    ///   - generic: the id of the forge for tokens of no forge.
    public static func guess(
        about token: Secret, clues: TokenClues, forges: [any Forge], generic: String = "generic"
    ) -> TokenGuess {
        let all = forges.flatMap(\.kinds)
        let hinted = clues.hintedKind.flatMap { id in all.first { $0.id == id } }
        for (name, ground) in [(clues.flagForge, TokenGuess.Ground.flag), (clues.configuredForge, .configuration)] {
            guard let name else { continue }
            let kinds = forges.first { $0.id == name }?.kinds ?? []
            return TokenGuess(forge: name, kind: kind(of: token, among: kinds, hinted: hinted), ground: ground)
        }
        let byPrefix = prefixed(token, among: all.filter { $0.forge != nil })
        let ciForge = hinted?.forge ?? clues.ciForge
        if let byPrefix, let forge = byPrefix.forge, forge != ciForge {
            return TokenGuess(forge: forge, kind: byPrefix, ground: .prefix)
        }
        if let hinted, let forge = hinted.forge { return TokenGuess(forge: forge, kind: hinted, ground: .ci) }
        if byPrefix == nil, JWTReader.claims(of: token) != nil {
            return TokenGuess(forge: generic, kind: .jwt, ground: .prefix)
        }
        if let forge = clues.ciForge, let kinds = forges.first(where: { $0.id == forge })?.kinds {
            return TokenGuess(forge: forge, kind: kind(of: token, among: kinds, hinted: nil), ground: .ci)
        }
        if let byPrefix, let forge = byPrefix.forge {
            return TokenGuess(forge: forge, kind: byPrefix, ground: .prefix)
        }
        return TokenGuess(forge: generic, kind: .opaque, ground: .none)
    }

    /// The kind within a forge that is settled: the CI's word if it is about this forge, the prefix, the only kind there
    /// is, the form, or nothing.
    private static func kind(of token: Secret, among kinds: [TokenKind], hinted: TokenKind?) -> TokenKind {
        if let hinted, kinds.contains(hinted) { return hinted }
        if let found = prefixed(token, among: kinds.filter { $0.forge != nil }) { return found }
        if kinds.count == 1, let only = kinds.first { return only }
        return JWTReader.claims(of: token) == nil ? .opaque : .jwt
    }

    /// The kind with the longest prefix of the token; of equal ones the first in the table.
    private static func prefixed(_ token: Secret, among kinds: [TokenKind]) -> TokenKind? {
        var best: (kind: TokenKind, length: Int)?
        for kind in kinds {
            for prefix in kind.prefixes where prefix.utf8.count > best?.length ?? 0 && token.starts(with: prefix) {
                best = (kind, prefix.utf8.count)
            }
        }
        return best?.kind
    }
}

extension Secret {
    /// Whether the secret is longer than a text and begins with it.
    fileprivate func starts(with prefix: String) -> Bool {
        count > prefix.utf8.count && withBytes { $0.starts(with: prefix.utf8) }
    }
}
