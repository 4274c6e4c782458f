// What GitHub's runner reads: output files, Markdown, and commands in the log. All texts are foreign.
import OutlastModel

/// Writes GitHub's formats.
enum GitHubFormat {
    /// The most rows of a summary; the runner refuses files above 1 MiB.
    static let mostRows = 200

    /// An output in the form with a delimiter, which a value cannot end: it is one line, and the delimiter is made longer
    /// until the value does not hold it. Names in another form than `[A-Za-z_][A-Za-z0-9_-]*` are left out.
    static func output(_ name: String, _ value: String, delimiter: String) -> String {
        guard isName(name) else { return "" }
        let line = SafeText.line(value)
        let end = Self.end(delimiter, outside: line.utf8)
        return "\(name)<<\(end)\n\(line)\n\(end)\n"
    }

    /// Variables in the same form, byte for byte as they are.
    static func variables(_ later: [LaterVariable], delimiter: String) -> Secret {
        let text = SecretBuilder()
        for variable in later {
            let end = variable.value.withBytes { Self.end(delimiter, outside: $0) }
            text.append(contentsOf: "\(variable.name)<<\(end)\n".utf8)
            text.append(variable.value)
            text.append(contentsOf: "\n\(end)\n".utf8)
        }
        return text.finish()
    }

    /// What the runner decodes in a command.
    static let escapes: [(byte: UInt8, text: String)] = [
        (UInt8(ascii: "%"), "%25"), (UInt8(ascii: "\r"), "%0D"), (UInt8(ascii: "\n"), "%0A"),
    ]

    /// A table; the first row holds the headings.
    static func table(_ rows: [[String]]) -> String {
        guard let headings = rows.first, !headings.isEmpty else { return "" }
        var lines = [row(headings, of: headings.count), "|" + String(repeating: " --- |", count: headings.count)]
        lines += rows.dropFirst().prefix(mostRows).map { row($0, of: headings.count) }
        let left = rows.count - 1 - mostRows
        let rest = left > 0 ? "\nand \(left) more\n" : ""
        return "\n" + lines.joined(separator: "\n") + "\n" + rest
    }

    /// `::name::text`
    static func command(_ name: String, _ text: String) -> String {
        let escaped = SafeText.line(text).unicodeScalars.reduce(into: "") { result, scalar in
            switch scalar {
            case "%": result += "%25"
            case "\r": result += "%0D"
            case "\n": result += "%0A"
            default: result.unicodeScalars.append(scalar)
            }
        }
        return "::\(name)::\(escaped)"
    }

    // A row has as many cells as there are headings, whatever it came with.
    private static func row(_ cells: [String], of count: Int) -> String {
        let filled = cells.prefix(count) + Array(repeating: "", count: max(0, count - cells.count))
        return "| " + filled.map { SafeText.markdown($0) }.joined(separator: " | ") + " |"
    }

    /// A delimiter that does not stand in a value.
    private static func end(_ delimiter: String, outside value: some Collection<UInt8>) -> String {
        var end =
            "outlast_"
            + delimiter.unicodeScalars.filter { $0.isASCII && $0.properties.isAlphabetic || isDigit($0) }
            .reduce(into: "") { $0.unicodeScalars.append($1) }
        while value.indices.contains(where: { value[$0...].starts(with: end.utf8) }) { end += "_" }
        return end
    }

    private static func isDigit(_ scalar: Unicode.Scalar) -> Bool { ("0"..."9").contains(scalar) }

    private static func isName(_ name: String) -> Bool {
        guard name.utf8.count <= 100, let first = name.utf8.first, !(48...57).contains(first),
            first != UInt8(ascii: "-")
        else { return false }
        return name.utf8.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"), 48...57,
                UInt8(ascii: "_"), UInt8(ascii: "-"):
                true
            default: false
            }
        }
    }
}
