// A clock that stands still until a test moves it. Sleeping moves it too, so that no test waits.
public import OutlastModel
import Synchronization

/// A movable clock.
public final class FixedClock: WallClock {
    private let moment: Mutex<Instant>

    /// A clock that shows this moment.
    public init(_ moment: Instant) { self.moment = Mutex(moment) }

    /// A clock that shows the moment of this text (`2026-11-20T22:10:00Z`); 1970 for a text that is none, which no
    /// assertion survives.
    public convenience init(_ text: String) { self.init(Instant(text: text) ?? Instant(seconds: 0)) }

    /// What it shows.
    public func now() -> Instant { moment.withLock { $0 } }

    /// Moves on at once.
    public func sleep(for duration: Duration) async throws {
        try Task.checkCancellation()
        advance(by: duration)
    }

    /// Moves it on.
    public func advance(by duration: Duration) {
        moment.withLock { $0 = $0.advanced(by: duration) }
    }

    /// Sets it.
    public func set(to instant: Instant) { moment.withLock { $0 = instant } }
}
