// Bytes of the file to its tree, within bounds: every scalar stays the text that it is in the file.
import OutlastModel

/// Reads one YAML document.
enum YAMLDocument {
    /// The most bytes of a file.
    static let longest = 1 << 20
    /// The deepest nesting; the schema needs seven levels.
    static let deepest = 32
    /// The most values, those that aliases repeat included.
    static let mostValues = 20_000

    /// Reads the tree.
    static func parse(_ bytes: [UInt8]) throws(Finding) -> YAMLValue {
        let text = try YAMLBounds.checkedText(bytes)
        guard let root = try YAMLComposer.root(of: text) else { throw empty }
        var budget = mostValues
        let value = try convert(root, depth: 0, budget: &budget)
        if case .scalar(let scalar) = value, scalar.isMissing { throw empty }
        return value
    }

    private static let empty = Finding(line: 1, "the file is empty", hint: "begin it with `version: 1`, or remove it")

    private static func convert(_ node: YAMLNode, depth: Int, budget: inout Int) throws(Finding) -> YAMLValue {
        let line = node.place.line
        budget -= 1
        guard budget >= 0 else {
            throw Finding(line: line, "more than \(mostValues) values", hint: "write fewer, or use fewer aliases")
        }
        guard depth < deepest else {
            throw Finding(
                line: line, "nested more than \(deepest) levels deep", hint: "the README shows the form")
        }
        guard !node.place.isTagged else {
            throw Finding(line: line, "YAML tags such as `!name` are not taken", hint: "remove the tag")
        }
        switch node {
        case .scalar(let text, let isPlain, _):
            return .scalar(YAMLScalar(text: text, isPlain: isPlain, line: line))
        case .list(let nodes, _):
            var items: [YAMLValue] = []
            for item in nodes { items.append(try convert(item, depth: depth + 1, budget: &budget)) }
            return .list(items, line: line)
        case .map(let pairs, _):
            var entries: [YAMLEntry] = []
            for (key, value) in pairs {
                guard case .scalar(let name, _, let place) = key else {
                    throw Finding(line: key.place.line, "a key must be a text", hint: "write `key: value`")
                }
                entries.append(
                    YAMLEntry(
                        key: name, line: place.line, value: try convert(value, depth: depth + 1, budget: &budget)))
            }
            return .map(entries, line: line)
        }
    }
}
