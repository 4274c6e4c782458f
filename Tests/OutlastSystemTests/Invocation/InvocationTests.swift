// The process's own surroundings.

import Foundation
import OutlastModel
import Testing

@testable import OutlastSystem

@Suite struct InvocationTests {
    @Test func factsAreThoseOfThisProcess() {
        let facts = InvocationReader.read()
        #expect(facts.folder == FileManager.default.currentDirectoryPath)
        #expect(facts.arguments == Array(ProcessInfo.processInfo.arguments.dropFirst()))
        #expect(facts.variables.all["PATH"] == ProcessInfo.processInfo.environment["PATH"])
        #expect(facts.variables.all.count > 0)
    }

    @Test func clockIsThatOfTheMachine() {
        let before = Int64(time(nil)) * 1000
        let now = SystemClock().now().milliseconds
        #expect(now >= before - 1000)
        #expect(now <= Int64(time(nil)) * 1000 + 2000)
    }

    @Test func sleepEndsWhenItsTaskIsCancelled() async {
        let task = Task { try await SystemClock().sleep(for: .seconds(3600)) }
        task.cancel()
        await #expect(throws: CancellationError.self) { try await task.value }
        await #expect(throws: Never.self) { try await SystemClock().sleep(for: .seconds(-1)) }
    }

    @Test func randomBytesDiffer() {
        #expect(RandomBytes.make(0).isEmpty)
        #expect(RandomBytes.make(-1).isEmpty)
        #expect(RandomBytes.make(1000).count == 1000)
        #expect(RandomBytes.make(32) != RandomBytes.make(32))
        #expect(Set(RandomBytes.make(4096)).count > 200)
        #expect(RandomBytes.hex(16).count == 32)
    }

    private func pipes() -> (read: Int32, write: Int32) {
        var ends: [Int32] = [-1, -1]
        pipe(&ends)
        return (ends[0], ends[1])
    }

    @Test func everyByteIsWritten() {
        let (read, write) = pipes()
        _ = fcntl(write, F_SETFL, O_NONBLOCK)
        let bytes = [UInt8](repeating: 7, count: 1 << 20)
        let streams = StandardStreams(input: -1, output: write, error: -1)
        let reader = Thread { _ = try? FileHandle(fileDescriptor: read, closeOnDealloc: true).readToEnd() }
        reader.start()
        #expect(streams.write(bytes, to: .output) == .written)
        close(write)
    }

    @Test func readerThatWentAwayIsQuiet() {
        let (read, write) = pipes()
        close(read)
        defer { close(write) }
        let streams = StandardStreams(input: -1, output: write, error: -1)
        #expect(streams.write("x", to: .output) == .readerGone)
        #expect(streams.write("x", to: .error) == .readerGone)
        // No signal is left waiting that would end the process later.
        var pending = sigset_t()
        sigpending(&pending)
        #expect(sigismember(&pending, SIGPIPE) == 0)
    }

    @Test func fullDeviceIsTold() {
        #if os(Linux)
        let full = open("/dev/full", O_WRONLY)
        defer { close(full) }
        let outcome = StandardStreams(input: -1, output: full, error: -1).write("x", to: .output)
        #expect(outcome == .failed("no space left on device"))
        #endif
    }

    @Test func inputIsReadUpToItsLimit() throws {
        for (limit, isRead) in [(5, true), (4, false)] {
            let (read, write) = pipes()
            defer { close(read) }
            _ = StandardStreams(input: -1, output: write, error: -1).write("token", to: .output)
            close(write)
            let streams = StandardStreams(input: read, output: -1, error: -1)
            if isRead {
                #expect(try streams.readInput(limit: limit) == Array("token".utf8))
            } else {
                let error = #expect(throws: Failure.self) { try streams.readInput(limit: limit) }
                #expect(error?.code == .usage)
            }
        }
    }

    @Test func closedInputIsNamed() {
        let error = #expect(throws: Failure.self) {
            try StandardStreams(input: -1, output: -1, error: -1).readInput(limit: 10)
        }
        #expect(error?.message == "cannot read stdin: it is closed")
    }

    @Test func pipesAreNoTerminals() {
        #expect(Terminal() == Terminal(isInput: false, isOutput: false, isError: false, width: nil))
    }

    @Test func coreDumpsAreForbidden() throws {
        #expect(ProcessHardening.forbidCoreDumps())
        #if os(Linux)
        // The kernel gives the process's files in /proc to root then; our own stay readable to us.
        #expect(try SystemFileSystem().read("/proc/self/comm", limit: 100).isEmpty == false)
        #endif
    }
}
