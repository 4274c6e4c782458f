// What differs between the forges' ways of keeping deploy keys.
import OutlastModel

/// How one forge speaks of deploy keys.
protocol DeployKeySpeech: Sendable {
    /// How its API is spoken to.
    var dialect: APIDialect { get }
    /// Whether the forge ends a key at its time.
    var keepsEnds: Bool { get }
    /// The header that carries the token.
    func credential(_ token: Secret) -> (name: String, value: HeaderValue)
    /// The list of a repository's keys, below the API's base.
    ///
    /// - Throws: `configuration` (78) for a text that is no repository's name.
    func shelf(_ context: DeployKeyContext) throws(Failure) -> String
    /// The body of the request that lets a key in.
    func body(_ request: DeployKeyRequest) -> HTTPRequest.Body
    /// A key as it is shown.
    ///
    /// - Throws: `unreachable` for an object that is none.
    func key(_ json: JSONValue, _ answer: APIAnswer) throws(Failure) -> DeployKey
    /// Whether the forge knows the key already, here or elsewhere.
    func isTaken(_ answer: APIAnswer) -> Bool
    /// What an answer other than a success means.
    func refusal(_ answer: APIAnswer, _ context: DeployKeyContext) -> Failure
}

extension DeployKeyContext {
    /// A sentence on what could not be done, for whom, and why.
    func unmanaged(_ why: String) -> String {
        "the deploy keys of \(SafeText.line(repository, limit: 200)) cannot be managed with credential \(credential): "
            + why
    }

    /// A token that is not accepted, by how it stands.
    func dead(_ standing: TokenStanding, _ said: String, hint: String) -> Failure {
        Failure(standing == .expired ? .expired : .rejected, unmanaged(said), hint: hint)
    }

    /// A token that may not.
    func forbidden(_ said: String, hint: String) -> Failure {
        Failure(.insufficientScope, unmanaged(said), hint: hint)
    }

    /// A key that the forge does not take whoever asks.
    func unwanted(_ said: String, hint: String?) -> Failure { Failure(.sshUnproved, unmanaged(said), hint: hint) }

    /// A repository that cannot be one.
    func oddRepository(_ form: String) -> Failure {
        .configuration(
            "`\(SafeText.line(repository, limit: 200))` of credential \(credential) is no repository's name",
            hint: "deploy keys need \(form)")
    }

    /// The segments of the repository's path; nil where one is empty, a dot or two, or holds what no path does.
    var segments: [String]? {
        let parts = repository.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
        let isPlain = parts.allSatisfy { part in
            !part.isEmpty && part != "." && part != ".." && part.utf8.allSatisfy { (0x21...0x7E).contains($0) }
        }
        return isPlain && repository.utf8.count <= 1024 ? parts : nil
    }
}
