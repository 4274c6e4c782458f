// Spawns `git http-backend` with two streams. Every descriptor is close-on-exec, so that a child holds nothing but
// its own ends and a closed connection is seen at once.
#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#endif

/// A child with its standard input and output in our hands; its standard error goes nowhere.
struct BackendProcess: Sendable {
    let identifier: pid_t
    let standardInput: CInt
    let standardOutput: CInt

    /// Starts `program` with exactly this environment.
    init(_ program: [String], environment: [String: String]) throws {
        let input = try Self.pipe()
        let output = try Self.pipe()
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_adddup2(&actions, input.read, 0)
        posix_spawn_file_actions_adddup2(&actions, output.write, 1)
        posix_spawn_file_actions_addopen(&actions, 2, "/dev/null", O_WRONLY, 0)
        let arguments = program.map { strdup($0) } + [nil]
        let variables = environment.map { strdup("\($0.key)=\($0.value)") } + [nil]
        defer { for text in arguments + variables { free(text) } }
        var child = pid_t()
        let status = posix_spawnp(&child, program[0], &actions, nil, arguments, variables)
        close(input.read)
        close(output.write)
        guard status == 0 else {
            close(input.write)
            close(output.read)
            throw BackendFailure.notStarted(errno: status)
        }
        identifier = child
        standardInput = input.write
        standardOutput = output.read
    }

    /// Asks the child to end; harmless when it has ended but was not yet waited for.
    func terminate() {
        kill(identifier, SIGTERM)
    }

    /// Waits for the end. Call it when the child has closed its output, or after `terminate`.
    func wait() {
        var status: CInt = 0
        while waitpid(identifier, &status, 0) == -1, errno == EINTR {}
    }

    /// On Linux a socket pair, which can be made close-on-exec in one step; a pipe cannot from Swift, and another
    /// child started in between would hold its end open.
    private static func pipe() throws -> (read: CInt, write: CInt) {
        var ends: [CInt] = [-1, -1]
        #if canImport(Glibc)
        let kind = CInt(SOCK_STREAM.rawValue) | CInt(SOCK_CLOEXEC.rawValue)
        let status = socketpair(AF_UNIX, kind, 0, &ends)
        #else
        let status = Darwin.pipe(&ends)
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        #endif
        guard status == 0 else { throw BackendFailure.notStarted(errno: errno) }
        return (ends[0], ends[1])
    }
}

/// What can go wrong with the child itself.
enum BackendFailure: Error {
    case notStarted(errno: CInt)
    case badHead
}
