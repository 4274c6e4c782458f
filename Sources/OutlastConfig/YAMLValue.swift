// The file's tree as the readers see it: texts, lists and maps with their lines, and nothing of the YAML library.

/// A value of the file.
indirect enum YAMLValue {
    case scalar(YAMLScalar)
    case list([YAMLValue], line: Int)
    case map([YAMLEntry], line: Int)

    /// The line that the value begins on, from 1.
    var line: Int {
        switch self {
        case .scalar(let scalar): scalar.line
        case .list(_, let line), .map(_, let line): line
        }
    }

    /// What to call it in a message.
    var sort: String {
        switch self {
        case .scalar(let scalar): scalar.isMissing ? "nothing" : "a text"
        case .list: "a list"
        case .map: "a map"
        }
    }
}

/// A text of the file.
struct YAMLScalar {
    let text: String
    /// Whether it was written without quotes.
    let isPlain: Bool
    let line: Int

    /// Whether it stands for no value at all: nothing, `~` or `null` without quotes.
    var isMissing: Bool { isPlain && (text.isEmpty || text == "~" || text == "null") }
}

/// A key with its value.
struct YAMLEntry {
    let key: String
    let line: Int
    let value: YAMLValue
}
