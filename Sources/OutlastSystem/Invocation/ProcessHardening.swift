// What the process does to itself before it touches a secret.

import CPlatform

/// Measures against other processes of the same user.
public enum ProcessHardening {
    /// Forbids core dumps of this process and reading its memory by a debugger. Programs that it starts are not
    /// affected, which a resource limit would be. Does nothing on macOS.
    ///
    /// - Returns: whether the system did so.
    @discardableResult
    public static func forbidCoreDumps() -> Bool { outlast_forbid_core_dumps() == 0 }
}
