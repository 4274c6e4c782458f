// The user name that goes with a token. Servers that look at nothing but the token take any; others want a certain one,
// which is data of the token's kind.

import OutlastModel

enum GitUsername {
    /// What most servers take with a token of a kind that nobody knows.
    static let usual = "oauth2"

    /// The configured name, else the kind's, else its forge's usual one for a token of an unknown kind, else the one that
    /// git asked for, else what most servers take. Nil for a kind that alone of its forge's has no name for all: its
    /// tokens have user names of their own, which nobody told.
    static func name(configured: String?, kind: TokenKind, forge: (any Forge)?, asked: String?) -> String? {
        if let name = configured ?? kind.username { return name }
        guard let usualHere = forge?.kinds.lazy.compactMap(\.username).first else { return asked ?? usual }
        return kind.forge == nil ? usualHere : asked
    }
}
