// From arguments to reply, in one line of thought: refuse tokens, obey the mode, parse, work, render.

import ArgumentParser
import OutlastFlows
import OutlastModel

/// `OUTLAST_MODE`: one variable that turns the tool down or off in every pipeline.
enum Mode: String {
    case enforce, warn, off

    init(_ variables: Variables) throws(Failure) {
        guard let text = variables["OUTLAST_MODE"] else {
            self = .enforce
            return
        }
        guard let mode = Mode(rawValue: text.lowercased()) else {
            throw .configuration("OUTLAST_MODE has an unknown value", hint: "set it to enforce, warn or off")
        }
        self = mode
    }
}

/// Runs the program.
public func runCommandLine(_ invocation: Invocation, _ wiring: Wiring) async -> Reply {
    var invocation = invocation
    // What people and package managers ask any program.
    if invocation.arguments == ["--version"] { invocation.arguments = ["version"] }
    let renderer = Renderer(invocation, stopSignal: wiring.stopSignal)
    do throws(Failure) {
        let mode = try Mode(invocation.variables)
        let isExec = ExecCommand.isMeant(invocation.arguments)
        if mode == .off {
            if isExec { return becomeCommand(invocation, wiring, EnvironmentChange()) }
            guard CredentialCommand.mustAnswer(invocation.arguments) else { return renderer.off() }
            let reply = await enforce(invocation, wiring, renderer, mode)
            return Reply(output: reply.output, secret: reply.secret)
        }
        var reply = await enforce(invocation, wiring, renderer, mode)
        if mode == .warn && isExec && !reply.isChilds && reply.code != 0 {
            for line in reply.errors { try wiring.makeWorld(WorldRequest()).children?.tell(Secret(line)) }
            let change = EnvironmentChange(removedPrefixes: ExecRequest.keyPrefixes)
            return becomeCommand(invocation, wiring, change)
        }
        if mode == .warn && reply.code != 0 && !reply.isChilds {
            reply.errors.append("outlast: OUTLAST_MODE=warn: ending with 0 instead of \(reply.code)")
            reply.code = 0
            return renderer.forShell(reply, isForgiven: true)
        }
        if let signal = wiring.stopSignal() {
            let line = "outlast: \(Failure.stopped(by: signal).message)"
            if !reply.errors.contains(line) { reply.errors.append(line) }
            reply.code = 128 + signal
        }
        return renderer.forShell(reply, isForgiven: false)
    } catch {
        if ExecCommand.isMeant(invocation.arguments) { return renderer.execFailure(error) }
        return renderer.forShell(renderer.failure(error), isForgiven: false)
    }
}

/// Does nothing for the command but be it.
private func becomeCommand(_ invocation: Invocation, _ wiring: Wiring, _ change: EnvironmentChange) -> Reply {
    guard let children = (try? wiring.makeWorld(WorldRequest()))?.children else {
        return Reply(errors: ["outlast: this system cannot run a command"], code: ExecCommand.failed)
    }
    return ExecCommand.become(invocation.arguments, change, children)
}

private func enforce(_ invocation: Invocation, _ wiring: Wiring, _ renderer: Renderer, _ mode: Mode) async -> Reply {
    do throws(Failure) {
        let gate = ArgumentGate(prefixes: wiring.tokenPrefixes)
        try gate.check(invocation.arguments)
        try gate.check(stateFrom: invocation.variables)
        // git waits for this one, many times in a job: nothing of the parser is made for it.
        if let call = CredentialCall(plain: invocation.arguments) {
            let session = try Session(invocation, wiring, call.common, mode: mode)
            return renderer.reply(try await call.work(in: session))
        }
        let working: any WorkingCommand
        if let preflight = PreflightCommand(plain: invocation.arguments) {
            working = preflight
        } else {
            let command: any ParsableCommand
            do { command = try OutlastCommand.parseAsRoot(invocation.arguments) } catch {
                return try renderer.parserAnswer(error)
            }
            guard let found = command as? any WorkingCommand else { return try answer(of: command, renderer) }
            working = found
        }
        let session = try Session(invocation, wiring, working.common.given, mode: mode)
        let report = try await working.work(in: session)
        return renderer.reply(report)
    } catch {
        if ExecCommand.isMeant(invocation.arguments) { return renderer.execFailure(error) }
        return renderer.failure(error)
    }
}

/// A group without its subcommand is a mistake (64) that shows the group's help; what the parser adds (`help`) is not.
private func answer(of command: any ParsableCommand, _ renderer: Renderer) throws(Failure) -> Reply {
    if OutlastCommand.groups.contains(where: { $0 == type(of: command) }) {
        return renderer.help(for: type(of: command))
    }
    var command = command
    do { try command.run() } catch { return try renderer.parserAnswer(error) }
    return Reply()
}
