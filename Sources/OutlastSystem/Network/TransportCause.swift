// What the libraries throw, sorted into causes. Their own descriptions may hold header values, and so secrets: none of
// them gets into a cause, except the reason codes of the TLS library.

import AsyncHTTPClient
import NIOCore
import NIOHTTP1
import NIOPosix
import NIOSSL
import OutlastModel

#if canImport(Darwin)
import Darwin
#elseif canImport(Musl)
import Musl
#else
import Glibc
#endif

/// Why an exchange failed.
enum TransportCause: Hashable {
    case nameUnknown
    /// Connecting or the connection failed, in the system's words.
    case connection(String)
    case connectTimeout
    case proxyTimeout
    case proxyRefused
    case proxyWantsAuthentication
    case wrongName
    /// The TLS library's reason codes, such as `CERTIFICATE_VERIFY_FAILED`.
    case handshake(Set<String>)
    case handshakeTimeout
    /// The authorities that we trust could not be loaded.
    case authorities
    case closedEarly(Exchange.Progress)
    case malformed
    case headerTooLarge
    case bodyTooLarge(limit: Int)
    case encoded(String)
    case tookTooLong(Exchange.Progress)
    case cancelled
    /// Something that nobody expected; the name of its type.
    case other(String)

    /// Sorts an error.
    init(_ error: any Error, proxy: ProxyServer?) {
        switch error {
        case Exchange.Trouble.tookTooLong(let progress): self = .tookTooLong(progress)
        case Exchange.Trouble.bodyTooLarge(let limit): self = .bodyTooLarge(limit: limit)
        case Exchange.Trouble.encoded(let name): self = .encoded(name)
        case Exchange.Trouble.interrupted(let inner, let progress):
            self = Self.sorted(inner, progress, proxy: proxy)
        default: self = Self.sorted(error, Exchange.Progress(), proxy: proxy)
        }
    }

    private static func sorted(
        _ error: any Error, _ progress: Exchange.Progress, proxy: ProxyServer?
    ) -> TransportCause {
        switch error {
        case is CancellationError: .cancelled
        case let error as HTTPClientError: client(error, progress)
        case let error as HTTPParserError: parser(error, progress)
        case let error as NIOConnectionError:
            // Of several addresses the first says enough; without any there was no name.
            error.connectionErrors.first.map { sorted($0.error, progress, proxy: proxy) } ?? .nameUnknown
        // The other side went away on a connection that was there.
        case let error as IOError where [ECONNRESET, EPIPE, ENOTCONN].contains(error.errnoCode): .closedEarly(progress)
        case let error as IOError: .connection(SystemError(code: error.errnoCode).words)
        case ChannelError.connectTimeout: .connectTimeout
        case ChannelError.ioOnClosedChannel, ChannelError.alreadyClosed, ChannelError.eof: .closedEarly(progress)
        case NIOSSLError.uncleanShutdown: .closedEarly(progress)
        case NIOSSLError.noSuchFilesystemObject, NIOSSLError.failedToLoadCertificate, BoringSSLError.unknownError:
            .authorities
        case NIOSSLError.handshakeFailed(let inner): .handshake(reasons(inner))
        case let error as BoringSSLError: .handshake(reasons(error))
        case is NIOSSLExtraError: .wrongName
        // The SOCKS library's errors are not ours to name; at this point they are all that is left.
        case _ where proxy?.kind == .socks && !progress.hasHead: .proxyRefused
        default: unnamed(String(describing: type(of: error)), progress)
        }
    }

    /// The HTTP/2 library's errors are known to the client only; one of them is common.
    private static func unnamed(_ type: String, _ progress: Exchange.Progress) -> TransportCause {
        type == "StreamClosed" ? .closedEarly(progress) : .other(type)
    }

    private static func client(_ error: HTTPClientError, _ progress: Exchange.Progress) -> TransportCause {
        switch error {
        case .connectTimeout, .getConnectionFromPoolTimeout: .connectTimeout
        case .tlsHandshakeTimeout: .handshakeTimeout
        case .httpProxyHandshakeTimeout, .socksHandshakeTimeout: .proxyTimeout
        case .invalidProxyResponse: .proxyRefused
        case .proxyAuthenticationRequired: .proxyWantsAuthentication
        case .remoteConnectionClosed, .uncleanShutdown, .requestStreamCancelled: .closedEarly(progress)
        case .cancelled: .cancelled
        case .deadlineExceeded, .readTimeout, .writeTimeout: .tookTooLong(progress)
        // The short description holds no values of the request.
        default: .other(error.shortDescription)
        }
    }

    private static func parser(_ error: HTTPParserError, _ progress: Exchange.Progress) -> TransportCause {
        switch error {
        case .headerOverflow: .headerTooLarge
        case .invalidEOFState, .closedConnection: .closedEarly(progress)
        default: .malformed
        }
    }

    /// The library tells its reasons in text only: `…:OPENSSL_internal:CERTIFICATE_VERIFY_FAILED at file:line`.
    private static func reasons(_ error: BoringSSLError) -> Set<String> {
        guard case .sslError(let stack) = error else { return [] }
        return Set(
            stack.flatMap { entry in
                entry.description.split { !$0.isLetter && !$0.isNumber && $0 != "_" }.map(String.init)
                    .filter { $0.contains("_") && $0 == $0.uppercased() }
            })
    }
}
