// While the program runs, no other process of its user can read its memory, and the kernel writes none of it to a file.

import Foundation
import Testing

#if os(Linux)
@Suite("A running program", .timeLimit(.minutes(10)))
struct HardeningTests {
    /// Somebody without power, where the tests run as root: root's own files in /proc belong to root in any case.
    private static let nobody: UInt32 = 65_534

    /// `F_SETPIPE_SZ` of Linux, which the C library's header keeps for programs that ask for it.
    private static let setPipeSize: Int32 = 1031

    private func start(_ program: String, _ arguments: [String], in scene: Scene) throws -> (Process, Pipe) {
        let process = Process(), input = Pipe()
        let asNobody = [
            "/usr/bin/setpriv", "--reuid", "\(Self.nobody)", "--regid", "\(Self.nobody)", "--clear-groups",
            "--inh-caps=-all",
        ]
        let line = (geteuid() == 0 ? asNobody : []) + [program] + arguments
        process.executableURL = URL(filePath: line[0])
        process.arguments = Array(line.dropFirst())
        process.environment = ["HOME": scene.home, "PATH": "/usr/bin:/bin"]
        process.currentDirectoryURL = URL(filePath: "/")
        process.standardInput = input
        process.standardOutput = FileHandle.nullDevice
        process.standardError = FileHandle.nullDevice
        try process.run()
        return (process, input)
    }

    /// Waits until the process has read something, and so has become the program and got to its work.
    private func feed(_ input: Pipe) async throws {
        let end = input.fileHandleForWriting
        // A small pipe, and more than it holds: writing comes to its end when the other side has read.
        #expect(fcntl(end.fileDescriptor, Self.setPipeSize, 4096) >= 0)
        try await withCheckedThrowingContinuation { (next: CheckedContinuation<Void, any Error>) in
            DispatchQueue.global().async {
                next.resume(with: Result { try end.write(contentsOf: Data(repeating: 0x78, count: 12_288)) })
            }
        }
    }

    /// The owner of a process's files in /proc.
    private func owner(_ process: Process) -> UInt32? {
        let path = "/proc/\(process.processIdentifier)/environ"
        return (try? FileManager.default.attributesOfItem(atPath: path))?[.ownerAccountID].flatMap { $0 as? NSNumber }?
            .uint32Value
    }

    @Test("gives its files in /proc to root, as the kernel does for a process that must not be dumped or read")
    func dumpable() async throws {
        let scene = try Scene()
        let user = geteuid() == 0 ? Self.nobody : geteuid()
        // Another program of the same user keeps its files, so it is our program's own doing.
        let (other, otherInput) = try start("/bin/cat", [], in: scene)
        let (outlast, input) = try start(Program.outlast, ["preflight", "--token-stdin", "--offline"], in: scene)
        // Not waited for: nothing depends on their end.
        defer { for process in [other, outlast] { kill(process.processIdentifier, SIGKILL) } }
        try await feed(otherInput)
        try await feed(input)
        #expect(owner(other) == user && owner(outlast) == 0)
        withExtendedLifetime((input, otherInput)) { #expect(other.isRunning && outlast.isRunning) }
    }
}
#endif
