// The clients behind the transport: made when a request first needs one, one for each way to a server, none shared.

import AsyncHTTPClient
import NIOCore
import NIOPosix
import NIOSSL
import OutlastModel
import Synchronization

/// What makes one client different from another.
struct Route: Hashable {
    /// The variable that named the proxy; nil for a direct connection.
    var proxyVariable: String?
    /// Whether TLS is spoken.
    var isEncrypted: Bool
    /// Whether the extra authority is trusted.
    var trustsExtra: Bool
    /// Whether every request gets a connection of its own.
    var isFresh: Bool
}

/// Makes and keeps clients.
final class ClientPool: Sendable {
    /// Bound on name resolution, connecting, the proxy's and the TLS handshake together: enough for four tries of the
    /// kernel to connect, less than the default bound of a whole exchange, so that the cause is told.
    static let connectTimeout = TimeAmount.seconds(8)

    private let clients = Mutex<[Route: HTTPClient]>([:])

    /// Whether no client was made, or all were shut down.
    var isEmpty: Bool { clients.withLock { $0.isEmpty } }

    /// The client of a route.
    ///
    /// - Parameter trust: TLS settings, asked for when a client is made.
    func client(
        _ route: Route, proxy: ProxyServer?, trust: () throws(Failure) -> TLSConfiguration
    ) throws(Failure) -> HTTPClient {
        if let client = clients.withLock({ $0[route] }) { return client }
        var configuration = Self.configuration(proxy: proxy)
        if route.isEncrypted { configuration.tlsConfiguration = try trust() }
        if route.isFresh { configuration.maximumUsesPerConnection = 1 }
        let made = HTTPClient(
            eventLoopGroupProvider: .shared(MultiThreadedEventLoopGroup.singleton), configuration: configuration)
        let kept = clients.withLock { clients in
            if let other = clients[route] { return other }
            clients[route] = made
            return made
        }
        if kept !== made { made.shutdown { _ in } }
        return kept
    }

    /// The settings that all clients share.
    static func configuration(proxy: ProxyServer?) -> HTTPClient.Configuration {
        var configuration = HTTPClient.Configuration(redirectConfiguration: .disallow)
        configuration.timeout.connect = connectTimeout
        configuration.decompression = .disabled
        configuration.httpVersion = .automatic
        // Servers drop idle connections; a request on one that is just being dropped fails for no good reason.
        configuration.connectionPool.idleTimeout = .seconds(5)
        // Retries are the caller's decision, and the first error tells more than a time-out later.
        configuration.connectionPool.retryConnectionEstablishment = false
        configuration.proxy = proxy.map { proxy in
            switch proxy.kind {
            case .socks: .socksServer(host: proxy.host, port: proxy.port)
            case .http:
                .server(
                    host: proxy.host, port: proxy.port,
                    authorization: proxy.user.map {
                        .basic(username: $0, password: proxy.password?.reveal() ?? "")
                    })
            }
        }
        return configuration
    }

    /// Closes every connection without waiting for it.
    func shutdown() {
        let all = clients.withLock { clients in
            defer { clients = [:] }
            return Array(clients.values)
        }
        for client in all { client.shutdown { _ in } }
    }
}
