// HTTP over the network. One request, one answer, one bound on the whole of it; no redirects, retries or cookies.

import AsyncHTTPClient
import NIOCore
import NIOHTTP1
public import OutlastModel
import Synchronization

/// Sends requests over the network.
///
/// Making one costs nothing: threads, sockets and certificates come with the first request. The process's SIGPIPE is
/// ignored from then on, which programs that it starts inherit unless whoever starts them resets it.
public final class NetworkTransport: HTTPTransport {
    /// A certificate authority that is trusted for one host only.
    public struct ExtraAuthority: Hashable, Sendable {
        /// The host; its port does not matter.
        public let host: String
        /// A file with certificates in PEM form.
        public let file: String
        /// What named the file, for messages.
        public let source: String

        /// Makes an authority.
        public init(host: String, file: String, source: String = "CI_SERVER_TLS_CA_FILE") {
            self.host = host
            self.file = file
            self.source = source
        }
    }

    private let agent: String
    private let allowsInsecureHTTP: Bool
    private let proxies: ProxyChoice
    private let authorities: TrustedAuthorities
    private let clock: any WallClock
    private let clients = ClientPool()

    /// Makes a transport.
    ///
    /// - Parameters:
    ///   - version: the program's version; requests carry `User-Agent: outlast/<version>`.
    ///   - variables: the environment, for proxies and `SSL_CERT_FILE`, `SSL_CERT_DIR`.
    ///   - extraAuthority: one more authority for one host (the CI's own).
    ///   - allowsInsecureHTTP: whether `http://` may go beyond loopback.
    ///   - clock: the machine's clock, for messages about certificates that are not valid now.
    public init(
        version: String, variables: Variables, extraAuthority: ExtraAuthority? = nil, allowsInsecureHTTP: Bool = false,
        clock: any WallClock = SystemClock()
    ) {
        agent = "outlast/\(version)"
        self.allowsInsecureHTTP = allowsInsecureHTTP
        proxies = ProxyChoice(variables: variables)
        authorities = TrustedAuthorities(variables: variables, extra: extraAuthority)
        self.clock = clock
    }

    deinit { clients.shutdown() }

    /// Whether nothing of the network was touched.
    var isUntouched: Bool { clients.isEmpty }

    /// Closes all connections, without waiting. The transport can be used again after it.
    public func shutdown() { clients.shutdown() }

    /// Sends one request and reads the whole answer, whatever its status.
    ///
    /// - Throws: `unreachable` that names host and port and the cause; `configuration` when the request may not or
    ///   can't be sent by what the configuration or the environment say.
    public func send(_ request: HTTPRequest) async throws(Failure) -> HTTPResponse {
        let origin = request.url.origin
        try checkEncryption(of: origin)
        let wire = try WireRequest(request, agent: agent)
        let proxy = try proxies.server(for: origin)
        try checkLiteralAddress(of: origin, through: proxy)
        let route = Route(
            proxyVariable: proxy?.variable, isEncrypted: origin.scheme == "https",
            trustsExtra: origin.scheme == "https" && authorities.trustsExtra(for: origin.host),
            // A request that changes something must not be lost on a connection that the server is just giving up.
            isFresh: request.method != "GET" && request.method != "HEAD")
        let client = try clients.client(route, proxy: proxy) { () throws(Failure) in
            try authorities.configuration(withExtra: route.trustsExtra)
        }
        let exchange = Exchange(
            client: client, request: wire.value, timeout: request.timeout, largestBody: request.largestBody)
        do {
            return try await exchange.run()
        } catch {
            let cause = TransportCause(error, proxy: proxy)
            let diagnosis = Diagnosis(origin: origin, proxy: proxy, timeout: request.timeout, clock: clock)
            throw await diagnosis.failure(cause)
        }
    }

    private func checkEncryption(of origin: Origin) throws(Failure) {
        guard origin.scheme == "http", !origin.isLoopback, !allowsInsecureHTTP else { return }
        let isLocalName = origin.host == "localhost" || origin.host.hasSuffix(".localhost")
        let advice =
            isLocalName
            ? "loopback means a literal address: write http://127.0.0.1\(origin.port == 80 ? "" : ":\(origin.port)")"
            : "use https://, or accept the risk with --allow-insecure-http"
        throw Failure.configuration("\(origin.text) would carry the token unencrypted", hint: advice)
    }

    /// The TLS library checks a literal address against the address at the other end of the connection, which is the
    /// proxy's: the proxy could then pose as the server.
    private func checkLiteralAddress(of origin: Origin, through proxy: ProxyServer?) throws(Failure) {
        guard let proxy, origin.scheme == "https", IPAddress(origin.host) != nil else { return }
        throw Failure.configuration(
            "the certificate of \(origin.text) cannot be checked through the proxy of \(proxy.variable), "
                + "because the server is named by its address",
            hint: "name the server by its host name, or add \(origin.host) to NO_PROXY")
    }
}
