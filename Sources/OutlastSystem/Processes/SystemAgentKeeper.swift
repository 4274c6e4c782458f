// OpenSSH's agent, started so that it ends by itself: it watches the process that it was started with, which sleeps for
// the agent's life. Whoever is to be ended is recognised by the socket's path, which nothing else has.

import CPlatform
public import OutlastModel

#if canImport(Darwin)
import Darwin
#elseif canImport(Musl)
import Musl
#else
import Glibc
#endif

/// Keeps agents.
public struct SystemAgentKeeper: AgentKeeper {
    private let files = SystemFileSystem()

    /// Makes an adapter.
    public init() {}

    /// Starts `ssh-agent` for a socket. Its keys end at the same moment as itself.
    public func start(socket: String, lifetime: Duration, variables: [String: String]) throws(Failure) {
        let search = ProgramSearch(environment: variables)
        let agent = try search.path(of: "ssh-agent")
        let sleep = try search.path(of: "sleep")
        let seconds = String(max(1, lifetime.wholeSeconds))
        let words = [agent, "-a", socket, "-t", seconds, sleep, seconds]
        var process: Int32 = 0
        let error = Self.withStrings(words) { arguments in
            Self.withStrings(variables.map { "\($0.key)=\($0.value)" }) { environment in
                outlast_start_detached(agent, arguments, environment, &process)
            }
        }
        guard error == 0 else {
            throw Failure(.unexpected, "cannot start ssh-agent: \(SystemError(code: error).words)")
        }
    }

    /// Ends the agent and the process that it watches, which stays for its time when the agent alone was killed.
    @discardableResult
    public func end(socket: String) -> Bool {
        let found = processes { words, process in isAgent(words, socket) || isWatched(words, process, socket) }
        for process in found { kill(process, SIGTERM) }
        return !found.isEmpty
    }

    /// Whether an agent was started for that path and has not ended.
    public func isRunning(socket: String) -> Bool { !processes { words, _ in isAgent(words, socket) }.isEmpty }

    /// Whether somebody takes calls at that path.
    public func isListening(socket: String) -> Bool {
        var descriptor: Int32 = -1
        guard !socket.utf8.contains(0), outlast_connect(socket, &descriptor) == 0 else { return false }
        close(descriptor)
        return true
    }

    /// This process.
    public func thisProcess() -> KeptProcess? {
        guard let place = place, let started = started(getpid()) else { return nil }
        return KeptProcess(place: place, number: getpid(), started: started)
    }

    /// Whether a process is still the one that it was; nil for one of another machine, start or namespace.
    public func isAlive(_ process: KeptProcess) -> Bool? {
        guard let place, place == process.place else { return nil }
        return started(process.number) == process.started && !isDead(process.number)
    }

    // MARK: /proc

    private var place: String? {
        guard let boot = try? files.read("/proc/sys/kernel/random/boot_id", limit: 100),
            let space = try? files.statusFollowingLinks(of: "/proc/self/ns/pid")
        else { return nil }
        return "\(String(decoding: boot.prefix { $0 > 32 }, as: UTF8.self))/\(space.inode)"
    }

    /// The fields behind the name, which may itself hold blanks and parentheses; the first is the state.
    private func fields(_ process: Int32) -> [ArraySlice<UInt8>]? {
        guard process > 0, let line = try? files.read("/proc/\(process)/stat", limit: 4096),
            let end = line.lastIndex(of: UInt8(ascii: ")"))
        else { return nil }
        return line[(end + 1)...].split(separator: UInt8(ascii: " "))
    }

    private func started(_ process: Int32) -> UInt64? {
        guard let fields = fields(process), fields.count > 19 else { return nil }
        return UInt64(String(decoding: fields[19], as: UTF8.self))
    }

    /// Whether it has ended and was not yet waited for.
    private func isDead(_ process: Int32) -> Bool { fields(process)?.first?.first == UInt8(ascii: "Z") }

    private func processes(_ isWanted: ([String], Int32) -> Bool) -> [Int32] {
        ((try? files.names(in: "/proc")) ?? []).compactMap { name in
            guard let process = Int32(name), let words = words(process), isWanted(words, process) else { return nil }
            return process
        }
    }

    /// `sleep SECONDS` that an agent of this socket has become the watcher of: it gives the socket's path to what it
    /// watches, and nobody else does.
    private func isWatched(_ words: [String], _ process: Int32, _ socket: String) -> Bool {
        guard words.count == 2, Self.name(words[0]) == "sleep",
            let variables = try? files.read("/proc/\(process)/environ", limit: 1 << 22)
        else { return false }
        return variables.split(separator: 0).contains { $0.elementsEqual("SSH_AUTH_SOCK=\(socket)".utf8) }
    }

    private func isAgent(_ words: [String], _ socket: String) -> Bool {
        words.count == 7 && Self.name(words[0]) == "ssh-agent" && words[1] == "-a" && words[2] == socket
    }

    private func words(_ process: Int32) -> [String]? {
        guard process > 1, let line = try? files.read("/proc/\(process)/cmdline", limit: 4096), !line.isEmpty else {
            return nil
        }
        return line.split(separator: 0).map { String(decoding: $0, as: UTF8.self) }
    }

    private static func name(_ path: String) -> String { PathParts(path).name }

    /// Lends texts as a list for C.
    private static func withStrings(
        _ texts: [String], _ body: (UnsafePointer<UnsafeMutablePointer<CChar>?>) -> Int32
    ) -> Int32 {
        var pointers: [UnsafeMutablePointer<CChar>?] = texts.map { strdup($0) }
        pointers.append(nil)
        defer { for pointer in pointers { free(pointer) } }
        return pointers.withUnsafeBufferPointer { $0.baseAddress.map(body) ?? EINVAL }
    }
}
