// A text as one word of a POSIX shell: single quotes keep every byte but themselves.

/// Quotes for shells.
public enum ShellWord {
    /// The text in single quotes.
    public static func quoted(_ text: String) -> String {
        var word: [UInt8] = []
        quote(text.utf8) { word.append($0) }
        return String(decoding: word, as: UTF8.self)
    }

    /// The secret in single quotes, which is as secret.
    public static func quoted(_ secret: Secret) -> Secret {
        let word = SecretBuilder(capacity: secret.count + 16)
        secret.withBytes { quote($0) { word.append($0) } }
        return word.finish()
    }

    private static func quote(_ bytes: some Sequence<UInt8>, put: (UInt8) -> Void) {
        let mark = UInt8(ascii: "'")
        put(mark)
        for byte in bytes {
            put(byte)
            guard byte == mark else { continue }
            // The quotes end at the byte just put; a mark in a backslash's care, and they begin anew.
            for next in [UInt8(ascii: "\\"), mark, mark] { put(next) }
        }
        put(mark)
    }
}
