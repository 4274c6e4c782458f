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
        let cells = rows.map { $0.map { SafeText.line($0, limit: longest * 4).prefixed(longest) } }
        let count = cells.map(\.count).max() ?? 0
        let widths = (0..<count).map { column in cells.map { column < $0.count ? $0[column].count : 0 }.max() ?? 0 }
        return cells.map { row in
            var line = ""
            for (column, cell) in row.enumerated() {
                line += cell
                if column < row.count - 1 { line += String(repeating: " ", count: widths[column] - cell.count + 2) }
            }
            return line
        }
    }
}

extension String {
    /// At most `length` characters; a cut one ends with an ellipsis.
    fileprivate func prefixed(_ length: Int) -> String {
        count <= length ? self : String(prefix(length - 1)) + "…"
    }
}
