// Whether a credential can be renewed here, before anybody tries: by its configuration, else by what its token may do.

/// Whether, and how or why not.
public struct Renewability: Hashable, Sendable {
    /// Whether it can be renewed in this job.
    public let isRenewable: Bool
    /// How, or why not: a part of a sentence.
    public let reason: String

    /// Applies the rule.
    ///
    /// - Parameters:
    ///   - kind: What the token is.
    ///   - configured: The credential's `renew`; nil when there is none.
    ///   - scopes: The token's scopes; nil when they are not known.
    ///   - isOver: Whether the token is past its end or no longer accepted: a dead token renews nothing.
    public init(kind: TokenKind, configured: RenewConfiguration?, scopes: [String]?, isOver: Bool) {
        if let configured {
            switch (configured.method, configured.by) {
            case ("none", _): self.init(false, "`renew: none` is configured")
            case (let method, .jobs): self.init(true, "configured: \(method)")
            case (let method, .operator): self.init(false, "configured: \(method), by the operator alone")
            }
            return
        }
        guard let enough = kind.renewal.selfScopes else {
            self.init(false, kind.renewal.reason)
            return
        }
        if isOver {
            self.init(false, "a token that is no longer accepted cannot renew itself")
        } else if let scopes, !scopes.contains(where: enough.contains) {
            self.init(false, "to renew itself it would need the scope \(enough.joined(separator: " or "))")
        } else {
            self.init(true, kind.renewal.reason)
        }
    }

    private init(_ isRenewable: Bool, _ reason: String) {
        self.isRenewable = isRenewable
        self.reason = reason
    }
}
