// One exchange with a bound on all of it: a server that sends a byte a second is as late as one that sends none.

import AsyncHTTPClient
import NIOCore
import NIOHTTP1
import OutlastModel
import Synchronization

/// A request on its way.
struct Exchange: Sendable {
    /// How far an exchange came.
    struct Progress: Hashable, Sendable {
        /// Whether status and headers came.
        var hasHead = false
        /// Bytes of the body that came.
        var bytes = 0
    }

    /// What our own bounds end an exchange with.
    enum Trouble: Error {
        case tookTooLong(Progress)
        case bodyTooLarge(limit: Int)
        case encoded(String)
        case interrupted(any Error, Progress)
    }

    let client: HTTPClient
    let request: HTTPClientRequest
    let timeout: Duration
    let largestBody: Int

    /// Sends, and reads the whole answer.
    func run() async throws -> HTTPResponse {
        let progress = ProgressMeter()
        return try await withThrowingTaskGroup(of: HTTPResponse?.self) { group in
            group.addTask {
                do {
                    return try await exchange(progress)
                } catch let error as Trouble {
                    throw error
                } catch {
                    throw Trouble.interrupted(error, progress.value)
                }
            }
            group.addTask {
                try await SystemClock().sleep(for: timeout)
                return nil
            }
            defer { group.cancelAll() }
            guard let answer = try await group.next().flatMap({ $0 }) else {
                throw Trouble.tookTooLong(progress.value)
            }
            return answer
        }
    }

    private func exchange(_ progress: ProgressMeter) async throws -> HTTPResponse {
        // The client's own deadline lies beyond ours: it bounds the way to the headers only.
        let answer = try await client.execute(request, deadline: .distantFuture)
        progress.update { $0.hasHead = true }
        let encodings = answer.headers["Content-Encoding"].filter { $0.lowercased() != "identity" && !$0.isEmpty }
        if let encoding = encodings.first { throw Trouble.encoded(encoding) }
        if request.method != .HEAD, let text = answer.headers.first(name: "Content-Length"), let length = Int(text),
            length > largestBody
        {
            throw Trouble.bodyTooLarge(limit: largestBody)
        }
        var body: [UInt8] = []
        for try await part in answer.body {
            guard body.count + part.readableBytes <= largestBody else {
                throw Trouble.bodyTooLarge(limit: largestBody)
            }
            body.append(contentsOf: part.readableBytesView)
            progress.update { $0.bytes += part.readableBytes }
        }
        return HTTPResponse(
            status: Int(answer.status.code), headers: answer.headers.map { (name: $0.name, value: $0.value) },
            body: body)
    }
}

/// Progress that two tasks look at.
private final class ProgressMeter: Sendable {
    private let progress = Mutex(Exchange.Progress())

    var value: Exchange.Progress { progress.withLock { $0 } }

    func update(_ change: (inout Exchange.Progress) -> Void) { progress.withLock { change(&$0) } }
}
