// Requests of tests: each carries a token that must turn up in no message.

import OutlastModel
import Testing

@testable import OutlastSystem

/// A token that is looked for in every failure.
let canary = "glpat-CANARY0123456789abcd"

/// Sends a request with the token.
func send(
    _ url: String, through transport: NetworkTransport = NetworkTransport(version: "1.2.3", variables: Variables([:])),
    method: String = "GET", timeout: Duration = .seconds(20), largestBody: Int = 1 << 20
) async throws -> HTTPResponse {
    let address = try #require(ServerURL(url))
    return try await transport.send(
        HTTPRequest(
            method, address, headers: [("PRIVATE-TOKEN", .secret(prefix: "", Secret(canary)))], timeout: timeout,
            largestBody: largestBody))
}

/// Sends a request that must fail, and checks what holds for every failure.
func failure(
    _ url: String, through transport: NetworkTransport = NetworkTransport(version: "1.2.3", variables: Variables([:])),
    timeout: Duration = .seconds(20), largestBody: Int = 1 << 20, sourceLocation: SourceLocation = #_sourceLocation
) async throws -> Failure {
    let error = await #expect(throws: Failure.self, sourceLocation: sourceLocation) {
        _ = try await send(url, through: transport, timeout: timeout, largestBody: largestBody)
    }
    let failure = try #require(error, sourceLocation: sourceLocation)
    #expect(!failure.description.contains("CANARY"), sourceLocation: sourceLocation)
    #expect(!failure.message.hasSuffix("."), sourceLocation: sourceLocation)
    return failure
}

/// A transport with an environment.
func transport(
    _ variables: [String: String], extraAuthority: NetworkTransport.ExtraAuthority? = nil,
    allowsInsecureHTTP: Bool = false
) -> NetworkTransport {
    NetworkTransport(
        version: "1.2.3", variables: Variables(variables), extraAuthority: extraAuthority,
        allowsInsecureHTTP: allowsInsecureHTTP)
}
