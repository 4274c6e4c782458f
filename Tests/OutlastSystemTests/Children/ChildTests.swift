// Children as the system runs them, and the socket by which their programs ask. What needs a process of its own (signals,
// terminals, streams) is tested on the program.

import CPlatform
import Foundation
import OutlastModel
import Synchronization
import Testing

@testable import OutlastSystem

@Suite("children", .serialized, .timeLimit(.minutes(3)))
struct ChildTests {
    private func run(_ script: String, _ change: EnvironmentChange = .init(), tail: Int? = 1000) async throws
        -> ChildRun
    {
        try await SystemChildRunner().run(ChildCommand(["sh", "-c", script], environment: change, tail: tail))
    }

    @Test("a child ends as a shell would say")
    func ends() async throws {
        #expect(try await run("exit 0").end == .exited(0))
        #expect(try await run("exit 7", tail: nil).end == .exited(7))
        let killed = try await run("kill -9 $$").end
        #expect(killed == .signaled(9) && killed.code == 137)
        let runner = SystemChildRunner()
        let none = try await runner.run(ChildCommand(["no-such-program"], environment: .init(), tail: 10))
        #expect(none.end == .notFound && none.end.code == 127)
        let text = try await runner.run(ChildCommand(["/etc/passwd"], environment: .init(), tail: 10))
        #expect(text.end.code == 126)
        let empty = try await runner.run(ChildCommand([""], environment: .init(), tail: 10))
        #expect(empty.end.code == 127)
    }

    @Test("the end of its stderr is kept, and no more than was asked for")
    func tail() async throws {
        #expect(try await run("printf abc >&2").errors == Array("abc".utf8))
        #expect(try await run("printf 0123456789 >&2; exit 1", tail: 4).errors == Array("6789".utf8))
        #expect(try await run("printf abc >&2", tail: nil).errors.isEmpty)
    }

    @Test("whoever a child leaves behind with its stderr is not waited for")
    func grandchild() async throws {
        let begun = ContinuousClock.now
        let ended = try await run("sleep 300 & echo $! >&2; exit 3")
        let number = try #require(
            Int32(String(decoding: ended.errors, as: UTF8.self).trimmingCharacters(in: .newlines)))
        kill(number, SIGKILL)
        #expect(ended.end == .exited(3) && ContinuousClock.now - begun < .seconds(120))
    }

    @Test("its environment is ours but for what was said, and holds what is set byte for byte")
    func environment() async throws {
        let folder = try TemporaryFolder()
        setenv("OUTLAST_TEST_GONE", "1", 1)
        setenv("OUTLAST_TEST_STAYS", "2", 1)
        let change = EnvironmentChange(
            removed: ["OUTLAST_TEST_GONE"], set: [("OUTLAST_TEST_SET", Secret("a'b\nc"))])
        let run = try await run(
            "printf '%s|%s|%s' \"$OUTLAST_TEST_GONE\" \"$OUTLAST_TEST_STAYS\" \"$OUTLAST_TEST_SET\" >'\(folder.path)/e'",
            change)
        #expect(run.end.isSuccess)
        #expect(try String(contentsOfFile: folder.path + "/e", encoding: .utf8) == "|2|a'b\nc")
    }

    @Test("a file that was read from is told by its place")
    func file() throws {
        let folder = try TemporaryFolder()
        let path = folder.path + "/f"
        try folder.write("some text", to: "f")
        let descriptor = open(path, O_RDONLY)
        defer { close(descriptor) }
        let watch = InputWatch(descriptor)
        #expect(watch.use() == .untouched)
        var byte: UInt8 = 0
        #expect(read(descriptor, &byte, 1) == 1)
        #expect(watch.use() == .taken)
    }

    @Test("a pipe tells nothing while somebody may write to it")
    func pipe() {
        var (reading, writing): (Int32, Int32) = (-1, -1)
        #expect(outlast_make_pipe(&reading, &writing) == 0)
        let ends = [reading, writing]
        defer { close(ends[0]) }
        #expect(write(ends[1], "abc", 3) == 3)
        #expect(InputWatch(ends[0]).use() == .unknown)
        close(ends[1])
        let watch = InputWatch(ends[0])
        #expect(watch.use() == .untouched)
        var byte: UInt8 = 0
        #expect(read(ends[0], &byte, 1) == 1)
        #expect(watch.use() == .taken)
    }

    @Test("what can hold nothing was not read from, and of a terminal only the past eight seconds are unsure")
    func others() {
        let null = open("/dev/null", O_RDONLY)
        defer { close(null) }
        #expect(InputWatch(null).use() == .untouched)
        #expect(InputWatch(-1).use() == .untouched)
        let terminal = { (readAt: Int64, now: Int64) in
            outlast_input(sort: 3, position: 0, is_finished: 0, read_at: readAt, now: now)
        }
        #expect(InputWatch.use(terminal(80, 88), terminal(80, 99)) == .untouched)
        #expect(InputWatch.use(terminal(80, 87), terminal(80, 99)) == .unknown)
        #expect(InputWatch.use(terminal(80, 88), terminal(96, 99)) == .taken)
    }
}

@Suite("the socket for helpers", .timeLimit(.minutes(2)))
struct HelperSocketTests {
    @Test("many callers are answered at once, each with its own answer, until the socket is gone")
    func answers() async throws {
        let folder = try TemporaryFolder()
        let path = folder.path + "/s"
        let calls = Mutex(0)
        let socket = try SystemHelperSockets().serve(at: path) { call in
            calls.withLock { $0 += 1 }
            return Secret("\(call.action):" + String(decoding: call.question, as: UTF8.self))
        }
        var status = stat()
        #expect(lstat(path, &status) == 0 && status.st_mode & 0o777 == 0o600)
        let answers = await withTaskGroup(of: String?.self) { group in
            for number in 0..<40 {
                group.addTask {
                    await OwnThread.value {
                        let call = HelperCall(action: "get", question: Array("q\(number)\n".utf8))
                        return (try? SystemHelperSockets().ask(call, at: path))?.reveal()
                    } ?? nil
                }
            }
            return await group.reduce(into: Set<String>()) { all, answer in if let answer { all.insert(answer) } }
        }
        #expect(answers == Set((0..<40).map { "get:q\($0)\n" }))
        await socket.stop()
        #expect(lstat(path, &status) != 0)
        #expect(throws: Failure.self) {
            _ = try SystemHelperSockets().ask(HelperCall(action: "get", question: []), at: path)
        }
    }

    @Test("a path that is taken or too long is refused")
    func refused() async throws {
        let folder = try TemporaryFolder()
        let long = folder.path + "/" + String(repeating: "s", count: 120)
        #expect(throws: Failure.self) { _ = try SystemHelperSockets().serve(at: long) { _ in Secret("") } }
        try folder.write("", to: "taken")
        #expect(throws: Failure.self) {
            _ = try SystemHelperSockets().serve(at: folder.path + "/taken") { _ in Secret("") }
        }
    }
}
