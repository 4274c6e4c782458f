// One line of stderr, freed from what terminals and CI logs put around it.

import OutlastModel

/// A line.
struct StderrLine: Sendable {
    /// The line without colours, time stamps and blanks around it.
    let bytes: [UInt8]
    /// The same with ASCII letters in lower case.
    let folded: [UInt8]
    /// What stands before the line's words, when it begins with it.
    let mark: FailureRule.Place?
    /// The same where it stands in the middle, behind something that we do not know.
    let hiddenMark: FailureRule.Place?

    /// Whether it has a mark anywhere.
    var isMarked: Bool { mark != nil || hiddenMark != nil }

    /// Takes a line with its colours and time stamp; nil for one that is empty without them.
    init?(_ raw: ArraySlice<UInt8>) {
        let plain = Self.withoutStamp(Self.withoutEscapes(raw))
        guard !plain.isEmpty else { return nil }
        bytes = Array(plain)
        let folded = Self.withoutWrapping(plain.map(ByteSearch.folded))
        self.folded = folded
        // Over SSH, servers shout where git speaks.
        mark =
            bytes.starts(with: "ERROR: ".utf8)
            ? .server : Self.marks.first { mark in mark.words.contains { folded.starts(with: $0) } }?.place
        hiddenMark =
            mark != nil
            ? nil
            : Self.marks.first { mark in
                mark.words.contains { word in
                    guard mark.place != .ref, let at = ByteSearch.find(word, in: folded, from: 0), at > 0 else {
                        return false
                    }
                    return !ByteSearch.isLetter(folded[at - 1])
                }
            }?.place
    }

    /// Without what git-lfs puts around its server's answer when it runs as a filter: `Error downloading object: … Smudge
    /// error: … batch response: …`.
    private static func withoutWrapping(_ line: [UInt8]) -> [UInt8] {
        guard line.starts(with: "error downloading".utf8) || line.starts(with: "smudge error".utf8),
            let at = ByteSearch.find(Array("batch response: ".utf8), in: line, from: 0)
        else { return line }
        return Array(line[at...])
    }

    /// Whether a `fatal:` line repeats what the server sent as an error.
    var isRemoteError: Bool { ByteSearch.find(Array("remote error: ".utf8), in: folded, from: 0) != nil }

    func begins(with text: String) -> Bool { folded.starts(with: text.utf8) }

    func contains(_ text: String) -> Bool { ByteSearch.find(Array(text.utf8), in: folded, from: 0) != nil }

    // MARK: - Marks

    private struct Mark {
        let place: FailureRule.Place
        let words: [[UInt8]]

        init(_ place: FailureRule.Place, _ words: String...) {
            self.place = place
            self.words = words.map { $0.utf8.map(ByteSearch.folded) }
        }
    }

    /// The words of git's translations stand beside the English ones. curl says `curl: (22)` where git says `fatal:`.
    private static let marks: [Mark] = [
        Mark(
            .fatal, "fatal: ", "fatal\u{A0}: ", "Schwerwiegend: ", "致命错误：", "致命錯誤: ", "фатална грешка: ",
            "ödesdigert: ", "onulmaz: ", "ölümcül: ", "curl: ("),
        Mark(
            .error, "error: ", "erreur\u{A0}: ", "Fehler: ", "错误：", "錯誤: ", "грешка: ", "fel: ", "hata: ",
            "kesalahan: ", "send-pack: ", "fetch-pack: "),
        Mark(.server, "remote: "),
        Mark(.ref, "! ["),
    ]

    // MARK: - Cleaning

    /// Without terminal sequences, other control characters, and blanks at both ends.
    private static func withoutEscapes(_ raw: ArraySlice<UInt8>) -> [UInt8] {
        var result: [UInt8] = []
        result.reserveCapacity(raw.count)
        var index = raw.startIndex
        while index < raw.endIndex {
            let byte = raw[index]
            if byte == 0x1B {
                index = endOfSequence(raw, after: index)
            } else {
                if byte >= 0x20, byte != 0x7F { result.append(byte) } else if byte == 0x09 { result.append(0x20) }
                index += 1
            }
        }
        while let last = result.last, ByteSearch.isSpace(last) { result.removeLast() }
        return Array(result.drop(while: ByteSearch.isSpace))
    }

    /// Behind a terminal sequence: `ESC [ … letter`, `ESC ] … BEL`, or two characters.
    private static func endOfSequence(_ raw: ArraySlice<UInt8>, after escape: Int) -> Int {
        var index = escape + 1
        guard index < raw.endIndex else { return index }
        switch raw[index] {
        case UInt8(ascii: "["):
            index += 1
            while index < raw.endIndex, (0x20...0x3F).contains(raw[index]) { index += 1 }
            return min(index + 1, raw.endIndex)
        case UInt8(ascii: "]"):
            while index < raw.endIndex, raw[index] != 0x07, raw[index] != 0x1B { index += 1 }
            guard index < raw.endIndex else { return index }
            // The string's end is BEL, or ESC and a backslash.
            return min(index + (raw[index] == 0x07 ? 1 : 2), raw.endIndex)
        default: return index + 1
        }
    }

    /// Without the time stamps and stream marks that CI logs put before a line: `2026-11-20T22:10:00.1234567Z `,
    /// `[2026-11-20T22:10:00.123Z] `, `22:10:00.123 `, `01E `, `##[error]`.
    private static func withoutStamp(_ line: [UInt8]) -> ArraySlice<UInt8> {
        var rest = line[...]
        for _ in 0..<4 {
            let before = rest.count
            rest = rest.dropStamp().dropStreamMark().drop(while: ByteSearch.isSpace)
            if let word = ["##[error]", "::error::"].first(where: { rest.starts(with: $0.utf8) }) {
                rest = rest.dropFirst(word.utf8.count)
            }
            if rest.count == before { break }
        }
        return rest
    }
}

extension ArraySlice<UInt8> {
    /// A date, a time, or both, with or without brackets; what follows must be a blank.
    fileprivate func dropStamp() -> ArraySlice<UInt8> {
        let limit = Swift.min(endIndex, startIndex + 40)
        guard let first, ByteSearch.isDigit(first) || first == UInt8(ascii: "[") else { return self }
        var index = startIndex
        var digits = 0
        var colons = 0
        while index < limit {
            let byte = self[index]
            if ByteSearch.isDigit(byte) {
                digits += 1
            } else if byte == UInt8(ascii: ":") {
                colons += 1
            } else if !"-T.,Z+[]".utf8.contains(byte) {
                break
            }
            index += 1
        }
        guard index < limit, self[index] == 0x20, digits >= 6, colons >= 2 else { return self }
        return self[(index + 1)...]
    }

    /// `01E `, `00O+`: which stream a GitLab log's line came from.
    fileprivate func dropStreamMark() -> ArraySlice<UInt8> {
        guard count >= 4 else { return self }
        let head = Array(prefix(4))
        let isHex = { (byte: UInt8) in ByteSearch.isDigit(byte) || (0x61...0x66).contains(byte) }
        guard isHex(head[0]), isHex(head[1]), head[2] == UInt8(ascii: "E") || head[2] == UInt8(ascii: "O"),
            head[3] == 0x20 || head[3] == UInt8(ascii: "+")
        else { return self }
        return dropFirst(4)
    }
}
