// What came back, looked at once: JSON or the reason why not, the forge's clock, and the name of the answer for support.
import OutlastModel

/// An answer of a server that was asked for JSON.
struct APIAnswer: Sendable {
    /// What the body turned out to be.
    enum Content: Sendable {
        case json(JSONValue)
        case empty
        case html
        /// Readable text that is neither.
        case text(String)
        /// Something that begins like JSON and is none.
        case broken(JSONProblem)
    }

    /// The address that answered, after redirects.
    let url: ServerURL
    /// As it came.
    let response: HTTPResponse
    /// Our clock at receipt.
    let receivedAt: Instant
    /// The forge's clock minus ours; nil without a readable `Date`.
    let clockSkew: Duration?
    /// The body.
    let content: Content
    let dialect: APIDialect

    init(url: ServerURL, response: HTTPResponse, receivedAt: Instant, dialect: APIDialect) {
        self.url = url
        self.response = response
        self.receivedAt = receivedAt
        self.dialect = dialect
        clockSkew = response.header("Date").flatMap { HTTPDate.instant($0, now: receivedAt) }
            .map { receivedAt.duration(to: $0) }
        content = Self.content(of: response)
    }

    var status: Int { response.status }
    var host: String { url.origin.hostAndPort }
    /// The forge's clock at receipt; ours where it did not tell.
    var forgeNow: Instant { receivedAt.advanced(by: clockSkew ?? .zero) }

    /// ` (request id …)`, or nothing: what an operator needs to find the answer in the forge's log.
    var trace: String {
        let found = dialect.requestIDs.lazy.compactMap { response.header($0) }.first { !$0.isEmpty }
        return found.map { " (request id \(SafeText.line($0, limit: 80)))" } ?? ""
    }

    /// The JSON, whatever its type; nil for anything else.
    var json: JSONValue? { if case .json(let value) = content { value } else { nil } }

    /// The body as text in lower case, bounded, for telling known sentences apart.
    var loweredText: String {
        String(decoding: response.body.prefix(4096), as: UTF8.self).lowercased()
    }

    /// The JSON object that the API would answer with.
    ///
    /// - Throws: `unreachable` that names host and cause for anything else.
    func object() throws(Failure) -> JSONValue {
        if let json, json.members != nil { return json }
        throw notTheAPI(nature)
    }

    /// The failure for an answer that is not this forge's API.
    func notTheAPI(_ nature: String) -> Failure {
        .unreachable(
            "\(host) answered \(status) with \(nature) where \(dialect.name)'s API was expected\(trace)",
            hint: dialect.whereabouts)
    }

    /// What the body is, as a part of a sentence.
    var nature: String {
        switch content {
        case .html: "an HTML page: a login page or a proxy?"
        case .empty: "an empty body"
        case .text(let text): "plain text, `\(SafeText.line(text, limit: 120))`"
        case .broken(let problem): problem.text
        case .json(let value): value.members == nil ? "JSON that is no object" : "an object that it does not send"
        }
    }

    private static func content(of response: HTTPResponse) -> Content {
        let isBlank: (UInt8) -> Bool = { $0 == 32 || (9...13).contains($0) }
        guard let first = response.body.first(where: { !isBlank($0) }) else { return .empty }
        let type = response.header("Content-Type")?.lowercased() ?? ""
        if type.contains("html") || first == UInt8(ascii: "<") { return .html }
        do throws(JSONProblem) {
            return .json(try JSONValue(parsing: response.body))
        } catch {
            let looksLikeJSON = first == UInt8(ascii: "{") || first == UInt8(ascii: "[") || type.contains("json")
            if looksLikeJSON { return .broken(error) }
            return .text(String(decoding: response.body.prefix(400), as: UTF8.self))
        }
    }
}

extension APIAnswer {
    /// A reading with this answer's times.
    func reading(
        _ standing: TokenStanding, kind: TokenKind? = nil, tokenID: String? = nil, name: String? = nil,
        scopes: [String]? = nil, expiry: Expiry = .unknown, detail: String? = nil
    ) -> TokenReading {
        TokenReading(
            standing: standing, kind: kind, tokenID: tokenID, name: name, scopes: scopes, expiry: expiry,
            detail: detail, readAt: receivedAt, clockSkew: clockSkew)
    }

    /// A reading of a refusal: the cause in words and the answer's name.
    func refusal(_ standing: TokenStanding, _ cause: String) -> TokenReading {
        reading(standing, detail: cause + trace)
    }
}
