// A transport that knows what will be asked. A request that the script does not have fails the test by name, and so does a
// step that nobody asked for.
public import OutlastModel
import Synchronization
public import Testing

/// Answers requests from a script and keeps them.
public final class ScriptedTransport: HTTPTransport {
    /// One expected request with its answer.
    public struct Step: Sendable {
        /// Method and address, `GET https://gitlab.example.com/api/v4/user`.
        public let request: String
        /// What comes back.
        public let answer: Result<HTTPResponse, Failure>

        /// Expects a request and gives an answer.
        public init(_ request: String, _ answer: HTTPResponse) {
            self.request = request
            self.answer = .success(answer)
        }

        /// Expects a request and fails as a transport does.
        public init(_ request: String, failing failure: Failure) {
            self.request = request
            answer = .failure(failure)
        }
    }

    private struct Tape {
        var steps: [Step]
        var requests: [HTTPRequest] = []
    }

    private let tape: Mutex<Tape>
    private let always: (@Sendable (HTTPRequest) -> Result<HTTPResponse, Failure>)?

    /// Expects exactly these requests, in this order.
    public init(_ steps: [Step]) {
        tape = Mutex(Tape(steps: steps))
        always = nil
    }

    /// Answers every request by a function; for properties that hold whatever is asked.
    public init(answering: @escaping @Sendable (HTTPRequest) -> Result<HTTPResponse, Failure>) {
        tape = Mutex(Tape(steps: []))
        always = answering
    }

    /// What was asked so far.
    public var requests: [HTTPRequest] { tape.withLock { $0.requests } }

    /// Method and address of what was asked so far.
    public var lines: [String] { requests.map { "\($0.method) \($0.url.text)" } }

    /// Plays the next step.
    public func send(_ request: HTTPRequest) async throws(Failure) -> HTTPResponse {
        let line = "\(request.method) \(request.url.text)"
        let step = tape.withLock { tape -> Step? in
            tape.requests.append(request)
            return tape.steps.isEmpty ? nil : tape.steps.removeFirst()
        }
        if let always { return try always(request).get() }
        guard let step, step.request == line else {
            Issue.record("unscripted request: \(line); the script has \(step?.request ?? "nothing more")")
            throw Failure(.unexpected, "unscripted request: \(line)")
        }
        return try step.answer.get()
    }

    /// Fails the test for steps that nobody asked for.
    public func expectEnd(at location: SourceLocation = #_sourceLocation) {
        let left = tape.withLock { $0.steps.map(\.request) }
        #expect(left.isEmpty, "never asked: \(left)", sourceLocation: location)
    }
}

extension HTTPResponse {
    /// A JSON answer.
    public static func json(_ text: String, status: Int = 200, headers: [(name: String, value: String)] = []) -> Self {
        HTTPResponse(
            status: status, headers: [("Content-Type", "application/json")] + headers, body: Array(text.utf8))
    }

    /// A plain text.
    public static func text(_ text: String, status: Int, headers: [(name: String, value: String)] = []) -> Self {
        HTTPResponse(status: status, headers: [("Content-Type", "text/plain")] + headers, body: Array(text.utf8))
    }

    /// A page.
    public static func html(_ text: String, status: Int = 200, headers: [(name: String, value: String)] = []) -> Self {
        HTTPResponse(
            status: status, headers: [("Content-Type", "text/html; charset=utf-8")] + headers, body: Array(text.utf8))
    }
}

extension HTTPRequest {
    /// How the request carries a token: the header's name with the form of its value, never the value.
    public var credential: String? {
        for header in headers {
            switch header.value {
            case .secret(let prefix, _): return "\(header.name): \(prefix)…"
            case .basic(let user, _): return "\(header.name): Basic \(user):…"
            case .text: continue
            }
        }
        return nil
    }
}
