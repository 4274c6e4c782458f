// One line of a dotenv file: `NAME=value`, raw, since its readers disagree about quotes. All other lines stay byte for byte.

/// Reads and writes lines of dotenv files.
public enum DotenvText {
    /// The file's text with the name's line in place of its first one (further ones go), or at the end.
    public static func text(_ old: Secret, setting name: String, to value: Secret) -> Secret {
        let newline = UInt8(ascii: "\n")
        let text = SecretBuilder(capacity: old.count + value.count + name.utf8.count + 8)
        var isDone = false
        let writeLine = {
            text.append(contentsOf: "\(name)=".utf8)
            text.append(value)
            text.append(newline)
        }
        old.withBytes { bytes in
            var lines = bytes.split(separator: newline, omittingEmptySubsequences: false)
            if lines.last?.isEmpty == true { lines.removeLast() }
            for line in lines {
                if isLine(line, of: name) {
                    if !isDone { writeLine() }
                    isDone = true
                } else {
                    text.append(contentsOf: line)
                    text.append(newline)
                }
            }
        }
        if !isDone { writeLine() }
        return text.finish()
    }

    /// The value of the name's last line; nil when there is none, or nothing on it.
    public static func value(of name: String, in text: Secret) -> Secret? {
        text.withBytes { bytes in
            guard let line = bytes.split(separator: UInt8(ascii: "\n")).last(where: { isLine($0, of: name) }),
                let sign = line.firstIndex(of: UInt8(ascii: "="))
            else { return nil }
            return Secret.token(trimming: line[(sign + 1)...])
        }
    }

    /// `NAME=…`, also with `export` before it.
    private static func isLine(_ line: Slice<UnsafeRawBufferPointer>, of name: String) -> Bool {
        let isBlank: (UInt8) -> Bool = { $0 == 32 || $0 == 9 }
        var rest = line.drop(while: isBlank)
        let word = Array("export".utf8)
        if rest.starts(with: word), let next = rest.dropFirst(word.count).first, isBlank(next) {
            rest = rest.dropFirst(word.count).drop(while: isBlank)
        }
        return rest.starts(with: Array("\(name)=".utf8))
    }
}
