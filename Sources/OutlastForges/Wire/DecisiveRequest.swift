// The one request that renews. It is sent once and never again; whatever does not prove that the server said no or yes is
// doubt, because the server may have done it (design, section 4).
import OutlastModel

/// Sends a request that changes something, once.
struct DecisiveRequest {
    /// What came back, sorted as far as that does not depend on the forge.
    enum Outcome: Sendable {
        /// A success (2xx) or a refusal (4xx) that the forge's own words have to explain.
        case answer(APIAnswer)
        /// What is certain whatever the forge is.
        case verdict(RenewalAnswer)
    }

    let client: APIClient
    private static let unsent: [ExitCode] = [.configuration, .usage, .slowDown, .stateUnusable]

    func send(_ request: HTTPRequest) async -> Outcome {
        let response: HTTPResponse
        do throws(Failure) { response = try await client.transport.send(request) } catch {
            // A mistake in our own request, a spent budget and a broken state are found before a byte leaves.
            if Self.unsent.contains(error.code) { return .verdict(.refused(error)) }
            return .verdict(
                .inDoubt(Failure(.renewalInDoubt, "the answer was lost: \(error.message)", hint: error.hint)))
        }
        let answer = APIAnswer(
            url: request.url, response: response, receivedAt: client.clock.now(), dialect: client.dialect)
        return Self.sorted(answer)
    }

    private static func sorted(_ answer: APIAnswer) -> Outcome {
        switch answer.status {
        case 200..<300: return .answer(answer)
        case 407:
            return .verdict(
                .refused(
                    .unreachable(
                        "a proxy before \(answer.host) answered 407: it wants a login of its own",
                        hint: "check HTTPS_PROXY; the request did not reach the forge")))
        case 400..<500:
            if let slowDown = answer.slowDown { return .verdict(.refused(slowDown)) }
            return .answer(answer)
        // Redirects too: a server may answer with one after it has done what was asked.
        default: return .verdict(.inDoubt(doubt(answer)))
        }
    }

    /// The doubt about an answer that is neither yes nor no.
    static func doubt(_ answer: APIAnswer) -> Failure {
        Failure(
            .renewalInDoubt,
            "\(answer.host) answered \(answer.status) with \(answer.nature)\(answer.trace), which tells neither that "
                + "it was done nor that it was not")
    }
}

/// How long a renewal may still travel. All requests of one renewal together end within its bound, so that after it
/// nothing of it can be on its way any more.
struct RequestWindow {
    private let end: Instant
    private let clock: any WallClock

    init(_ bound: Duration, from clock: any WallClock) {
        self.clock = clock
        end = clock.now().advanced(by: bound)
    }

    /// What is left for the decisive request.
    ///
    /// - Throws: `renewalFailed` (20) when less than a second is: nothing was sent.
    func rest() throws(Failure) -> Duration {
        let rest = clock.now().duration(to: end)
        guard rest >= .seconds(1) else {
            throw Failure(
                .renewalFailed, "the questions before the renewal took all of its time; it was not begun",
                hint: "try again, or allow more by --timeout")
        }
        return rest
    }
}
