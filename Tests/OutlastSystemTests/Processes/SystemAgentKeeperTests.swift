// Whether an agent can be called already.

import Testing

@testable import OutlastSystem

#if canImport(Darwin)
import Darwin
#elseif canImport(Musl)
import Musl
#else
import Glibc
#endif

struct SystemAgentKeeperTests {
    @Test("a socket that is there and that nobody listens at yet is not one that can be called")
    func boundOnly() throws {
        let folder = try TemporaryFolder()
        let path = folder["agent"]
        let descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(descriptor) }
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8.prefix($0.count - 1)) }
        let bound = withUnsafePointer(to: address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
        try #require(bound == 0)
        #expect(!SystemAgentKeeper().isListening(socket: path))
        try #require(listen(descriptor, 1) == 0)
        #expect(SystemAgentKeeper().isListening(socket: path))
        #expect(!SystemAgentKeeper().isListening(socket: path + "-gone"))
    }
}
