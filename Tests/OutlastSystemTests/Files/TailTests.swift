// Of long texts the end is read, from files and from pipes, in bounded room.

import Foundation
import OutlastModel
import Testing

@testable import OutlastSystem

@Suite struct TailTests {
    private let files = SystemFileSystem()
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    @Test(arguments: [0, 1, 4, 5, 6, 1_000_000]) func aFilesEndIsRead(_ count: Int) throws {
        try folder.write("12345", to: "file")
        #expect(try files.readTail(folder["file"], count: count) == Array("12345".utf8.suffix(count)))
    }

    @Test func aLargeFileCostsNoMoreThanItsEnd() throws {
        let file = FileManager.default
        #expect(file.createFile(atPath: folder["large"], contents: nil))
        #expect(truncate(folder["large"], 1 << 40) == 0)
        #expect(try files.readTail(folder["large"], count: 10) == [UInt8](repeating: 0, count: 10))
    }

    @Test func whatIsNoFileIsAFailure() throws {
        #expect(throws: Failure.self) { try files.readTail(folder.path, count: 10) }
        #expect(throws: Failure.self) { try files.readTail(folder["missing"], count: 10) }
        #expect(try files.readTail("/dev/null", count: 10) == [])
    }

    @Test func aPipesEndIsRead() throws {
        var ends: [Int32] = [0, 0]
        #expect(pipe(&ends) == 0)
        let streams = StandardStreams(input: ends[0], output: ends[1], error: ends[1])
        streams.write("the beginning and the end", to: .output)
        close(ends[1])
        #expect(try streams.readInputTail(3) == Array("end".utf8))
        close(ends[0])
        #expect(throws: Failure.self) { try StandardStreams(input: -1, output: -1, error: -1).readInputTail(3) }
    }

    @Test func theRoomIsBounded() {
        var tail = Tail(1000)
        for round in 0..<500 { tail.append([UInt8](repeating: UInt8(round % 256), count: 333)[...]) }
        #expect(tail.bytes.count == 1000 && tail.bytes.last == UInt8(499 % 256))
        var none = Tail(0)
        none.append([1, 2, 3])
        #expect(none.bytes == [])
    }
}
