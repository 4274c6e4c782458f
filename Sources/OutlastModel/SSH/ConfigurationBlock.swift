// Our lines in a repository's configuration: added at its end, and taken out again so that every other byte is what it was.

/// A block of lines that can be found again.
public struct ConfigurationBlock: Hashable, Sendable {
    /// Its name: the folder's, which no other block has.
    public let name: String

    /// Names a block.
    public init(name: String) { self.name = name }

    private static let word = "# outlast ssh-fallback "
    private var beginning: String { "\(Self.word)\(name) begin" }
    private var end: String { "\(Self.word)\(name) end" }
    /// Said where the file did not end with a newline.
    private static let joined = " (after a line without an end)"

    /// The file with the block at its end.
    ///
    /// - Parameter lines: Lines of git's configuration, the first of them a section's.
    public func adding(_ lines: [Secret], to file: [UInt8]) -> [UInt8] {
        let newline = UInt8(ascii: "\n")
        let isJoined = !file.isEmpty && file.last != newline
        var bytes = file + (isJoined ? [newline] : [])
        bytes += Array((beginning + (isJoined ? Self.joined : "") + "\n").utf8)
        for line in lines { bytes += line.withBytes { Array($0) } + [newline] }
        return bytes + Array((end + "\n").utf8)
    }

    /// The file without the block; nil when it has none. Lines that somebody else has put between ours stay, under the
    /// section that they were put into.
    ///
    /// - Parameter isOurs: Whether a line is one that was added.
    public func removing(from file: [UInt8], isOurs: (ArraySlice<UInt8>) -> Bool) -> [UInt8]? {
        let newline = UInt8(ascii: "\n")
        let lines = file.split(separator: newline, omittingEmptySubsequences: false)
        guard let first = lines.firstIndex(where: { $0.starts(with: beginning.utf8) && isBeginning($0) }) else {
            return nil
        }
        let last = lines[first...].firstIndex { $0.elementsEqual(end.utf8) }
        let isJoined = lines[first].count > beginning.utf8.count
        let inside = lines[(first + 1)..<(last ?? lines.count)]
        var kept: [ArraySlice<UInt8>] = []
        var section: ArraySlice<UInt8>?
        for line in inside {
            if isOurs(line) {
                if line.first == UInt8(ascii: "[") { section = line }
            } else if last != nil || !line.isEmpty {
                if let head = section { kept.append(head) }
                section = nil
                kept.append(line)
            }
        }
        let before = Array(lines[..<first])
        let after = last.map { Array(lines[($0 + 1)...]) } ?? [[]]
        var bytes = Array((before + kept + after).joined(separator: [newline]))
        // The newline that was missing is taken away again, where nothing came after it.
        if isJoined, kept.isEmpty, after.allSatisfy(\.isEmpty), bytes.last == newline { bytes.removeLast() }
        return bytes
    }

    private func isBeginning(_ line: ArraySlice<UInt8>) -> Bool {
        line.elementsEqual(beginning.utf8) || line.elementsEqual((beginning + Self.joined).utf8)
    }
}
