// What is refused before the YAML library sees it: too much, no text, and aliases that multiply. Aliases are few in an
// honest file, and each level of them multiplies the work of comparing keys.
import OutlastModel

/// Checks on the file's bytes.
enum YAMLBounds {
    /// The most aliases in a file.
    static let mostAliases = 16
    /// The most bytes of a file with aliases.
    static let longestWithAliases = 1 << 16

    /// The text of the file without its byte order mark.
    static func checkedText(_ bytes: [UInt8]) throws(Finding) -> String {
        guard bytes.count <= YAMLDocument.longest else {
            throw Finding(line: 1, "the file is larger than 1 MiB", hint: "a configuration is a few lines of YAML")
        }
        let body = bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? bytes.dropFirst(3) : bytes[...]
        try refuseControls(body)
        try refuseManyAliases(body)
        guard let text = String(validating: body, as: UTF8.self) else {
            throw Finding(line: firstInvalidLine(body), "not UTF-8 text", hint: "save the file as UTF-8")
        }
        return text
    }

    private static func refuseControls(_ bytes: ArraySlice<UInt8>) throws(Finding) {
        var line = 1
        for byte in bytes {
            switch byte {
            case UInt8(ascii: "\n"): line += 1
            case 0..<9, 11, 12, 14..<32, 127:
                throw Finding(
                    line: line, "a control character (0x\(String(byte, radix: 16)))",
                    hint: "save the file as UTF-8 text")
            default: break
            }
        }
    }

    /// Counts whatever could be an alias. Quotes are not looked at, so a text with many `*words` is refused as well.
    private static func refuseManyAliases(_ bytes: ArraySlice<UInt8>) throws(Finding) {
        var (line, count, last) = (1, 0, 1)
        var previous = UInt8(ascii: "\n")
        var isComment = false
        var isLineStart = true
        for (index, byte) in zip(bytes.indices, bytes) {
            if byte == UInt8(ascii: "\n") {
                line += 1
                (isComment, isLineStart) = (false, true)
            } else if byte == UInt8(ascii: "\r") || byte > 127 {
                // To YAML a line also ends at a lone CR, NEL, LS or PS.
                (isComment, isLineStart) = (false, true)
            } else if isLineStart, byte != 32 {
                (isComment, isLineStart) = (byte == UInt8(ascii: "#"), false)
            }
            if byte == UInt8(ascii: "*"), !isComment, !isWord(previous), previous != byte, index + 1 < bytes.endIndex,
                isWord(bytes[index + 1])
            {
                (count, last) = (count + 1, line)
            }
            previous = byte
        }
        if count > mostAliases || count > 0 && bytes.count > longestWithAliases {
            throw Finding(line: last, "too many YAML aliases for a file of this size", hint: "write the values out")
        }
    }

    private static func isWord(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "-"):
            true
        default: false
        }
    }

    private static func firstInvalidLine(_ bytes: ArraySlice<UInt8>) -> Int {
        let lines = bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
        return (lines.firstIndex { String(validating: $0, as: UTF8.self) == nil } ?? 0) + 1
    }
}
