// Playing a fault on the wire. Those that spoil the body still promise its true length, as a broken proxy would.
import HTTPTypes
import Hummingbird
import HummingbirdCore
import NIOCore

extension World {
    /// The first rule that fits the call, used up by one.
    mutating func takeFault(_ call: Call) -> FaultKind? {
        for index in faults.indices where faults[index].matches(method: call.method, path: call.path) {
            if faults[index].skip > 0 {
                faults[index].skip -= 1
                continue
            }
            guard let times = faults[index].times else { return faults[index].kind }
            guard times > 0 else { continue }
            faults[index].times = times - 1
            return faults[index].kind
        }
        return nil
    }
}

extension FaultKind {
    /// A short name for the log.
    var name: String {
        switch self {
        case .delay: "delay"
        case .drop(let phase): "drop \(phase.rawValue)"
        case .status(let code, let phase, _): "\(code) \(phase.rawValue)"
        case .truncate: "truncate"
        case .html: "html"
        case .empty: "empty"
        case .body: "body"
        case .fact(let id, _, _): id
        case .oversize: "oversize"
        case .drip: "drip"
        case .redirect: "redirect"
        case .overlap: "overlap"
        }
    }

    /// The status that goes out when the request has no effect; `nil` for a dropped one.
    var status: Int? { answer?.status }

    /// The answer that is given in place of the true one; `nil` where there is none.
    var answer: Answer? {
        switch self {
        case .status(let code, _, let retryAfter):
            let answer = Answer.fact("fault.status.\(code)")
            let known = FactBook.standard["fault.status.\(code)"] != nil
            let plain = known ? answer : Answer(status: code, body: Array("\(code)\n".utf8))
            return retryAfter.map { plain.with("Retry-After", $0) } ?? plain
        case .html: return .fact("fault.html")
        case .body(let text, let type, _):
            return Answer(status: 200, body: Array(text.utf8)).with("Content-Type", type)
        case .fact(let id, let bindings, _): return .fact(id, bindings)
        case .redirect(let location, let status): return Answer(status: status).with("Location", location)
        case .empty(.before): return Answer(status: 200)
        default: return nil
        }
    }
}

extension Sandbox {
    /// Sends what the fault makes of the true answer (`nil` when the request had no effect).
    @concurrent
    func play(
        _ fault: FaultKind, on truth: Answer?, _ writer: consuming ResponseWriter, _ channel: any Channel
    ) async throws {
        let truth = truth ?? Answer(status: 200)
        switch fault {
        case .drop: try await channel.close()
        case .delay(let milliseconds, let phase):
            if phase == .after { try await pause(milliseconds, channel) }
            try await send(truth, writer)
        case .truncate(let bytes): try await sendCut(truth, bytes, writer, channel)
        case .drip(let milliseconds): try await sendSlowly(truth, milliseconds, writer, channel)
        case .oversize(let bytes):
            var large = truth
            large.body = [UInt8](repeating: 0x20, count: bytes) + truth.body
            try await send(large, writer)
        case .empty:
            var hollow = truth
            hollow.body = []
            try await send(hollow, writer)
        case .overlap: try await send(truth, writer)
        case .status, .html, .body, .fact, .redirect: try await send(fault.answer ?? truth, writer)
        }
    }

    @concurrent
    private func sendCut(
        _ answer: Answer, _ bytes: Int, _ writer: consuming ResponseWriter, _ channel: any Channel
    ) async throws {
        let head = HTTPResponse(
            status: .init(code: answer.status), headerFields: dressed(fields(answer), length: answer.body.count))
        var body = try await writer.writeHead(head)
        try await body.write(ByteBuffer(bytes: answer.body.prefix(bytes)))
        try await channel.close()
    }

    @concurrent
    private func sendSlowly(
        _ answer: Answer, _ milliseconds: Int, _ writer: consuming ResponseWriter, _ channel: any Channel
    ) async throws {
        let head = HTTPResponse(
            status: .init(code: answer.status), headerFields: dressed(fields(answer), length: answer.body.count))
        var body = try await writer.writeHead(head)
        for byte in answer.body {
            try await body.write(ByteBuffer(bytes: [byte]))
            try await pause(milliseconds, channel)
        }
        try await body.finish(nil)
    }
}
