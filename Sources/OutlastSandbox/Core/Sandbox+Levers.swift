// The levers of a rehearsal: clock, faults, log and counters.

extension Sandbox {
    /// What the sandbox's clock shows.
    public var now: SandboxInstant { update { $0.now } }

    /// Sets the clock; it stands still or runs on as before.
    public func setClock(_ instant: SandboxInstant) {
        update { $0.clock.set(to: instant) }
    }

    /// Sets the clock to a time such as `2026-11-20T23:59:59Z`.
    public func setClock(_ text: String) throws {
        guard let instant = SandboxInstant(text) else { throw SandboxFailure.invalid("\(text) is no time") }
        setClock(instant)
    }

    /// Moves the clock by so many seconds.
    public func advanceClock(by seconds: Int) {
        update { $0.clock.set(to: $0.now + seconds) }
    }

    /// Adds a rule of what is to go wrong. The first rule that fits a request is the one that is played.
    public func addFault(_ rule: FaultRule) {
        update { $0.faults.append(rule) }
    }

    /// Takes all rules away.
    public func clearFaults() {
        update { $0.faults = [] }
    }

    /// The requests so far, oldest first.
    public var log: [LogEntry] { update { $0.log } }

    /// The counters so far.
    public var counters: SandboxCounters { update { $0.counters } }

    /// Empties log and counters.
    public func clearLog() {
        update {
            $0.log = []
            $0.counters = SandboxCounters()
        }
    }
}
