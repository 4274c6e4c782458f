// git's question ends with an empty line, whether or not its writer closes the stream.

import CPlatform
import Testing

@testable import OutlastSystem

#if canImport(Darwin)
import Darwin
#else
import Glibc
#endif

@Suite("a question on stdin", .timeLimit(.minutes(1)))
struct QuestionTests {
    @Test("it is read to its empty line while the writer is still there", arguments: ["a=b\nc=d\n\n", "\n"])
    func open(_ text: String) throws {
        var (reading, writing): (Int32, Int32) = (-1, -1)
        #expect(outlast_make_pipe(&reading, &writing) == 0)
        defer {
            close(reading)
            close(writing)
        }
        let bytes = Array(text.utf8)
        #expect(outlast_write_all(writing, bytes, bytes.count) == 0)
        #expect(try StandardStreams(input: reading, output: 1, error: 2).readQuestion(limit: 100) == bytes)
    }

    @Test("without one it is read to its end")
    func closed() throws {
        var (reading, writing): (Int32, Int32) = (-1, -1)
        #expect(outlast_make_pipe(&reading, &writing) == 0)
        defer { close(reading) }
        #expect(outlast_write_all(writing, "a=b\n", 4) == 0)
        close(writing)
        #expect(
            try StandardStreams(input: reading, output: 1, error: 2).readQuestion(limit: 100) == Array("a=b\n".utf8))
    }
}
