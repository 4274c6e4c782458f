// A server on loopback that says whatever a test wants, right or wrong, in its own time, and keeps what it was sent.

import NIOCore
import NIOPosix
import NIOSSL
import Synchronization
import Testing

/// What a server does with a connection, step by step; it hangs up after the last one.
enum ServerStep: Sendable {
    case bytes([UInt8])
    /// Says nothing more and keeps the connection open.
    case silence
    /// Says this again and again, in milliseconds, until the other side has enough.
    case drip(String, every: Int64)

    static func text(_ text: String) -> ServerStep { .bytes(Array(text.utf8)) }

    /// An answer with its true length.
    static func answer(_ status: String, _ headers: [String] = [], _ body: String = "") -> ServerStep {
        let head = ["HTTP/1.1 \(status)"] + headers + ["Content-Length: \(body.utf8.count)", "Connection: close"]
        return .text(head.joined(separator: "\r\n") + "\r\n\r\n" + body)
    }

    /// A JSON answer.
    static func json(_ body: String, _ status: String = "200 OK", _ headers: [String] = []) -> ServerStep {
        answer(status, ["Content-Type: application/json"] + headers, body)
    }
}

/// When a server begins to speak.
enum ServerCue: Sendable { case connection, request }

/// The server.
final class HostileServer: Sendable {
    let port: Int
    private let channel: any Channel
    private let tape: Tape

    /// Everything that came in, all connections together.
    var received: String { tape.received.withLock { String(decoding: $0, as: UTF8.self) } }
    /// How many connections came.
    var connections: Int { tape.connections.withLock { $0 } }
    /// `127.0.0.1:PORT`.
    var place: String { "127.0.0.1:\(port)" }
    /// `http://127.0.0.1:PORT`.
    var url: String { "http://\(place)" }

    fileprivate final class Tape: Sendable {
        let received = Mutex<[UInt8]>([])
        let connections = Mutex(0)
    }

    fileprivate init(channel: any Channel, tape: Tape) {
        self.channel = channel
        self.tape = tape
        port = channel.localAddress?.port ?? 0
    }

    static func start(
        on cue: ServerCue = .request, certificate: TestCertificate? = nil,
        _ script: @escaping @Sendable (_ request: String) -> [ServerStep]
    ) async throws -> HostileServer {
        let tape = Tape()
        let context = try certificate.map { try $0.serverContext() }
        let channel = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .childChannelOption(.allowRemoteHalfClosure, value: true)
            .childChannelInitializer { child in
                child.eventLoop.makeCompletedFuture {
                    if let context {
                        try child.pipeline.syncOperations.addHandler(NIOSSLServerHandler(context: context))
                    }
                    try child.pipeline.syncOperations.addHandler(Player(cue: cue, tape: tape, script: script))
                }
            }
            .bind(host: "127.0.0.1", port: 0).get()
        return HostileServer(channel: channel, tape: tape)
    }

    func stop() async { try? await channel.close() }
}

/// Runs a test beside a hostile server.
func withServer(
    on cue: ServerCue = .request, certificate: TestCertificate? = nil,
    _ script: @escaping @Sendable (_ request: String) -> [ServerStep], _ body: (HostileServer) async throws -> Void
) async throws {
    let server = try await HostileServer.start(on: cue, certificate: certificate, script)
    do { try await body(server) } catch {
        await server.stop()
        throw error
    }
    await server.stop()
}

/// Plays the script of one connection.
private final class Player: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private let cue: ServerCue
    private let tape: HostileServer.Tape
    private let script: @Sendable (String) -> [ServerStep]
    private var request = ""
    private var isPlaying = false

    init(cue: ServerCue, tape: HostileServer.Tape, script: @escaping @Sendable (String) -> [ServerStep]) {
        self.cue = cue
        self.tape = tape
        self.script = script
    }

    func channelActive(context: ChannelHandlerContext) {
        tape.connections.withLock { $0 += 1 }
        if cue == .connection { play(script("")[...], context) }
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let bytes = unwrapInboundIn(data).readableBytesView
        tape.received.withLock { $0 += bytes }
        request += String(decoding: bytes, as: UTF8.self)
        guard cue == .request, !isPlaying, request.contains("\r\n\r\n") else { return }
        play(script(request)[...], context)
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }

    private func play(_ steps: ArraySlice<ServerStep>, _ context: ChannelHandlerContext) {
        isPlaying = true
        guard let step = steps.first else { return context.close(promise: nil) }
        let bound = NIOLoopBound((self, context), eventLoop: context.eventLoop)
        switch step {
        case .silence: return
        case .bytes(let bytes):
            context.writeAndFlush(wrapOutboundOut(ByteBuffer(bytes: bytes))).whenComplete { _ in
                let (player, context) = bound.value
                player.play(steps.dropFirst(), context)
            }
        case .drip(let text, let pause):
            guard context.channel.isActive else { return }
            context.writeAndFlush(wrapOutboundOut(ByteBuffer(string: text)), promise: nil)
            context.eventLoop.scheduleTask(in: .milliseconds(pause)) {
                let (player, context) = bound.value
                player.play(steps, context)
            }
        }
    }
}
