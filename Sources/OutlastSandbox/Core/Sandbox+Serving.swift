// From a request on the wire to its answer on the wire, with the fault that a rule has ordered in between.
import HTTPTypes
import Hummingbird
import HummingbirdCore
import NIOCore

extension Sandbox {
    /// The largest body that is read into memory; git's packs are streamed.
    private static let bodyLimit = 8 << 20

    /// Answers one request.
    @concurrent
    func serve(_ request: Request, _ writer: consuming ResponseWriter, _ channel: any Channel) async throws {
        var call = Call(
            method: request.head.method.rawValue, target: request.head.path ?? "/", headers: request.headersWithHost,
            remote: channel.remoteAddress?.ipAddress ?? "127.0.0.1")
        if call.segments.first == "_sandbox" {
            call.receive(Array(try await request.body.collect(upTo: Self.bodyLimit).readableBytesView))
            return try await send(control(call), writer)
        }
        let target = GitTarget(call)
        if target == nil {
            call.receive(Array(try await request.body.collect(upTo: Self.bodyLimit).readableBytesView))
        }
        let fault = update { $0.takeFault(call) }
        if case .delay(let milliseconds, .before) = fault { try await pause(milliseconds, channel) }
        if case .overlap = fault { call.overlapped = true }
        if let target {
            try await serveGit(target, call, request, writer, channel, fault)
        } else {
            try await serveAPI(call, writer, channel, fault)
        }
    }

    @concurrent
    private func serveAPI(
        _ call: Call, _ writer: consuming ResponseWriter, _ channel: any Channel, _ fault: FaultKind?
    ) async throws {
        let answer = update { world -> Answer? in
            world.note = RequestNote()
            let at = world.now
            let answer = fault?.commits == false ? nil : world.handle(call)
            if answer == nil { world.noteUnplayed(call) }
            world.record(call, at: at, status: answer?.status ?? fault?.status, fault: fault?.name)
            return answer
        }
        guard let fault else { return try await send(answer ?? .fact("gitlab.serverError"), writer) }
        try await play(fault, on: answer, writer, channel)
    }

    @concurrent
    private func serveGit(
        _ target: GitTarget, _ call: Call, _ request: Request, _ writer: consuming ResponseWriter,
        _ channel: any Channel, _ fault: FaultKind?
    ) async throws {
        let refusal = update { world -> Answer? in
            let at = world.now
            world.note = RequestNote()
            world.note.see(call)
            world.note.operation = target.operation
            let refusal = fault?.commits == false ? fault?.answer : world.admit(target, call, has: store.has)
            world.note.committed = refusal == nil && target.isPush && !target.isAdvertisement
            world.record(call, at: at, status: refusal?.status ?? 200, fault: fault?.name)
            return refusal
        }
        if let fault, fault.commits == false { return try await play(fault, on: nil, writer, channel) }
        if let refusal { return try await send(refusal, writer) }
        if target.isAdvertisement { update { $0.spendAfterAdvertisement(call) } }
        var limit: Int?
        if case .truncate(let bytes) = fault { limit = bytes }
        if case .drop(.after) = fault { limit = 0 }
        do {
            let exchange = GitExchange(store: store, path: options.path)
            _ = try await exchange.run(
                target, call, body: request.body, writer: writer, dress: { self.dressed($0) }, limit: limit)
        } catch is TruncatedOnPurpose {
            try await channel.close()
        }
    }

    /// Waits without holding a thread; the end of the sandbox ends the wait.
    func pause(_ milliseconds: Int, _ channel: any Channel) async throws {
        let wait = TimeAmount.milliseconds(Int64(milliseconds))
        let timer = channel.eventLoop.scheduleTask(in: wait) {}
        try await withTaskCancellationHandler {
            try await timer.futureResult.get()
        } onCancel: {
            timer.cancel()
        }
    }

    /// Writes a whole answer.
    @concurrent
    func send(_ answer: Answer, _ writer: consuming ResponseWriter) async throws {
        let head = HTTPResponse(
            status: .init(code: answer.status), headerFields: dressed(fields(answer), length: answer.body.count))
        try await writer.write(response: head, body: ResponseBody(byteBuffer: ByteBuffer(bytes: answer.body)))
    }

    /// The fields of an answer.
    func fields(_ answer: Answer) -> HTTPFields {
        var fields = HTTPFields()
        for header in answer.headers {
            guard let name = HTTPField.Name(header.name) else { continue }
            fields.append(HTTPField(name: name, value: header.value))
        }
        return fields
    }

    /// What every answer carries: the sandbox's own date, and a request id.
    func dressed(_ fields: HTTPFields, length: Int? = nil) -> HTTPFields {
        var dressed = fields
        let (now, id) = update { ($0.now, $0.mint.hexDigits(26)) }
        dressed[.date] = now.httpDate
        if let name = HTTPField.Name("X-Request-Id") { dressed[name] = id }
        if let length { dressed[.contentLength] = String(length) }
        return dressed
    }
}

extension Request {
    /// HTTP types keep the authority apart from the fields; handlers look for `Host`.
    var headersWithHost: HTTPFields {
        var fields = headers
        if let name = HTTPField.Name("Host"), fields[name] == nil { fields[name] = head.authority }
        return fields
    }
}
