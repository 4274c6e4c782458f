// Bytes of the file to its tree, within bounds. The only file that knows the YAML library, whose parser is used with the
// basic resolver: every scalar stays text, and no regular expression is compiled.
import OutlastModel
import Yams

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
        guard let root = try compose(text) else { throw empty }
        var budget = mostValues
        let value = try convert(root, depth: 0, budget: &budget)
        if case .scalar(let scalar) = value, scalar.isMissing { throw empty }
        return value
    }

    private static let empty = Finding(line: 1, "the file is empty", hint: "begin it with `version: 1`, or remove it")

    private static func compose(_ text: String) throws(Finding) -> Node? {
        do {
            // The encoding is named because the library's default reads the process's environment.
            return try Parser(yaml: text, resolver: .basic, encoding: .utf8).singleRoot()
        } catch {
            throw finding(for: error, in: text)
        }
    }

    private static func convert(_ node: Node, depth: Int, budget: inout Int) throws(Finding) -> YAMLValue {
        let line = node.mark?.line ?? 1
        budget -= 1
        guard budget >= 0 else {
            throw Finding(line: line, "more than \(mostValues) values", hint: "write fewer, or use fewer aliases")
        }
        guard depth < deepest else {
            throw Finding(
                line: line, "nested more than \(deepest) levels deep", hint: "the README shows the form")
        }
        let tag = node.tag.description
        guard plainTags.contains(tag) else {
            throw Finding(line: line, "YAML tags such as `!name` are not taken", hint: "remove the tag")
        }
        switch node {
        case .scalar(let scalar):
            return .scalar(YAMLScalar(text: scalar.string, isPlain: scalar.style == .plain, line: line))
        case .sequence(let sequence):
            var items: [YAMLValue] = []
            for item in sequence { items.append(try convert(item, depth: depth + 1, budget: &budget)) }
            return .list(items, line: line)
        case .mapping(let mapping):
            var entries: [YAMLEntry] = []
            for (key, value) in mapping {
                guard case .scalar(let name) = key else {
                    throw Finding(line: key.mark?.line ?? line, "a key must be a text", hint: "write `key: value`")
                }
                entries.append(
                    YAMLEntry(
                        key: name.string, line: name.mark?.line ?? line,
                        value: try convert(value, depth: depth + 1, budget: &budget)))
            }
            return .map(entries, line: line)
        case .alias:
            throw Finding(line: line, "an alias without its anchor", hint: "write the value out")
        }
    }

    private static let plainTags: Set<String> = [
        Tag.Name.implicit.rawValue, Tag.Name.nonSpecific.rawValue, Tag.Name.str.rawValue, Tag.Name.seq.rawValue,
        Tag.Name.map.rawValue,
    ]
}

// What the library says about a broken file, with its line. Its sentences are constants: nothing of the file is in them.
extension YAMLDocument {
    private static func finding(for error: any Error, in text: String) -> Finding {
        guard let error = error as? YamlError else { return Finding(line: 1, "not valid YAML") }
        switch error {
        case .scanner(_, let problem, let mark, _), .parser(_, let problem, let mark, _):
            return Finding(
                line: mark.line, "not valid YAML: \(problem)", hint: hint(problem, line: mark.line, in: text))
        case .composer(_, let problem, let mark, _):
            return Finding(
                line: mark.line, "not valid YAML: \(problem)",
                hint: "write one document, and aliases after their anchors")
        case .duplicatedKeysInMapping(let keys, let context):
            let names = keys.map { PastedToken.shown($0) }.joined(separator: ", ")
            return Finding(
                line: context.mark.line, "the same key stands twice in one map: \(names)", hint: "remove one of them")
        case .reader(let problem, let offset, _, _):
            let line = text.prefix(offset ?? 0).count(where: \.isNewline) + 1
            return Finding(line: line, "not valid YAML: \(problem)", hint: "save the file as UTF-8 text")
        default:
            return Finding(line: 1, "not valid YAML")
        }
    }

    private static func hint(_ problem: String, line: Int, in text: String) -> String {
        let lines = text.utf8.split(separator: UInt8(ascii: "\n"), maxSplits: line, omittingEmptySubsequences: false)
        let broken = lines.indices.contains(line - 1) ? lines[line - 1] : Substring().utf8
        if broken.prefix(while: { $0 == 32 || $0 == 9 }).contains(9) { return "indent with spaces; YAML takes no tabs" }
        if problem.utf8.starts(with: "mapping values".utf8) { return "put quotes around a text that holds `: `" }
        if problem.utf8.starts(with: "found character that cannot start".utf8) {
            return "put quotes around a text that begins with a special character, and indent with spaces"
        }
        return "check indentation, quotes and brackets at and before this line"
    }
}
