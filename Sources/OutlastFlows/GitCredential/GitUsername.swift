// The user name that goes with a token. Servers that look at nothing but the token take any; others want a certain one,
// which is data of the token's kind.

import OutlastModel

enum GitUsername {
    /// What most servers take with a token of a kind that nobody knows.
    static let usual = "oauth2"

    /// The configured name, else the kind's, else for an unknown kind its forge's usual one or the one that git asked for.
    /// Nil for a kind whose tokens have user names of their own, when nobody told it.
    static func name(configured: String?, kind: TokenKind, forge: (any Forge)?, asked: String?) -> String? {
        if let name = configured ?? kind.username { return name }
        guard kind.forge == nil else { return asked }
        return forge?.kinds.lazy.compactMap(\.username).first ?? asked ?? usual
    }
}
