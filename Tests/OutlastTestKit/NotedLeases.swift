// Locks that are noted. Whoever wants one that is taken waits for it in turn, without a clock.

public import OutlastModel
internal import Synchronization

/// A lease keeper in memory: real exclusion between tasks, and a list of what happened.
public final class NotedLeases: LeaseKeeper {
    /// Something that happened to a lock.
    public enum Note: Hashable, Sendable {
        case taken(String)
        case released(String)
        /// Somebody waited for it and was turned away.
        case refused(String, wait: Duration)
    }

    struct Memory {
        var notes: [Note] = []
        var held: Set<String> = []
        var stuck: Set<String> = []
        var queue: [(name: String, next: CheckedContinuation<Void, Never>)] = []
    }

    private let memory = Mutex(Memory())
    private let onTaken: @Sendable (String) -> Void

    /// Makes a keeper; `onTaken` runs whenever a lock has been taken, as whatever another process may have done before.
    public init(onTaken: @escaping @Sendable (String) -> Void = { _ in }) { self.onTaken = onTaken }

    /// What happened, in order.
    public var notes: [Note] { memory.withLock { $0.notes } }

    /// The names of the locks that are held now.
    public var held: Set<String> { memory.withLock { $0.held } }

    /// From now on somebody else holds this lock for ever.
    public func stick(_ name: String) { memory.withLock { _ = $0.stuck.insert(name) } }

    /// Takes a lock; see `LeaseKeeper`.
    public func acquire(_ name: String, wait: Duration) async throws(Failure) -> any Lease {
        let mustWait = memory.withLock { memory -> Bool? in
            if memory.stuck.contains(name) || (memory.held.contains(name) && wait <= .zero) {
                memory.notes.append(.refused(name, wait: wait))
                return nil
            }
            if memory.held.contains(name) { return true }
            memory.take(name)
            return false
        }
        guard let mustWait else { throw Failure(.leaseHeld, "another process holds the lock \(name)") }
        if mustWait { await waitInTurn(name) }
        onTaken(name)
        return NotedLease(self, name)
    }

    private func waitInTurn(_ name: String) async {
        await withCheckedContinuation { next in
            let isFree = memory.withLock { memory in
                // It may have been given back in the meantime.
                guard memory.held.contains(name) else {
                    memory.take(name)
                    return true
                }
                memory.queue.append((name, next))
                return false
            }
            if isFree { next.resume() }
        }
    }

    fileprivate func release(_ name: String) {
        let next = memory.withLock { memory -> CheckedContinuation<Void, Never>? in
            memory.held.remove(name)
            memory.notes.append(.released(name))
            guard let place = memory.queue.firstIndex(where: { $0.name == name }) else { return nil }
            memory.take(name)
            return memory.queue.remove(at: place).next
        }
        next?.resume()
    }
}

extension NotedLeases.Memory {
    fileprivate mutating func take(_ name: String) {
        held.insert(name)
        notes.append(.taken(name))
    }
}

private final class NotedLease: Lease {
    private let keeper: Mutex<NotedLeases?>
    private let name: String

    init(_ keeper: NotedLeases, _ name: String) {
        self.keeper = Mutex(keeper)
        self.name = name
    }

    deinit { release() }

    func release() {
        keeper.withLock { keeper in
            defer { keeper = nil }
            return keeper
        }?.release(name)
    }
}
