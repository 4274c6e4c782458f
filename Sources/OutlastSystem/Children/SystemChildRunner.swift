// Runs a command in our place: everything that it would have had without us it has, but for its stderr, which may go
// through our hands.

import CPlatform
public import OutlastModel

#if canImport(Darwin)
import Darwin
#elseif canImport(Musl)
import Musl
#else
import Glibc
#endif

/// Runs commands as children that share our streams, descriptors, process group and terminal.
///
/// One command at a time: signals that are sent to this process alone are handed on to it.
public struct SystemChildRunner: ChildRunner {
    /// Makes a runner.
    public init() {}

    /// The number of this process.
    public var processNumber: Int32 { getpid() }

    /// Whether the machine has a locale.
    public func hasLocale(_ name: String) -> Bool { outlast_has_locale(name) != 0 }

    /// Writes a line of ours on stderr, now.
    public func tell(_ line: Secret) {
        let streams = StandardStreams()
        streams.write(line, to: .error)
        streams.write("\n", to: .error)
    }

    /// Becomes the command; what comes back is why that was not possible.
    public func become(_ command: ChildCommand) -> ChildEnd {
        let image = ChildImage(command)
        return Self.end(
            outlast_become(image.search, image.arguments, image.environment))
    }

    /// Starts a command that outlives this process.
    ///
    /// - Throws: `unexpected` (1) when it cannot be started.
    public func detach(_ command: ChildCommand) throws(Failure) -> Int32 {
        let image = ChildImage(command)
        var child: Int32 = 0
        let error = image.arguments.first.flatMap { $0 }.map { path in
            outlast_start_detached(path, image.arguments, image.environment, &child)
        }
        guard error == 0 else {
            throw Failure(
                .unexpected, "cannot go on in the background: \(SystemError(code: error ?? ENOENT).words)",
                hint: "start it with --foreground, and put it behind by the shell's own &")
        }
        return child
    }

    /// Runs a command to its end. Whoever it has started and left behind is not waited for.
    ///
    /// - Throws: `unexpected` (1) when the system refuses what is needed for it.
    public func run(_ command: ChildCommand) async throws(Failure) -> ChildRun {
        let result = await OwnThread.value { () -> Result<ChildRun, Failure> in
            do throws(Failure) { return .success(try Self.runHere(command)) } catch { return .failure(error) }
        }
        switch result {
        case .success(let run)?: return run
        case .failure(let failure)?: throw failure
        case nil: throw Failure(.unexpected, "the command cannot be run: the system gives no thread")
        }
    }

    private static func runHere(_ command: ChildCommand) throws(Failure) -> ChildRun {
        guard outlast_begin_relay() == 0 else {
            throw Failure(.unexpected, "the command cannot be run: another one is running")
        }
        defer { outlast_end_relay() }
        var pipe: ErrorPipe?
        if command.tail != nil { pipe = try ErrorPipe() }
        defer { pipe?.close() }
        let image = ChildImage(command)
        let watch = InputWatch()
        var child: Int32 = 0
        let error = outlast_spawn(image.search, image.arguments, image.environment, pipe?.forChild ?? -1, &child)
        pipe?.closeChildsEnd()
        guard error == 0 else { return ChildRun(end: end(error)) }
        if let pipe, pipe.isTerminal { outlast_relay_size(STDERR_FILENO, pipe.ours) }
        outlast_relay_to(child)
        var tail = Tail(command.tail ?? 0)
        if let pipe { pipe.carry(&tail, until: child) } else { outlast_wait(child) }
        outlast_relay_to(-1)
        var (code, signal): (Int32, Int32) = (0, 0)
        let reaped = outlast_reap(child, &code, &signal)
        guard reaped == 0 else {
            throw Failure(
                .unexpected, "how the command ended cannot be told: \(SystemError(code: reaped).words)")
        }
        let asked = outlast_relayed_signal()
        return ChildRun(
            end: signal != 0 ? .signaled(signal) : .exited(code), errors: tail.bytes, input: watch.use(),
            signal: asked == 0 ? nil : asked)
    }

    private static func end(_ error: Int32) -> ChildEnd {
        error == ENOENT || error == ENOTDIR ? .notFound : .notRunnable(SystemError(code: error).words)
    }
}

/// What a child has as its stderr when we want to see it: a terminal of the same size where ours is one, else a pipe.
final class ErrorPipe {
    let ours: Int32
    private(set) var forChild: Int32
    let isTerminal: Bool
    private let target: Int32

    /// - Parameter target: where what comes is written.
    init(target: Int32 = STDERR_FILENO) throws(Failure) {
        var (reading, writing): (Int32, Int32) = (-1, -1)
        let terminal = isatty(target) == 1 && outlast_make_terminal(target, &reading, &writing) == 0
        if !terminal {
            let error = outlast_make_pipe(&reading, &writing)
            guard error == 0 else {
                throw Failure(.unexpected, "the command cannot be run: \(SystemError(code: error).words)")
            }
        }
        (ours, forChild, isTerminal, self.target) = (reading, writing, terminal, target)
    }

    func closeChildsEnd() {
        if forChild >= 0 { Self.shut(forChild) }
        forChild = -1
    }

    private var isOpen = true

    func close() {
        closeChildsEnd()
        if isOpen { Self.shut(ours) }
        isOpen = false
    }

    private static func shut(_ descriptor: Int32) {
        #if canImport(Darwin)
        Darwin.close(descriptor)
        #elseif canImport(Musl)
        Musl.close(descriptor)
        #else
        Glibc.close(descriptor)
        #endif
    }

    /// Hands on what the child writes, and keeps the end of it, until the child has ended and what is there is read. The
    /// end of the stream is nothing to wait for: whoever the child left behind may hold it for hours.
    func carry(_ tail: inout Tail, until child: Int32) {
        var (ended, wake): (Int32, Int32) = (-1, -1)
        guard outlast_make_pipe(&ended, &wake) == 0 else {
            outlast_wait(child)
            _ = drain(&tail)
            return
        }
        let signal = wake
        let isWaiting = OwnThread.start {
            outlast_wait(child)
            Self.shut(signal)
        }
        defer { Self.shut(ended) }
        if !isWaiting {
            // Without a second thread only the end of the stream tells.
            Self.shut(signal)
            outlast_wait(child)
            _ = drain(&tail)
            return
        }
        var isStreaming = true
        while true {
            var waited = [
                pollfd(fd: ended, events: Int16(POLLIN), revents: 0),
                pollfd(fd: isStreaming ? ours : -1, events: Int16(POLLIN), revents: 0),
            ]
            if poll(&waited, 2, -1) < 0, errno != EINTR { break }
            if isStreaming, waited[1].revents != 0, !drain(&tail) {
                isStreaming = false
                // Nobody reads what the child writes: it is to learn that as it would have without us.
                close()
            }
            if waited[0].revents != 0 {
                if isStreaming { _ = drain(&tail) }
                return
            }
        }
    }

    /// Takes what is there; false when nothing more will come, or nobody wants it.
    private func drain(_ tail: inout Tail) -> Bool {
        var chunk = [UInt8](repeating: 0, count: 65_536)
        while true {
            let count = read(ours, &chunk, chunk.count)
            if count > 0 {
                tail.append(chunk[..<count])
                if outlast_write_all(target, chunk, count) != 0 { return false }
            } else if count == 0 {
                return false
            } else if errno != EINTR {
                return errno == EAGAIN || errno == EWOULDBLOCK
            }
        }
    }
}
