// What git and a credential helper say to each other, as values; the bytes are another target's work.

/// What git asks, or tells (git's credential protocol).
public struct GitQuestion: Sendable {
    /// `https`, `http`, …; nil when git did not say.
    public var scheme: String?
    /// `host` or `host:port`, as git wrote it.
    public var host: String?
    /// Without a leading `/`, decoded once by git; nil unless `useHttpPath` is set.
    public var path: String?
    /// The user that git wants the password of, or that it tells about.
    public var username: String?
    /// The password that git tells about (`store`, `erase`).
    public var password: Secret?
    /// Whether git passes `ephemeral` on, which keeps other helpers from storing what they are told (git 2.46).
    public var takesEphemeral: Bool

    /// Makes a question.
    public init(
        scheme: String? = nil, host: String? = nil, path: String? = nil, username: String? = nil,
        password: Secret? = nil, takesEphemeral: Bool = false
    ) {
        self.scheme = scheme
        self.host = host
        self.path = path
        self.username = username
        self.password = password
        self.takesEphemeral = takesEphemeral
    }
}

/// A user name with its password.
public struct GitLogin: Sendable {
    /// The user name.
    public var username: String
    /// The token.
    public var password: Secret
    /// Its end on this machine's clock; nil when there is none, or none is known.
    public var expiresAt: Instant?

    /// Makes a login.
    public init(username: String, password: Secret, expiresAt: Instant? = nil) {
        self.username = username
        self.password = password
        self.expiresAt = expiresAt
    }
}

/// What git is answered.
public enum GitAnswer: Sendable {
    /// Other helpers, and then a prompt, may know.
    case nothing
    /// Nobody else must answer: the place is ours, and its token is dead.
    case quit
    case login(GitLogin)
}
