// One conversation with one forge's API: builds requests on the configured base, follows redirects by hand on the same
// origin, and sorts out the answers that say nothing about what was asked.
import OutlastModel

/// A forge's API as a client sees it.
struct APIClient: Sendable {
    /// The most redirects that one question follows.
    static let mostRedirects = 3

    let dialect: APIDialect
    /// The base of the API.
    let api: ServerURL
    let transport: any HTTPTransport
    let clock: any WallClock
    let timeout: Duration

    init(
        _ dialect: APIDialect, api: ServerURL, over transport: any HTTPTransport, clock: any WallClock,
        timeout: Duration
    ) {
        self.dialect = dialect
        self.api = api
        self.transport = transport
        self.clock = clock
        self.timeout = timeout
    }

    /// A request of this forge's form, with the headers that it always wants.
    func request(
        _ method: String, _ url: ServerURL, credential: (name: String, value: HeaderValue)?,
        body: HTTPRequest.Body? = nil
    ) -> HTTPRequest {
        var headers: [(name: String, value: HeaderValue)] = [("Accept", .text(dialect.accept))]
        headers += dialect.headers.map { ($0.name, .text($0.value)) }
        if let credential { headers.append(credential) }
        return HTTPRequest(method, url, headers: headers, body: body, timeout: timeout)
    }

    /// Asks with a GET below the base, or at `root` where that is given.
    ///
    /// - Throws: what `ask` throws.
    func get(
        _ path: String, query: String? = nil, at root: ServerURL? = nil,
        credential: (name: String, value: HeaderValue)?
    ) async throws(Failure) -> APIAnswer {
        try await ask(request("GET", (root ?? api).appending(path, query: query), credential: credential))
    }

    /// Sends a request and gives back every answer that can be one of the API's.
    ///
    /// - Throws: `slowDown` (75) for rate limits and bans; `unreachable` (69) for transport failures, servers in trouble
    ///   (5xx), a proxy that wants a login, and redirects that are not followed.
    func ask(_ request: HTTPRequest) async throws(Failure) -> APIAnswer {
        let answer = try await exchange(request)
        if let failure = answer.slowDown { throw failure }
        switch answer.status {
        case 500...:
            let said = answer.json?["message"]?.text.map { ": " + SafeText.line($0, limit: 120) } ?? ""
            throw Failure.unreachable(
                "\(answer.host) answered \(answer.status)\(said): it is in trouble itself\(answer.trace)",
                hint: "nothing was learnt about the token; try again later")
        case 407:
            throw Failure.unreachable(
                "a proxy before \(answer.host) answered 407: it wants a login of its own",
                hint: "check HTTPS_PROXY; the token was not looked at")
        default: return answer
        }
    }

    /// Sends a request; a GET follows redirects on the same origin.
    ///
    /// - Throws: `unreachable` for transport failures and for redirects to elsewhere, of anything but a GET, without an
    ///   address, or too many.
    func exchange(_ request: HTTPRequest) async throws(Failure) -> APIAnswer {
        var request = request
        for _ in 0...Self.mostRedirects {
            let response = try await transport.send(request)
            let answer = APIAnswer(url: request.url, response: response, receivedAt: clock.now(), dialect: dialect)
            guard [301, 302, 303, 307, 308].contains(response.status) else { return answer }
            let location = response.header("Location")
            if let location, dialect.signInPaths.contains(where: { location.lowercased().contains($0) }) {
                return answer
            }
            request.url = try follow(answer, to: location, method: request.method)
        }
        throw Failure.unreachable(
            "\(request.url.origin.hostAndPort) redirects more than \(Self.mostRedirects) times",
            hint: dialect.whereabouts)
    }

    private func follow(_ answer: APIAnswer, to location: String?, method: String) throws(Failure) -> ServerURL {
        guard let location, let target = Redirect.target(location, from: answer.url) else {
            throw Failure.unreachable(
                "\(answer.host) answered \(answer.status), a redirect without an address that can be followed",
                hint: dialect.whereabouts)
        }
        guard target.origin == answer.url.origin else { throw Redirect.refused(answer, to: target) }
        guard method == "GET" else {
            throw Failure.unreachable(
                "\(answer.host) answered \(answer.status) to a \(method): redirects of such requests are not followed",
                hint: dialect.whereabouts)
        }
        return target
    }

    /// The address of the page after this one; nil at the end of the list.
    ///
    /// - Throws: `unreachable` when the next page lies on another server.
    func pageAfter(_ answer: APIAnswer) throws(Failure) -> ServerURL? {
        guard let link = answer.response.header("Link"), let reference = Redirect.next(in: link) else { return nil }
        guard let target = Redirect.target(reference, from: answer.url) else {
            throw answer.notTheAPI("a link to a next page that is no address")
        }
        guard target.origin == answer.url.origin else { throw Redirect.refused(answer, to: target) }
        return target
    }
}
