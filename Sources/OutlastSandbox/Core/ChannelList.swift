// The connections that are open, so that stopping does not wait for a client's patience.
import NIOCore
import Synchronization

final class ChannelList: Sendable {
    private let channels = Mutex<[ObjectIdentifier: any Channel]>([:])

    /// Takes a connection in; it leaves by itself when it closes.
    func add(_ channel: any Channel) {
        let key = ObjectIdentifier(channel)
        let isNew = channels.withLock { $0.updateValue(channel, forKey: key) == nil }
        guard isNew else { return }
        channel.closeFuture.whenComplete { _ in _ = self.channels.withLock { $0.removeValue(forKey: key) } }
    }

    /// Closes every connection, in the middle of an answer too.
    func closeAll() async {
        for channel in channels.withLock({ Array($0.values) }) { try? await channel.close() }
    }
}

/// Where the server finds the sandbox, which is made only when its port is known.
final class SandboxBox: Sendable {
    private let held = Mutex<Sandbox?>(nil)

    var sandbox: Sandbox? { held.withLock { $0 } }

    func set(_ sandbox: Sandbox) {
        held.withLock { $0 = sandbox }
    }
}
