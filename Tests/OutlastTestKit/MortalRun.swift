// A process that can be ended at any point: after it nothing that it does has an effect, as with SIGKILL. Points are counted
// by the doubles at everything that outlives the process: each durable step, each request, each publication.

internal import OutlastModel
internal import Synchronization

/// The life of one run.
public final class MortalRun: Sendable {
    private struct Memory {
        var points = 0
        var isDead = false
    }

    private let memory = Mutex(Memory())
    private let end: Int?
    private let signal: Int?

    /// A run that ends at its n-th point (1 is the first), or is asked by a signal to end from then on; nil for never.
    public init(endsAt end: Int? = nil, signalledAt signal: Int? = nil) {
        self.end = end
        self.signal = signal
    }

    /// Whether the process is dead.
    public var isDead: Bool { memory.withLock { $0.isDead } }

    /// How many points it came by.
    public var points: Int { memory.withLock { $0.points } }

    /// SIGTERM, once the run has come by its point.
    public var stopSignal: Int32? { signal.flatMap { points >= $0 ? 15 : nil } }

    /// Comes by a point; false when the process is dead from here on.
    public func passes() -> Bool {
        memory.withLock { memory in
            if memory.isDead { return false }
            memory.points += 1
            if memory.points == end { memory.isDead = true }
            return !memory.isDead
        }
    }
}
