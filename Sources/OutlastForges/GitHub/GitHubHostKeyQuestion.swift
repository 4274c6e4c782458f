// GitHub's word on its own host keys, by `GET /meta` over TLS (facts section 2.10).
import OutlastModel

/// One question about host keys.
struct GitHubHostKeyQuestion {
    /// The most keys that one host is believed to have.
    static let mostKeys = 16
    /// The names of the fingerprints, and the types they are of. DSA is none that OpenSSH still speaks.
    private static let types = [
        (name: "SHA256_ED25519", type: "ssh-ed25519"), (name: "SHA256_ECDSA", type: "ecdsa-sha2-nistp256"),
        (name: "SHA256_RSA", type: "ssh-rsa"),
    ]

    private let question: HostKeyQuestion
    private let client: APIClient

    init(_ question: HostKeyQuestion, over transport: any HTTPTransport, clock: any WallClock) {
        self.question = question
        client = APIClient(
            GitHub.dialect, api: question.api, over: transport, clock: clock, timeout: question.timeout)
    }

    func ask() async throws(Failure) -> [HostKeyBook.Key]? {
        guard isAnsweredHere else { return nil }
        let origin = question.api.origin
        guard origin.scheme == "https" || origin.isLoopback else {
            throw Failure(
                .sshUnproved,
                "the host keys of \(question.host) are not taken from \(origin.text): without TLS anybody "
                    + "on the way could name others",
                hint: "give the key by --host-key or --known-hosts")
        }
        var answer = try await meta(question.token)
        // A dead token says nothing about host keys, which strangers are told too.
        if answer.status == 401, question.token != nil { answer = try await meta(nil) }
        if answer.status == 404 { return nil }
        let json = try answer.object()
        guard answer.status == 200 else {
            let said = json["message"]?.text.map { SafeText.line($0, limit: 200) } ?? answer.nature
            throw answer.notTheAPI("`\(said)`")
        }
        return try keys(json, answer)
    }

    /// Whether this API is that host's: the host that git is served from, on any port, and the place of the same server
    /// on the port of HTTPS.
    private var isAnsweredHere: Bool {
        let place = HostKeyBook.Place(host: question.host, port: question.port)
        let host = GitHub().gitHost(ofAPI: question.api.origin.host) ?? question.api.origin.host
        if place.host == host { return true }
        return GitHub.hostKeys.place.host == host && GitHub.hostKeys.throughHTTPSPort == place
    }

    private func meta(_ token: Secret?) async throws(Failure) -> APIAnswer {
        try await client.get(
            "/meta", credential: token.map { ("Authorization", .secret(prefix: "Bearer ", $0)) })
    }

    private func keys(_ json: JSONValue, _ answer: APIAnswer) throws(Failure) -> [HostKeyBook.Key]? {
        var lines: [PublicKeyText] = []
        if let list = json["ssh_keys"] {
            guard let elements = list.elements, elements.count <= Self.mostKeys else {
                throw answer.notTheAPI("`ssh_keys` that are no list of keys")
            }
            for element in elements {
                guard let key = element.text.flatMap({ PublicKeyText($0) }) else {
                    throw answer.notTheAPI("`ssh_keys` with a line that is no key")
                }
                lines.append(key)
            }
        }
        var keys = lines.map { HostKeyBook.Key($0) }
        for (name, type) in Self.types {
            guard let value = json["ssh_key_fingerprints"]?[name] else { continue }
            guard let bare = value.text, let told = HostKeyBook.Key(type: type, fingerprint: "SHA256:" + bare)
            else {
                throw answer.notTheAPI("a `\(name)` that is no fingerprint")
            }
            let shown = keys.filter { $0.type == type }
            if shown.isEmpty { keys.append(told) }
            guard shown.isEmpty || shown.contains(where: { $0.fingerprint == told.fingerprint }) else {
                throw mistrusted("its \(type) key and the fingerprint it names do not belong together", answer)
            }
        }
        for key in keys {
            guard let reason = HostKeyBook([GitHub.hostKeys]).refusal(ofFingerprint: key.fingerprint) else {
                continue
            }
            throw mistrusted("it names \(key.fingerprint), \(reason)", answer)
        }
        return keys.isEmpty ? nil : keys
    }

    private func mistrusted(_ why: String, _ answer: APIAnswer) -> Failure {
        Failure(
            .sshUnproved, "what \(answer.host) says of its host keys is not believed: \(why)\(answer.trace)",
            hint: "somebody may be in the way: get the key from elsewhere, and give it by --host-key or --known-hosts")
    }
}
