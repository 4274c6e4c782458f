// Whether a credential can be renewed here, before anybody tries: by its configuration, else by what its token may do.

/// Whether, and how or why not.
public struct Renewability: Hashable, Sendable {
    /// Whether it can be renewed in this job.
    public let isRenewable: Bool
    /// How, or why not: a part of a sentence.
    public let reason: String

    /// What to do where a token that is short of life will be renewed while the job runs.
    static let onTheWay =
        "where the job gets it by `outlast credential env`, `exec` or `keep`, it is renewed on the way: --min-remaining 15m then asks for enough"

    /// Applies the rule.
    ///
    /// - Parameters:
    ///   - kind: What the token is.
    ///   - configured: The credential's `renew`; nil when there is none.
    ///   - scopes: The token's scopes; nil when they are not known.
    ///   - isOver: Whether the token is past its end or no longer accepted: a dead token renews nothing.
    public init(kind: TokenKind, configured: RenewConfiguration?, scopes: [String]?, isOver: Bool) {
        guard let configured else {
            let obstacle =
                kind.renewal.selfScopes == nil ? kind.renewal.reason : Self.obstacle(kind, scopes, isOver: isOver)
            self.init(obstacle == nil, obstacle ?? kind.renewal.reason)
            return
        }
        // What renews itself has to live for that; a managing credential may do what its scopes do not allow.
        let isManaged = configured.settings.text("with") != nil
        let obstacle =
            configured.method == kind.renewal.method
            ? Self.obstacle(kind, isManaged ? nil : scopes, isOver: isOver) : nil
        switch (configured.method, configured.by) {
        case ("none", _): self.init(false, "`renew: none` is configured")
        case (let method, .operator): self.init(false, "configured: \(method), by the operator alone")
        case (let method, .jobs): self.init(obstacle == nil, obstacle ?? "configured: \(method)")
        }
    }

    /// Why a token of a kind that renews itself cannot do so; nil when it can, or when its kind does not.
    private static func obstacle(_ kind: TokenKind, _ scopes: [String]?, isOver: Bool) -> String? {
        guard let enough = kind.renewal.selfScopes else { return nil }
        if isOver { return "a token that is no longer accepted cannot renew itself" }
        guard let scopes, !scopes.contains(where: enough.contains) else { return nil }
        return "to renew itself it would need the scope \(enough.joined(separator: " or "))"
    }

    private init(_ isRenewable: Bool, _ reason: String) {
        self.isRenewable = isRenewable
        self.reason = reason
    }
}
