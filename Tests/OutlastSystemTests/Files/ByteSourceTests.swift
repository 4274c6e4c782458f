// Files in pieces, packed or not.

import Foundation
import OutlastModel
import Testing

@testable import OutlastSystem

@Suite("Bytes in pieces")
struct ByteSourceTests {
    private let folder = try? TemporaryFolder()

    private func file(_ bytes: [UInt8], _ name: String = "log") throws -> String {
        let path = try #require(folder).path + "/" + name
        try Data(bytes).write(to: URL(filePath: path))
        return path
    }

    /// What gzip itself makes of bytes.
    private func packed(_ bytes: [UInt8]) throws -> [UInt8] {
        let path = try file(bytes, UUID().uuidString)
        let gzip = Process()
        gzip.executableURL = URL(filePath: "/usr/bin/gzip")
        gzip.arguments = ["--keep", "--force", path]
        try gzip.run()
        gzip.waitUntilExit()
        return Array(try Data(contentsOf: URL(filePath: path + ".gz")))
    }

    /// All bytes of a source, with the failure that ended them.
    private func read(_ path: String) -> (bytes: [UInt8], failure: Failure?) {
        var bytes: [UInt8] = []
        do throws(Failure) {
            let source = try SystemByteSources().open(.file(path))
            while let piece = try source.next() {
                if piece.isEmpty || piece.count > FilePieces.piece { Issue.record("a piece of \(piece.count) bytes") }
                bytes += piece
            }
            if let size = source.size { #expect(source.position == size) }
            return (bytes, nil)
        } catch { return (bytes, error) }
    }

    private static let text: [UInt8] = (0..<900_000).map { UInt8(truncatingIfNeeded: $0 &* $0 / 7 % 50 + 40) }

    @Test("a file is read whole, whatever its size", arguments: [0, 1, 262_143, 262_144, 262_145, 900_000])
    func plain(_ count: Int) throws {
        let found = read(try file(Array(Self.text.prefix(count))))
        #expect(found.bytes == Array(Self.text.prefix(count)) && found.failure == nil)
    }

    @Test("what gzip packed is unpacked, whatever it is called", arguments: [0, 1, 262_144, 900_000])
    func gzip(_ count: Int) throws {
        let found = read(try file(try packed(Array(Self.text.prefix(count)))))
        #expect(found.bytes == Array(Self.text.prefix(count)) && found.failure == nil)
    }

    @Test("packed files one after another are one text, and zeros behind them are nothing")
    func members() throws {
        let both = try packed(Array("first\n".utf8)) + packed([]) + packed(Array("second\n".utf8))
        for padding in [0, 512, 300_000] {
            let found = read(try file(both + [UInt8](repeating: 0, count: padding)))
            #expect(found.bytes == Array("first\nsecond\n".utf8) && found.failure == nil)
        }
    }

    @Test("a packed file that is cut anywhere gives what came before, and says that it is cut")
    func cut() throws {
        let whole = try packed(Array(Self.text.prefix(3000)))
        for count in stride(from: 2, to: whole.count, by: 7) {
            let found = read(try file(Array(whole.prefix(count))))
            #expect(Self.text.starts(with: found.bytes))
            #expect(found.failure?.code == .malformedInput, "\(count)")
            #expect(found.failure?.message.contains("ends early") == true)
        }
    }

    @Test("damage is met by a failure and never by wrong bytes", arguments: 0..<60)
    func damaged(_ seed: Int) throws {
        let text = Array(Self.text.prefix(3000))
        var bytes = try packed(text)
        let place = 2 + seed * (bytes.count - 3) / 60
        bytes[place] ^= 0x41
        let found = read(try file(bytes))
        // A name or a time in the header may change without harm.
        #expect(found.failure?.code == .malformedInput || found.bytes == text)
    }

    @Test("something else behind packed data is refused, after all that was packed")
    func trailing() throws {
        let found = read(try file(try packed(Array("text\n".utf8)) + Array("more".utf8)))
        #expect(found.bytes == Array("text\n".utf8) && found.failure?.code == .malformedInput)
    }

    @Test("a small file that unpacks to very much is handed out in small pieces")
    func bomb() throws {
        let source = try SystemByteSources().open(
            .file(try file(try packed([UInt8](repeating: 0, count: 30_000_000)))))
        var total = 0
        while let piece = try source.next() {
            #expect(piece.count <= FilePieces.piece)
            total += piece.count
        }
        #expect(total == 30_000_000 && (source.size ?? 0) < 100_000)
    }

    @Test("what cannot be read is a mistake that names it", arguments: ["missing", "", "."])
    func missing(_ name: String) throws {
        let path = try #require(folder).path + "/" + name
        #expect(read(path).failure?.code == .usage)
    }

    @Test(
        "the line of progress fits the terminal",
        arguments: [
            (0.0, 80, "[....................] 0 % w"), (0.5, 80, "[##########..........] 50 % w"),
            (1.0, 80, "[####################] 100 % w"), (7, 80, "[####################] 100 % w"),
            (0.5, 20, "[##########........"), (nil, 80, "w"), (.nan, 80, "w"),
        ] as [(Double?, Int, String)])
    func progress(_ share: Double?, _ columns: Int, _ line: String) {
        #expect(ProgressLine.line(share, "w", columns: columns) == line)
    }
}
