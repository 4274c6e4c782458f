// Events of the YAML parser to a tree. The Swift library around that parser is not used for it: its nodes are keys of
// dictionaries and sorted, and the first use of each such type costs more than reading a configuration does. Errors of
// the parser are sentences of its own that hold nothing of the file.
import CYaml
import OutlastModel

/// A node of the file, its aliases followed.
indirect enum YAMLNode {
    case scalar(text: String, isPlain: Bool, YAMLNodePlace)
    case list([YAMLNode], YAMLNodePlace)
    case map([(key: YAMLNode, value: YAMLNode)], YAMLNodePlace)

    /// Where it begins.
    var place: YAMLNodePlace {
        switch self {
        case .scalar(_, _, let place), .list(_, let place), .map(_, let place): place
        }
    }
}

/// Where a node begins, and whether a tag says what it is.
struct YAMLNodePlace {
    /// From 1.
    let line: Int
    /// Whether a tag stands there that is more than what would be understood without it.
    let isTagged: Bool
}

/// Reads one document.
struct YAMLComposer {
    private let events: YAMLEvents
    private var anchors: [(name: String, node: YAMLNode)] = []

    /// The tree of the only document in a text; nil when there is none.
    static func root(of text: String) throws(Finding) -> YAMLNode? {
        let bytes = Array(text.utf8)
        return try bytes.withUnsafeBufferPointer { bytes throws(Finding) in
            do throws(YAMLMistake) {
                var composer = YAMLComposer(events: try YAMLEvents(bytes))
                return try composer.singleRoot()
            } catch {
                throw error.finding(in: text)
            }
        }
    }

    private init(events: YAMLEvents) { self.events = events }

    private mutating func singleRoot() throws(YAMLMistake) -> YAMLNode? {
        try events.advance()
        guard try events.advance() != YAML_STREAM_END_EVENT else { return nil }
        try events.advance()
        let root = try node()
        try events.advance()
        guard try events.advance() == YAML_STREAM_END_EVENT else {
            throw .composer("but found another document", line: events.line)
        }
        return root
    }

    /// The node that begins with the event at hand.
    private mutating func node() throws(YAMLMistake) -> YAMLNode {
        let event = events.current
        let line = events.line
        switch event.type {
        case YAML_SCALAR_EVENT:
            let scalar = event.data.scalar
            let text = String(decoding: UnsafeBufferPointer(start: scalar.value, count: scalar.length), as: UTF8.self)
            let node = YAMLNode.scalar(
                text: text, isPlain: scalar.style == YAML_PLAIN_SCALAR_STYLE,
                YAMLNodePlace(line: line, isTagged: scalar.quoted_implicit != 1 && Self.isTag(scalar.tag)))
            return anchored(Self.text(scalar.anchor), node)
        case YAML_SEQUENCE_START_EVENT:
            let start = event.data.sequence_start
            let place = YAMLNodePlace(line: line, isTagged: start.implicit == 0 && Self.isTag(start.tag))
            let anchor = Self.text(start.anchor)
            var items: [YAMLNode] = []
            while try events.advance() != YAML_SEQUENCE_END_EVENT { items.append(try node()) }
            return anchored(anchor, .list(items, place))
        case YAML_MAPPING_START_EVENT:
            let start = event.data.mapping_start
            let place = YAMLNodePlace(line: line, isTagged: start.implicit == 0 && Self.isTag(start.tag))
            let anchor = Self.text(start.anchor)
            var pairs: [(key: YAMLNode, value: YAMLNode)] = []
            while try events.advance() != YAML_MAPPING_END_EVENT {
                let key = try node()
                try events.advance()
                pairs.append((key, try node()))
            }
            try Self.refuseDuplicates(pairs)
            return anchored(anchor, .map(pairs, place))
        case YAML_ALIAS_EVENT:
            let name = Self.text(event.data.alias.anchor)
            guard let known = anchors.last(where: { $0.name == name }) else {
                throw .composer("found undefined alias", line: line)
            }
            return known.node
        default: throw .other
        }
    }

    /// Remembers a node by its anchor, when it is complete: nothing holds itself.
    private mutating func anchored(_ anchor: String?, _ node: YAMLNode) -> YAMLNode {
        if let anchor { anchors.append((anchor, node)) }
        return node
    }

    /// Keys that are no texts are refused later.
    private static func refuseDuplicates(_ pairs: [(key: YAMLNode, value: YAMLNode)]) throws(YAMLMistake) {
        var keys: [(text: String, line: Int)] = []
        for pair in pairs {
            if case .scalar(let text, _, let place) = pair.key { keys.append((text, place.line)) }
        }
        keys.sort { $0.text < $1.text || $0.text == $1.text && $0.line < $1.line }
        var repeated: [(text: String, line: Int)] = []
        for (index, key) in keys.enumerated().dropFirst()
        where key.text == keys[index - 1].text && repeated.last?.text != key.text {
            repeated.append(keys[index - 1])
        }
        if let first = repeated.first { throw .duplicates(repeated.map(\.text), line: first.line) }
    }

    private static func text(_ bytes: UnsafeMutablePointer<UInt8>?) -> String? {
        bytes.map { String(decodingCString: $0, as: UTF8.self) }
    }

    /// Whether a tag says more than what is understood without it.
    private static func isTag(_ tag: UnsafeMutablePointer<UInt8>?) -> Bool {
        guard let tag = text(tag) else { return false }
        let standard = "tag:yaml.org,2002:"
        return !["", "!", standard + "str", standard + "seq", standard + "map"].contains(tag)
    }
}

/// The library's parser with the event at hand.
private final class YAMLEvents {
    /// Both keep their addresses, since the parser remembers its own.
    private let parser = UnsafeMutablePointer<yaml_parser_t>.allocate(capacity: 1)
    private let event = UnsafeMutablePointer<yaml_event_t>.allocate(capacity: 1)

    /// Reads bytes that live longer than this.
    init(_ bytes: UnsafeBufferPointer<UInt8>) throws(YAMLMistake) {
        parser.initialize(to: yaml_parser_t())
        event.initialize(to: yaml_event_t())
        guard yaml_parser_initialize(parser) == 1 else { throw .other }
        yaml_parser_set_encoding(parser, YAML_UTF8_ENCODING)
        yaml_parser_set_input_string(parser, bytes.baseAddress, bytes.count)
    }

    deinit {
        yaml_event_delete(event)
        yaml_parser_delete(parser)
        event.deallocate()
        parser.deallocate()
    }

    var current: yaml_event_t { event.pointee }

    /// The line that the event begins on, from 1.
    var line: Int { Int(event.pointee.start_mark.line) + 1 }

    /// Goes on to the next event.
    @discardableResult
    func advance() throws(YAMLMistake) -> yaml_event_type_t {
        yaml_event_delete(event)
        guard yaml_parser_parse(parser, event) == 1 else { throw YAMLMistake(parser.pointee) }
        return event.pointee.type
    }
}

/// What is wrong with a file.
private enum YAMLMistake: Error {
    case syntax(String, line: Int)
    case composer(String, line: Int)
    case duplicates([String], line: Int)
    /// With the offset of the byte.
    case encoding(String, offset: Int)
    case other

    init(_ parser: yaml_parser_t) {
        let problem = parser.problem.map { String(cString: $0) } ?? "unknown"
        switch parser.error {
        case YAML_SCANNER_ERROR, YAML_PARSER_ERROR: self = .syntax(problem, line: Int(parser.problem_mark.line) + 1)
        case YAML_READER_ERROR: self = .encoding(problem, offset: Int(parser.problem_offset))
        default: self = .other
        }
    }

    func finding(in text: String) -> Finding {
        switch self {
        case .syntax(let problem, let line):
            return Finding(line: line, "not valid YAML: \(problem)", hint: Self.hint(problem, line: line, in: text))
        case .composer(let problem, let line):
            return Finding(
                line: line, "not valid YAML: \(problem)", hint: "write one document, and aliases after their anchors")
        case .duplicates(let keys, let line):
            let names = keys.map { PastedToken.shown($0) }.joined(separator: ", ")
            return Finding(line: line, "the same key stands twice in one map: \(names)", hint: "remove one of them")
        case .encoding(let problem, let offset):
            let before = text.utf8.prefix(offset)
            let line = String(Substring(before)).count(where: \.isNewline) + 1
            return Finding(line: line, "not valid YAML: \(problem)", hint: "save the file as UTF-8 text")
        case .other: return Finding(line: 1, "not valid YAML")
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
