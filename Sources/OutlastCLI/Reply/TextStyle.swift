// How text looks: colour on terminals only, and columns that line up.

import OutlastModel

struct TextStyle: Sendable {
    /// Whether escape sequences may be used.
    let hasColour: Bool
    /// The terminal's width; nil when there is none.
    let columns: Int?

    enum Tone: String { case good = "32", bad = "31", doubtful = "33", quiet = "2" }

    func tone(_ text: String, _ tone: Tone) -> String {
        hasColour ? "\u{1B}[\(tone.rawValue)m\(text)\u{1B}[0m" : text
    }

    /// Rows with their columns aligned, two blanks between; cells are made safe and cut to `longest`.
    static func table(_ rows: [[String]], longest: Int = 48) -> [String] {
        // Counting characters is dear, so it is done once for each cell.
        var widths: [Int] = []
        let cells = rows.map { row in
            row.enumerated().map { column, text in
                let cell = SafeText.line(text, limit: longest * 4).prefixed(longest)
                let width = cell.width
                if column == widths.count { widths.append(width) }
                widths[column] = max(widths[column], width)
                return (text: cell, width: width)
            }
        }
        return cells.map { row in
            var line = ""
            for (column, cell) in row.enumerated() {
                line += cell.text
                if column < row.count - 1 { line += String(repeating: " ", count: widths[column] - cell.width + 2) }
            }
            return line
        }
    }
}

extension String {
    /// At most `length` characters; a cut one ends with an ellipsis.
    fileprivate func prefixed(_ length: Int) -> String {
        width <= length ? self : String(prefix(length - 1)) + "…"
    }

    /// The number of characters. In plain ASCII, without a carriage return, each byte is one.
    fileprivate var width: Int {
        utf8.allSatisfy { $0 < 0x80 && $0 != 0x0D } ? utf8.count : count
    }
}
