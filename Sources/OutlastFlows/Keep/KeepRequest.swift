// What is asked of `keep`, and what comes of it.

public import OutlastModel

/// Until when a token is kept fresh.
public enum KeepEnd: Hashable, Sendable {
    /// Until a moment (`--for`).
    case moment(Instant)
    /// Until a process is gone (`--until-pid`).
    case process(Int32)
    /// Until whoever asked says so: the command that it is for has ended.
    case cancelled
}

/// A token to keep fresh.
public struct KeepRequest: Sendable {
    /// The credential, alone in it, and how far one may go for it.
    public var credential: GitCredentialRequest
    /// The file that holds the current token, and nothing else; nil for none.
    public var file: String?
    /// Until when.
    public var end: KeepEnd

    /// Makes a request.
    public init(credential: GitCredentialRequest, file: String?, end: KeepEnd) {
        self.credential = credential
        self.file = file
        self.end = end
    }
}

/// What a look at the token has shown.
public struct KeptToken: Sendable {
    /// The token's fingerprint; nil when there is none that lives.
    public var fingerprint: Fingerprint?
    /// Its end on this machine's clock, as far as it is known.
    public var endsAt: Instant?
    /// Whether it is another one than at the last look.
    public var isNew: Bool
    /// Why there is none; nil when there is one.
    public var failure: Failure?
    /// Why the state or its key could not be used; nil when nothing was amiss.
    public var unusable: Failure?
    /// Things to tell.
    public var notes: [String]
}
