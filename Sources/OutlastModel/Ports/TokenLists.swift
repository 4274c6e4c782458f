// How a forge is asked for lists of tokens: by requests that only read, with the credential of somebody who may see them.

/// A question for lists of tokens.
public struct TokenListQuestion: Sendable {
    /// The credential of an administrator or an owner.
    public let token: Secret
    /// The base of the forge's API.
    public let api: ServerURL
    /// Bound on each request.
    public let timeout: Duration

    /// Makes a question.
    public init(token: Secret, api: ServerURL, timeout: Duration) {
        self.token = token
        self.api = api
        self.timeout = timeout
    }
}

/// What a forge's lists say.
public struct TokenList: Sendable {
    /// The living tokens, each once.
    public var tokens: [ListedToken]
    /// Whether these are all living tokens of the forge, so that any other is gone.
    public var isWhole: Bool
    /// What could not be seen, and other things to tell.
    public var notes: [String]

    /// Makes a list.
    public init(tokens: [ListedToken], isWhole: Bool, notes: [String]) {
        self.tokens = tokens
        self.isWhole = isWhole
        self.notes = notes
    }
}
