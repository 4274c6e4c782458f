// `--offline`: whatever asks for the network gets the same answer, and not one packet leaves.

public import OutlastModel

/// A network that is left alone.
public struct NoTransport: HTTPTransport {
    /// Makes one.
    public init() {}

    /// - Throws: `unreachable` (69), always.
    public func send(_ request: HTTPRequest) async throws(Failure) -> HTTPResponse {
        throw .unreachable(
            "--offline leaves the network alone, so \(request.url.origin.hostAndPort) was not asked",
            hint: "run it again without --offline")
    }
}
