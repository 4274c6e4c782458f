// A second look after a failure, for the sake of the message: what certificate a server shows, what a proxy answers to
// CONNECT. No request is sent, and no handshake is completed.

import NIOCore
import NIOPosix
import NIOSSL
import OutlastModel
import Synchronization

/// Looks at a server or at the proxy before it.
struct ServerProbe {
    /// Bound on the whole look.
    private static let patience = TimeAmount.seconds(3)

    let origin: Origin
    let proxy: ProxyServer?

    /// The status of the proxy's answer to `CONNECT`; nil when it gave none.
    func tunnelStatus() async -> Int? {
        guard let proxy, proxy.kind == .http, let (channel, status) = try? await connect(through: proxy) else {
            return nil
        }
        let answer = try? await status?.get()
        try? await channel.close()
        return answer
    }

    /// The certificates that the server shows, its own first; empty when there is no way to see them.
    func certificates() async -> [NIOSSLCertificate] {
        guard proxy?.kind != .socks, let (channel, status) = try? await connect(through: proxy) else { return [] }
        if let status {
            guard let code = try? await status.get(), (200..<300).contains(code) else {
                try? await channel.close()
                return []
            }
        }
        let shown = channel.eventLoop.makePromise(of: [NIOSSLCertificate].self)
        // Whatever happens, the promise is kept when the channel closes.
        channel.closeFuture.whenComplete { _ in shown.succeed([]) }
        let host = IPAddress(origin.host) == nil ? origin.host : nil
        let added = channel.eventLoop.submit {
            let context = try NIOSSLContext(configuration: .makeClientConfiguration())
            let handler = try NIOSSLClientHandler(context: context, serverHostname: host) {
                (chain: [NIOSSLCertificate], verdict: EventLoopPromise<NIOSSLVerificationResult>) in
                shown.succeed(chain)
                verdict.succeed(NIOSSLVerificationResult.failed)
            }
            try channel.pipeline.syncOperations.addHandler(handler)
        }
        added.whenFailure { _ in channel.close(promise: nil) }
        let chain = (try? await shown.futureResult.get()) ?? []
        try? await channel.close()
        return chain
    }

    /// Connects to the server, or to the proxy and asks it for a tunnel; then the status of its answer comes too.
    private func connect(through proxy: ProxyServer?) async throws -> (any Channel, EventLoopFuture<Int>?) {
        let loop = MultiThreadedEventLoopGroup.singleton.any()
        let status = proxy.map { _ in loop.makePromise(of: Int.self) }
        let tunnel = proxy.map { TunnelRequest(origin: origin, proxy: $0).text }
        do {
            let channel = try await ClientBootstrap(group: loop)
                .connectTimeout(Self.patience)
                .channelInitializer { channel in
                    channel.eventLoop.makeCompletedFuture {
                        guard let tunnel, let status else { return }
                        try channel.pipeline.syncOperations.addHandler(TunnelHandler(request: tunnel, answer: status))
                    }
                }
                .connect(host: proxy?.host ?? origin.host, port: proxy?.port ?? origin.port).get()
            channel.closeFuture.whenComplete { _ in status?.fail(ChannelError.eof) }
            let end = channel.eventLoop.scheduleTask(in: Self.patience) { channel.close(promise: nil) }
            channel.closeFuture.whenComplete { _ in end.cancel() }
            return (channel, status?.futureResult)
        } catch {
            status?.fail(error)
            throw error
        }
    }
}

/// The text of a `CONNECT` request.
private struct TunnelRequest {
    let text: String

    init(origin: Origin, proxy: ProxyServer) {
        let host = origin.host.contains(":") ? "[\(origin.host)]" : origin.host
        var lines = ["CONNECT \(host):\(origin.port) HTTP/1.1", "Host: \(host):\(origin.port)"]
        if let user = proxy.user {
            let credentials = Array("\(user):\(proxy.password?.reveal() ?? "")".utf8)
            lines.append("Proxy-Authorization: Basic \(Base64.encode(credentials))")
        }
        text = lines.joined(separator: "\r\n") + "\r\n\r\n"
    }
}

/// Sends a `CONNECT` request and reads the head of the answer; passes on nothing of it.
private final class TunnelHandler: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias InboundOut = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private static let largestHead = 16_384

    private let request: String
    private let answer: EventLoopPromise<Int>
    private var head: [UInt8]? = []

    init(request: String, answer: EventLoopPromise<Int>) {
        self.request = request
        self.answer = answer
    }

    func channelActive(context: ChannelHandlerContext) {
        context.writeAndFlush(wrapOutboundOut(context.channel.allocator.buffer(string: request)), promise: nil)
        context.fireChannelActive()
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard var head else { return context.fireChannelRead(data) }
        head += unwrapInboundIn(data).readableBytesView
        self.head = head
        guard let end = head.firstIndex(of: UInt8(ascii: "\n")) else {
            if head.count > Self.largestHead { context.close(promise: nil) }
            return
        }
        let words = String(decoding: head[..<end], as: UTF8.self).split(separator: " ")
        guard words.count >= 2, words[0].hasPrefix("HTTP/1."), let status = Int(words[1]) else {
            return context.close(promise: nil)
        }
        guard head.suffix(4) == [13, 10, 13, 10] || !(200..<300).contains(status) else {
            if head.count > Self.largestHead { context.close(promise: nil) }
            return
        }
        self.head = nil
        answer.succeed(status)
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }
}
