// The requests about one Jenkins credential. An API token needs no crumb; a password does, with the session it came in.
import OutlastModel

/// One credential's conversation with Jenkins.
struct JenkinsExchange: Sendable {
    let label: String
    private let context: PublishContext
    private let client: APIClient
    private let credential: (name: String, value: HeaderValue)
    private let path: String

    private static let dialect = APIDialect(
        name: "Jenkins", accept: "application/xml, application/json",
        whereabouts: "check `url`: it is Jenkins' root, and the user may need to see credentials")

    init(_ context: PublishContext, label: String) throws(Failure) {
        self.label = label
        self.context = context
        guard let root = context.settings.url("url") else {
            throw .configuration("\(label) has no `url`", hint: "add Jenkins' address")
        }
        client = APIClient(
            Self.dialect, api: root, over: context.transport, clock: context.clock, timeout: context.timeout)
        credential = ("Authorization", try Self.basic(try context.neededWriter(label), label))
        let folders = (context.settings.text("folder") ?? "").split(separator: "/").map {
            ServerURL.encoded(String($0))
        }
        let store = folders.isEmpty ? "system" : "folder"
        let domain = ServerURL.encoded(context.settings.text("domain") ?? "_")
        path =
            folders.map { "/job/\($0)" }.joined() + "/credentials/store/\(store)/domain/\(domain)/credential/"
            + ServerURL.encoded(try context.needed("id", label)) + "/config.xml"
    }

    /// `user:API-token`, in one secret.
    private static func basic(_ writer: Secret, _ label: String) throws(Failure) -> HeaderValue {
        let parts = writer.withBytes { bytes -> (String, Secret)? in
            guard let colon = bytes.firstIndex(of: UInt8(ascii: ":")), colon > 0, colon + 1 < bytes.count else {
                return nil
            }
            let user = String(decoding: bytes[..<colon], as: UTF8.self)
            return (user, Secret(bytes: UnsafeRawBufferPointer(rebasing: bytes[(colon + 1)...])))
        }
        guard let (user, secret) = parts else {
            throw .configuration(
                "the credential that writes \(label) is not `user:API-token`",
                hint: "Jenkins wants a user with each token: write both into the one secret, with a colon between")
        }
        return .basic(user: user, secret)
    }

    /// The credential's document, with its secret redacted.
    func read() async throws(Failure) -> JenkinsDocument {
        let answer = try await client.get(path, credential: credential)
        guard answer.status == 200 else { throw refusal(answer) }
        guard JenkinsDocument.rootElement(answer.response.body)?.lowercased() != "html" else {
            throw answer.notTheAPI("an HTML page: a login page or a proxy?")
        }
        guard let document = JenkinsDocument(answer.response.body) else {
            let type = JenkinsDocument.rootElement(answer.response.body)
            guard let type, answer.response.body.first == UInt8(ascii: "<") else {
                throw answer.notTheAPI(answer.nature)
            }
            throw context.refused(
                label, "its type \(SafeText.line(type, limit: 120)) holds no single token",
                hint: "make it a `Secret text` or a `Username with password`")
        }
        return document
    }

    /// Writes the whole document.
    func write(_ body: HTTPRequest.Body) async throws(Failure) {
        var request = client.request("POST", client.api.appending(path), credential: credential, body: body)
        request.headers += try await crumb()
        let answer = try await client.ask(request)
        guard (200..<300).contains(answer.status) else { throw refusal(answer) }
    }

    /// The crumb against forged requests with its session; nothing where Jenkins has none.
    private func crumb() async throws(Failure) -> [(name: String, value: HeaderValue)] {
        let answer = try await client.get("/crumbIssuer/api/json", credential: credential)
        guard answer.status == 200, let json = answer.json, let field = json["crumbRequestField"]?.text,
            let crumb = json["crumb"]?.text
        else { return [] }
        let session = answer.response.headers.filter { $0.name.lowercased() == "set-cookie" }
            .map { $0.value.prefix { $0 != ";" } }.joined(separator: "; ")
        let cookie: [(name: String, value: HeaderValue)] =
            session.isEmpty ? [] : [("Cookie", .secret(prefix: "", Secret(session)))]
        return [(field, .text(crumb))] + cookie
    }

    private func refusal(_ answer: APIAnswer) -> Failure {
        let words = answer.loweredText
        switch answer.status {
        case 401:
            return context.refused(
                label, "Jenkins at \(answer.host) does not accept the credential that writes it",
                hint: "check user and API token in the one secret `user:API-token`")
        case 403 where words.contains("crumb"):
            return context.refused(
                label, "Jenkins at \(answer.host) wants a crumb that it did not give",
                hint: "use an API token in place of a password: it needs none")
        case 403:
            return context.forbidden(
                label, "Jenkins at \(answer.host) forbids it",
                hint: "the user needs Credentials/View and Credentials/Update there")
        case 404:
            return context.refused(
                label, "Jenkins at \(answer.host) has no such credential",
                hint: "make it once by hand, as `Secret text`, and check folder, domain and id")
        default: return answer.notTheAPI(answer.nature)
        }
    }
}
