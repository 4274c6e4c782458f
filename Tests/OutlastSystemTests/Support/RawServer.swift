// A TCP server on loopback that says whatever a test wants, correct or not. One thread accepts, one serves each
// connection; nothing sleeps.

import Foundation
import Synchronization

#if canImport(Darwin)
import Darwin
#else
import Glibc
#endif

/// A server on `127.0.0.1` and a port of the system's choice.
final class RawServer: Sendable {
    /// The port.
    let port: Int
    private let descriptor: Int32
    private let seen = Mutex<[String]>([])

    /// Listens, and serves each connection by a closure; the connection is closed after it.
    init(_ serve: @escaping @Sendable (RawConnection) -> Void) throws {
        descriptor = LoopbackSocket.make()
        guard descriptor >= 0, LoopbackSocket.listen(descriptor) else { throw RawServerError(code: errno) }
        port = LoopbackSocket.port(of: descriptor)
        let (listening, seen) = (descriptor, SeenRequests(self))
        Thread.detachNewThread {
            while true {
                let accepted = accept(listening, nil, nil)
                guard accepted >= 0 else {
                    if errno == EINTR || errno == ECONNABORTED { continue }
                    close(listening)
                    return
                }
                Thread.detachNewThread {
                    let connection = RawConnection(accepted) { seen.server?.note($0) }
                    serve(connection)
                    connection.close()
                }
            }
        }
    }

    // Wakes the accepting thread, which closes the descriptor.
    deinit { shutdown(descriptor, Int32(SHUT_RDWR)) }

    /// What every connection asked, in order of arrival.
    var requests: [String] { seen.withLock { $0 } }

    private func note(_ request: String) { seen.withLock { $0.append(request) } }

    /// Holds the server weakly, so that its threads don't keep it alive.
    private final class SeenRequests: Sendable {
        private let box: Mutex<WeakServer>
        init(_ server: RawServer) { box = Mutex(WeakServer(server: server)) }
        var server: RawServer? { box.withLock { $0.server } }
    }

    private struct WeakServer { weak var server: RawServer? }
}

/// A socket call failed.
struct RawServerError: Error { let code: Int32 }

/// A connection that a server accepted.
final class RawConnection: Sendable {
    let descriptor: Int32
    private let note: @Sendable (String) -> Void

    init(_ descriptor: Int32, note: @escaping @Sendable (String) -> Void) {
        self.descriptor = descriptor
        self.note = note
    }

    /// Reads up to the blank line after the headers, and the body that `Content-Length` announces.
    @discardableResult
    func readRequest() -> String {
        var text = ""
        while !isComplete(text) {
            let bytes = read(4096)
            if bytes.isEmpty { break }
            text += String(decoding: bytes, as: UTF8.self)
        }
        note(text)
        return text
    }

    private func isComplete(_ text: String) -> Bool {
        guard let end = text.range(of: "\r\n\r\n") else { return false }
        let length = text.lowercased().range(of: "content-length: ").flatMap {
            Int(text.lowercased()[$0.upperBound...].prefix { $0.isNumber })
        }
        return text[end.upperBound...].utf8.count >= length ?? 0
    }

    /// Some bytes; none at the end.
    func read(_ count: Int) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: count)
        let got = recv(descriptor, &bytes, count, 0)
        return got > 0 ? Array(bytes[..<got]) : []
    }

    /// Exactly so many bytes; nil when they don't come.
    func readExactly(_ count: Int) -> [UInt8]? {
        var bytes: [UInt8] = []
        while bytes.count < count {
            let more = read(count - bytes.count)
            if more.isEmpty { return nil }
            bytes += more
        }
        return bytes
    }

    /// Sends all bytes; false when the other side is gone.
    @discardableResult
    func send(_ bytes: [UInt8]) -> Bool {
        var rest = bytes[...]
        while !rest.isEmpty {
            #if canImport(Darwin)
            let flags: Int32 = 0
            #else
            let flags = Int32(MSG_NOSIGNAL)
            #endif
            let sent = rest.withUnsafeBytes { systemSend(descriptor, $0.baseAddress, $0.count, flags) }
            if sent <= 0 { return false }
            rest = rest.dropFirst(sent)
        }
        return true
    }

    @discardableResult
    func send(_ text: String) -> Bool { send(Array(text.utf8)) }

    /// Waits until the other side hangs up or a time is over; true when it hung up.
    func isHungUp(within milliseconds: Int32) -> Bool {
        var waited = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        return poll(&waited, 1, milliseconds) > 0 && read(1).isEmpty
    }

    func close() { _ = systemClose(descriptor) }
}

/// Socket calls in their C dress.
enum LoopbackSocket {
    static func make() -> Int32 {
        #if canImport(Darwin)
        socket(AF_INET, SOCK_STREAM, 0)
        #else
        socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        #endif
    }

    private static func withAddress<Result>(
        port: Int, _ body: (UnsafePointer<sockaddr>, socklen_t) -> Result
    ) -> Result {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = in_port_t(port).bigEndian
        address.sin_addr.s_addr = inet_addr("127.0.0.1")
        let size = socklen_t(MemoryLayout<sockaddr_in>.size)
        return withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { body($0, size) }
        }
    }

    static func listen(_ descriptor: Int32) -> Bool {
        withAddress(port: 0) { bind(descriptor, $0, $1) } == 0 && systemListen(descriptor, 64) == 0
    }

    static func connect(_ descriptor: Int32, port: Int) -> Bool {
        withAddress(port: port) { systemConnect(descriptor, $0, $1) } == 0
    }

    static func port(of descriptor: Int32) -> Int {
        var address = sockaddr_in()
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        _ = withUnsafeMutablePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { getsockname(descriptor, $0, &size) }
        }
        return Int(in_port_t(bigEndian: address.sin_port))
    }

    /// A port that nobody listens on: bound and given back.
    static func freePort() -> Int {
        let descriptor = make()
        defer { close(descriptor) }
        return listen(descriptor) ? port(of: descriptor) : 1
    }
}
