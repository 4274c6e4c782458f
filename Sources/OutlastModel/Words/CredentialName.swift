// How a credential is named in sentences.

/// The names of credentials.
public enum CredentialName {
    /// The name of the one token that a command line gives.
    public static let onlyToken = "token"

    /// `the token of release`; for a token without a name of its own just `the token`.
    ///
    /// - Parameter what: which token of the credential.
    public static func token(of name: String, _ what: String = "the token") -> String {
        name == onlyToken ? what : "\(what) of \(name)"
    }
}
