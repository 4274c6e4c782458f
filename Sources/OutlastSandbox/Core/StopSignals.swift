// SIGTERM and SIGINT as something to wait for, so that a program can end its sandbox in order.
import UnixSignals

/// Catches SIGTERM and SIGINT from the moment it is made.
public struct StopSignals: Sendable {
    private let signals: UnixSignalsSequence

    /// Begins to catch the two signals, which no longer end the process by themselves.
    public init() async {
        signals = await UnixSignalsSequence(trapping: .sigterm, .sigint)
    }

    /// Returns when one of them has come.
    public func wait() async {
        for await _ in signals { return }
    }
}
