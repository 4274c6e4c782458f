// One request, one answer. No redirects, no retries, no cookies: whoever asks decides about those.

/// A header's value; a secret is put on the wire and nowhere else.
public enum HeaderValue: Hashable, Sendable {
    case text(String)
    /// The prefix (such as `Bearer `) followed by the secret.
    case secret(prefix: String, Secret)
    /// HTTP Basic with this user and secret.
    case basic(user: String, Secret)

    /// Compares texts; two secrets are equal when they are the same object.
    public static func == (left: HeaderValue, right: HeaderValue) -> Bool {
        switch (left, right) {
        case (.text(let a), .text(let b)): a == b
        case (.secret(let p, let a), .secret(let q, let b)): p == q && a === b
        case (.basic(let p, let a), .basic(let q, let b)): p == q && a === b
        default: false
        }
    }

    /// Hashes what `==` compares.
    public func hash(into hasher: inout Hasher) {
        switch self {
        case .text(let text): hasher.combine(text)
        case .secret(let prefix, let secret):
            hasher.combine(prefix)
            hasher.combine(ObjectIdentifier(secret))
        case .basic(let user, let secret):
            hasher.combine(user)
            hasher.combine(ObjectIdentifier(secret))
        }
    }
}

/// A request.
public struct HTTPRequest: Sendable {
    /// The body of a request; secret since most of ours carry one.
    public struct Body: Sendable {
        /// Its media type.
        public let contentType: String
        /// Its bytes.
        public let content: Secret

        /// Makes a body.
        public init(contentType: String, content: Secret) {
            self.contentType = contentType
            self.content = content
        }
    }

    /// `GET`, `POST`, …
    public var method: String
    /// Where to.
    public var url: ServerURL
    /// Names and values in order; `Host`, `Content-Length` and `User-Agent` are the transport's business.
    public var headers: [(name: String, value: HeaderValue)]
    /// The body, if any.
    public var body: Body?
    /// Bound on the whole exchange, from connecting to the last byte.
    public var timeout: Duration
    /// The most bytes of a body that are read; a longer one is a failure.
    public var largestBody: Int

    /// Makes a request.
    public init(
        _ method: String, _ url: ServerURL, headers: [(name: String, value: HeaderValue)] = [], body: Body? = nil,
        timeout: Duration = .seconds(10), largestBody: Int = 1 << 20
    ) {
        self.method = method
        self.url = url
        self.headers = headers
        self.body = body
        self.timeout = timeout
        self.largestBody = largestBody
    }
}

/// An answer.
public struct HTTPResponse: Sendable {
    /// The status code.
    public let status: Int
    /// Names and values in order, as they came.
    public let headers: [(name: String, value: String)]
    /// The whole body.
    public let body: [UInt8]

    /// Makes an answer.
    public init(status: Int, headers: [(name: String, value: String)], body: [UInt8]) {
        self.status = status
        self.headers = headers
        self.body = body
    }

    /// The first value of a header, whatever the case of its name.
    public func header(_ name: String) -> String? {
        let wanted = name.lowercased()
        return headers.first { $0.name.lowercased() == wanted }?.value
    }
}

/// Sends requests.
public protocol HTTPTransport: Sendable {
    /// Sends one request and reads the whole answer, whatever its status.
    ///
    /// - Throws: `Failure` with `unreachable` (69) that names host and port and the cause in words: name resolution,
    ///   connection, TLS with its reason, time-out, a body that is too large or ends early.
    func send(_ request: HTTPRequest) async throws(Failure) -> HTTPResponse
}
