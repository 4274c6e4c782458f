// The socket by which git's helper below a child asks the process that has the keys.

import CPlatform
public import OutlastModel
import Synchronization

#if canImport(Darwin)
import Darwin
#elseif canImport(Musl)
import Musl
#else
import Glibc
#endif

/// Sockets of this machine.
public struct SystemHelperSockets: HelperSockets {
    /// The most bytes of a question, and of an answer.
    static let largest = 1 << 17
    /// How long a caller may take for its question, in milliseconds.
    static let patience: Int32 = 10_000

    /// Makes an adapter.
    public init() {}

    /// Makes a socket at a path and answers its callers, those of the same user alone.
    ///
    /// - Throws: `unexpected` (1) when there can't be one.
    public func serve(
        at path: String, _ answer: @escaping @Sendable (HelperCall) async -> Secret
    ) throws(Failure) -> any ServedSocket { try SystemServedSocket(path, answer) }

    /// Asks the process behind a socket.
    ///
    /// - Throws: `unexpected` (1) when nobody is there.
    public func ask(_ call: HelperCall, at path: String) throws(Failure) -> Secret {
        var descriptor: Int32 = -1
        let error = path.utf8.contains(0) ? EINVAL : outlast_connect(path, &descriptor)
        guard error == 0 else {
            throw Failure(
                .unexpected, "the `outlast exec` that this command belongs to does not answer any more",
                hint: "it was ended before its command was")
        }
        defer { close(descriptor) }
        // A socket whose owner is somebody else would get what git says.
        var user: UInt32 = 0
        guard outlast_peer_user(descriptor, &user) == 0, user == geteuid() else {
            throw Failure(.unexpected, "the socket of `outlast exec` belongs to another user")
        }
        let message = Array("\(call.action)\n".utf8) + call.question
        guard outlast_write_all(descriptor, message, message.count) == 0, outlast_finish_writing(descriptor) == 0 else {
            throw Failure(.unexpected, "`outlast exec` did not take git's question")
        }
        guard let bytes = Self.readAll(descriptor, patience: -1) else {
            throw Failure(.unexpected, "`outlast exec` did not answer git's question")
        }
        return Secret(bytes: bytes)
    }

    /// Everything up to the end; nil for too much, too slow, or broken.
    static func readAll(_ descriptor: Int32, patience: Int32) -> [UInt8]? {
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 16_384)
        defer { chunk.withUnsafeMutableBytes { outlast_wipe($0.baseAddress, $0.count) } }
        while true {
            var count = 0
            guard outlast_read_some(descriptor, &chunk, chunk.count, patience, &count) == 0 else { return nil }
            if count == 0 { return bytes }
            bytes += chunk[..<count]
            guard bytes.count <= largest else { return nil }
        }
    }
}

/// A socket with a thread that waits for callers.
final class SystemServedSocket: ServedSocket {
    private let path: String
    private let listening: Int32
    private let wake: Int32
    private let calls = CallCount()

    init(_ path: String, _ answer: @escaping @Sendable (HelperCall) async -> Secret) throws(Failure) {
        var (descriptor, ended, waking): (Int32, Int32, Int32) = (-1, -1, -1)
        var error = path.utf8.contains(0) ? EINVAL : outlast_listen(path, &descriptor)
        if error == 0 {
            error = outlast_make_pipe(&ended, &waking)
            if error != 0 { close(descriptor) }
        }
        guard error == 0 else {
            throw Failure(.unexpected, "there can be no socket: \(SystemError(code: error).words)")
        }
        (self.path, listening, wake) = (path, descriptor, waking)
        let calls = calls
        let isServed = OwnThread.start { [descriptor, ended] in
            var caller: Int32 = -1
            while true {
                let error = outlast_accept(descriptor, ended, &caller)
                if error == EMFILE || error == ENFILE {
                    // The callers that are there will end.
                    usleep(50_000)
                    continue
                }
                guard error == 0 else { break }
                Self.take(caller, calls, answer)
            }
            close(descriptor)
            close(ended)
        }
        guard isServed else {
            unlink(path)
            throw Failure(.unexpected, "there can be no socket: the system gives no thread")
        }
    }

    private static func take(
        _ caller: Int32, _ calls: CallCount, _ answer: @escaping @Sendable (HelperCall) async -> Secret
    ) {
        var user: UInt32 = 0
        guard outlast_peer_user(caller, &user) == 0, user == geteuid() else {
            close(caller)
            return
        }
        calls.began()
        let isTaken = OwnThread.start {
            guard let call = read(caller) else {
                close(caller)
                calls.ended()
                return
            }
            Task.detached {
                let reply = await answer(call)
                _ = await OwnThread.value { () -> Bool in
                    reply.withBytes { outlast_write_all(caller, $0.baseAddress, $0.count) } == 0
                }
                close(caller)
                calls.ended()
            }
        }
        if !isTaken {
            close(caller)
            calls.ended()
        }
    }

    /// The action in a line, and behind it what git wrote.
    private static func read(_ caller: Int32) -> HelperCall? {
        guard let bytes = SystemHelperSockets.readAll(caller, patience: SystemHelperSockets.patience),
            let end = bytes.firstIndex(of: UInt8(ascii: "\n")), end <= 16
        else { return nil }
        return HelperCall(
            action: String(decoding: bytes[..<end], as: UTF8.self), question: Array(bytes[(end + 1)...]))
    }

    /// Takes no more calls, waits for those that are being answered, and removes the socket.
    func stop() async {
        unlink(path)
        close(wake)
        await calls.wait()
    }
}

/// How many calls are being answered.
private final class CallCount: Sendable {
    private struct State {
        var count = 0
        var waiting: [CheckedContinuation<Void, Never>] = []
    }
    private let state = Mutex(State())

    func began() { state.withLock { $0.count += 1 } }

    func ended() {
        let woken = state.withLock { state in
            state.count -= 1
            guard state.count == 0 else { return [CheckedContinuation<Void, Never>]() }
            defer { state.waiting = [] }
            return state.waiting
        }
        for continuation in woken { continuation.resume() }
    }

    func wait() async {
        await withCheckedContinuation { (continuation: CheckedContinuation<Void, Never>) in
            let isIdle = state.withLock { state in
                if state.count > 0 { state.waiting.append(continuation) }
                return state.count == 0
            }
            if isIdle { continuation.resume() }
        }
    }
}
