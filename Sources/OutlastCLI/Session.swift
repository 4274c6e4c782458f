// One run of the program, as its command sees it.

import OutlastFlows
import OutlastModel

/// One run: how it was called, what the common options say, and the ways into the world.
struct Session: Sendable {
    let invocation: Invocation
    let wiring: Wiring
    let options: CommonWords.Values
    /// `OUTLAST_MODE=warn`: report, but renew nothing.
    let renewsNothing: Bool
    /// `OUTLAST_MODE=off`: hand on what was presented.
    let isOff: Bool

    init(
        _ invocation: Invocation, _ wiring: Wiring, _ common: CommonWords, mode: Mode
    ) throws(Failure) {
        self.invocation = invocation
        self.wiring = wiring
        renewsNothing = mode != .enforce
        isOff = mode == .off
        options = try common.values(invocation.variables)
    }

    func world() throws(Failure) -> World { try wiring.makeWorld(options.world) }

    /// The world of a command that may renew: a signal that asks to end is noted, and the step on the wire finished first.
    func renewingWorld() throws(Failure) -> World {
        var request = options.world
        request.notesStopSignals = true
        return try wiring.makeWorld(request)
    }

    func configuration() throws(Failure) -> Configuration {
        try wiring.loadConfiguration(options.config, options.world)
    }
}
