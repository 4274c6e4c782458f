// One request through the real `git http-backend`: body in and answer out at the same time, neither held in
// memory, a gzip'd body handed on as it came.
import HTTPTypes
import Hummingbird
import HummingbirdCore
import NIOCore
import NIOPosix

struct GitExchange: Sendable {
    let store: GitStore
    let path: String?

    /// Runs the request and writes the answer. The head is completed by `dress` before it goes out; when the
    /// child's answer is to be cut, `limit` says after how many bytes of its body.
    @concurrent
    func run(
        _ target: GitTarget, _ call: Call, body: RequestBody, writer: consuming ResponseWriter,
        dress: @Sendable (HTTPFields) -> HTTPFields, limit: Int? = nil
    ) async throws -> Int {
        let process = try BackendProcess(["git", "http-backend"], environment: environment(target, call))
        do {
            let status = try await converse(process, body, writer, dress, limit)
            NIOThreadPool.singleton.submit { _ in process.wait() }
            return status
        } catch {
            process.terminate()
            NIOThreadPool.singleton.submit { _ in process.wait() }
            throw error
        }
    }

    /// A cut answer is still taken to its end: the fault is on the wire, what was pushed has arrived.
    @concurrent
    private func converse(
        _ process: BackendProcess, _ body: RequestBody, _ writer: consuming ResponseWriter,
        _ dress: @Sendable (HTTPFields) -> HTTPFields, _ limit: Int?
    ) async throws -> Int {
        let pipes = try await NIOPipeBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .takingOwnershipOfDescriptors(input: process.standardOutput, output: process.standardInput) { channel in
                channel.eventLoop.makeCompletedFuture {
                    try NIOAsyncChannel<ByteBuffer, ByteBuffer>(
                        wrappingChannelSynchronously: channel, configuration: .init(isOutboundHalfClosureEnabled: true))
                }
            }
        let (output, source) = RequestBody.makeStream()
        async let pumping: Void = Self.pump(pipes, body, source)
        var iterator = output.makeAsyncIterator()
        var pending = ByteBuffer()
        let head = try await Self.head(&iterator, &pending)
        var answer = try await writer.writeHead(
            HTTPResponse(status: .init(code: head.status), headerFields: dress(head.fields)))
        var left = limit ?? .max
        if pending.readableBytes > 0 { left = try await Self.write(pending, to: &answer, left) }
        while let buffer = try await iterator.next() { left = try await Self.write(buffer, to: &answer, left) }
        guard left > 0 else { throw TruncatedOnPurpose() }
        try await answer.finish(nil)
        try? await pumping
        return head.status
    }

    /// Feeds the child and takes its output at the same time: one after the other would stop for ever at the
    /// first full pipe.
    private static func pump(
        _ pipes: NIOAsyncChannel<ByteBuffer, ByteBuffer>, _ body: RequestBody, _ source: RequestBody.Source
    ) async throws {
        defer { source.finish() }
        try await pipes.executeThenClose { inbound, outbound in
            async let feeding: Void = Self.feed(body, outbound)
            for try await buffer in inbound { await source.yield(buffer) }
            source.finish()
            try? await feeding
        }
    }

    @concurrent
    private static func write(_ buffer: ByteBuffer, to answer: inout some ResponseBodyWriter, _ left: Int) async throws
        -> Int
    {
        guard left > 0 else { return 0 }
        let slice =
            buffer.readableBytes > left ? buffer.getSlice(at: buffer.readerIndex, length: left) ?? buffer : buffer
        try await answer.write(slice)
        return left - slice.readableBytes
    }

    /// A child that does not want the whole body closes its end; that is its right, not a failure.
    private static func feed(_ body: RequestBody, _ outbound: NIOAsyncChannelOutboundWriter<ByteBuffer>) async throws {
        for try await buffer in body { try? await outbound.write(buffer) }
        outbound.finish()
    }

    /// Reads the CGI head: lines up to an empty one, `Status:` for anything but 200.
    @concurrent
    private static func head(
        _ iterator: inout RequestBody.AsyncIterator, _ pending: inout ByteBuffer
    ) async throws -> (status: Int, fields: HTTPFields) {
        while true {
            let text = String(decoding: pending.readableBytesView, as: UTF8.self)
            if let end = text.utf8.firstRange(of: Array("\r\n\r\n".utf8)) {
                let length = text.utf8.distance(from: text.startIndex, to: end.upperBound)
                pending.moveReaderIndex(forwardBy: length)
                return parse(String(text[..<end.lowerBound]))
            }
            guard pending.readableBytes < 65_536, var more = try await iterator.next() else {
                throw BackendFailure.badHead
            }
            pending.writeBuffer(&more)
        }
    }

    private static func parse(_ text: String) -> (status: Int, fields: HTTPFields) {
        var status = 200
        var fields = HTTPFields()
        for line in text.split(separator: "\r\n") {
            let pieces = line.split(separator: ":", maxSplits: 1).map { $0.drop { $0 == " " } }
            guard pieces.count == 2 else { continue }
            if pieces[0].lowercased() == "status" {
                status = Int(pieces[1].prefix(3)) ?? 500
            } else if let name = HTTPField.Name(String(pieces[0])) {
                fields.append(HTTPField(name: name, value: String(pieces[1])))
            }
        }
        return (status, fields)
    }

    private func environment(_ target: GitTarget, _ call: Call) -> [String: String] {
        var variables = [
            "PATH": path ?? "/usr/local/bin:/usr/bin:/bin", "HOME": store.root, "LC_ALL": "C",
            "GIT_CONFIG_NOSYSTEM": "1", "GIT_CONFIG_GLOBAL": "/dev/null", "GIT_PROJECT_ROOT": store.root,
            "GIT_HTTP_EXPORT_ALL": "1", "REMOTE_USER": "sandbox", "REMOTE_ADDR": call.remote,
            "REQUEST_METHOD": call.method, "PATH_INFO": "/\(target.folder)/\(target.tail)",
            "QUERY_STRING": formEncoded(call.query), "CONTENT_TYPE": call.headers[.contentType] ?? "",
            "GIT_CONFIG_COUNT": "1", "GIT_CONFIG_KEY_0": "safe.directory", "GIT_CONFIG_VALUE_0": "*",
        ]
        variables["CONTENT_LENGTH"] = call.headers[.contentLength]
        variables["HTTP_CONTENT_ENCODING"] = call.headers[.contentEncoding]
        variables["HTTP_GIT_PROTOCOL"] = call.header("Git-Protocol")
        variables["GIT_PROTOCOL"] = call.header("Git-Protocol")
        return variables
    }
}

/// Thrown to close the connection when a fault has cut the answer.
struct TruncatedOnPurpose: Error {}
