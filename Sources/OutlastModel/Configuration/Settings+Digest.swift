// What a block of settings says, as a digest: the same for the same settings in every process and version, and different
// for any other. Sources of secrets count, their values do not.

extension Settings {
    /// A digest over all names and values.
    public var digest: SHA256Digest {
        var words = CountedWords()
        for (name, value) in values.sorted(by: { $0.key < $1.key }) {
            words.add(name)
            words.add(value)
        }
        return SHA256Digest(hashing: words.bytes)
    }
}

/// Texts in a row that no other row of texts can spell: each with its length.
private struct CountedWords {
    private(set) var bytes: [UInt8] = []

    mutating func add(_ text: String) { bytes += Array("\(text.utf8.count):".utf8) + Array(text.utf8) }

    mutating func add(_ value: SettingValue) {
        switch value {
        case .text(let text): add("text", [text])
        case .integer(let number): add("integer", [String(number)])
        case .truth(let truth): add("truth", [truth ? "1" : "0"])
        case .duration(let duration): add("duration", [String(duration.wholeMilliseconds)])
        case .url(let url): add("url", [url.text])
        case .texts(let texts): add("texts", texts)
        case .secret(let source): add("secret", Self.words(source))
        case .map(let entries):
            add("map", [String(entries.count)])
            for entry in entries {
                add(entry.name)
                add(entry.value)
            }
        }
    }

    private mutating func add(_ sort: String, _ texts: [String]) {
        add(sort)
        add(String(texts.count))
        for text in texts { add(text) }
    }

    private static func words(_ source: SecretSource) -> [String] {
        switch source {
        case .env(let name): ["env", name]
        case .file(let path): ["file", path]
        case .command(let words): ["command"] + words
        case .stdin: ["stdin"]
        }
    }
}
