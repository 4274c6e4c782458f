// Time from outside. Only the system's adapter reads a real clock; everything else is handed one.

/// A source of the current time.
public protocol WallClock: Sendable {
    /// Our own clock, now.
    func now() -> Instant
    /// Suspends for a duration; ends early with `CancellationError` when the task is cancelled.
    func sleep(for duration: Duration) async throws
}
