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
        let head = bounded(foreign, to: limit * 4)
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

    /// The first `limit` bytes. Where the cut goes through the host part of a URL, that part goes too: its `@` may lie
    /// beyond the cut, and without it `withoutUserInfo` would take a password for a host.
    private static func bounded(_ text: String, to limit: Int) -> String {
        guard text.utf8.count > limit else { return text }
        let head = Array(text.utf8.prefix(limit))
        let mark = Array("://".utf8)
        let lastURL = head.indices.last { head[$0...].starts(with: mark) }
        guard let lastURL, !head[(lastURL + mark.count)...].contains(where: endsAuthority) else {
            return String(decoding: head, as: UTF8.self)
        }
        return String(decoding: head[..<(lastURL + mark.count)], as: UTF8.self)
    }

    private static func endsAuthority(_ byte: UInt8) -> Bool { byte <= 32 || "/?#\"'<>\\".utf8.contains(byte) }

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
                let end = bytes[index...].firstIndex(where: endsAuthority) ?? bytes.count
                if let at = bytes[index..<end].lastIndex(of: UInt8(ascii: "@")) { index = at + 1 }
            } else {
                result.append(bytes[index])
                index += 1
            }
        }
        return String(decoding: result, as: UTF8.self)
    }

    /// Breaks what runners take for commands: `::` at the start of a line (after blanks of any script too, which GitHub's
    /// runner skips), `##[` and `##vso[` anywhere, in any case. Works on scalars: to a runner, `[` with an accent is `[`.
    static func withoutCommands(_ line: String) -> String {
        // Nearly every line holds neither, and byte by byte that is soon seen.
        guard holdsTwice(UInt8(ascii: "#"), line) || holdsTwice(UInt8(ascii: ":"), line) else { return line }
        var result = String.UnicodeScalarView()
        var rest = Substring(line).unicodeScalars
        while let blank = rest.first, blank.properties.isWhitespace {
            result.append(blank)
            rest.removeFirst()
        }
        if rest.starts(with: "::".unicodeScalars) {
            result.append(contentsOf: ":\\:".unicodeScalars)
            rest.removeFirst(2)
        }
        while let first = rest.first {
            rest.removeFirst()
            result.append(first)
            if first == "#", rest.first == "#", beginsCommand(rest.dropFirst()) { result.append("\\") }
        }
        return String(result)
    }

    private static func holdsTwice(_ mark: UInt8, _ line: String) -> Bool {
        var previous: UInt8 = 0
        for byte in line.utf8 {
            if byte == mark, previous == mark { return true }
            previous = byte
        }
        return false
    }

    /// Whether what follows `##` makes it a command.
    private static func beginsCommand(_ rest: Substring.UnicodeScalarView) -> Bool {
        let ahead = rest.prefix(4).map { $0.properties.lowercaseMapping }.joined()
        return ahead.utf8.starts(with: "[".utf8) || ahead.utf8.starts(with: "vso[".utf8)
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
        escaped(line(foreign)) { scalar in
            switch scalar {
            case "|", "`", "*", "_", "[", "]", "(", ")", "!", "#", "~", "\\", "@", "$", "'": "&#\(scalar.value);"
            default: nil
            }
        }
    }

    /// The safe line with HTML's special characters escaped.
    public static func html(_ foreign: String) -> String {
        escaped(line(foreign)) { $0 == "'" ? "&#39;" : nil }
    }

    /// The safe line as the value of a metric's label, to be put between double quotes.
    public static func metricLabel(_ foreign: String) -> String {
        var result = ""
        for scalar in line(foreign).unicodeScalars {
            if scalar == "\\" || scalar == "\"" { result += "\\" }
            result.unicodeScalars.append(scalar)
        }
        return result
    }

    // Scalar by scalar: a quotation mark with an accent is one character to Swift and two to a browser.
    private static func escaped(_ line: String, _ more: (Unicode.Scalar) -> String?) -> String {
        var result = ""
        for scalar in line.unicodeScalars {
            switch scalar {
            case "&": result += "&amp;"
            case "<": result += "&lt;"
            case ">": result += "&gt;"
            case "\"": result += "&quot;"
            default:
                if let other = more(scalar) { result += other } else { result.unicodeScalars.append(scalar) }
            }
        }
        return result
    }
}
