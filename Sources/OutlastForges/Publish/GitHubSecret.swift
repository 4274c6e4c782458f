// An Actions secret of a GitHub repository, environment or organization (facts section 2.9): sealed for GitHub's public key
// here, and never to be read back.
import OutlastModel

/// The target `github-secret`.
struct GitHubSecret: PublishTarget {
    let canBeRead = false

    var schema: SettingsSchema { PublishSchemas.githubSecret }

    func label(_ settings: Settings) -> String {
        let owner = settings.text("repository") ?? settings.text("organization") ?? ""
        let environment = settings.text("environment").map { ", environment \($0)" } ?? ""
        return SafeText.line("github-secret \(settings.text("name") ?? "") of \(owner)\(environment)", limit: 200)
    }

    /// Asks for the public key, which takes the same permission as everything else about secrets.
    func check(_ context: PublishContext) async throws(Failure) {
        _ = try await GitHubSecretExchange(context, label: label(context.settings)).publicKey()
    }

    func publish(_ token: Secret, _ context: PublishContext) async throws(Failure) {
        let exchange = try GitHubSecretExchange(context, label: label(context.settings))
        let key = try await exchange.publicKey()
        let sealed = try context.cryptography.sealedBox(token, for: key.bytes)
        try await exchange.put(Base64Text.standard.encode(sealed), keyID: key.id)
    }

    func read(_ context: PublishContext) async throws(Failure) -> Secret? { nil }
}

/// The requests about one secret.
struct GitHubSecretExchange: Sendable {
    private let label: String
    private let context: PublishContext
    private let client: APIClient
    private let credential: (name: String, value: HeaderValue)
    private let shelf: String
    private let name: String
    private let isOrganization: Bool

    init(_ context: PublishContext, label: String) throws(Failure) {
        self.label = label
        self.context = context
        client = try context.client(GitHub.dialect, label)
        credential = ("Authorization", .secret(prefix: "Bearer ", try context.neededWriter(label)))
        let settings = context.settings
        name = try context.needed("name", label)
        guard TextForm.githubSecret.fits(name) else {
            throw .configuration("`name` of \(label) is no name of a secret", hint: TextForm.githubSecret.hint)
        }
        isOrganization = settings.text("organization") != nil
        if let organization = settings.text("organization") {
            shelf = "/orgs/\(ServerURL.encoded(organization))/actions/secrets"
            return
        }
        let parts = try context.needed("repository", label).split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count == 2, parts.allSatisfy({ !$0.isEmpty }) else {
            throw .configuration("`repository` of \(label) is not owner/name", hint: "write `repository: owner/name`")
        }
        let place = "/repos/" + parts.map { ServerURL.encoded(String($0)) }.joined(separator: "/")
        let environment = settings.text("environment").map { "/environments/\(ServerURL.encoded($0))/secrets" }
        shelf = place + (environment ?? "/actions/secrets")
    }

    /// GitHub's key for this shelf.
    func publicKey() async throws(Failure) -> (id: String, bytes: [UInt8]) {
        let answer = try await client.get("\(shelf)/public-key", credential: credential)
        guard answer.status == 200 else { throw refusal(answer) }
        let json = try answer.object()
        guard let id = json["key_id"]?.text ?? json["key_id"]?.integer.map(String.init),
            let bytes = json["key"]?.text.flatMap({ Base64Text.standard.decode($0) }), bytes.count == 32
        else { throw answer.notTheAPI("an object without a public key") }
        return (id, bytes)
    }

    /// Writes the sealed value; an organization's secret stays visible to whom it was.
    func put(_ sealed: String, keyID: String) async throws(Failure) {
        var body = SecretJSON(capacity: sealed.utf8.count + 256)
        body.add("encrypted_value", .string(sealed))
        body.add("key_id", .string(keyID))
        if isOrganization {
            let visibility = try await visibility()
            body.add("visibility", .string(visibility.word))
            if let ids = visibility.repositories {
                body.add("selected_repository_ids", .array(ids.map { .integer($0) }))
            }
        }
        let url = client.api.appending("\(shelf)/\(name)")
        let answer = try await client.ask(client.request("PUT", url, credential: credential, body: body.body()))
        guard answer.status == 201 || answer.status == 204 else { throw refusal(answer) }
    }

    /// Who sees an organization's secret: as it is, else private repositories.
    private func visibility() async throws(Failure) -> (word: String, repositories: [Int64]?) {
        let answer = try await client.get("\(shelf)/\(name)", credential: credential)
        if answer.status == 404 { return ("private", nil) }
        guard answer.status == 200 else { throw refusal(answer) }
        let word = try answer.object()["visibility"]?.text ?? "private"
        guard word == "selected" else { return (word, nil) }
        var ids: [Int64] = []
        var page = try await client.get("\(shelf)/\(name)/repositories", query: "per_page=100", credential: credential)
        while true {
            guard page.status == 200, let list = try page.object()["repositories"]?.elements else {
                throw refusal(page)
            }
            ids += list.compactMap { $0["id"]?.integer }
            guard ids.count < 10_000, let next = try client.pageAfter(page) else { return (word, ids) }
            page = try await client.ask(client.request("GET", next, credential: credential))
        }
    }

    private func refusal(_ answer: APIAnswer) -> Failure {
        guard let message = answer.json?["message"]?.text else { return answer.notTheAPI(answer.nature) }
        let said = "GitHub answered \(answer.status), \(SafeText.line(message, limit: 240))\(answer.trace)"
        switch answer.status {
        case 401:
            return context.refused(
                label, "the credential that writes it is not accepted: \(said)", hint: "give `with` a living token")
        case 403, 404:
            let permission = isOrganization ? "organization_secrets: write (or scope admin:org)" : "secrets: write"
            return context.forbidden(
                label, said,
                hint: "the credential that writes it needs the permission \(permission), and the place must exist; "
                    + "GITHUB_TOKEN never has it")
        default: return context.refused(label, said)
        }
    }
}
