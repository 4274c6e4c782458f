// While the program runs, no other process of its user can read its memory, and the kernel writes none of it to a file.

import Foundation
import Testing

#if os(Linux)
@Suite("A running program", .timeLimit(.minutes(3)))
struct HardeningTests {
    /// Somebody without power, where the tests run as root: root's own files in /proc belong to root in any case.
    private static let nobody: UInt32 = 65_534

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

    /// Waits until the process has become the program, and its files in /proc have this owner.
    private func waits(for process: Process, named name: String, owner: UInt32) async throws -> Bool {
        let folder = "/proc/\(process.processIdentifier)"
        for _ in 0..<1200 {
            var found = stat()
            let comm = FileManager.default.contents(atPath: folder + "/comm").map {
                String(decoding: $0, as: UTF8.self)
            }
            if comm == name + "\n", stat(folder + "/environ", &found) == 0, found.st_uid == owner { return true }
            try await Task.sleep(for: .milliseconds(50))
        }
        return false
    }

    @Test("gives its files in /proc to root, as the kernel does for a process that must not be dumped or read")
    func dumpable() async throws {
        let scene = try Scene()
        let user = geteuid() == 0 ? Self.nobody : geteuid()
        // Another program of the same user keeps its files, so it is our program's own doing.
        let (other, _) = try start("/bin/sleep", ["600"], in: scene)
        let (outlast, input) = try start(Program.outlast, ["preflight", "--token-stdin", "--offline"], in: scene)
        // Not waited for: nothing depends on their end.
        defer { for process in [other, outlast] { kill(process.processIdentifier, SIGKILL) } }
        #expect(try await waits(for: other, named: "sleep", owner: user))
        #expect(try await waits(for: outlast, named: "outlast", owner: 0))
        #expect(outlast.isRunning)
        try input.fileHandleForWriting.close()
    }
}
#endif
