// Whether somebody has read from a stream that is not ours to look into: told by its place, never by reading from it.

import CPlatform
import OutlastModel

/// A look at a stream before somebody gets it.
struct InputWatch {
    private let before: outlast_input
    private let descriptor: Int32

    init(_ descriptor: Int32 = 0) {
        self.descriptor = descriptor
        var found = outlast_input()
        outlast_look_at_input(descriptor, &found)
        before = found
    }

    /// What became of it.
    func use() -> InputUse {
        var after = outlast_input()
        outlast_look_at_input(descriptor, &after)
        return Self.use(before, after)
    }

    static func use(_ before: outlast_input, _ after: outlast_input) -> InputUse {
        guard before.sort == after.sort else { return .unknown }
        switch before.sort {
        case 0: return .untouched
        case 1: return before.position == after.position ? .untouched : .taken
        case 2:
            if after.position < before.position { return .taken }
            // As long as somebody writes, what was taken may have been replaced.
            return before.is_finished != 0 && before.position == after.position ? .untouched : .unknown
        case 3:
            if after.read_at != before.read_at { return .taken }
            // Linux notes it to eight seconds (`tty_update_time`): a reading in the eight that were begun leaves no trace.
            return before.read_at >> 3 < before.now >> 3 ? .untouched : .unknown
        default: return .unknown
        }
    }
}
