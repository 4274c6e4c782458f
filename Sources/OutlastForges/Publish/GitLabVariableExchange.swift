// The requests about one GitLab variable, and what their refusals mean.
import OutlastModel

/// One variable's conversation.
struct GitLabVariableExchange: Sendable {
    let label: String
    private let context: PublishContext
    private let client: APIClient
    private let credential: (name: String, value: HeaderValue)
    private let list: String
    private let key: String
    private let scope: String?

    init(_ context: PublishContext, label: String) throws(Failure) {
        self.label = label
        self.context = context
        client = try context.client(GitLab.dialect, label)
        credential = ("Authorization", .secret(prefix: "Bearer ", try context.neededWriter(label)))
        var owner = ""
        if let project = context.settings.text("project") {
            owner = "/projects/\(ServerURL.encoded(project))"
        } else {
            owner = "/groups/\(ServerURL.encoded(try context.needed("group", label)))"
        }
        list = owner + "/variables"
        key = try context.needed("key", label)
        scope = context.settings.text("environment_scope")
        guard TextForm.gitlabVariable.fits(key) else {
            throw .configuration("`key` of \(label) is no name of a variable", hint: TextForm.gitlabVariable.hint)
        }
    }

    private static func isKeyByte(_ byte: UInt8) -> Bool {
        (48...57).contains(byte) || (65...90).contains(byte) || (97...122).contains(byte) || byte == UInt8(ascii: "_")
    }

    /// `filter[environment_scope]=…`, which chooses among variables of one key.
    private var filter: String? { scope.map { "filter%5Benvironment_scope%5D=\(ServerURL.encoded($0))" } }

    /// The variable; nil when there is none yet.
    func read() async throws(Failure) -> GitLabVariableState? {
        let answer = try await client.get("\(list)/\(key)", query: filter, credential: credential)
        if answer.status == 200 {
            let json = try answer.object()
            guard json["key"]?.text == key else { throw answer.notTheAPI("an object that is not this variable") }
            return GitLabVariableState(json)
        }
        if answer.status == 404, GitLabRefusal.words(answer)?.contains("Variable Not Found") == true { return nil }
        throw refusal(answer)
    }

    /// The scope that writing takes; reading is allowed with less.
    func checkWriter() async throws(Failure) {
        guard let writer = context.writer else { return }
        guard case .token(let record) = try await GitLabSession(client: client, token: writer).look(),
            let scopes = record.scopes, !scopes.contains("api")
        else { return }
        throw context.forbidden(
            label, "the credential that writes it lacks the scope api", hint: "name one that has it: `with: NAME`")
    }

    /// Whether GitLab can keep the value secret in logs as the variable is set: better said before than by its
    /// `is invalid`.
    func checkFit(_ token: Secret, _ known: GitLabVariableState?) throws(Failure) {
        guard known?.isMasked ?? true else { return }
        guard token.count >= 8 else {
            throw context.refused(
                label, "a masked variable holds 8 characters at least, and the token has \(token.count)",
                hint: "switch masking off for it, if such a short token may be shown in logs")
        }
        let isRaw = known?.isRaw ?? true
        let isFit = token.withBytes { $0.allSatisfy { isRaw ? (0x21...0x7E).contains($0) : Self.isMaskable($0) } }
        guard isFit else {
            throw context.refused(
                label, "the token holds a character that a masked variable with expansion cannot hold",
                hint: "switch off `Expand variable reference` for it (raw)")
        }
    }

    private static func isMaskable(_ byte: UInt8) -> Bool { isKeyByte(byte) || "+=/@:.~-".utf8.contains(byte) }

    /// Gives it another value, and nothing else.
    func update(_ token: Secret) async throws(Failure) {
        var body = SecretJSON()
        body.add("value", secret: token)
        let url = client.api.appending("\(list)/\(key)", query: filter)
        let answer = try await client.ask(client.request("PUT", url, credential: credential, body: body.body()))
        guard (200..<300).contains(answer.status) else { throw refusal(answer) }
    }

    /// Makes it: masked, and raw since a token means nothing but itself.
    func create(_ token: Secret) async throws(Failure) {
        var body = SecretJSON()
        body.add("key", .string(key))
        body.add("value", secret: token)
        body.add("masked", true)
        body.add("raw", true)
        if let scope { body.add("environment_scope", .string(scope)) }
        let url = client.api.appending(list)
        let answer = try await client.ask(client.request("POST", url, credential: credential, body: body.body()))
        guard (200..<300).contains(answer.status) else { throw refusal(answer) }
    }

    private func refusal(_ answer: APIAnswer) -> Failure {
        guard let words = GitLabRefusal.words(answer) else { return answer.notTheAPI(answer.nature) }
        let said = "GitLab answered \(answer.status), \(words)\(answer.trace)"
        switch answer.status {
        case 401:
            return context.refused(
                label, "the credential that writes it is not accepted: \(said)",
                hint: "give `with` a living token; a job's own token cannot write variables")
        case 403:
            return context.forbidden(
                label, said, hint: "it takes a Maintainer of the project or an Owner of the group, with scope api")
        case 404:
            return context.refused(
                label, said, hint: "the project or group is not there, or not for the credential that writes it")
        case 409:
            return context.refused(
                label, "several variables have this key: \(said)",
                hint: #"say which by `environment_scope: "*"` or the name of the environment"#)
        case 400 where words.contains("is invalid"):
            return context.refused(
                label, "GitLab cannot mask this value: \(said)",
                hint: "masked values have 8 characters at least, on one line and without blanks")
        default: return context.refused(label, said)
        }
    }
}
