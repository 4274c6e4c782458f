// A clock on which nothing is ever late: it shows what another one shows, and whoever sleeps on it sleeps until cancelled.
public import OutlastModel

/// A clock whose sleepers never wake by themselves.
public struct PatientClock: WallClock {
    private let base: FixedClock

    /// Shows what this clock shows.
    public init(_ base: FixedClock) { self.base = base }

    /// What the other clock shows.
    public func now() -> Instant { base.now() }

    /// Ends with the task alone.
    public func sleep(for duration: Duration) async throws {
        let (stream, _) = AsyncStream.makeStream(of: Never.self)
        for await _ in stream {}
        throw CancellationError()
    }
}
