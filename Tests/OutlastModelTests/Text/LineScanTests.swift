// Lines of a log, however it is cut into pieces.

import Testing

@testable import OutlastModel

@Suite("Scanning a log's lines")
struct LineScanTests {
    private static let marker = "auth_fail_reason"

    /// All that a scan says.
    private struct Result: Equatable {
        var marked: [LineScan.Marked] = []
        var broken: [LineScan.Broken] = []
        var counts: [Int64] = []
    }

    private func scan(_ pieces: [[UInt8]], longest: Int = LineScan.longest) -> Result {
        var scan = LineScan(marker: Self.marker, longest: longest)
        var result = Result()
        for found in pieces.map({ scan.feed($0) }) + [scan.finish()] {
            result.marked += found.marked
            result.broken += found.broken
        }
        result.counts = [scan.lines, scan.broken, scan.bytes]
        return result
    }

    /// What a scan should say, found the slow way.
    private func expected(_ bytes: [UInt8], longest: Int) -> Result {
        var result = Result()
        var lines = bytes.split(separator: 10, omittingEmptySubsequences: false).map(Array.init)
        if lines.last == [] { lines.removeLast() }
        var broken: Int64 = 0
        for (index, whole) in lines.enumerated() {
            var line = whole
            if line.last == 13 { line.removeLast() }
            let isMarked = String(decoding: line, as: UTF8.self).contains(Self.marker)
            let isShaped = line.count >= 2 && line.first == 0x7B && line.last == 0x7D
            if !isShaped || (isMarked && whole.count > longest) {
                broken += 1
                if broken <= 3 {
                    result.broken.append(.init(number: Int64(index + 1), beginning: Array(line.prefix(120))))
                }
            } else if isMarked {
                result.marked.append(.init(number: Int64(index + 1), bytes: line))
            }
        }
        result.counts = [Int64(lines.count), broken, Int64(bytes.count)]
        return result
    }

    @Test(
        "a line is counted, broken or marked by what stands in it",
        arguments: [
            ("", 0, 0, 0), ("\n", 1, 1, 0), ("{}", 1, 0, 0), ("{}\n", 1, 0, 0), ("{}\r\n{}\r\n", 2, 0, 0),
            ("{}\n{", 2, 1, 0), ("{", 1, 1, 0), ("}{\n", 1, 1, 0), (" {}\n", 1, 1, 0), ("{} \n", 1, 1, 0),
            ("{auth_fail_reason}\n", 1, 0, 1), ("auth_fail_reason", 1, 1, 0), ("{auth_fail_reason\n}\n", 2, 2, 0),
            ("{auth_fail_reaso}\n{n}\n", 2, 0, 0), ("{auth_fail_auth_fail_reason}", 1, 0, 1),
            ("{auth_fail_reasauth_fail_reason}", 1, 0, 1), ("{auth_fail_reason auth_fail_reason}\n{}\n", 2, 0, 1),
            ("{\0\0auth_fail_reason\0}\n\0\n", 2, 1, 1),
        ])
    func lines(_ text: String, _ lines: Int64, _ broken: Int64, _ marked: Int) {
        let result = scan([Array(text.utf8)])
        #expect(result.counts == [lines, broken, Int64(text.utf8.count)])
        #expect(result.marked.count == marked)
        #expect(result == expected(Array(text.utf8), longest: LineScan.longest))
    }

    @Test("the result does not depend on where the pieces were cut", arguments: 0..<200)
    func pieces(_ seed: UInt64) {
        var random = SeededNumbers(seed)
        let parts = [
            "{", "}", "\n", "\r\n", Self.marker, "auth_fail", "_reason", "a", "\"", String(repeating: "x", count: 90),
        ]
        let text = (0..<Int.random(in: 0...120, using: &random)).map { _ in parts.randomElement(using: &random) ?? "" }
        let bytes = Array(text.joined().utf8)
        var pieces: [[UInt8]] = []
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = Int.random(in: 1...(seed % 3 == 0 ? 4 : 300), using: &random)
            pieces.append(Array(rest.prefix(count)))
            rest = rest.dropFirst(count)
        }
        for longest in [150, 400, LineScan.longest] {
            #expect(scan(pieces, longest: longest) == expected(bytes, longest: longest))
            #expect(scan([bytes], longest: longest) == expected(bytes, longest: longest))
        }
    }

    @Test("of a line that is too long only its ends are kept", arguments: [4096, 1 << 18, 11 << 20])
    func long(_ size: Int) {
        let line = Array("{".utf8) + [UInt8](repeating: 0x61, count: 10 << 20) + Array("auth_fail_reason}\n{}".utf8)
        var pieces: [[UInt8]] = []
        for start in stride(from: 0, to: line.count, by: size) {
            pieces.append(Array(line[start..<min(start + size, line.count)]))
        }
        let result = scan(pieces)
        #expect(result.counts == [2, 1, Int64(line.count)])
        #expect(result.marked.isEmpty && result.broken.first?.beginning.count == 120)
    }

    @Test("a marker is found wherever it stands, and nothing else is", arguments: 0..<100)
    func marker(_ seed: UInt64) {
        var random = SeededNumbers(seed)
        let letters = Array("aab".utf8)
        let text = (0..<40).map { _ in letters.randomElement(using: &random) ?? 97 }
        let marker = String(
            decoding: (0..<Int(2 + seed % 5)).map { _ in letters.randomElement(using: &random) ?? 97 }, as: UTF8.self)
        let line = Array("{".utf8) + text + Array("}".utf8)
        var scan = LineScan(marker: marker)
        let isThere = String(decoding: line, as: UTF8.self).contains(marker)
        #expect((scan.feed(line + [10]).marked.count == 1) == isThere)
    }
}
