// A request to end that arrives in the middle of a renewal is noted: the step on the wire is finished first.

import CPlatform

/// Notes SIGTERM, SIGINT and SIGHUP as long as it lives, and then lets them end the process again.
///
/// One at a time notes for the whole process; a second one only reads. A signal that the process was started to ignore
/// (`nohup`) stays ignored. Programs that are started meanwhile get the signals as usual.
public final class StopSignals: Sendable {
    private let isInstalled: Bool

    /// Begins to note.
    public init() { isInstalled = outlast_note_stop_signals() == 0 }

    deinit { restore() }

    /// The first signal that came; nil while none has. Costs no system call.
    public var first: Int32? { Self.noted }

    /// The first signal that came while anybody noted; nil while none has.
    public static var noted: Int32? {
        let number = outlast_noted_stop_signal()
        return number == 0 ? nil : number
    }

    /// Lets signals end the process again; doing so twice is harmless. What was noted can still be read.
    public func restore() { if isInstalled { outlast_restore_stop_signals() } }
}
