// The inside of a proxy: bytes go to and fro until both sides are done.

#if canImport(Darwin)
import Darwin
#else
import Glibc
#endif

extension RawConnection {
    /// Joins this connection with a port of loopback; false when nobody listens there.
    @discardableResult
    func tunnel(to port: Int, beforeIt established: () -> Void) -> Bool {
        let other = LoopbackSocket.make()
        guard LoopbackSocket.connect(other, port: port) else {
            _ = systemClose(other)
            return false
        }
        let far = RawConnection(other) { _ in }
        established()
        var waited = [descriptor, other].map { pollfd(fd: $0, events: Int16(POLLIN), revents: 0) }
        while poll(&waited, 2, -1) > 0 {
            if waited[0].revents != 0, !Self.pass(from: self, to: far) { break }
            if waited[1].revents != 0, !Self.pass(from: far, to: self) { break }
        }
        far.close()
        return true
    }

    private static func pass(from: RawConnection, to: RawConnection) -> Bool {
        let bytes = from.read(16_384)
        return !bytes.isEmpty && to.send(bytes)
    }

    /// Speaks the server's side of SOCKS 5 without a user, and joins the connection with the port that was asked for.
    func serveSOCKS(noting note: (String) -> Void) {
        guard let greeting = readExactly(2), readExactly(Int(greeting[1])) != nil, send([5, 0]),
            let head = readExactly(4)
        else { return }
        let count: Int
        switch head[3] {
        case 1: count = 4
        case 3: count = Int(readExactly(1)?[0] ?? 0)
        default: count = 16
        }
        guard let name = readExactly(count), let port = readExactly(2) else { return }
        note(head[3] == 3 ? String(decoding: name, as: UTF8.self) : name.map(String.init).joined(separator: "."))
        tunnel(to: Int(port[0]) << 8 | Int(port[1])) { send([5, 0, 0, 1, 127, 0, 0, 1, port[0], port[1]]) }
    }
}
