// Which forge a token belongs to and of what kind it seems to be, before anybody is asked. Data-driven: this file names no
// forge; the kinds of the registered forges are its table. The guess decides whom to ask and how, never what is reported.

/// A forge and a kind for a token, and what decided.
public struct TokenIdentification: Hashable, Sendable {
    /// What decided about the forge.
    public enum Ground: Hashable, Sendable {
        /// The command line or the configuration.
        case choice
        /// The CI's variables.
        case ci
        /// The token's prefix or form.
        case prefix
        /// Nothing.
        case nothing
    }

    /// The forge's id; nil for a token of no forge that we know.
    public let forge: String?
    /// The kind: a hint, never a proof.
    public let kind: TokenKind
    /// What decided about the forge.
    public let ground: Ground

    /// Identifies a token.
    ///
    /// A chosen forge is final. Otherwise the CI decides: by the kind that its variables tell, else by being a forge's own.
    /// Without it the prefix does. Two things win over the CI, since a token must not be sent to a forge that it is visibly
    /// not for: a prefix of another forge's, and, unless the CI's variables tell the kind, the form of a bare JSON web
    /// token, which is for whoever its audience is.
    ///
    /// - Parameters:
    ///   - token: The token.
    ///   - chosenForge: By `--forge` or the configuration.
    ///   - kindFromCI: The kind's id that the CI's variables tell (`Pipeline.kind`).
    ///   - forgeOfCI: The forge that the CI belongs to.
    ///   - forges: All forges; where two claim the same prefix, the first one wins.
    public init(
        token: Secret, chosenForge: String?, kindFromCI: String?, forgeOfCI: String?, forges: [any Forge]
    ) {
        let all = forges.flatMap(\.kinds)
        let hinted = kindFromCI.flatMap { id in all.first { $0.id == id } }
        func kinds(of forge: String) -> [TokenKind] { forges.first { $0.id == forge }?.kinds ?? [] }

        if let chosenForge {
            let kind = Self.kind(of: token, among: kinds(of: chosenForge), hinted: hinted)
            self.init(forge: chosenForge, kind: kind, ground: .choice)
            return
        }
        let prefixed = Self.prefixed(token, among: all)
        if let prefixed, prefixed.forge != hinted?.forge ?? forgeOfCI {
            self.init(forge: prefixed.forge, kind: prefixed, ground: .prefix)
        } else if let hinted, hinted.forge != nil {
            self.init(forge: hinted.forge, kind: hinted, ground: .ci)
        } else if prefixed == nil, JWTReader.claims(of: token) != nil {
            self.init(forge: nil, kind: .jwt, ground: .prefix)
        } else if let forgeOfCI, forges.contains(where: { $0.id == forgeOfCI }) {
            let kind = Self.kind(of: token, among: kinds(of: forgeOfCI), hinted: nil)
            self.init(forge: forgeOfCI, kind: kind, ground: .ci)
        } else {
            self.init(forge: nil, kind: .opaque, ground: .nothing)
        }
    }

    private init(forge: String?, kind: TokenKind, ground: Ground) {
        self.forge = forge
        self.kind = kind
        self.ground = ground
    }

    /// The kind within a forge that is settled: the CI's word if it is about this forge, the prefix, the only kind there
    /// is, the form, or nothing.
    private static func kind(of token: Secret, among kinds: [TokenKind], hinted: TokenKind?) -> TokenKind {
        if let hinted, kinds.contains(hinted) { return hinted }
        if let found = prefixed(token, among: kinds) { return found }
        if kinds.count == 1, let only = kinds.first { return only }
        return JWTReader.claims(of: token) == nil ? .opaque : .jwt
    }

    /// The kind of a forge with the longest prefix of the token; of equal ones the first in the table. Kinds of no forge
    /// have a form and no prefix of their own.
    private static func prefixed(_ token: Secret, among kinds: [TokenKind]) -> TokenKind? {
        var best: (kind: TokenKind, length: Int)?
        for kind in kinds where kind.forge != nil {
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
