// The sandbox has a clock of its own, so that midnight can be rehearsed at noon. This is the only file of the
// target that reads the machine's clock.
#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#endif

/// How the sandbox's clock moves.
public enum SandboxClock: Sendable, Equatable {
    /// It stands still at this moment until a test moves it.
    case fixed(SandboxInstant)
    /// It runs with the machine's clock, this many seconds ahead (behind when negative).
    case running(offset: Int)

    /// A running clock that shows `instant` now.
    public static func running(from instant: SandboxInstant) -> SandboxClock {
        .running(offset: instant.seconds - machineSeconds())
    }

    /// What the clock shows.
    public var now: SandboxInstant {
        switch self {
        case .fixed(let instant): instant
        case .running(let offset): SandboxInstant(seconds: Self.machineSeconds() + offset)
        }
    }

    /// Sets the clock without changing whether it runs.
    mutating func set(to instant: SandboxInstant) {
        switch self {
        case .fixed: self = .fixed(instant)
        case .running: self = .running(from: instant)
        }
    }

    private static func machineSeconds() -> Int {
        var reading = timespec()
        clock_gettime(CLOCK_REALTIME, &reading)
        return Int(reading.tv_sec)
    }
}
