// Places in JSON as RFC 6901 writes them: `/data/token`, `/keys/0`, with `~1` for a slash and `~0` for a tilde.

/// A place in a JSON value.
public struct JSONPointer: Hashable, Sendable {
    /// Keys and positions from the top on.
    public let steps: [String]

    /// Wraps steps.
    public init(_ steps: [String]) { self.steps = steps }

    /// Reads a pointer; nil when it does not begin with a slash, or a tilde means nothing. The empty one is the whole value.
    public init?(text: String) {
        guard text.isEmpty || text.hasPrefix("/") else { return nil }
        var steps: [String] = []
        for part in text.split(separator: "/", omittingEmptySubsequences: false).dropFirst() {
            var step = ""
            var rest = part
            while let character = rest.popFirst() {
                guard character == "~" else {
                    step.append(character)
                    continue
                }
                switch rest.popFirst() {
                case "0"?: step.append("~")
                case "1"?: step.append("/")
                default: return nil
                }
            }
            steps.append(step)
        }
        self.steps = steps
    }

    /// What is there; nil when nothing is.
    public func value(in json: JSONValue) -> JSONValue? {
        var current = json
        for step in steps {
            let next: JSONValue?
            if let elements = current.elements {
                next = Int(step).flatMap { elements.indices.contains($0) && String($0) == step ? elements[$0] : nil }
            } else {
                next = current[step]
            }
            guard let next else { return nil }
            current = next
        }
        return current
    }
}
