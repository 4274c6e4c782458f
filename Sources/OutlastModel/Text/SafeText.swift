// The one gate for text from elsewhere: forge bodies, token and project names, git's messages (contract, section 2).

/// Makes foreign text fit to be shown: one line, no control or bidirectional characters, nothing that a CI runner reads
/// as a command, at most 500 bytes.
public enum SafeText {
    /// The most bytes that `line` lets through, the ellipsis included.
    public static let longest = 500

    /// One safe line. Control and direction-changing characters are shown as `\u{1B}`; line breaks as `\n`; a `::` at
    /// the beginning and `##[` or `##vso[` anywhere are broken by a backslash; user info of URLs is cut.
    public static func line(_ foreign: String, limit: Int = longest) -> String {
        // More than this can't be shown anyway; bounding first keeps a 10 MB body from costing anything.
        let head = String(decoding: foreign.utf8.prefix(limit * 4), as: UTF8.self)
        var shown = ""
        for scalar in withoutUserInfo(head).unicodeScalars {
            switch scalar {
            case "\n": shown += "\\n"
            case "\r": shown += "\\r"
            case "\t": shown += " "
            default:
                if isUnsafe(scalar) {
                    shown += "\\u{\(String(scalar.value, radix: 16, uppercase: true))}"
                } else {
                    shown.unicodeScalars.append(scalar)
                }
            }
        }
        return shortened(withoutCommands(shown), to: limit, wasCut: foreign.utf8.count > limit * 4)
    }

    /// Whether a character must not reach a terminal, a log or a page as it is: controls, format and direction
    /// characters, line separators, private use, unassigned and tag characters.
    public static func isUnsafe(_ scalar: Unicode.Scalar) -> Bool {
        if scalar.value >= 0x20 && scalar.value < 0x7F { return false }
        switch scalar.properties.generalCategory {
        case .control, .format, .lineSeparator, .paragraphSeparator, .surrogate, .privateUse, .unassigned: return true
        default: return false
        }
    }

    /// Cuts `user:password@` out of every URL in a text.
    public static func withoutUserInfo(_ text: String) -> String {
        guard text.utf8.contains(UInt8(ascii: "@")) else { return text }
        var result: [UInt8] = []
        let bytes = Array(text.utf8)
        var index = 0
        let mark = Array("://".utf8)
        while index < bytes.count {
            if bytes[index...].starts(with: mark) {
                result += mark
                index += mark.count
                let end = bytes[index...].firstIndex { $0 <= 32 || "/?#\"'<>\\".utf8.contains($0) } ?? bytes.count
                if let at = bytes[index..<end].lastIndex(of: UInt8(ascii: "@")) { index = at + 1 }
            } else {
                result.append(bytes[index])
                index += 1
            }
        }
        return String(decoding: result, as: UTF8.self)
    }

    /// Breaks what runners take for commands: `::` at the start of a line (after blanks too), `##[` and `##vso[`
    /// anywhere, in any case.
    static func withoutCommands(_ line: String) -> String {
        var result = ""
        var rest = Substring(line)
        let start = rest.prefix { $0 == " " }
        result += start
        rest = rest.dropFirst(start.count)
        if rest.hasPrefix("::") {
            result += ":\\:"
            rest = rest.dropFirst(2)
        }
        while let first = rest.first {
            let ahead = rest.prefix(6).lowercased()
            if ahead.hasPrefix("##[") || ahead.hasPrefix("##vso[") {
                result += "#\\#"
                rest = rest.dropFirst(2)
            } else {
                result.append(first)
                rest = rest.dropFirst()
            }
        }
        return result
    }

    private static func shortened(_ text: String, to limit: Int, wasCut: Bool) -> String {
        guard wasCut || text.utf8.count > limit else { return text }
        var kept = ""
        var size = 0
        for character in text {
            size += character.utf8.count
            if size > limit - 3 { break }
            kept.append(character)
        }
        return kept + "…"
    }

    /// The safe line with the characters that mean something in Markdown tables and HTML taken out of their meaning.
    public static func markdown(_ foreign: String) -> String {
        var result = ""
        for character in line(foreign) {
            switch character {
            case "&": result += "&amp;"
            case "<": result += "&lt;"
            case ">": result += "&gt;"
            case "\"": result += "&quot;"
            case "|", "`", "*", "_", "[", "]", "(", ")", "!", "#", "~", "\\", "@":
                result += "&#\(character.unicodeScalars.first?.value ?? 32);"
            default: result.append(character)
            }
        }
        return result
    }

    /// The safe line with HTML's special characters escaped.
    public static func html(_ foreign: String) -> String {
        line(foreign).reduce(into: "") { result, character in
            switch character {
            case "&": result += "&amp;"
            case "<": result += "&lt;"
            case ">": result += "&gt;"
            case "\"": result += "&quot;"
            case "'": result += "&#39;"
            default: result.append(character)
            }
        }
    }
}
